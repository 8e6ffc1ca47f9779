"""Compare the rows of a table with those that follow from something else, and name the first that differs."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from storage.database.columns import show_digest
from storage.log.leaf_check import mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def compare_rows(
    name: str, columns: Sequence[str], kept: Iterable[Sequence[Any]], made: Iterable[Sequence[Any]], *, basis: str
) -> int:
    """Return the number of rows that are kept as they were made from the basis; both have the same order.

    Raises VerificationError that names the first difference.
    """
    count = 0
    for kept_row, made_row in zip_longest(kept, made):
        _check_row(name, columns, kept_row, made_row, basis)
        count += 1
    return count


def _check_row(
    name: str, columns: Sequence[str], kept: Sequence[Any] | None, made: Sequence[Any] | None, basis: str
) -> None:
    if made is None:
        raise mismatch(f"table {name}: the row {_row_text(columns, kept or ())} does not follow from {basis}")
    if kept is None:
        raise mismatch(f"table {name}: the row {_row_text(columns, made)} follows from {basis}, and is missing")
    if not _same(kept, made):
        at = next(at for at in range(len(columns)) if not _same(kept[at : at + 1], made[at : at + 1]))
        raise mismatch(
            f"table {name}: {columns[at]} is {_value_text(kept[at])} in the row {_row_text(columns, kept)}, and"
            f" {_value_text(made[at])} follows from {basis}, in the row {_row_text(columns, made)}"
        )


def _same(kept: Sequence[Any], made: Sequence[Any]) -> bool:
    if tuple(kept) == tuple(made) and [*map(type, kept)] == [*map(type, made)]:
        return True  # nearly every row, and value by value it takes three times as long
    # PostgreSQL has booleans where SQLite has numbers; a number is never the same as a text of its digits.
    return all(
        kept_value == made_value and isinstance(kept_value, type(made_value) | int)
        for kept_value, made_value in zip(kept, made, strict=True)
    )


def _row_text(columns: Sequence[str], row: Sequence[Any]) -> str:
    return ", ".join(f"{name}={_value_text(value)}" for name, value in zip(columns[:4], row[:4], strict=False))


def _value_text(value: object) -> str:
    if isinstance(value, bytes):
        if len(value) == 32:  # noqa: PLR2004  a digest
            return show_digest(value)
        return repr(value[:60])
    return repr(value)[:80]
