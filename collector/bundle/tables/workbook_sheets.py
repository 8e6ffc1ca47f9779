"""The rows of long sheets, written as XML on our own: XlsxWriter takes three times as long for a hundred thousand.

XlsxWriter makes the workbook with everything that is not a row of data; the rows are put into it where they belong.
"""

from __future__ import annotations

import re
from operator import floordiv
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from collector.core.plain_text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.bundle.tables.table import Table


MOST_ROWS = 1_048_575
"""Rows of data that a sheet can hold below its header."""

MOST_LETTERS = 32_767
"""UTF-16 units that a cell can hold; Excel calls a file with more damaged."""

MOST_BYTES = 1 << 30
"""Where a sheet ends as well: a member of a zip beyond two of these needs what not every reader knows."""

_ESCAPE_OF_EXCEL = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile("[\ufffe\uffff]")
"""What XML 1.0 has no way to write; `safe` has dealt with all else that it has none for."""

_LINE = 15  # points
_MOST_LINES = 8  # of a row that is not opened by hand
_BATCH = 500
_WIDEST = 4  # bytes of a letter in UTF-16


class Sheet:
    """One sheet while its rows are written. They wait in a nameless file, so that memory stays flat.

    `cut` counts the texts that were too long for a cell.
    """

    def __init__(self, table: Table, name: str, blanks: int) -> None:
        self.table = table
        self.name = name
        self.rows = 0
        self.cut = 0
        self._bytes = 0
        self._waiting: list[str] = []
        self._file: Any = TemporaryFile()  # noqa: SIM115  it lives until the workbook is closed
        # No text holds control characters: \x01 is where the number of the row goes, the others await their styles.
        texts = "".join(
            f'<c r="{letters(column)}\x01" s="\x02" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>'
            for column in range(len(table.columns))
        )
        first = len(table.columns)
        empty = "".join(f'<c r="{letters(column)}\x01" s="\x03"/>' for column in range(first, first + blanks))
        self._row = f"{texts}{empty}</row>"
        self._widths = [column.width for column in table.columns]

    @property
    def is_full(self) -> bool:
        """Whether no row can follow."""
        return self.rows >= MOST_ROWS or self._bytes >= MOST_BYTES

    def write(self, row: Sequence[str]) -> None:
        """Add a row."""
        self.rows += 1
        cells = tuple(row) if _is_plain("".join(row)) else tuple(map(self._cell, row))
        number, height = str(self.rows + 1), self._height(cells)
        self._waiting.append(f'<row r="{number}"{height}>' + self._row.replace("\x01", number) % cells)
        if len(self._waiting) == _BATCH:
            self._put_away()

    def data(self, text: bytes, blank: bytes) -> Iterator[bytes]:
        """Stream the rows with the numbers of the styles of a text and of a cell for the auditor; the file is gone."""
        self._put_away()
        self._file.seek(0)
        with self._file as file:
            while part := file.read(1 << 20):
                yield part.replace(b"\x02", text).replace(b"\x03", blank)

    def _height(self, cells: Sequence[str]) -> str:
        """Return the height of a row whose texts wrap: not every program works it out when it opens the file."""
        lines = max(map(floordiv, map(len, cells), self._widths))
        return f' ht="{_LINE * min(lines + 1, _MOST_LINES)}"' if lines else ""

    def _put_away(self) -> None:
        self._bytes += self._file.write("".join(self._waiting).encode())
        self._waiting.clear()

    def _cell(self, text: str) -> str:
        shown = visible(text)
        short = fitting(shown)
        if short != shown:
            self.cut += 1
        return xml_text(short)


def _is_plain(text: str) -> bool:
    """Whether nothing in a row has to be written in another way; nearly all rows are of this sort."""
    return (
        len(text) <= MOST_LETTERS
        and text.isascii()
        and text.isprintable()
        and not ("&" in text or "<" in text or ">" in text or "_x" in text)
    )


def visible(text: str) -> str:
    """Return a text that XML can hold and that does nothing but be read."""
    return _NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", safe(text))


def fitting(text: str) -> str:
    """Return a text that fits into a cell; one that is cut ends with a note."""
    if len(text) * _WIDEST <= MOST_LETTERS * 2 or len(text.encode("utf-16-le")) // 2 <= MOST_LETTERS:
        return text
    note = f" [cut here: {len(text)} characters; the CSV file has them all]"
    kept = text.encode("utf-16-le")[: 2 * (MOST_LETTERS - len(note))].decode("utf-16-le", "ignore")
    return kept + note


def xml_text(text: str) -> str:
    """Return a text as XML of a sheet, with Excel's own escapes disabled."""
    return _ESCAPE_OF_EXCEL.sub("_x005F_", escape(text))


def letters(column: int) -> str:
    """Return the name of a column, counted from 0."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
