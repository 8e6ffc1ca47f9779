"""Backup of a SQLite store: a consistent copy of the database file, made while it is in use."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from collector.core.errors import StoreError
from storage.database.database_url import database_of
from storage.database.keys import sync_folder
from storage.database.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from storage.database.databases import Database


def back_up(url: str, to: Path) -> int:
    """Copy the store that a URL names to a new file, and return its size in bytes; all or nothing, and durable.

    The key files are not copied. Raises StoreError where the file exists, the copy fails its check, or the store is on
    a server.
    """
    database = database_of(url)
    if not isinstance(database, SqliteDatabase):
        raise _of_a_server(database)
    database.check()
    if to.exists():
        raise StoreError(
            f"{to} is there already",
            so="nothing was copied, and nothing replaced",
            mend="name a file that is not there, such as one with the date in its name",
        )
    fresh = to.with_name(f"{to.name}.{os.getpid()}.part")
    try:
        os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(database.path, fresh)
        _check(fresh)
        _sync(fresh)
        # Unlike a rename, a link fails if another process has made the file in the meantime.
        os.link(fresh, to)
        sync_folder(to.absolute().parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"no copy could be made as {to}: {error}",
            so="there is no backup of this moment; the store is as it was",
            mend="name a folder with room for it that annexd may write to; if the store is damaged, run annexd verify",
        ) from error
    finally:
        fresh.unlink(missing_ok=True)
    return to.stat().st_size


def _copy(path: Path, fresh: Path) -> None:
    source = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, isolation_level=None)
    copy = sqlite3.connect(fresh, isolation_level=None)
    try:
        # All pages in one step give one state of the store, and block no writer.
        source.backup(copy, pages=-1)
        # Without WAL the copy is one file that can be read in a read-only folder; a writer makes it WAL again.
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
        source.close()


def _check(fresh: Path) -> None:
    copy = sqlite3.connect(f"file:{quote(str(fresh.absolute()))}?mode=ro", uri=True)
    try:
        (result,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        copy.close()
    if result != "ok":
        raise sqlite3.DatabaseError(result)


def _sync(fresh: Path) -> None:
    handle = os.open(fresh, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _of_a_server(database: Database) -> StoreError:
    return StoreError(
        f"{database.name} is a server, which annexd does not copy",
        so="there is no backup of this moment",
        mend="run pg_dump --format=custom on it: it sees one state while a scan runs, knows every type and role, and"
        " pg_restore puts it back; keep the key files as well, which are in no database",
    )
