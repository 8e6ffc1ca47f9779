"""The one connection that writes. After an error that leaves the file in doubt it refuses to go on."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from collector.core.errors import StoreError
from storage import sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


class Writer:
    """Runs one transaction at a time, each all or nothing, and durable when it returns."""

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect()
        self._lock = Lock()
        self._broken: str | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Hand out the connection for one transaction. Raises StoreError, and then nothing of it was kept."""
        with self._lock:
            if self._broken is not None:
                raise StoreError(
                    f"the store takes no more writes after: {self._broken}",
                    so="nothing more is recorded by this process; what was acknowledged is kept",
                    mend="see to the first error, then start annexd again: it reopens the store",
                )
            try:
                with self._connection.begin():
                    yield self._connection
            except DBAPIError as error:
                raise self._refused(error) from error

    def close(self) -> None:
        """End the connection; waits for the transaction under way."""
        with self._lock:
            self._broken = "it was closed"
            self._connection.close()

    def _refused(self, error: DBAPIError) -> StoreError:
        what = f"the store could not be written: {error.orig}"
        if sqlite.is_full(error.orig):
            self._broken = what
            return StoreError(
                what,
                so="this task or judgement was not recorded, and nothing more will be; what was acknowledged is kept",
                mend="free space on the disk of the store, then start annexd again",
            )
        if sqlite.is_fatal(error.orig):
            # SQLite commits happily after a failed fsync; only a new connection and its recovery can be trusted.
            self._broken = what
            return StoreError(
                what,
                so="this task or judgement was not recorded, and nothing more will be; what was acknowledged is kept",
                mend="see to the disk, run annexd verify, then start annexd again",
            )
        return StoreError(
            what,
            so="this task or judgement was not recorded; what was acknowledged is kept",
            mend="if another program holds the database open, close that; otherwise report this as a defect",
        )
