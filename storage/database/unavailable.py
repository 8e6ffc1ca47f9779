"""Errors that say nothing of what is stored: the server is away, a lock was not given, there is no memory or disk left.

Whoever verifies must not take them for damage, and whoever records what was verified must not record a failure.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from collector.core.errors import StoreError
from collector.core.plain_text import one_line

_SQLITE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,  # a log of SQLite's beside the file would have to be written to read it
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

# Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html, and single codes.
_POSTGRESQL = (
    "08",  # the connection
    "28",  # who asks is not let in
    "40",  # taken back because of another transaction, as on a standby
    "53",  # no memory, no disk, no connections
    "55P03",  # a lock that another session holds
    "57",  # the server is ended or starting, or somebody cancelled the statement
)


class StoreUnavailable(StoreError):
    """The store could not be looked at. Raised without a cause: a StoreError with one is about what is stored."""


def is_unavailable(error: BaseException | None) -> bool:
    """Whether an error of a driver, or the one of SQLAlchemy around it, says nothing of what is stored."""
    cause: Any = getattr(error, "orig", None) or error
    if hasattr(cause, "sqlstate"):
        # Imported late: a store in SQLite does not need this driver, and only its errors have such a code.
        from psycopg import InterfaceError, OperationalError  # noqa: PLC0415

        state: str | None = cause.sqlstate
        # One without a code is not the server's: the connection was refused or has ended, or a value was no such value.
        return state.startswith(_POSTGRESQL) if state else isinstance(cause, OperationalError | InterfaceError)
    code = getattr(cause, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _SQLITE  # the low byte is the primary code


def unavailable(what: str, error: BaseException) -> StoreUnavailable:
    """Return the error for a store that could not be looked at, in the words of the driver."""
    return StoreUnavailable(
        f"{what}: {one_line(str(getattr(error, 'orig', None) or error))}",
        so="nothing was recorded, proven or found: it says nothing of what is stored",
        mend="see to the server, the disk, the rights or who holds the lock, and try again; or correct url in [store]",
    )
