"""Whatever somebody calls a thing, no file of a bundle does anything but show it."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.bundle.exporters.exporters import exporters
from collector.bundle.exporters.ocsf import PATH as OCSF
from collector.bundle.exporters.oscal import PATH as OSCAL
from collector.bundle.tables.files import WORKBOOK
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import UNSEEN, faults, insides, rows_of, texts, written
from tests.played.platform import a_member

if TYPE_CHECKING:
    from collector.bundle.contents import BundleContents
    from tests.cli.conftest import Desk

HOSTILE = (
    '=HYPERLINK("http://x.example","a")',
    " =1+1",
    "\ufeff=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "|x",
    "\tx",
    '\r\nx,"y"\r\n',
    "a\x00b",
    "\x1b[31mred",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]>&amp;&#x3c;b&#x3e;",
    "\"><a href='javascript:alert(1)'>x</a>",
    "**bold** [x](javascript:alert(1)) `code`",
    "{{ 7*7 }}{% raw %}",
    "%s%n{0}",
    "\u202egnp.exe",
    "a\u200bb\u2066c",
    "../../etc/passwd",
    "C:\\windows\\system32",
    "CON",
    "_x003D_1+1",
    "\ufffe\uffff\U0001f600\u0301",
    "n" * 10_240,
    " ",
    "\u00a0\u3000",
    "'",
    "\\u202e",
)
_PATH = re.compile(r"[A-Za-z0-9_+=@.-]+(/[A-Za-z0-9_+=@.-]+)*")
_SCHEME = re.compile(r"\s*[a-z][a-z+.-]*:", re.IGNORECASE)
_FORMULA = tuple("=+-@|\t\r\n\x00")


class Looked(HTMLParser):
    """Gathers what a page would run or fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.active: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        if tag in {"script", "iframe", "object", "embed", "img", "form", "base"}:
            self.active.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in {"href", "src"} and _SCHEME.match(value or "")):
                self.active.append(f"{tag} {name}={value}")


def check_every_file(contents: BundleContents) -> None:
    """Fail where a file of the bundle is more than text, or not what its format wants."""
    count = sum(1 for _ in contents.findings())
    files = written(contents, *exporters())

    assert all(_PATH.fullmatch(path) and ".." not in path.split("/") for path in files)
    for path, data in insides(files).items():
        text = data.decode("utf-8") if path.endswith((".csv", ".xml", ".html", ".json", ".jsonl")) else ""
        if path.endswith((".csv", ".xml", ".html")):
            assert not UNSEEN.search(text.replace("\r\n", "").replace("\n", "").replace("\t", ""))
        if path.endswith(".html"):
            assert Looked(text).active == []
    for path in files:
        if path.endswith(".csv"):
            rows = rows_of(files, path.removeprefix("data/csv/").removesuffix(".csv"))
            assert all(None not in row and None not in row.values() for row in rows)
            assert not any(value.lstrip().startswith(_FORMULA) for row in rows for value in row.values())
    assert len(rows_of(files, "findings")) == count
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))
    cells = [cell for sheet in book for row in sheet.rows for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    assert book["Findings"].max_row == count + 1
    document = json.loads(files[OSCAL])
    assert faults(document) == []
    assert not any(UNSEEN.search(text) for text in texts(document))
    assert len([json.loads(line) for line in files[OCSF].splitlines()]) >= count


def rename(desk: Desk, names: list[str]) -> None:
    """Let the members of the company have these names, and none of them a second factor."""
    desk.platform.page_size = 1000
    desk.platform.orgs["acme"]["members"] = [a_member(name, mfa=number % 2 == 0) for number, name in enumerate(names)]
    desk.world.run()


def test_known_tricks_are_harmless_in_every_format(desk: Desk) -> None:
    """Each of these has worked somewhere."""
    rename(desk, list(HOSTILE))

    check_every_file(bundle_contents(desk))


def test_known_tricks_are_harmless_where_names_are_withheld_and_pseudonyms_are_used(desk: Desk) -> None:
    """What is hidden takes another way through the code."""
    rename(desk, list(HOSTILE))

    check_every_file(bundle_contents(desk, pseudonymised=True, withheld=("*script*",)))


@given(names=st.lists(st.text(min_size=1).filter(str), unique=True, min_size=1, max_size=20))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_that_anybody_may_think_of_does_harm(desk: Desk, names: list[str]) -> None:
    """Tricks that nobody has thought of yet come as names too."""
    rename(desk, names)

    check_every_file(bundle_contents(desk))
