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
from collector.core.plain_text import one_line
from collector.core.spans import show_time
from storage.database import lease
from storage.database.database_url import database_of
from storage.database.keys import store_key_place, sync_folder
from storage.database.unavailable import is_unavailable, unavailable
from storage.database.writer import Writer
from storage.log import leaves
from storage.log.checkpoints import begin_memory
from storage.log.continuing import check_continues
from storage.log.key_places import signing_keys
from storage.log.mac_beginning import Acknowledgement, beginning, tail_of
from storage.log.mac_chain import MacChain
from storage.log.mac_epochs import MACS, read_epochs
from storage.log.macs import MacKey
from storage.log.notes import VerifierKey
from storage.log.origins import GENESIS, MIGRATED, Genesis, Migrated, read_origins
from storage.log.signer_memory import SignerMemory
from storage.store import SqlStore
from storage.tables import defined, migrating, staging

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.canonical import Digest
    from storage.database.databases import Database
    from storage.database.keys import StoreKey, StoreKeyPlace
    from storage.log.key_places import SigningKeys
    from storage.log.signing import SigningKey


class _Keys(NamedTuple):
    """Where the keys of a store are kept, the origin of a new one, and who lets unproven entries of an old one stay."""

    store: StoreKeyPlace
    signing: SigningKeys
    origin: str | None
    acknowledged: Acknowledgement | None


class _Before(NamedTuple):
    """The tables before a migration: their revision, and the digests of their definitions."""

    revision: str | None
    tables: Digest | None
    schema: Digest | None


def open_store(  # noqa: PLR0913  one argument a setting
    url: str,
    *,
    writer: bool,
    key_file: Path | StoreKeyPlace | None = None,
    clock: Callable[[], datetime],
    wait: timedelta = timedelta(0),
    signing_key: Path | SigningKeys | None = None,
    origin: str | None = None,
    restoring: bool = False,
    acknowledged: Acknowledgement | None = None,
    alongside: bool = False,
) -> SqlStore:
    """Open the store that a URL names; a writer creates it where there is none. Close it, or use it in a `with`.

    The store key is in `key_file`, a path or a place of another kind, or else beside the database, and so is the
    signing key with the signer's memory; `origin` names a new log. A
    writer waits up to `wait` for another one to end, and refuses a store that does not continue the log signed last,
    unless it is `restoring`. A store that is older than MACs is brought up to date only where all of it is signed, or
    its unproven entries are `acknowledged`. With `alongside` facts can be written while another process has the store
    open for a run, and no tasks.
    Raises StoreError where another process writes, a key is missing or wrong, or the database is not a store.
    """
    database = database_of(url)
    keys = _Keys(
        store=store_key_place(database.beside(".key") if key_file is None else key_file),
        signing=signing_keys(database.beside(".signing.pem") if signing_key is None else signing_key),
        origin=origin,
        acknowledged=acknowledged,
    )
    if writer and alongside and not _is_up_to_date(database):
        open_store(
            url,
            writer=True,
            key_file=key_file,
            clock=clock,
            wait=wait,
            signing_key=signing_key,
            origin=origin,
            acknowledged=acknowledged,
        ).close()
    with ExitStack() as stack:
        try:
            if writer and alongside:
                opened = _reading(database, keys, clock, stack, writes=True)
                stack.callback(opened.close)
                opened.checkpoints.check()
            elif writer:
                opened, is_migrated = _writing(database, keys, clock, wait, stack, restoring=restoring)
                stack.callback(opened.close)
                if not restoring:
                    opened.checkpoints.check()
                    if is_migrated:
                        # Until it is signed, what the log says of MACs is proven by a MAC only.
                        opened.checkpoints.checkpoint()
            else:
                opened = _reading(database, keys, clock, stack)
        except DBAPIError as error:
            if is_unavailable(error):
                raise unavailable(f"{database.name} cannot be used as a store", error) from None
            raise _unusable(database, one_line(str(error.orig))) from error
        except (SQLAlchemyError, UnicodeDecodeError) as error:
            raise _unusable(database, f"it is damaged: {error}") from error
        except OSError as error:
            raise _unusable(database, error.strerror or str(error)) from error
        stack.pop_all()
    return opened


def _writing(
    database: Database,
    keys: _Keys,
    clock: Callable[[], datetime],
    wait: timedelta,
    stack: ExitStack,
    *,
    restoring: bool,
) -> tuple[SqlStore, bool]:
    """Return the store, and whether its tables were brought up to date.

    A store that does not go on from what was signed last is refused, and its tables stay as they were. That is read
    without the lock of the signer's memory, which whoever signs takes before the one that is held here; it is
    compared once more, with that lock, when the store is open.
    """
    store_writer = Writer(database, database.writing_engine(clock(), wait, stack, alongside=False))
    stack.callback(store_writer.close)
    with store_writer.transaction() as connection:
        is_new = migrating.revision_of(connection) is None
        if is_new and migrating.has_tables(connection):
            raise _unusable(database, "it is a database of something else")
        key = keys.store.make() if is_new else keys.store.read()
        was, was_tables = migrating.revision_of(connection), migrating.tables_digest(connection)
        was_schema = None if was in {None, migrating.HEAD} else defined.schema_digest(connection)
        migrating.migrate(connection)
        new_lease = lease.take(connection, clock())
        name = str(uuid4()) if is_new else _meta_value(connection, "store")
        macs = MacChain(name, keys.signing.held)
        if is_new:
            _begin(connection, macs, name, key, keys, clock())
        if _meta_value(connection, "key_check") != key.check:
            raise _wrong_key(keys.store)
        is_migrated = not is_new and was != migrating.HEAD
        if is_migrated:
            if not read_epochs(connection):
                _begin_macs(connection, macs, name, keys, clock(), restoring=restoring)
            elif not restoring:
                check_continues(connection, SignerMemory(keys.signing.memory), name)
            _migrated(connection, macs, name, clock(), _Before(was, was_tables, was_schema))
        staging.sweep(connection)
        staging.make_table(connection)
    macs.committed()
    store_writer.lease, store_writer.follower = new_lease, macs
    if is_new:
        sync_folder(database.beside("").absolute().parent)
    reader = database.reading_engine()
    stack.callback(reader.dispose)
    opened = SqlStore(
        name=name,
        reader=reader,
        writer=store_writer,
        read_key=lambda: key,
        signing_keys=keys.signing,
        macs=macs,
        clock=clock,
        resources=stack.pop_all(),
    )
    return opened, is_migrated


def _is_up_to_date(database: Database) -> bool:
    """Return whether a store is there whose tables are of this revision."""
    try:
        database.check()
    except StoreError:
        return False
    reader = database.reading_engine()
    try:
        with reader.connect() as connection, connection.begin():
            return migrating.revision_of(connection) == migrating.HEAD
    except (SQLAlchemyError, UnicodeDecodeError, OSError):
        return False  # opening it says what is wrong
    finally:
        reader.dispose()


def _reading(
    database: Database, keys: _Keys, clock: Callable[[], datetime], stack: ExitStack, *, writes: bool = False
) -> SqlStore:
    """Return the store for reading, or to write facts while another process may have it open for a run."""
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
    macs, store_writer = MacChain(name, keys.signing.held), None
    if writes:
        read()
        store_writer = Writer(database, database.writing_engine(clock(), timedelta(0), stack, alongside=True))
        store_writer.follower = macs
        stack.callback(store_writer.close)
    return SqlStore(
        name=name,
        reader=reader,
        writer=store_writer,
        read_key=read,
        signing_keys=keys.signing,
        macs=macs,
        clock=clock,
        resources=stack.pop_all(),
    )


def _begin(connection: Connection, macs: MacChain, name: str, key: StoreKey, keys: _Keys, at: datetime) -> None:
    signing_key = keys.signing.begin()
    signer = VerifierKey(keys.origin or f"annexd.invalid/{name[:8]}", signing_key.public)
    mac_key = MacKey(signing_key, name)
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
        macs=mac_key.id,
        schema=defined.schema_digest(connection),
    )
    macs.start(connection, mac_key)
    leaves.append(connection, macs, store=name, at=at, kind=GENESIS, fact=msgspec.to_builtins(genesis), rows={})
    begin_memory(keys.signing, name, signer.name)


def _begin_macs(
    connection: Connection, macs: MacChain, store: str, keys: _Keys, at: datetime, *, restoring: bool
) -> None:
    """Let every entry from the next one on have a MAC; the log states it."""
    held = keys.signing.held()
    tail = tail_of(connection, store, [key.public for key in held])
    if not restoring:
        check_continues(connection, SignerMemory(keys.signing.memory), store)
    mac_key = _current_mac_key(connection, store, held)
    fact = beginning(tail, mac_key, keys.acknowledged)
    macs.start(connection, mac_key)
    leaves.append(connection, macs, store=store, at=at, kind=MACS, fact=fact, rows={})


def _current_mac_key(connection: Connection, store: str, held: list[SigningKey]) -> MacKey:
    current = read_origins(connection)[-1].key
    for key in held:
        if key.public == current.public:
            return MacKey(key, store)
    raise StoreError(
        f"signing key: the key of this store, whose id is {current.id.hex()}, is not here",
        so="the store was not brought up to date, and nothing was recorded",
        mend="put this store's signing key back from its backup",
    )


def _migrated(connection: Connection, macs: MacChain, store: str, at: datetime, before: _Before) -> None:
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
    leaves.append(connection, macs, store=store, at=at, kind=MIGRATED, fact=msgspec.to_builtins(migrated), rows={})


def _meta_value(connection: Connection, name: str) -> str:
    found: str = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (name,)).scalar_one()
    return found


def _checked_key(place: StoreKeyPlace, check: str) -> StoreKey:
    key = place.read()
    if key.check != check:
        raise _wrong_key(place)
    return key


def _wrong_key(place: StoreKeyPlace) -> StoreError:
    return StoreError(
        f"store key: {place} holds the key of another store",
        so="nothing can be recorded: equal bodies and equal secrets would no longer be recognised",
        mend="put this store's key file back from its backup, or name it with key in [store]",
    )


def _unusable(database: Database, why: str) -> StoreError:
    return StoreError(
        f"{database.name} cannot be used as a store: {why}",
        so="nothing can be recorded or shown",
        mend="name another file as url in [store], in a folder that annexd may write to, or restore this one",
    )
