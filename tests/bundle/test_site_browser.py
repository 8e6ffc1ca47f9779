"""The pages of a bundle in a browser: on a telephone, a laptop and a screen, light and dark, and on paper.

Not part of `make test`: it needs a Chromium, which this project installs nowhere. `make test-browser` runs it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.site.pages import site
from collector.bundle.tables.files import write_tables
from tests.bundle.chromium import Chromium
from tests.bundle.site_pages import exported
from tests.cli.company_builders import write_exceptions
from tests.played.platform import MEMBERS, a_member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bundle.conftest import Office

pytestmark = pytest.mark.browser

WIDTHS = (390, 1024, 1440)

TOO_WIDE = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.wide, .hash, svg, .skip')
  && e.getBoundingClientRect().right > innerWidth + 1 && e.getBoundingClientRect().width > 0)
  .map(e => e.outerHTML.slice(0, 120))"""
"""What stands out of the window, besides what scrolls inside its own box."""

BROKEN_NUMBERS = r"""(() => { const found = [], range = document.createRange();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) { const node = texts.currentNode;
    if (node.parentElement.closest('svg, style, .hash')) continue;
    for (const part of node.data.matchAll(/\d{4}-\d\d-\d\d(T[\d:]+Z)?|\d{2,}/g)) {
      range.setStart(node, part.index); range.setEnd(node, part.index + part[0].length);
      const lines = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top)));
      if (lines.size > 1) found.push(part[0]); } }
  return found; })()"""
"""Runs of digits, days and moments that are on more than one line; digests are wrapped where the line ends."""


@pytest.fixture
def folder(office: Office) -> Path:
    """An unpacked bundle with long names, an exception, and a list that was refused."""
    members = office.desk.platform.orgs["acme"]["members"]
    members.append(
        a_member(login="arn:aws:sts::111122223333:assumed-role/deployment-of-the-shop/4444555566667777", mfa=False)
    )
    members.append(a_member(login="x" * 90, mfa=False))
    write_exceptions(office.desk, {"scope": ["acme", "api"]})
    office.desk.world.run()
    office.desk.platform.deny(MEMBERS)
    office.desk.world.run()
    asked = ExportRequest(period=office.period(), frameworks=("played:1",), classification="confidential")
    export(office.desk.app, office.store, asked, office.folder / "site.zip", (site, write_tables))
    with ZipFile(office.folder / "site.zip") as bundle:
        bundle.extractall(office.folder / "unpacked")
    (only,) = (office.folder / "unpacked").iterdir()
    return only / "data"


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Chromium]:
    """A browser without scripts and without a network."""
    with Chromium(tmp_path / "profile") as opened:
        yield opened


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways_and_no_number_is_broken(folder: Path, window: Chromium, width: int) -> None:
    """An account number in two lines is read as another one."""
    pages = sorted(folder.rglob("*.html"))

    assert len(pages) > 15
    for page in pages:
        window.open(page, width=width)
        assert window.value("document.documentElement.scrollWidth") <= width, page
        assert window.value(TOO_WIDE) == [], page
        assert window.value(BROKEN_NUMBERS) == [], page


def test_dark_is_dark_and_as_wide_as_light(folder: Path, window: Chromium) -> None:
    """The style sheet of a page is inside its policy: a wrong hash would leave it without any."""
    for dark, background in ((False, "rgb(244, 246, 248)"), (True, "rgb(15, 20, 26)")):
        window.open(folder / "index.html", width=390, dark=dark)
        assert window.value("getComputedStyle(document.body).backgroundColor") == background
        assert window.value("document.documentElement.scrollWidth") <= 390


def test_a_long_report_keeps_to_twelve_pages(large: Office, window: Chromium) -> None:
    """However much fails: a longer list is on the page that the report names."""
    page = large.folder / "report.html"
    page.write_bytes(exported(large)["data/report.html"])
    window.open(page, width=1024)

    assert len(re.findall(rb"/Type\s*/Page\b", window.pdf())) <= 12


def test_cover_and_report_keep_to_their_pages_of_paper(folder: Path, window: Chromium) -> None:
    """One page for the cover, twelve at most for the report, whatever there is to say."""
    for name, most in (("index.html", 1), ("report.html", 12)):
        window.open(folder / name, width=1024)
        assert len(re.findall(rb"/Type\s*/Page\b", window.pdf())) <= most, name
