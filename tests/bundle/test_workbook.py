"""The workbook: working papers as an auditor wants them, and nothing in a cell but text."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

import openpyxl
import pytest

from collector.bundle.cover import DISCLAIMER
from collector.bundle.tables import workbook_sheets
from collector.bundle.tables.files import WORKBOOK, write_tables
from collector.bundle.tables.workbook import sheet_name
from collector.bundle.tables.workbook_sheets import MOST_LETTERS, fitting
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import rows_of, written
from tests.played.platform import a_member

if TYPE_CHECKING:
    from openpyxl import Workbook

    from collector.bundle.contents import BundleContents
    from tests.cli.conftest import Desk


def opened(contents: BundleContents) -> Workbook:
    """The workbook as another program reads it."""
    return openpyxl.load_workbook(io.BytesIO(written(contents, write_tables)[WORKBOOK]))


def test_the_sheets_have_the_rows_of_the_csv_files(scanned: Desk) -> None:
    """Two files of one table that differ would both be worth nothing."""
    files = written(bundle_contents(scanned), write_tables)
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))

    for title, table in (
        ("Controls", "controls"),
        ("Findings", "findings"),
        ("Collections", "tasks"),
        ("Evidence requests", "records"),
    ):
        rows = rows_of(files, table)
        heads = len(rows[0])
        cells = [[cell or "" for cell in row[:heads]] for row in book[title].iter_rows(min_row=2, values_only=True)]
        assert cells == [list(row.values()) for row in rows]


def test_a_working_paper_is_frozen_filtered_wrapped_and_has_room_for_the_auditor(scanned: Desk) -> None:
    """Whoever audits works in the sheet, and not beside it."""
    book = opened(bundle_contents(scanned))

    assert book.sheetnames[:4] == ["Cover", "Controls", "Checks", "Findings"]
    for title in ("Controls", "Checks", "Findings"):
        sheet = book[title]
        heads = [cell.value for cell in sheet[1]]
        assert heads[-2:] == ["Auditor's conclusion", "Reference"]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["A2"].alignment.wrap_text
        assert not sheet["A2"].font.bold
        assert sheet[sheet.max_row][-1].value is None
        assert sheet[sheet.max_row][-1].fill.fgColor.rgb == "FFF3F3F3"
        assert all(column.width > 5 for column in sheet.column_dimensions.values())


def test_the_cover_says_what_the_sheets_hold(scanned: Desk) -> None:
    """A reader of the workbook alone has to meet the same first page."""
    files = written(bundle_contents(scanned), write_tables)
    sheet = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))["Cover"]
    cover = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}

    assert DISCLAIMER in [row[1] for row in sheet.iter_rows(values_only=True)]
    assert cover["Withheld"] == "none"
    assert int(str(cover["Findings"]).split()[0]) == len(rows_of(files, "findings"))


def test_two_workbooks_of_the_same_contents_have_the_same_bytes(scanned: Desk) -> None:
    """A bundle that differs each time could not be compared with the one that somebody else was given."""
    first, second = (written(bundle_contents(scanned), write_tables) for _ in range(2))

    assert first == second
    with ZipFile(io.BytesIO(first[WORKBOOK])) as book:
        properties = book.read("docProps/core.xml").decode()
        times = {member.date_time for member in book.infolist()}
    # The clock of the machine is in neither: two exports may be a day apart.
    assert re.findall(r">([^<]+)</dcterms:", properties) == [scanned.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")] * 2
    assert times == {(1980, 1, 1, 0, 0, 0)}


def test_a_table_that_a_sheet_cannot_hold_goes_on_in_the_next_one(
    scanned: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel ends at a million rows, and would cut the rest without a word."""
    monkeypatch.setattr(workbook_sheets, "MOST_ROWS", 5)
    files = written(bundle_contents(scanned), write_tables)
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))

    sheets = [name for name in book.sheetnames if name.startswith("Findings")]
    assert sheets[:2] == ["Findings", "Findings (2)"]
    assert sum(book[name].max_row - 1 for name in sheets) == len(rows_of(files, "findings"))


def test_a_text_that_a_cell_cannot_hold_is_cut_and_says_so(scanned: Desk) -> None:
    """Excel calls a file damaged whose cell is one letter too long."""
    scanned.platform.orgs["acme"]["members"].append(a_member("x" * 40_000, mfa=False))
    scanned.world.run()
    files = written(bundle_contents(scanned), write_tables)
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))

    longest = max((str(cell.value or "") for row in book["Findings"].rows for cell in row), key=len)
    assert len(longest) <= MOST_LETTERS
    texts = [text for row in rows_of(files, "findings") for text in row.values()]
    assert longest not in texts
    assert longest in map(fitting, texts)
    assert "x" * 40_000 in {row["subject"] for row in rows_of(files, "findings")}
    cover = {row[0]: row[1] for row in book["Cover"].iter_rows(values_only=True)}
    assert int(str(cover["Cut"]).split()[0]) == 2  # a reason is bounded where it is made


@pytest.mark.parametrize("text", ["a" * MOST_LETTERS, "\U0001f600" * 16_383])
def test_a_text_that_just_fits_is_not_cut(text: str) -> None:
    """A cell counts in units of UTF-16."""
    assert fitting(text) == text
    assert fitting(text + "bb") != text + "bb"


def test_names_of_sheets_are_ones_that_excel_takes_and_differ() -> None:
    """One name twice, or one with a colon, and Excel repairs the file by throwing sheets away."""
    taken: set[str] = set()
    names = [sheet_name(title, taken) for title in ("a:b" + "c" * 40, "A-B" + "c" * 40, "\u202e[]", "")]

    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
    assert len({name.casefold() for name in names}) == len(names)


def test_a_population_from_which_something_was_drawn_is_a_working_paper_of_its_own(scanned: Desk) -> None:
    """Whoever tests a sample writes beside the items what came of it."""
    scanned.says("sample", "played.member", "--from", "2026-03-01", "--to", "2026-03-01", "--items", "bob")
    files = written(bundle_contents(scanned), write_tables)
    sheet = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))["Population 001-played.member"]

    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert rows[0][-2:] == ["Auditor's conclusion", "Reference"]
    assert [row[2] for row in rows[1:]] == ["ann", "bob", "carol"]
    assert [bool(row[3]) for row in rows[1:]] == [False, True, False]
    table = rows_of(files, "population-001-played.member")
    assert [row["key"] for row in table] == ["ann", "bob", "carol"]
