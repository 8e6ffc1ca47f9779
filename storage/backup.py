"""A copy of the database as of one moment, made while others read and one writes."""

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
    """Copy the store that a URL names to a new file, and return its size; the file is whole and on disk, or not there.

    The keys are not in it. Raises StoreError where the file is there already, or the copy does not read as it should.
    """
    place = database_of(url)
    if not isinstance(place, SqliteDatabase):
        raise _of_a_server(place)
    place.check()
    if to.exists():
        raise StoreError(
            f"{to} is there already",
            so="nothing was copied, and nothing replaced",
            mend="name a file that is not there, such as one with the date in its name",
        )
    fresh = to.with_name(f"{to.name}.{os.getpid()}.part")
    try:
        os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(place.path, fresh)
        _check(fresh)
        _sync(fresh)
        # A link is refused where a rename would replace what somebody else has put there meanwhile.
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
        # All pages in one step: one state of the store, whatever is written meanwhile, and nobody waits for it.
        source.backup(copy, pages=-1)
        # One file, which can be read where nothing may be written beside it; a writer makes it WAL again.
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
        source.close()


def _check(fresh: Path) -> None:
    copy = sqlite3.connect(f"file:{quote(str(fresh.absolute()))}?mode=ro", uri=True)
    try:
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        copy.close()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _sync(fresh: Path) -> None:
    handle = os.open(fresh, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _of_a_server(place: Database) -> StoreError:
    return StoreError(
        f"{place.name} is a server, which annexd does not copy",
        so="there is no backup of this moment",
        mend="run pg_dump --format=custom on it: it sees one state while a scan runs, knows every type and role, and"
        " pg_restore puts it back; keep the key files as well, which are in no database",
    )
