"""A store that could not be looked at was not tampered with: an error of its own, and no verification that failed."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import OperationalError

from collector.core.errors import VerificationError
from collector.daemon.verifier import verified
from collector.setup.config import StoreConfig
from storage import SqlStore, open_store
from storage.database.unavailable import StoreUnavailable, is_unavailable
from storage.verification import VerificationRequest, verify
from storage.verifying import rebuilding
from tests.storage.evidence import TickingClock, item, scan


def _sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("said by a test")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "unavailable"),
    [
        (_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), True),
        (_sqlite(sqlite3.SQLITE_FULL), True),
        (_sqlite(sqlite3.SQLITE_CANTOPEN), True),
        (_sqlite(sqlite3.SQLITE_READONLY_CANTINIT), True),
        (_sqlite(sqlite3.SQLITE_INTERRUPT), True),
        (_sqlite(sqlite3.SQLITE_CORRUPT), False),
        (_sqlite(sqlite3.SQLITE_NOTADB), False),
        (_sqlite(sqlite3.SQLITE_IOERR_SHORT_READ), False),
        (sqlite3.ProgrammingError("without a code"), False),
        (psycopg.OperationalError("connection refused"), True),
        (psycopg.DataError("cannot be parsed"), False),
        (errors.TooManyConnections(), True),
        (errors.AdminShutdown(), True),
        (errors.CannotConnectNow(), True),
        (errors.QueryCanceled(), True),
        (errors.LockNotAvailable(), True),
        (errors.SerializationFailure(), True),
        (errors.DiskFull(), True),
        (errors.InvalidPassword(), True),
        (errors.DataCorrupted(), False),
        (errors.UndefinedTable(), False),
        (errors.UndefinedFile(), False),
        (errors.InsufficientPrivilege(), False),
        (ValueError("of a row"), False),
    ],
)
def test_which_errors_say_nothing_of_what_is_stored(error: Exception, *, unavailable: bool) -> None:
    """Damage stays damage; a server that is away, or a lock that another holds, is none."""
    assert is_unavailable(error) is unavailable
    assert is_unavailable(OperationalError("SELECT 1", None, error)) is unavailable


def test_a_database_that_cannot_be_opened_is_no_damaged_one(url: str, path: Path, clock: TickingClock) -> None:
    """Such as one in a folder that somebody may not enter."""
    open_store(url, writer=True, clock=clock).close()
    path.with_name(f"{path.name}-wal").mkdir()

    with pytest.raises(StoreUnavailable):
        open_store(url, writer=False, clock=clock)


def test_the_memory_of_the_signer_that_cannot_be_read_is_no_tampering(store: SqlStore) -> None:
    """Whether the log goes on from it is not known, and not known to be otherwise."""
    scan(store)
    store.checkpoints.checkpoint()
    memory = store.checkpoints.memory_file
    memory.unlink()
    memory.mkdir()

    with pytest.raises(StoreUnavailable, match="signer's memory"):
        verify(store, VerificationRequest())


def test_the_memory_of_the_signer_that_was_overwritten_is_found(store: SqlStore) -> None:
    """What was read and makes no sense is another thing than what could not be read."""
    scan(store)
    store.checkpoints.checkpoint()
    store.checkpoints.memory_file.write_bytes(b"nothing")

    with pytest.raises(VerificationError, match="signer's memory"):
        verify(store, VerificationRequest())


def test_the_daemon_records_nothing_of_a_server_that_is_away(tmp_path: Path) -> None:
    """A log entry that says that a verification failed cannot be made undone."""
    event = verified(StoreConfig(url=f"postgresql+psycopg:///annexd?host={tmp_path}"))

    assert event.found is None
    assert event.undone is not None
    assert "cannot be used as a store" in event.undone


@pytest.mark.parametrize("pages", [60, 70, 80, 90])
def test_no_room_to_derive_the_tables_again_is_no_tampering(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """As in a small folder for temporary files: what does not fit there says nothing of the store."""
    scan(store, *(item(f"bucket-{number}") for number in range(2_000)))
    store.checkpoints.checkpoint()
    connect = rebuilding._connect

    def connect_small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(rebuilding, "_connect", connect_small)

    with pytest.raises(StoreUnavailable, match="could not be derived again"):
        verify(store, VerificationRequest(rebuild=True))


def test_no_folder_to_derive_the_tables_in_is_no_tampering(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where nobody may write to it."""
    scan(store)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")

    with pytest.raises(StoreUnavailable, match="could not be derived again"):
        verify(store, VerificationRequest(rebuild=True))
