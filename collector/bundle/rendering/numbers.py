"""States, verdicts and counts in the tables of a bundle, compared with those that its evidence gives.

They are compared where pages are not, because another version rendered them: sentences and looks may be others, these
may not.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from collector.bundle.rendering.cells import csv_rows, sheets
from collector.bundle.rendering.differences import Difference
from collector.core.errors import VerificationError
from collector.core.plain_text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.bundle.tables.table import Table

    Opened = Callable[[], IO[bytes]]
    Values = Mapping[tuple[str, ...], tuple[str, ...]]

COMPARED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "controls": (
        ("edition", "control", "role"),
        (
            "state",
            "fails",
            "accepted",
            "not_established",
            "nothing_to_check",
            "lost",
            "records_missing",
            "passes",
            "elsewhere",
        ),
    ),
    "checks": (
        ("check", "source"),
        ("planned", "done", "missed", "not_observed", "passes", "fails", "unknown", "nothing_to_check"),
    ),
    "findings": (("check", "source", "scope", "subject"), ("in_scope", "verdict", "last_verdict", "exception")),
    "finding_history": (("judged_at", "check", "source", "scope", "subject"), ("was", "became")),
    "tasks": (("source", "collection", "scope"), ("outcome", "requests", "listed", "kept")),
    "exceptions": (("id",), ("state", "matches", "covers")),
    "statement_of_applicability": (("edition", "control", "role"), ("decision", "state")),
    "resources": (("source", "kind", "scope", "key"), ("digest",)),
}
"""By table: the columns that name a row, and those that are compared."""

_LAST = "\x00"  # tells rows apart that have the same names


def differing_rows(path: str, table: Table, bundle: Opened, rendered: Opened) -> Iterator[Difference]:
    """Yield the rows of a CSV file that state something else; none of a table whose numbers are not compared."""
    if table.name in COMPARED:
        with bundle() as left, rendered() as right:
            keys, values = COMPARED[table.name]
            ours, theirs = _values(csv_rows(left), keys, values), _values(csv_rows(right), keys, values)
            yield from _differing(path, "", values, ours, theirs)


def differing_sheets(path: str, tables: Sequence[Table], bundle: Opened, rendered: Opened) -> Iterator[Difference]:
    """Yield the rows of a workbook that state something else."""
    by_title = {table.title: table for table in tables if table.name in COMPARED}
    with bundle() as left, rendered() as right:
        ours, theirs = (
            {name: _sheet_values(rows, by_title[name]) for name, rows in sheets(book) if name in by_title}
            for book in (left, right)
        )
    for name, made in theirs.items():
        yield from _differing(path, f"{name}: ", COMPARED[by_title[name].name][1], ours.get(name, {}), made)


def _sheet_values(rows: Iterator[Sequence[str]], table: Table) -> Values:
    keys, values = COMPARED[table.name]
    heads = {column.key: column.head for column in table.columns}
    return _values(rows, [heads[key] for key in keys], [heads[value] for value in values])


def _values(rows: Iterator[Sequence[str]], keys: Sequence[str], values: Sequence[str]) -> Values:
    first = next(rows, [])
    heads = {head: column for column, head in enumerate(first)}
    for name in (*keys, *values):
        if first.count(name) > 1:
            raise VerificationError(f"a table of the bundle has {first.count(name)} columns {name}: it says two things")
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in rows:
        key = tuple(_at(row, heads, name) for name in keys)
        while key in found:
            key = (*key, _LAST)
        found[key] = tuple(_at(row, heads, name) for name in values)
    return found


def _at(row: Sequence[str], heads: Mapping[str, int], name: str) -> str:
    column = heads.get(name)
    return row[column] if column is not None and column < len(row) else ""


def _differing(path: str, sheet: str, names: Iterable[str], ours: Values, theirs: Values) -> Iterator[Difference]:
    for key in dict.fromkeys((*theirs, *ours)):
        said, made = ours.get(key), theirs.get(key)
        if said != made:
            yield Difference(
                path=path,
                where=sheet + safe(" ".join(part for part in key if part != _LAST)),
                bundle="no such row" if said is None else _text(names, said, made),
                rendered="no such row" if made is None else _text(names, made, said),
            )


def _text(names: Iterable[str], values: tuple[str, ...], others: tuple[str, ...] | None) -> str:
    """Return the values that differ, with their names."""
    shown = [
        f"{name} {value or 'none'}"
        for at, (name, value) in enumerate(zip(names, values, strict=True))
        if others is None or others[at] != value
    ]
    return safe(", ".join(shown))
