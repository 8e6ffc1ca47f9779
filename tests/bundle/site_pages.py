"""The pages of an exported bundle as a test looks at them: links with their texts, headings, and what stands below."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.sample_files.population_files import population_files
from collector.bundle.site.pages import sample_pages, site
from collector.bundle.tables.files import write_sample_tables, write_tables

if TYPE_CHECKING:
    from tests.bundle.conftest import Office

_VOID = frozenset({"br", "wbr", "meta", "link", "input", "hr", "img"})


def exported(office: Office, **terms: Any) -> dict[str, bytes]:
    """The files of a bundle with its pages and tables, by path; `terms` are those of the export."""
    path = office.folder / "site.zip"
    wanted: dict[str, Any] = {"period": office.period(), "frameworks": ("played:1",)} | terms
    asked = ExportRequest(**wanted)
    parts = (sample_pages, write_sample_tables, population_files) if asked.sample is not None else (site, write_tables)
    export(office.desk.app, office.store, asked, path, parts, force=True)
    with ZipFile(path) as bundle:
        return {name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()}


@dataclass
class Anchor:
    """A link: where it leads, its text, and the text and tag of the element that it is in."""

    href: str
    rel: str
    text: str = ""


@dataclass
class PageView(HTMLParser):
    """The links, ids and headings of a page; each row of a table belongs to the heading above it."""

    text: str
    links: list[Anchor] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)
    numbers: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: Anchor | None = None
        self._under = ""
        self._cell: list[str] | None = None
        self._has_link = False
        self._in_body = False
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        known = dict(attrs)
        if found := known.get("id"):
            self.ids.add(found)
        if tag in {"h2", "h3"}:
            self._under = known.get("id") or self._under
        if tag == "a":
            self._open = Anchor(known.get("href") or "", known.get("rel") or "")
            self.links.append(self._open)
            self._has_link = True
        if tag == "tbody":
            self._in_body = True
        if tag == "tr" and self._in_body:
            self.rows[self._under] = self.rows.get(self._under, 0) + 1
        if tag == "td" and known.get("class") == "number":
            self._cell, self._has_link = [], False

    def handle_endtag(self, tag: str) -> None:
        """Take in the end of one."""
        if tag == "a":
            self._open = None
        if tag == "tbody":
            self._in_body = False
        if tag == "td" and self._cell is not None:
            self.numbers.append(("".join(self._cell).strip(), self._has_link))
            self._cell = None

    def handle_data(self, data: str) -> None:
        """Take in a text."""
        if self._open is not None:
            self._open.text += data
        if self._cell is not None:
            self._cell.append(data)


def pages_of(files: dict[str, bytes]) -> dict[str, PageView]:
    """The pages by their paths."""
    return {path: PageView(data.decode()) for path, data in files.items() if path.endswith(".html")}


def target(page: str, href: str) -> tuple[str, str]:
    """The file that a link of a page leads to, and the place in it."""
    path, _, place = href.partition("#")
    return normpath(f"{dirname(page)}/{path}") if path else page, place


def heading(page: PageView, place: str) -> str:
    """The text of the heading at a place of a page."""
    found = re.search(rf'<h[123] id="{re.escape(place)}">(.*?)</h', page.text, re.DOTALL)
    assert found is not None, place
    return re.sub(r"<[^>]*>", "", found[1])
