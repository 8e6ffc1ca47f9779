"""The ids of rows. They depend only on the log, so that deriving the tables again gives the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


def next_id(connection: Connection, table: str) -> int:
    """Return the id of the next row of a table; a sequence of the database would leave gaps."""
    number: int = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").scalar_one()  # noqa: S608  our own names
    return number


def run_id(connection: Connection, name: str) -> int:
    """Return the row id of a run, inserted where there is none."""
    found: int | None = connection.exec_driver_sql("SELECT id FROM run WHERE name = ?", (name,)).scalar_one_or_none()
    if found is not None:
        return found
    number = next_id(connection, "run")
    connection.exec_driver_sql("INSERT INTO run (id, name) VALUES (?, ?)", (number, name))
    return number
