"""A list as a file: exactly what the page shows, all of its pages, in the same order, as CSV, JSON or XLSX.

A file is written to a temporary one before the first byte is sent. So one of a large list is not in memory, whoever
takes it slowly holds nothing of the store, and what goes wrong is an error and no file that ends in the middle.
"""

from __future__ import annotations

from os import SEEK_END
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec
import xlsxwriter
from starlette.responses import StreamingResponse

from collector.bundle.tables.csv_files import line
from collector.bundle.tables.workbook_sheets import MOST_ROWS, fitting, visible
from collector.core.errors import UsageError
from collector.core.plain_text import show_moment
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from starlette.responses import Response

KINDS = ("csv", "json", "xlsx")
"""The endings of an address that gives a list as a file."""

_PIECE = 1 << 18
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Export(NamedTuple):
    """A list: its name, when it was so, its columns with the widths of their cells, and its rows of texts."""

    name: str
    at: datetime
    columns: tuple[tuple[str, int], ...]
    rows: Iterable[tuple[str, ...]]


def file_of(export: Export, kind: str) -> Response:
    """Return the list as a file to be saved. Raises UsageError on an ending that there is not."""
    if kind not in KINDS:
        raise UsageError(f"there is no list as {kind!r}", mend=would_do(kind, KINDS, "there are"))
    name = f"annexd-{export.name}-{export.at:%Y%m%dT%H%M%SZ}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    file = NamedTemporaryFile(suffix=f".{kind}")  # noqa: SIM115  closed when all of it was sent
    try:
        if kind == "xlsx":
            _write_workbook(export, file.name)
        else:
            for piece in _csv(export) if kind == "csv" else _json(export):
                file.write(piece)
        file.flush()
        headers["content-length"] = str(file.seek(0, SEEK_END))
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return StreamingResponse(_pieces(file), media_type=_MEDIA[kind], headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _csv(export: Export) -> Iterator[bytes]:
    yield line([head for head, _ in export.columns])
    for row in export.rows:
        yield line(row)


def _json(export: Export) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    heads = [head for head, _ in export.columns]
    yield b'{"list":' + encoder.encode(export.name) + b',"at":' + encoder.encode(show_moment(export.at)) + b',"rows":['
    before = b"\n"
    for row in export.rows:
        yield before + encoder.encode(dict(zip(heads, row, strict=True)))
        before = b",\n"
    yield b"\n]}\n"


def _write_workbook(export: Export, path: str) -> None:
    """Write a workbook of one sheet in which every cell is text, and none is a formula."""
    options: dict[str, Any] = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(export.name[:31])
        sheet.freeze_panes(1, 0)
        for number, (head, width) in enumerate(export.columns):
            sheet.set_column(number, number, width)
            sheet.write_string(0, number, head, bold)
        for number, row in enumerate(export.rows, 1):
            if number > MOST_ROWS:
                raise UsageError(f"a sheet holds {MOST_ROWS} rows", mend="take the CSV file, or filter the list")
            for column, text in enumerate(row):
                sheet.write_string(number, column, fitting(visible(text)), wrap)
