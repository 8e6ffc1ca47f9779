"""Insert and select many rows at once, in the fastest way of each database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

_SEARCH = 500  # values in a statement, where each has its own placeholder
_JOINS = (
    "SELECT set_config('enable_hashjoin', '{value}', true), set_config('enable_mergejoin', '{value}', true)"  # locally
)
_TYPES = {bool: "boolean", bytes: "bytea", int: "bigint", str: "text"}


def insert(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run an INSERT with one VALUES list of question marks for each of these rows, of which there is at least one."""
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(statement, list(rows))
        return
    # One statement with an array for each column: a statement for each row takes two to three times as long.
    head, _, rest = statement.partition(" VALUES (")
    _, _, tail = rest.partition(")")
    columns, arrays, names, types = [], [], [], []
    for number, column in enumerate(zip(*rows, strict=True)):
        kind = next((_TYPES[type(value)] for value in column if value is not None), None)
        if kind is None:
            columns.append("NULL")  # takes the type of the column that it goes into, where an array would need its own
            continue
        columns.append(f"c{number}")
        names.append(f"c{number}")
        types.append(f"?::{kind}[]")
        arrays.append(list(column))
    connection.exec_driver_sql(
        f"{head} SELECT {', '.join(columns)} FROM unnest({', '.join(types)}) AS given ({', '.join(names)}){tail}",  # noqa: S608  our own words
        tuple(arrays),
    )


def select_in(
    connection: Connection, statement: str, before: tuple[Any, ...], values: Sequence[Any]
) -> Iterator[Sequence[Any]]:
    """Yield the rows of a SELECT whose last word is a column that must be one of `values`.

    `before` are the values of its other placeholders.
    """
    if connection.dialect.name == "postgresql":
        if values:
            yield from connection.exec_driver_sql(
                f"{statement} = ANY(?::{_TYPES[type(values[0])]}[])", (*before, list(values))
            ).fetchall()
        return
    for at in range(0, len(values), _SEARCH):
        chunk = values[at : at + _SEARCH]
        marks = ",".join("?" * len(chunk))
        yield from connection.exec_driver_sql(f"{statement} IN ({marks})", (*before, *chunk)).fetchall()


def select_given(
    connection: Connection,
    statement: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | bytes]],
    values: tuple[Any, ...] = (),
) -> Iterator[Sequence[Any]]:
    """Yield the rows of a SELECT that joins rows of ours, the table `given` with these columns, where it says {given}.

    `values` are those of its other placeholders, all of which come later. Each of our rows leads to few rows, by an
    index.
    """
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        if rows:
            types = ", ".join(f"?::{_TYPES[type(value)]}[]" for value in rows[0])
            given = f"unnest({types}) AS given ({names})"
            arrays = [list(column) for column in zip(*rows, strict=True)]
            # Else the server goes through a whole table rather than to some rows of it by an index.
            connection.exec_driver_sql(_JOINS.format(value="off"))
            found = connection.exec_driver_sql(statement.format(given=given), (*arrays, *values)).fetchall()
            connection.exec_driver_sql(_JOINS.format(value="on"))
            yield from found
        return
    for at in range(0, len(rows), _SEARCH):
        chunk = rows[at : at + _SEARCH]
        marks = ", ".join([f"({', '.join('?' * len(columns))})"] * len(chunk))
        with_given = f"WITH given ({names}) AS (VALUES {marks}) {statement.format(given='given')}"
        flat = tuple(value for row in chunk for value in row)
        yield from connection.exec_driver_sql(with_given, (*flat, *values)).fetchall()
