"""Systematic edits of rows: every column of every table changed, emptied and swapped, every row deleted and copied."""
# ruff: noqa: S608  an attack is put together from names that stand in our own files

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, SmallInteger, Table

from storage.tables.schema import METADATA
from tests.attacks.edit import Edit
from tests.attacks.targets import Target

_LAST = "last"
_ROWS = (0, 1, 5)
"""Which rows of a table are edited, in the order of its key; the last one is edited too."""


class NothingThereError(Exception):
    """The store has no such row, or the edit leaves it as it is."""


def edits(rng: random.Random) -> Iterator[Edit[Target]]:
    """Yield every edit there is, in random order."""
    made = [edit for table in METADATA.tables.values() for edit in _of(table)]
    rng.shuffle(made)
    yield from made


def _of(table: Table) -> Iterator[Edit[Target]]:
    for at in (*(str(row) for row in _ROWS), _LAST):
        where = _row(table, at)
        yield _edit(table, f"delete row {at}", partial(_delete, table, where))
        yield _edit(table, f"copy row {at}", partial(_copy, table, where))
        for column in table.columns:
            yield _edit(table, f"change {column.name} of row {at}", partial(_change, column, where))
            if column.nullable:
                yield _edit(table, f"empty {column.name} of row {at}", partial(_empty, column, where))
            if not column.primary_key and at != _LAST:
                yield _edit(table, f"swap {column.name} of row {at}", partial(_swap, column, int(at)))


def _edit(table: Table, what: str, statement: Callable[[str], str]) -> Edit[Target]:
    def apply(target: Target) -> None:
        look = f"SELECT * FROM {table.name} ORDER BY {_key(table)}"
        before = target.rows(look)
        target.change(statement(target.database))
        if target.rows(look) == before:
            raise NothingThereError

    return Edit(f"{table.name}: {what}", apply)


def _delete(table: Table, where: str, _database: str) -> str:
    return f"DELETE FROM {table.name} WHERE {where}"


def _change(column: Column[Any], where: str, database: str) -> str:
    return f"UPDATE {column.table.name} SET {column.name} = {_other(column, database)} WHERE {where}"


def _empty(column: Column[Any], where: str, _database: str) -> str:
    return f"UPDATE {column.table.name} SET {column.name} = NULL WHERE {where}"


def _key(table: Table) -> str:
    return ", ".join(column.name for column in table.primary_key.columns)


def _row(table: Table, at: str) -> str:
    key = _key(table)
    if at == _LAST:
        down = ", ".join(f"{column.name} DESC" for column in table.primary_key.columns)
        return f"({key}) = (SELECT {key} FROM {table.name} ORDER BY {down} LIMIT 1)"
    return f"({key}) = (SELECT {key} FROM {table.name} ORDER BY {key} LIMIT 1 OFFSET {at})"


def _other(column: Column[Any], database: str) -> str:
    name = column.name
    if isinstance(column.type, Boolean):
        return f"NOT {name}"
    if isinstance(column.type, BigInteger | Integer | SmallInteger):
        return f"coalesce({name}, 0) + 1000"
    if isinstance(column.type, LargeBinary):
        empty, more = ("x''", "x'00'") if database == "sqlite" else ("''::bytea", "'\\x00'::bytea")
        joined = f"coalesce({name}, {empty}) || {more}"
        return f"CAST({joined} AS BLOB)" if database == "sqlite" else joined
    return f"coalesce({name}, '') || 'x'"


def _copy(table: Table, where: str, database: str) -> str:
    names = [column.name for column in table.columns]
    values = [
        _other(column, database) if column.primary_key or column.unique else column.name for column in table.columns
    ]
    return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table.name} WHERE {where}"


def _swap(column: Column[Any], at: int, _database: str) -> str:
    """Give two neighbours each other's value of a column."""
    table, name = column.table, column.name
    first, second = _row(table, str(at)), _row(table, str(at + 1))
    return (
        f"UPDATE {table.name} SET {name} = CASE WHEN {first} THEN (SELECT {name} FROM {table.name} WHERE {second})"
        f" ELSE (SELECT {name} FROM {table.name} WHERE {first}) END WHERE ({first}) OR ({second})"
    )
