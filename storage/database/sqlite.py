"""SQLite as a database of a store: one writing connection with a lock file, readers, and checked settings.

https://www.sqlite.org/wal.html and https://www.sqlite.org/pragma.html document what is checked here.
"""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.pool import QueuePool

from collector.core.errors import StoreError
from storage.database.databases import Failure
from storage.database.lock import Turns, WriterLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_BUSY_MILLISECONDS = 5_000
_WRITER_PATIENCE = timedelta(minutes=1)  # longer than the largest transaction of another process
_READERS_KEPT = 8
_CACHE_KIBIBYTES = 32_000  # of the writing connection; the default of 2 MB halves the speed of a million inserts

_SAFE: dict[str, str | int] = {
    "foreign_keys": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "busy_timeout": _BUSY_MILLISECONDS,
}
_WRITING: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit that returned is on disk
    "wal_autocheckpoint": 8_000,  # pages; with 1,000 the same index pages are rewritten again and again
    "journal_size_limit": 64 << 20,  # bytes that the WAL file keeps after a checkpoint
    "cache_size": -_CACHE_KIBIBYTES,  # negative: KiB, not pages
    "busy_timeout": round(_WRITER_PATIENCE.total_seconds() * 1_000),
}

# After these errors the state of the file or of the connection is not known, so nothing more is written.
_FATAL = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
}


class SqliteDatabase:
    """A database file on a local disk; see `storage.database.databases.Database` for what each method promises."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.name = path

    def beside(self, suffix: str) -> Path:
        """Return the path of the database file with a suffix appended."""
        return self.path.with_name(self.path.name + suffix)

    def check(self) -> None:
        """Raise StoreError where the file does not exist."""
        if not self.path.exists():
            raise StoreError(
                f"there is no store at {self.path}",
                so="there is nothing to show",
                mend="name the right file as url in [store], or run annexd scan, which makes one",
            )

    def writing_engine(self, at: datetime, wait: timedelta, stack: ExitStack, *, alongside: bool) -> Engine:
        """Return an engine whose transactions hold SQLite's write lock; the lock of runs is a file."""
        if not alongside:
            stack.callback(WriterLock(self.beside(".lock"), at, wait=wait).release)
        make_file(self.path)
        turns = Turns(self.beside(".batch.lock"))

        def start(connection: Connection) -> None:
            with turns.next(_WRITER_PATIENCE):
                connection.exec_driver_sql("BEGIN IMMEDIATE")

        engine = _engine(lambda: _connect(self.path, "rw", _SAFE | _WRITING), start)
        stack.callback(engine.dispose)
        return engine

    def reading_engine(self) -> Engine:
        """Return an engine with read-only connections."""
        return _engine(lambda: _connect(self.path, "ro", _SAFE), _start_reading, kept=_READERS_KEPT)

    def failure(self, error: BaseException | None) -> Failure:
        """Classify an error by SQLite's result code."""
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_FULL:
            return Failure.FULL
        is_fatal = code is None or code & 0xFF in _FATAL  # the low byte is the primary code
        return Failure.FATAL if is_fatal else Failure.PASSING

    def compact(self, driver: sqlite3.Connection) -> None:
        """Rewrite the file without its free pages, and truncate the WAL file."""
        driver.execute("VACUUM")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def make_file(path: Path) -> None:
    """Create the database file with mode 0600 unless it exists."""
    # SQLite gives its own files beside the database the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _start_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _engine(connect: Callable[[], sqlite3.Connection], start: Callable[[Connection], None], *, kept: int = 1) -> Engine:
    # Each thread uses its own connection; up to `kept` of them stay open in the pool.
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=kept, max_overflow=-1)
    event.listen(engine, "begin", start)
    return engine


def _connect(path: Path, mode: str, settings: dict[str, str | int]) -> sqlite3.Connection:
    # isolation_level None: sqlite3 begins no transaction of its own, and `start` says how ours begin.
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,  # the writer's lock, or the reader's own connection, keeps threads apart
        cached_statements=256,
    )
    try:
        _settle(connection, path, settings)
    except BaseException:
        connection.close()
        raise
    return connection


def _settle(connection: sqlite3.Connection, path: Path, settings: dict[str, str | int]) -> None:
    for name, value in settings.items():
        connection.execute(f"PRAGMA {name} = {value}")
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise _unsafe(path, name, found, value)


def _unsafe(path: Path, name: str, found: object, value: object) -> StoreError:
    return StoreError(
        f"{path}: SQLite keeps {name} at {found} instead of {value}",
        so="evidence could be lost with the power, so nothing is written",
        mend="use a local disk and a SQLite built with its usual options; annexd doctor shows both",
    )
