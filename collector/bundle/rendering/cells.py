"""The cells of the tables of a bundle, read back: from a CSV file, and from the sheets of the workbook."""

from __future__ import annotations

import csv
import io
import posixpath
import re
import shutil
import tempfile
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

from collector.core.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PARTS = "xl/_rels/workbook.xml.rels"
_CELL = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_LONGEST_FIELD = 1 << 26
_RATIO, _FREE = 250, 256 << 20  # as of the archive that it comes in

Row = list[str]


def csv_rows(file: IO[bytes]) -> Iterator[Row]:
    """Yield the lines of a CSV file, the heads first. Raises VerificationError where it is none."""
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield from csv.reader(io.TextIOWrapper(file, "utf-8", newline=""), strict=True)
    except (csv.Error, UnicodeDecodeError) as error:
        raise VerificationError(f"a table of the bundle is no CSV file: {error}") from error
    finally:
        csv.field_size_limit(before)


def sheets(file: IO[bytes]) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield each sheet of a workbook by name, with its rows. Raises VerificationError where it is no workbook."""
    try:
        with tempfile.TemporaryFile() as whole:
            shutil.copyfileobj(file, whole)  # a file of a bundle is read from its beginning to its end only
            book = ZipFile(whole)
            _check_size(book, whole.tell())
            texts = _shared(book)
            parts = {each.get("Id"): each.get("Target", "") for each in _parsed(book, _PARTS)}
            for named in _parsed(book, "xl/workbook.xml").iter(f"{_NS}sheet"):
                # Which file a sheet is in is what other programs read here, and no order of files.
                with book.open(posixpath.join("/xl", parts[named.get(_ID)]).removeprefix("/")) as sheet:
                    yield named.get("name", ""), _rows(sheet, texts)
    except (BadZipFile, KeyError, ValueError, ET.ParseError) as error:
        raise VerificationError(f"the workbook cannot be read: {error}") from error


def _check_size(book: ZipFile, size: int) -> None:
    unpacked = sum(member.file_size for member in book.infolist())
    if unpacked > _FREE + _RATIO * size:
        raise VerificationError(f"the workbook has {size} bytes, and would be unpacked to {unpacked}")


def _rows(sheet: IO[bytes], texts: list[str]) -> Iterator[Row]:
    for _, element in ET.iterparse(sheet):  # noqa: S314  expat limits the growth of entities
        if element.tag == f"{_NS}row":
            row: Row = []
            for cell in element.iter(f"{_NS}c"):
                found = _CELL.fullmatch(cell.get("r", ""))
                if found is not None:
                    column = _column(found[1])
                    row.extend([""] * (column - len(row)))
                row.append(_text(cell, texts))
            yield row
            element.clear()


def _text(cell: ET.Element, texts: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_NS}t"))
    value = cell.find(f"{_NS}v")
    formula = cell.find(f"{_NS}f")
    plain = "" if value is None else value.text or ""
    shown = texts[int(plain)] if cell.get("t") == "s" and plain else plain
    return shown if formula is None else f"={formula.text or ''} {shown}"


def _shared(book: ZipFile) -> list[str]:
    name = "xl/sharedStrings.xml"
    if name not in book.namelist():
        return []
    return ["".join(text.text or "" for text in entry.iter(f"{_NS}t")) for entry in _parsed(book, name)]


def _parsed(book: ZipFile, name: str) -> ET.Element:
    with book.open(name) as member:
        return ET.parse(member).getroot()  # noqa: S314  as above


def _column(letters: str) -> int:
    """Return the number of a column, counted from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
