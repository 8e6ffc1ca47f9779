"""Open a store: create it where there is none, check its keys, and take the right to write."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import msgspec
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from collector import __version__
from collector.core.errors import StoreError
from collector.core.spans import show_time
from storage.database import lease
from storage.database.database_url import database_of
from storage.database.keys import make_key, read_key, sync_folder
from storage.database.writer import Writer
from storage.log import leaves
from storage.log.checkpoints import begin_memory
from storage.log.notes import VerifierKey
from storage.log.origins import GENESIS, MIGRATED, Genesis, Migrated
from storage.log.signing import make_signing_key, public_bytes
from storage.store import SqlStore
from storage.tables import defined, migrating, staging

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.canonical import Digest
    from storage.database.databases import Database
    from storage.database.keys import StoreKey


class _Keys(NamedTuple):
    """The paths of the keys of a store, and the origin of a new one."""

    store: Path
    signing: Path
    origin: str | None


class _Before(NamedTuple):
    """The tables before a migration: their revision, and the digests of their definitions."""

    revision: str | None
    tables: Digest | None
    schema: Digest | None


def open_store(  # noqa: PLR0913  one argument a setting
    url: str,
    *,
    writer: bool,
    key_file: Path | None = None,
    clock: Callable[[], datetime],
    wait: timedelta = timedelta(0),
    signing_key: Path | None = None,
    origin: str | None = None,
    restoring: bool = False,
) -> SqlStore:
    """Open the store that a URL names; a writer creates it where there is none. Close it, or use it in a `with`.

    The store key is in `key_file`, or else beside the database, and so is the signing key; `origin` names a new log. A
    writer waits up to `wait` for another one to end, and refuses a store that does not continue the log signed last,
    unless it is `restoring`.
    Raises StoreError where another process writes, a key is missing or wrong, or the database is not a store.
    """
    database = database_of(url)
    keys = _Keys(
        store=database.beside(".key") if key_file is None else key_file,
        signing=database.beside(".signing.pem") if signing_key is None else signing_key,
        origin=origin,
    )
    with ExitStack() as stack:
        try:
            if writer:
                opened = _writing(database, keys, clock, wait, stack)
                stack.callback(opened.close)
                if not restoring:
                    opened.checkpoints.check()
            else:
                opened = _reading(database, keys, clock, stack)
        except DBAPIError as error:
            raise _unusable(database, str(error.orig).strip()) from error
        except (SQLAlchemyError, UnicodeDecodeError) as error:
            raise _unusable(database, f"it is damaged: {error}") from error
        except OSError as error:
            raise _unusable(database, error.strerror or str(error)) from error
        stack.pop_all()
    return opened


def _writing(
    database: Database, keys: _Keys, clock: Callable[[], datetime], wait: timedelta, stack: ExitStack
) -> SqlStore:
    store_writer = Writer(database, database.writing_engine(clock(), wait, stack))
    stack.callback(store_writer.close)
    with store_writer.transaction() as connection:
        is_new = migrating.revision_of(connection) is None
        if is_new and migrating.has_tables(connection):
            raise _unusable(database, "it is a database of something else")
        key = make_key(keys.store) if is_new else read_key(keys.store)
        was, was_tables = migrating.revision_of(connection), migrating.tables_digest(connection)
        was_schema = None if was in {None, migrating.HEAD} else defined.schema_digest(connection)
        migrating.migrate(connection)
        new_lease = lease.take(connection, clock())
        name = _begin(connection, key, keys, clock()) if is_new else _meta_value(connection, "store")
        if _meta_value(connection, "key_check") != key.check:
            raise _wrong_key(keys.store)
        if not is_new and was != migrating.HEAD:
            _migrated(connection, name, clock(), _Before(was, was_tables, was_schema))
        staging.sweep(connection)
        staging.make_table(connection)
    store_writer.lease = new_lease
    if is_new:
        sync_folder(database.beside("").absolute().parent)
    reader = database.reading_engine()
    stack.callback(reader.dispose)
    return SqlStore(
        name=name,
        reader=reader,
        writer=store_writer,
        read_key=lambda: key,
        signing_key=keys.signing,
        clock=clock,
        resources=stack.pop_all(),
    )


def _reading(database: Database, keys: _Keys, clock: Callable[[], datetime], stack: ExitStack) -> SqlStore:
    database.check()
    reader = database.reading_engine()
    stack.callback(reader.dispose)
    with reader.connect() as connection, connection.begin():
        revision = migrating.revision_of(connection)
        if revision is None:
            raise _unusable(database, "it holds no store")
        if revision != migrating.HEAD:
            raise StoreError(
                f"{database.name}: its tables are of revision {revision}, and this annexd reads {migrating.HEAD}",
                so="it cannot be read",
                mend="let annexd scan or annexd serve of this version open it once, or use the newer annexd",
            )
        name, check = _meta_value(connection, "store"), _meta_value(connection, "key_check")
    read = partial(_checked_key, keys.store, check)
    return SqlStore(
        name=name,
        reader=reader,
        writer=None,
        read_key=read,
        signing_key=keys.signing,
        clock=clock,
        resources=stack.pop_all(),
    )


def _begin(connection: Connection, key: StoreKey, keys: _Keys, at: datetime) -> str:
    name = str(uuid4())
    signer = VerifierKey(keys.origin or f"annexd.invalid/{name[:8]}", public_bytes(make_signing_key(keys.signing)))
    connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?)", [("store", name), ("key_check", key.check)]
    )
    genesis = Genesis(
        origin=signer.name,
        key=str(signer),
        created_at=show_time(at),
        software=f"annexd {__version__}",
        canonical="RFC 8785, integers exact",
        tree="RFC 6962, SHA-256",
        key_check=key.check,
        tables=migrating.tables_digest(connection),
        schema=defined.schema_digest(connection),
    )
    leaves.append(connection, store=name, at=at, kind=GENESIS, fact=msgspec.to_builtins(genesis), rows={})
    begin_memory(keys.signing, name, signer.name)
    return name


def _migrated(connection: Connection, store: str, at: datetime, before: _Before) -> None:
    """Record the migration in the log, so that verification expects the new table definitions."""
    migrated = Migrated(
        was=before.revision,
        now=migrating.HEAD,
        software=f"annexd {__version__}",
        was_tables=before.tables,
        tables=migrating.tables_digest(connection),
        was_schema=before.schema,
        schema=defined.schema_digest(connection),
    )
    leaves.append(connection, store=store, at=at, kind=MIGRATED, fact=msgspec.to_builtins(migrated), rows={})


def _meta_value(connection: Connection, name: str) -> str:
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
        mend="put this store's key file back from its backup, or name it with key in [store]",
    )


def _unusable(database: Database, why: str) -> StoreError:
    return StoreError(
        f"{database.name} cannot be used as a store: {why}",
        so="nothing can be recorded or shown",
        mend="name another file as url in [store], in a folder that annexd may write to, or restore this one",
    )
