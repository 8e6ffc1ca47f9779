"""A copy that nobody may write to is told from a store that is damaged, in use or elsewhere."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.core.errors import StoreError
from storage import open_store
from storage.database.read_only import is_read_only
from tests.storage.evidence import TickingClock


def _caused_by(cause: BaseException) -> StoreError:
    error = StoreError("it cannot be used")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (OSError(errno.EROFS, "Read-only file system"), True),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (ValueError("it is damaged"), False),
    ],
)
def test_a_file_that_may_not_be_written_is_told(cause: BaseException, said: bool) -> None:
    """A full disk is no copy in a safe."""
    assert is_read_only(_caused_by(cause)) is said
    assert not is_read_only(StoreError("another process writes"))


def test_sqlites_own_word_is_known(tmp_path: Path) -> None:
    """The file is there and opens; only the first write says that it may not be."""
    path = tmp_path / "annexd.db"
    sqlite3.connect(path).close()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("CREATE TABLE x (y)")
    connection.close()

    assert is_read_only(_caused_by(caught.value))


def test_postgresqls_own_word_is_known(schemas: Callable[[], str], tmp_path: Path, clock: TickingClock) -> None:
    """A standby takes connections and refuses every write."""
    address = schemas()
    key, signing = tmp_path / "annexd.key", tmp_path / "annexd.pem"
    open_store(address, writer=True, clock=clock, key_file=key, signing_key=signing).close()

    with pytest.raises(StoreError) as caught:
        open_store(
            f"{address}%20-cdefault_transaction_read_only%3Don",
            writer=True,
            clock=clock,
            key_file=key,
            signing_key=signing,
        )

    assert is_read_only(caught.value), caught.value.what
