"""Check what is beside the log: the store's name, the definitions of its tables, and the database file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.log.leaf_check import mismatch
from storage.tables import migrating

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.verifying.log_seen import LogSeen

_MAX_ERRORS = 3
_META = "SELECT name, value FROM meta ORDER BY name"


def check_meta(connection: Connection, store: str, log: LogSeen) -> None:
    """Compare the first leaf with the current name and table definitions. Raises VerificationError."""
    genesis = log.genesis
    if genesis is None:
        raise mismatch("leaf 0 does not say what this log is")
    wanted = [("key_check", genesis.key_check), ("store", store)]
    found = [tuple(row) for row in connection.exec_driver_sql(_META).fetchall()]
    if found != wanted:
        raise mismatch(f"the store calls itself {found}, and its first leaf says {wanted}")
    expected = genesis.tables
    for at, migration in log.migrations:
        if migration.was_tables != expected:
            raise mismatch(
                f"leaf {at}: tables, indexes and triggers were defined with the digest {migration.was_tables} before"
                f" they were migrated, and had been made with {expected}: one had been changed, added or dropped"
            )
        expected = migration.tables
    tables = migrating.tables_digest(connection)
    if tables is not None and expected is not None and tables != expected:
        raise mismatch(
            f"tables, indexes and triggers are defined with the digest {tables}, and were made with {expected}:"
            " one was changed, added or dropped"
        )


def check_file(connection: Connection) -> None:
    """Run the database's own check, which finds damage that no row shows. Raises VerificationError."""
    found = integrity_errors(connection)
    if found:
        raise mismatch(f"the database's own check says: {found}")


def integrity_errors(connection: Connection) -> str:
    """Return the errors that SQLite finds in its file; empty where there are none, and on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return ""
    rows = connection.exec_driver_sql(f"PRAGMA integrity_check({_MAX_ERRORS})").fetchall()
    found = "; ".join(str(row[0]) for row in rows)
    return "" if found == "ok" else found
