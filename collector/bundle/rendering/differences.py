"""The first place in which a file of a bundle differs from the same file rendered again."""

from __future__ import annotations

from itertools import zip_longest
from typing import IO, TYPE_CHECKING

from msgspec import Struct

from collector.bundle.rendering.cells import csv_rows, sheets
from collector.bundle.tables.workbook_sheets import letters
from collector.core.plain_text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Opened = Callable[[], IO[bytes]]

_SHOWN = 160
"""Characters of a differing line that are shown."""

_BEFORE = 40


class Difference(Struct, frozen=True, kw_only=True):
    """A file that differs, the first place in it, what the bundle says there, and what its evidence gives."""

    path: str
    where: str
    bundle: str
    rendered: str


def is_same(ours: Opened, theirs: Opened) -> bool:
    """Whether two files have the same bytes."""
    with ours() as left, theirs() as right:
        while True:
            block, other = left.read(1 << 16), right.read(1 << 16)
            if block != other:
                return False
            if not block:
                return True


def first_difference(path: str, bundle: Opened, rendered: Opened) -> Difference:
    """Return where two files that have other bytes differ: a cell of a table, a line of anything else."""
    with bundle() as left, rendered() as right:
        if path.endswith(".csv"):
            heads = next(csv_rows(rendered()), [])
            found = _cell(csv_rows(left), csv_rows(right), lambda row, column: _csv_place(row, column, heads))
        elif path.endswith(".xlsx"):
            found = _sheet_cell(left, right)
        else:
            found = _line(left, right)
    where, was, made = found or ("the way in which it is written", "", "")
    return Difference(path=path, where=where, bundle=was, rendered=made)


_Found = tuple[str, str, str]


def _cell(
    left: Iterable[Sequence[str]], right: Iterable[Sequence[str]], place: Callable[[int, int], str]
) -> _Found | None:
    for row, (ours, theirs) in enumerate(zip_longest(left, right, fillvalue=())):
        for column, (one, other) in enumerate(zip_longest(ours, theirs, fillvalue="")):
            if one != other:
                return place(row, column), _short(one, other), _short(other, one)
    return None


def _csv_place(row: int, column: int, heads: Sequence[str]) -> str:
    name = heads[column] if column < len(heads) else f"column {column + 1}"
    return f"line {row + 1}, {name}"


def _sheet_cell(left: IO[bytes], right: IO[bytes]) -> _Found | None:
    for ours, theirs in zip_longest(sheets(left), sheets(right), fillvalue=("", iter(()))):
        if ours[0] != theirs[0]:
            return "the names of the sheets", ours[0], theirs[0]
        name = ours[0]
        found = _cell(ours[1], theirs[1], lambda row, column, name=name: f"{name}!{letters(column)}{row + 1}")  # type: ignore[misc]  # mypy cannot infer the type of a default
        if found is not None:
            return found
    return None


def _line(left: IO[bytes], right: IO[bytes]) -> _Found | None:
    for number, (ours, theirs) in enumerate(zip_longest(left, right, fillvalue=b""), start=1):
        if ours != theirs:
            one, other = ours.decode("utf-8", "replace"), theirs.decode("utf-8", "replace")
            return f"line {number}", _short(one, other), _short(other, one)
    return None


def _short(text: str, other: str) -> str:
    """Return the part of a text around the first character in which it differs from another one."""
    at = next((at for at, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), None)
    start = max(0, (min(len(text), len(other)) if at is None else at) - _BEFORE)
    return safe(text[start : start + _SHOWN].strip("\r\n"))
