"""Opening a store: making it where there is none, and refusing what cannot be trusted."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from collector.core.errors import StoreError
from collector.core.spans import show_time
from storage import leaves, migrating, sqlite, staging
from storage.keys import make_key, read_key, sync_folder
from storage.lock import WriterLock
from storage.store import SqlStore
from storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.keys import StoreKey


def open_store(url: str, *, writer: bool, key_file: Path | None = None, clock: Callable[[], datetime]) -> SqlStore:
    """Open the store that a URL names; a writer makes it where there is none. Close it, or use it in a `with`.

    The store key lies in `key_file`, or else beside the database. Raises StoreError where another process writes, the
    key is missing or another one, or the file is not a store.
    """
    path = sqlite.path_of(url)
    key_path = path.with_name(path.name + ".key") if key_file is None else key_file
    with ExitStack() as stack:
        try:
            opened = _writing(path, key_path, clock, stack) if writer else _reading(path, key_path, clock, stack)
        except DBAPIError as error:
            raise _unusable(path, str(error.orig)) from error
        except OSError as error:
            raise _unusable(path, error.strerror or str(error)) from error
        stack.pop_all()
    return opened


def _writing(path: Path, key_path: Path, clock: Callable[[], datetime], stack: ExitStack) -> SqlStore:
    stack.callback(WriterLock(path.with_name(path.name + ".lock"), clock()).release)
    sqlite.make_file(path)
    engine = sqlite.writing_engine(path)
    stack.callback(engine.dispose)
    pen = Writer(engine)
    stack.callback(pen.close)
    with pen.transaction() as connection:
        is_new = migrating.revision_of(connection) is None
        if is_new and migrating.has_tables(connection):
            raise _unusable(path, "it is a database of something else")
        key = make_key(key_path) if is_new else read_key(key_path)
        migrating.migrate(connection)
        name = _begin(connection, key, clock()) if is_new else _told(connection, "store")
        if _told(connection, "key_check") != key.check:
            raise _wrong_key(key_path)
        staging.sweep(connection)
        connection.exec_driver_sql(staging.STAGED)
    if is_new:
        sync_folder(path.absolute().parent)
    reader = sqlite.reading_engine(path)
    stack.callback(reader.dispose)
    return SqlStore(name=name, reader=reader, writer=pen, read_key=lambda: key, clock=clock, resources=stack.pop_all())


def _reading(path: Path, key_path: Path, clock: Callable[[], datetime], stack: ExitStack) -> SqlStore:
    if not path.exists():
        raise StoreError(
            f"there is no store at {path}",
            so="there is nothing to show",
            mend="name the right file as url in [store], or run annexd scan, which makes one",
        )
    reader = sqlite.reading_engine(path)
    stack.callback(reader.dispose)
    with reader.connect() as connection, connection.begin():
        revision = migrating.revision_of(connection)
        if revision is None:
            raise _unusable(path, "it holds no store")
        if revision != migrating.HEAD:
            raise StoreError(
                f"{path}: its tables are of revision {revision}, and this annexd reads {migrating.HEAD}",
                so="it cannot be read",
                mend="let annexd scan or annexd serve of this version open it once, or use the newer annexd",
            )
        name, check = _told(connection, "store"), _told(connection, "key_check")
    read = partial(_checked_key, key_path, check)
    return SqlStore(name=name, reader=reader, writer=None, read_key=read, clock=clock, resources=stack.pop_all())


def _begin(connection: Connection, key: StoreKey, at: datetime) -> str:
    name = str(uuid4())
    connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?)", [("store", name), ("key_check", key.check)]
    )
    fact = {"canonical": "RFC 8785, integers exact", "created_at": show_time(at), "tree": "RFC 6962, SHA-256"}
    leaves.append(connection, store=name, at=at, kind="genesis", fact=fact, rows={})
    return name


def _told(connection: Connection, name: str) -> str:
    found: str = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (name,)).scalar_one()
    return found


def _checked_key(path: Path, check: str) -> StoreKey:
    key = read_key(path)
    if key.check != check:
        raise _wrong_key(path)
    return key


def _wrong_key(path: Path) -> StoreError:
    return StoreError(
        f"store key: {path} holds the key of another store",
        so="nothing can be recorded: equal bodies and equal secrets would no longer be recognised",
        mend="put this store's key file back from its backup, or name it with key_file in [store]",
    )


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path} cannot be used as a store: {why}",
        so="nothing can be recorded or shown",
        mend="name another file as url in [store], in a folder that annexd may write to, or restore this one",
    )
