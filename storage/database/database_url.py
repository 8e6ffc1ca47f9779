"""From the URL of a store to its database."""

from __future__ import annotations

from collector.core.errors import ConfigError
from storage.database.databases import Database

_SQLITE = "sqlite:///"


_POSTGRESQL = "postgresql+psycopg://"


def database_of(url: str) -> Database:
    """Return the database that a URL names. Raises ConfigError on any other URL, or where its driver is missing."""
    # Imported late, so that a store in SQLite does not need the driver of PostgreSQL.
    if url.startswith(_SQLITE) and url != _SQLITE:
        from storage.database.sqlite import SqliteDatabase  # noqa: PLC0415

        return SqliteDatabase(url.removeprefix(_SQLITE))
    if url.startswith(_POSTGRESQL):
        try:
            from storage.database.postgresql import PostgresqlDatabase  # noqa: PLC0415
        except ImportError as error:
            raise ConfigError(
                f"[store] url: PostgreSQL cannot be spoken to: {error}",
                so="there is nowhere to keep evidence",
                mend="pip install 'annexd[postgres]'",
            ) from error
        return PostgresqlDatabase(url)
    scheme, separator, _ = url.partition("://")
    raise ConfigError(
        f"[store] url: {scheme + separator if separator else url!r} is not a store that annexd knows",
        so="there is nowhere to keep evidence",
        mend="write sqlite:///annexd.db, sqlite:////var/lib/annexd/annexd.db for an absolute path,"
        " or postgresql+psycopg://annexd@db/annexd",
    )
