"""What bringing a store up to date would do, found by reading alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from collector.core.errors import StoreError
from storage.database.database_url import database_of
from storage.log.key_places import signing_keys
from storage.log.mac_beginning import tail_of
from storage.log.mac_epochs import read_epochs
from storage.tables import migrating

if TYPE_CHECKING:
    from pathlib import Path

    from storage.log.key_places import SigningKeys

_SIZE = "SELECT coalesce(max(idx), -1) + 1 FROM log_leaf"


class UpgradePlan(NamedTuple):
    """The revision of the tables and the one they would be brought to, and the number of log entries.

    `unproven` has by kind the number of entries, from `first` on, that somebody has to acknowledge.
    """

    was: str | None
    now: str
    entries: int
    first: int
    unproven: dict[str, int]


def plan_upgrade(url: str, *, signing_key: Path | SigningKeys | None = None) -> UpgradePlan:
    """Return what opening a store for writing would do first; nothing is changed.

    Raises StoreError where it cannot be read, and VerificationError where an entry that is not signed is damaged.
    """
    database = database_of(url)
    database.check()
    reader = database.reading_engine()
    try:
        with reader.connect() as connection, connection.begin():
            was = migrating.revision_of(connection)
            if was is None:
                return UpgradePlan(None, migrating.HEAD, 0, 0, {})
            size: int = connection.exec_driver_sql(_SIZE).scalar_one()
            if was == migrating.HEAD or read_epochs(connection):
                return UpgradePlan(was, migrating.HEAD, size, size, {})
            store: str = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'store'").scalar_one()
            held = signing_keys(signing_key or database.beside(".signing.pem")).held()
            tail = tail_of(connection, store, [key.public for key in held])
            return UpgradePlan(was, migrating.HEAD, tail.size, tail.signed, tail.kinds)
    except SQLAlchemyError as error:
        raise StoreError(
            f"{database.name} cannot be read: {error}",
            so="what an upgrade would do is not known",
            mend="run annexd verify with the annexd that wrote it",
        ) from error
    finally:
        reader.dispose()
