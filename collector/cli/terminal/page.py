"""What people and machines are given on stdout. Names come from platforms, and are never trusted with a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from rich.cells import cell_len, chop_cells

from collector.core.plain_text import safe
from collector.report.json_text import json_pieces, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from msgspec import Struct


_ANSI = {"bold": "1", "grey": "90", "red": "31", "head": "4"}
"""No green: nothing here says that all is well."""

_NARROWEST = 24
"""Columns that a last cell is given at least, before the line is allowed to run over."""


class Styled(NamedTuple):
    """Text with a style: bold, grey, red or head."""

    text: str
    style: str


Cell = str | Styled


def print_json(shape: Any, out: TextIO | None = None) -> None:  # noqa: ANN401  any of the documented shapes
    """Write a shape as one JSON document."""
    (out or sys.stdout).write(json_text(shape) + "\n")


def print_json_list(shape: Struct, name: str, items: Iterable[Any], out: TextIO | None = None) -> None:
    """Write a shape as one JSON document while the items of its last list are read."""
    to = out or sys.stdout
    for piece in json_pieces(shape, name, items):
        to.write(piece)
    to.write("\n")


class Page:
    """Lines for people: wrapped and coloured on a terminal, whole and plain anywhere else."""

    def __init__(self, out: TextIO, *, width: int | None = None, colour: bool = False) -> None:
        self._out = out
        self._width = width
        self._colour = colour

    def line(self, *cells: Cell, indent: int = 0) -> None:
        """Write cells with a space between; what does not fit goes on below, two columns further in."""
        texts = _split(cells)
        self._wrapped(texts, first=indent, rest=indent + 2)

    def paragraph(self, text: Cell, indent: int = 0) -> None:
        """Write running text."""
        self._wrapped(_split((text,)), first=indent, rest=indent)

    def gap(self) -> None:
        """Leave a line empty."""
        self._out.write("\n")

    def head(self, text: str) -> None:
        """Write the title of a part, with space above."""
        self.gap()
        self.line(Styled(text, "bold"))

    def rows(self, rows: Iterable[Sequence[Cell]], *, heads: Sequence[str] = (), indent: int = 2) -> None:
        """Write rows in columns; the last column takes what is left and wraps inside itself."""
        cleaned = [tuple(_clean(cell) for cell in row) for row in rows]
        if heads:
            cleaned.insert(0, tuple(Styled(head, "grey") for head in heads))
        if not cleaned:
            return
        count = max(len(row) for row in cleaned)
        widths = [
            max((cell_len(row[at].text) for row in cleaned if len(row) > at + 1), default=0) for at in range(count)
        ]
        for row in cleaned:
            self._row(row, widths, indent)

    def verbatim(self, lines: Iterable[str], indent: int = 0) -> None:
        """Write lines as they are, safe and never wrapped: they are to be copied."""
        for line in lines:
            self._out.write(" " * indent + safe(line) + "\n")

    def _row(self, row: Sequence[Styled], widths: Sequence[int], indent: int) -> None:
        start = " " * indent
        for cell, width in zip(row[:-1], widths, strict=False):
            start += self._painted(cell) + " " * (width - cell_len(cell.text) + 2)
        left = indent + sum(width + 2 for width in widths[: len(row) - 1])
        last = row[-1]
        if self._width is not None and self._is_better_below(last.text, self._width - left, indent + 4):
            self._out.write(start.rstrip() + "\n")
            start, left = " " * (indent + 4), indent + 4
        pieces = list(self._fold(last.text.split(" "), left, left))
        for number, piece in enumerate(pieces or [""]):
            line = (start if number == 0 else " " * left) + self._painted(Styled(piece, last.style))
            self._out.write(line.rstrip() + "\n")

    def _is_better_below(self, text: str, left: int, below: int) -> bool:
        """Whether a last cell has too little room beside the others, or a digest in it would be cut in two there."""
        if cell_len(text) <= left:
            return False
        longest = max((cell_len(word) for word in text.split(" ")), default=0)
        return left < _NARROWEST or left < longest <= (self._width or 0) - below

    def _wrapped(self, words: list[Styled], *, first: int, rest: int) -> None:
        line, used, fresh = " " * first, first, True
        for word in words:
            for piece in self._chopped(word.text, rest):
                size = cell_len(piece)
                if not fresh and self._width is not None and used + 1 + size > self._width:
                    self._out.write(line.rstrip() + "\n")
                    line, used, fresh = " " * rest, rest, True
                line += ("" if fresh else " ") + self._painted(Styled(piece, word.style))
                used, fresh = used + size + (not fresh), False
        self._out.write(line.rstrip() + "\n")

    def _fold(self, words: Iterable[str], first: int, rest: int) -> Iterator[str]:
        line, used = "", first
        for word in words:
            for piece in self._chopped(word, rest):
                size = cell_len(piece)
                if line and self._width is not None and used + 1 + size > self._width:
                    yield line
                    line, used = "", rest
                line, used = (f"{line} {piece}", used + 1 + size) if line else (piece, used + size)
        if line:
            yield line

    def _chopped(self, word: str, left: int) -> list[str]:
        if self._width is None or cell_len(word) <= self._width - left:
            return [word]
        return chop_cells(word, max(self._width - left, 1))

    def _painted(self, cell: Styled) -> str:
        if not self._colour or not cell.style or not cell.text:
            return cell.text
        return f"\x1b[{_ANSI[cell.style]}m{cell.text}\x1b[0m"


def page(out: TextIO | None = None) -> Page:
    """Return a page on stdout as it is now: colour and wrapping only on a terminal, and NO_COLOR is obeyed."""
    stream = out or sys.stdout
    if not stream.isatty():
        return Page(stream)
    dumb = os.environ.get("TERM") == "dumb"
    width = shutil.get_terminal_size().columns
    return Page(stream, width=width, colour=not dumb and not os.environ.get("NO_COLOR"))


def _clean(cell: Cell) -> Styled:
    return Styled(safe(cell.text), cell.style) if isinstance(cell, Styled) else Styled(safe(cell), "")


def _split(cells: Iterable[Cell]) -> list[Styled]:
    marks = (_clean(cell) for cell in cells)
    return [Styled(word, mark.style) for mark in marks for word in mark.text.split(" ") if word]
