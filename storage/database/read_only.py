"""Whether a store could not be opened for writing because it is a copy that nobody may write to."""

from __future__ import annotations

import errno
import sqlite3

_FILES = {errno.EROFS, errno.EACCES, errno.EPERM}
_SERVER = {"25006", "42501"}  # a read-only transaction, and a role that may only read


def is_read_only(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, says that a file or a database cannot be written by whom annexd runs as."""
    while error is not None:
        cause = getattr(error, "orig", None) or error
        code = getattr(cause, "sqlite_errorcode", None)
        if (
            (isinstance(cause, OSError) and cause.errno in _FILES)
            or (code is not None and code & 0xFF == sqlite3.SQLITE_READONLY)
            or getattr(cause, "sqlstate", None) in _SERVER
        ):
            return True
        error = error.__cause__ or error.__context__
    return False
