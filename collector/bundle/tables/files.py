"""Every table as a CSV file, and those of the working papers as sheets: the rows are read once for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import ShownNames
from collector.bundle.tables import csv_files
from collector.bundle.tables.populations import population_tables
from collector.bundle.tables.tables import tables
from collector.bundle.tables.workbook import FOR_THE_AUDITOR, sheet_name, write_workbook
from collector.bundle.tables.workbook_sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.bag import Bag, BagFile
    from collector.bundle.contents import BundleContents
    from collector.bundle.tables.table import Table

CSV = "data/csv"
WORKBOOK = "data/annexd.xlsx"

README = """How these files are written

UTF-8, fields between quotes, lines ended by CR LF (RFC 4180). The first line names the columns.

* A text that a spreadsheet could run as a formula has an apostrophe in front: one that begins with = + - @ |, with a
  tab, a line break or a NUL, or with one of them after white space.
* Characters that control, turn the direction of writing or cannot be seen are written out, such as \\x0a or \\u202e.
* "withheld" replaces a name that this bundle does not show; its digest stays.
* An empty field means that there is no value. What is not known is written in words.

The JSON files of this bundle have every text exactly as it was.
"""

_BATCH = 500


def write_tables(contents: BundleContents, bag: Bag) -> None:
    """Write data/csv/*.csv and data/annexd.xlsx."""
    names = ShownNames(contents)
    _write_all(tables(contents, names), contents, names, bag)


def write_sample_tables(contents: BundleContents, bag: Bag) -> None:
    """Write the same files for a sample bundle: only the table of its population."""
    names = ShownNames(contents)
    _write_all(tuple(population_tables(contents, names)), contents, names, bag)


def _write_all(chosen: Sequence[Table], contents: BundleContents, names: ShownNames, bag: Bag) -> None:
    sheets: list[Sheet] = []
    taken = {"cover", "history"}  # the second one is Excel's own
    for table in chosen:
        with bag.file(f"{CSV}/{table.name}.csv") as out:
            sheets += _write(table, out, taken)
    bag.add(f"{CSV}/README.txt", f"{README}\n{_column_words(chosen)}".encode())
    with bag.file(WORKBOOK) as out:
        write_workbook(contents, names, sheets, out)


def _column_words(chosen: Sequence[Table]) -> str:
    """Return what the heads of the columns mean. Those of bodies are the platform's own, and are left out."""
    lines = ["The columns, by file; in the workbook they have the longer heads"]
    for table in chosen:
        lines += ["", f"{table.name}.csv: {table.description}"]
        lines += [f"  {column.key}: {column.head}" for column in table.columns if not column.key.startswith("body.")]
    return "\n".join(lines) + "\n"


def _write(table: Table, out: BagFile, taken: set[str]) -> list[Sheet]:
    """Write one table, and return its sheets: none, one, or more where one cannot hold all rows."""
    made = [_sheet(table, taken)] if table.is_sheet else []
    lines = [csv_files.line([column.key for column in table.columns])]
    for row in table.rows():
        lines.append(csv_files.line(row))
        if len(lines) == _BATCH:
            out.write(b"".join(lines))
            lines.clear()
        if made:
            if made[-1].is_full:
                made.append(_sheet(table, taken))
            made[-1].write(row)
    out.write(b"".join(lines))
    return made


def _sheet(table: Table, taken: set[str]) -> Sheet:
    blanks = len(FOR_THE_AUDITOR) if table.is_working_paper else 0
    return Sheet(table, sheet_name(table.title, taken), blanks)
