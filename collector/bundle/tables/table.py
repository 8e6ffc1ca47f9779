"""What a table of the bundle is: the same rows for its CSV file and for its sheet of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


Row = tuple[str, ...]
"""One text for each column."""


class Column(Struct, frozen=True):
    """One column. `width` is in characters; `key` is its head in the CSV file, `head` in the workbook."""

    key: str
    head: str
    width: int


class Table(Struct, frozen=True, kw_only=True):
    """One table. `rows` streams it anew at each call.

    `is_sheet`: it has a sheet in the workbook too. `is_working_paper`: that sheet has room for the auditor.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Row]]
    is_sheet: bool = False
    is_working_paper: bool = False
