"""Tables that say one thing to whoever reads them, and another one to what compares them."""

from __future__ import annotations

import io
import zipfile
from functools import partial

import openpyxl
import pytest
import xlsxwriter

from collector.bundle.rendering import cells
from collector.bundle.rendering.cells import sheets
from collector.bundle.rendering.numbers import differing_rows
from collector.bundle.tables.table import Table
from collector.core.errors import VerificationError

PARTS = "xl/_rels/workbook.xml.rels"


def workbook(*verdicts: str) -> bytes:
    """Return a workbook with a sheet of one cell for each verdict."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for number, verdict in enumerate(verdicts):
            book.add_worksheet(f"Sheet {number}").write_string(0, 0, verdict)
    return made.getvalue()


def edited(data: bytes, path: str, was: bytes, now: bytes) -> bytes:
    """Return a workbook with other bytes in one of its files."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            assert name != path or was in content
            new.writestr(name, content.replace(was, now) if name == path else content)
    return made.getvalue()


def read(data: bytes) -> dict[str, list[list[str]]]:
    """Return the cells of each sheet."""
    return {name: list(rows) for name, rows in sheets(io.BytesIO(data))}


@pytest.mark.parametrize(
    ("was", "now"),
    [(b"sheet1.xml", b"sheet2.xml"), (b"worksheets/sheet1.xml", b"/xl/worksheets/sheet2.xml")],
)
def test_a_sheet_is_in_the_file_that_the_workbook_names(was: bytes, now: bytes) -> None:
    """As other programs read it, and not in the order of the names of files."""
    false = edited(workbook("fail", "pass"), PARTS, was, now)
    shown = openpyxl.load_workbook(io.BytesIO(false))["Sheet 0"]["A1"].value

    assert shown == "pass"
    assert read(false)["Sheet 0"] == [["pass"]]


def test_a_workbook_without_the_file_of_a_sheet() -> None:
    """It is none."""
    with pytest.raises(VerificationError, match="cannot be read"):
        read(edited(workbook("fail"), PARTS, b"sheet1.xml", b"sheet9.xml"))


def test_a_workbook_that_is_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not unpacked."""
    monkeypatch.setattr(cells, "_FREE", 1 << 10)
    large = edited(workbook("fail"), "xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData>" + b" " * (1 << 22))
    with pytest.raises(VerificationError, match="would be unpacked to"):
        read(large)


def test_a_column_that_comes_twice() -> None:
    """People read the first, and what compares would read the last."""
    true = b"check,source,fails\r\none,here,1\r\n"
    false = b"check,source,fails,fails\r\none,here,0,1\r\n"
    table = Table(name="checks", title="Checks", description="", columns=(), rows=lambda: iter(()))
    with pytest.raises(VerificationError, match="2 columns fails"):
        list(differing_rows("checks.csv", table, partial(io.BytesIO, false), partial(io.BytesIO, true)))
