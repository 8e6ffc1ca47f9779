"""Check how the database defines the store: as annexd makes it, and as the log says that it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import StoreError
from storage.log.leaf_check import mismatch
from storage.tables import defined, migrating

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.canonical import Digest
    from storage.verifying.log_seen import LogSeen


def check_schema(connection: Connection) -> Digest:
    """Compare every object with what a migration makes, and return the digest. Raises VerificationError.

    It comes before all other checks: what a view, a policy or a trigger answers proves nothing.
    """
    defined.require_tables(connection)
    found = defined.definition_of(connection)
    told = defined.differences(found, _recorded(connection, migrating.HEAD))
    if told:
        raise mismatch(f"the tables are not defined as annexd makes them: {told}")
    return defined.definition_digest(found)


def check_stated(connection: Connection, log: LogSeen, digest: Digest) -> None:
    """Compare the digests that log entries state with each other, and with what was made. Raises VerificationError.

    Log entries of earlier versions state none.
    """
    migrations = log.migrations
    stated = None if log.genesis is None else log.genesis.schema
    revision = migrations[0][1].was if migrations else migrating.HEAD
    _compare(connection, 0, stated, revision)
    for at, migration in migrations:
        _compare(connection, at, migration.was_schema, migration.was)
        _compare(connection, at, migration.schema, migration.now)
        if migration.was_schema is not None and stated is not None and migration.was_schema != stated:
            raise mismatch(
                f"leaf {at}: the store was defined with the digest {migration.was_schema} before it was migrated, and"
                f" had been made with {stated}"
            )
        stated = migration.schema
    if stated is not None and stated != digest:
        raise mismatch(f"the store is defined with the digest {digest}, and was made with {stated}")


def _compare(connection: Connection, at: int, stated: str | None, revision: str | None) -> None:
    wanted = None if revision is None else defined.recorded(connection.dialect.name, revision)
    if stated is not None and wanted is not None and stated != defined.definition_digest(wanted):
        raise mismatch(
            f"leaf {at}: the store was defined with the digest {stated}, and revision {revision} has"
            f" {defined.definition_digest(wanted)}: something had been changed, added or dropped before"
        )


def _recorded(connection: Connection, revision: str) -> defined.Definition:
    wanted = defined.recorded(connection.dialect.name, revision)
    if wanted is None:
        raise StoreError(
            f"this annexd does not know how revision {revision} is defined on {connection.dialect.name}",
            so="nothing can be proven of the store",
            mend="report this as a defect",
        )
    return wanted
