"""The writing connection of a process. After an error that leaves the file in an unknown state it refuses all writes.

Other processes may write in between; the database lets one transaction at a time write.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Protocol, assert_never

from sqlalchemy.exc import DBAPIError

from collector.core.errors import StoreError
from collector.core.plain_text import one_line
from storage.database.databases import Failure
from storage.database.failpoints import reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from storage.database.databases import Database
    from storage.database.lease import Lease


class Follower(Protocol):
    """Something in memory that follows what transactions write."""

    def begin(self) -> None:
        """Begin a transaction; whatever the one before it did not commit is to be forgotten."""
        ...

    def committed(self) -> None:
        """Note that the transaction is durable."""
        ...


class Writer:
    """Runs one transaction at a time; each is atomic, and durable when it returns."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database = database
        self._connection = engine.connect()
        self._lock = Lock()
        self._broken: str | None = None
        self._thread: int | None = None  # the one that is in a transaction
        self.lease: Lease | None = None
        """The lease that each transaction checks; None until it has been taken."""
        self.follower: Follower | None = None
        """What follows the log, such as the chain of MACs; None until the store is known."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield the connection for one transaction. Raises StoreError, and then nothing of it was kept.

        Within a transaction of the same thread it is a part of that one.
        """
        if self.is_mine():
            yield self._connection
            return
        with self._lock:
            if self._broken is not None:
                raise StoreError(
                    f"the store takes no more writes after: {self._broken}",
                    so="nothing more is recorded by this process; what was acknowledged is kept",
                    mend="see to the first error; a daemon opens the store anew at its next run, and so does a scan",
                )
            self._thread = get_ident()
            try:
                with self._connection.begin():
                    if self.lease is not None:
                        self._check_lease(self.lease)
                    if self.follower is not None:
                        self.follower.begin()
                    yield self._connection
                    reached("before commit")
                if self.follower is not None:
                    self.follower.committed()
                reached("after commit")
            except DBAPIError as error:
                raise self._error_of(error) from error
            finally:
                self._thread = None

    @property
    def is_broken(self) -> bool:
        """Whether an error was met after which it takes no more writes."""
        return self._broken is not None

    def is_mine(self) -> bool:
        """Return whether this thread is in a transaction."""
        return self._thread == get_ident()

    def compact(self) -> None:
        """Release the space of erased and removed rows; readers continue, writers wait. Raises StoreError."""
        with self._lock:
            driver = self._connection.connection.driver_connection
            try:
                self._database.compact(driver)
            except self._connection.dialect.loaded_dbapi.Error as error:
                raise StoreError(
                    f"the store could not be compacted: {error}",
                    so="it is as large as it was; nothing is lost",
                    mend="make room for a second copy of it, then run annexd store compact again",
                ) from error

    def close(self) -> None:
        """Close the connection after the current transaction."""
        with self._lock:
            self._broken = "it was closed"
            self._connection.close()

    def _check_lease(self, lease: Lease) -> None:
        try:
            lease.check(self._connection)
        except StoreError as error:
            self._broken = error.what
            raise

    def _error_of(self, error: DBAPIError) -> StoreError:
        what = f"the store could not be written: {one_line(str(error.orig))}"
        match self._database.failure(error.orig):
            case Failure.FULL:
                mend = (
                    "free space on the disk of the store; a daemon goes on by itself then, a scan is to be given again"
                )
            case Failure.FATAL:
                # SQLite commits happily after a failed fsync; only a new connection and its recovery can be trusted.
                mend = (
                    "see to the disk or the server, and run annexd verify; a daemon goes on by itself then,"
                    " a scan is to be given again"
                )
            case Failure.PASSING:
                return StoreError(
                    what,
                    so="this task or judgement was not recorded; what was acknowledged is kept",
                    mend="if another program holds the database open, close that; otherwise report this as a defect",
                )
            case _ as unreachable:
                assert_never(unreachable)
        self._broken = what
        return StoreError(
            what,
            so="this task or judgement was not acknowledged, and nothing more will be; what was acknowledged is kept",
            mend=mend,
        )
