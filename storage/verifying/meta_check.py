"""What stands beside the record: what the store calls itself, how its tables are defined, and the file they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.log.leaf_check import bad
from storage.tables import migrating

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.verifying.log_seen import LogSeen

_MOST_TOLD = 3
_META = "SELECT name, value FROM meta ORDER BY name"


def check_meta(connection: Connection, store: str, log: LogSeen) -> None:
    """Compare what the first leaf states with what the store says of itself now."""
    genesis = log.genesis
    if genesis is None:
        raise bad("leaf 0 does not say what this log is")
    wanted = [("key_check", genesis.key_check), ("store", store)]
    found = [tuple(row) for row in connection.exec_driver_sql(_META).fetchall()]
    if found != wanted:
        raise bad(f"the store calls itself {found}, and its first leaf says {wanted}")
    made = genesis.tables
    for at, one in log.migrations:
        if one.was_tables != made:
            raise bad(
                f"leaf {at}: tables, indexes and triggers were defined with the digest {one.was_tables} before they"
                f" were migrated, and had been made with {made}: one had been changed, added or dropped"
            )
        made = one.tables
    tables = migrating.tables_digest(connection)
    if tables is not None and made is not None and tables != made:
        raise bad(
            f"tables, indexes and triggers are defined with the digest {tables}, and were made with {made}:"
            " one was changed, added or dropped"
        )


def check_file(connection: Connection) -> None:
    """Let the database check its own file: damage that no row shows, such as an index that leads astray."""
    told = what_the_file_says(connection)
    if told:
        raise bad(f"the database's own check says: {told}")


def what_the_file_says(connection: Connection) -> str:
    """Return what the database finds wrong with its file, empty where that is nothing or cannot be asked."""
    if connection.dialect.name != "sqlite":
        return ""
    rows = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_TOLD})").fetchall()
    told = "; ".join(str(row[0]) for row in rows)
    return "" if told == "ok" else told
