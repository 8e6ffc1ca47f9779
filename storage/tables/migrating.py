"""Migrate the tables of a store to the revision that this code needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from collector.core.canonical import digest_of, encode
from collector.core.errors import StoreError
from storage.tables.defined import require_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.canonical import Digest

_DEFINED = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master"
    " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
)

HEAD = "0005"
"""The revision that this code needs; the newest in `migrations/versions`."""


def has_tables(connection: Connection) -> bool:
    """Return whether the database has any table."""
    return bool(inspect(connection).get_table_names())


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables, None where there is no store.

    Raises VerificationError where something else stands in a table's place.
    """
    require_tables(connection)
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    return found


def tables_digest(connection: Connection) -> Digest | None:
    """Return the digest of the definitions of tables, indexes and triggers; None on PostgreSQL, which keeps no text."""
    if connection.dialect.name != "sqlite":
        return None
    rows = connection.exec_driver_sql(_DEFINED).fetchall()
    return digest_of(encode([list(row) for row in rows]))


def migrate(connection: Connection, revision: str = HEAD) -> None:
    """Migrate the tables to a revision inside the current transaction. Raises StoreError on an unknown one."""
    found = revision_of(connection)
    if found == revision:
        return
    # Imported late: an up-to-date store does not need alembic, which takes a tenth of a second to load.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise StoreError(
            f"the tables of the store are of revision {found}, which this annexd does not know: {error}",
            so="nothing was changed, and nothing can be recorded",
            mend="use the newer annexd that wrote it",
        ) from error
