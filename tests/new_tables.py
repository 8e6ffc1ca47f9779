"""The tables of new stores: migrated once for each kind of database, and then made by the same statements again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from storage.tables import migrating

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MADE: dict[str, list[tuple[str, Any]]] = {}
"""The statements of a migration from nothing, with their parameters, by the name of the kind of database."""


@pytest.fixture(scope="session", autouse=True)
def new_tables() -> Iterator[None]:
    """Take the way from nothing to the newest tables through Alembic once: it is the greater part of a new store.

    A store of an earlier revision is migrated as ever.
    """
    migrate = migrating.migrate

    def migrate_once(connection: Connection, revision: str = migrating.HEAD) -> None:
        if revision != migrating.HEAD or migrating.revision_of(connection) is not None:
            migrate(connection, revision)
        elif connection.dialect.name in _MADE:
            _make_again(connection, _MADE[connection.dialect.name])
        else:
            _MADE[connection.dialect.name] = _noted(connection, migrate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrating, "migrate", migrate_once)
        yield


def _noted(connection: Connection, migrate: Any) -> list[tuple[str, Any]]:
    """Migrate, and return what was executed."""
    made: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.lstrip().startswith(("SELECT", "PRAGMA", "WITH")):
            made.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        migrate(connection)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return made


def _make_again(connection: Connection, made: list[tuple[str, Any]]) -> None:
    if connection.dialect.name != "postgresql":
        for statement, parameters in made:
            connection.exec_driver_sql(statement, parameters or None)
        return
    # A server takes them in one message, as they are without parameters.
    odd = [statement for statement, parameters in made if parameters or "%" in statement]
    assert odd == []
    cursor = connection.connection.cursor()
    cursor.execute(";\n".join(statement for statement, _ in made))
    cursor.close()
