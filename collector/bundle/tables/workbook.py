"""The workbook for working papers: XlsxWriter makes it, and the rows of the tables are put into its sheets.

Every cell is text, and none is a formula or a link. The columns for the auditor are empty.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter

from collector.bundle.cover import cover
from collector.bundle.tables.workbook_sheets import fitting, visible
from collector.core.plain_text import plural, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from collector.bundle.contents import BundleContents
    from collector.bundle.shown_names import ShownNames
    from collector.bundle.tables.table import Table
    from collector.bundle.tables.workbook_sheets import Sheet

FOR_THE_AUDITOR = (("Auditor's conclusion", 36), ("Reference", 20))
"""Empty columns, so that the sheet is a working paper as it is."""

_ROW = re.compile(rb'(<row r="2"[^>]*>.*?</row>)', re.DOTALL)
_STYLE = re.compile(rb'<c r="[A-Z]+2" s="(\d+)"/>')
_MADE_AT = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
_UNIX = 3
_QUICK = 1  # level of compression; the bundle compresses once more
_LONGEST_NAME = 31  # letters that Excel allows in the name of a sheet
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_A3, _A4 = 8, 9  # papers, as Excel numbers them
_COVER_WIDTHS = (30, 110)
_LINE = 15  # points


class Out(Protocol):
    """Where bytes go."""

    def write(self, data: bytes) -> int:
        """Add bytes at the end."""


def write_workbook(contents: BundleContents, names: ShownNames, sheets: Sequence[Sheet], out: Out) -> None:
    """Write the workbook with the rows that the sheets hold; their files are gone afterwards."""
    plans = [_Plan(sheet.table, sheet.name, sheet.rows) for sheet in sheets]
    waiting = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=2)}
    skeleton = _skeleton(plans, contents, list(_about(names, sheets)))
    with (
        ZipFile(skeleton) as made,
        ZipFile(cast("IO[bytes]", _Stream(out)), "w", ZIP_DEFLATED, compresslevel=_QUICK) as target,
    ):
        for name in made.namelist():
            info = ZipInfo(name, _MADE_AT)
            info.compress_type, info.create_system = ZIP_DEFLATED, _UNIX
            with target.open(info, "w") as member:
                data = made.read(name)
                if name not in waiting:
                    member.write(data)
                    continue
                before, row, after = _ROW.split(data, maxsplit=1)
                look = _STYLE.findall(row)
                member.write(before)
                for part in waiting[name].data(look[0], look[-1]):
                    member.write(part)
                member.write(after)


def sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that Excel takes for a sheet and that no other sheet has."""
    plain = _NOT_IN_NAMES.sub("-", safe(title)).strip() or "Sheet"
    number, name = 1, plain[:_LONGEST_NAME]
    while name.casefold() in taken:
        number += 1
        end = f" ({number})"
        name = plain[: _LONGEST_NAME - len(end)] + end
    taken.add(name.casefold())
    return name


class _Plan(NamedTuple):
    table: Table
    name: str
    rows: int


class _Stream:
    """A file that can only be added to, as a zip wants it."""

    def __init__(self, out: Out) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        return self._out.write(data)

    def flush(self) -> None:
        """Nothing waits here."""


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        look = {"text_wrap": True, "valign": "top"}
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.point = book.add_format({"bold": True, "bottom": 1})
        self.plain = book.add_format({"valign": "top"})
        self.head = book.add_format({"bold": True, "bottom": 1, **look})
        self.text = book.add_format(look)
        self.grey = book.add_format({"font_color": "#6B6B6B", **look})
        self.blank = book.add_format({"bg_color": "#F3F3F3", "border": 4, "border_color": "#9A9A9A", **look})


def _skeleton(plans: Sequence[_Plan], contents: BundleContents, about: Sequence[tuple[str, str]]) -> BytesIO:
    """Return the workbook with one row in each sheet, of which only the look counts."""
    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        formats = _Formats(book)
        front = book.add_worksheet("Cover")
        book.set_properties({"title": "annexd", "created": contents.at})
        _write_cover(front, formats, contents, about)
        for plan in plans:
            _write_head(book.add_worksheet(plan.name), formats, plan)
    made.seek(0)
    return made


def _write_head(sheet: Worksheet, formats: _Formats, plan: _Plan) -> None:
    heads = [(column.head, column.width, formats.text) for column in plan.table.columns]
    if plan.table.is_working_paper:
        heads += [(head, width, formats.blank) for head, width in FOR_THE_AUDITOR]
    for column, (head, width, look) in enumerate(heads):
        sheet.write_string(0, column, head, formats.head)
        sheet.write_blank(1, column, None, look)
        sheet.set_column(column, column, width)
    sheet.set_row(0, 2 * _LINE)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(plan.rows, 1), len(heads) - 1)
    _set_up_page(sheet, _A3)
    sheet.repeat_rows(0)


def _write_cover(
    sheet: Worksheet, formats: _Formats, contents: BundleContents, about: Sequence[tuple[str, str]]
) -> None:
    shown = contents.once(cover)
    for column, width in enumerate(_COVER_WIDTHS):
        sheet.set_column(column, column, width)
    row = _Row(sheet)
    row.write((shown.title, formats.title))
    row.write((shown.subtitle, formats.plain))
    for point in shown.points:
        row.skip()
        row.write((f"{point.number} {point.title}", formats.point), ("", formats.point))
        for line in point.rows:
            look = formats.grey if line.grey else formats.text
            row.write((line.name, look), (line.text, look))
    row.skip()
    row.write(("This workbook", formats.point), ("", formats.point))
    for name, text in about:
        row.write((name, formats.text), (text, formats.text))
    _set_up_page(sheet, _A4)


class _Row:
    """Writes one row below the other."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._next = 0

    def write(self, *cells: tuple[str, Format]) -> None:
        for column, (text, look) in enumerate(cells):
            self._sheet.write_string(self._next, column, fitting(visible(text)), look)
        lines = max(len(text) // width for (text, _), width in zip(cells, _COVER_WIDTHS, strict=False))
        if lines and len(cells) > 1:
            self._sheet.set_row(self._next, _LINE * (lines + 1))
        self._next += 1

    def skip(self) -> None:
        self._next += 1


def _set_up_page(sheet: Worksheet, paper: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&A, page &P of &N")


def _about(names: ShownNames, sheets: Sequence[Sheet]) -> Iterator[tuple[str, str]]:
    for sheet in sheets:
        yield sheet.name, f"{plural(sheet.rows, 'row')}. {sheet.table.description}"
    if any(sheet.table.is_working_paper for sheet in sheets):
        heads = " and ".join(f'"{head}"' for head, _ in FOR_THE_AUDITOR)
        yield "For the auditor", f"the columns {heads} are left empty"
    withheld = f"{plural(names.withheld, 'name')} written as withheld, in these sheets and in the CSV files"
    yield "Withheld", withheld if names.withheld else "none"
    cut = sum(sheet.cut for sheet in sheets)
    yield "Cut", f"{plural(cut, 'text')} longer than a cell can hold; the CSV files have all of it" if cut else "none"
    yield "The same as CSV", "data/csv/ has these tables and more; data/csv/README.txt explains how they are written"
