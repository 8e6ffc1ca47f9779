"""The report to print: no list in it is longer than its pages have room for, and each says what it leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.bundle.site_pages import PageView, exported

if TYPE_CHECKING:
    from tests.bundle.conftest import Office

MOST = 30
TWELVE_PAGES = 12 * 62
"""Lines of text that twelve pages of A4 have at the size of the report."""


def test_every_list_is_cut_and_says_how_much_more_there_is(large: Office) -> None:
    """A report of a thousand pages is printed by nobody, and one that leaves out silently is worse."""
    page = PageView(exported(large)["data/report.html"].decode())
    tables = re.findall(r"<tbody>(.*?)</tbody>", page.text, re.DOTALL)

    assert max(len(re.findall(r"<tr", table)) for table in tables) <= MOST + 14
    texts = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", page.text, re.DOTALL)]
    assert max(map(len, texts)) < 700
    lines = sum(1 + max(map(len, texts_of(row)), default=0) // 60 for table in tables for row in table.split("</tr>"))
    assert lines < TWELVE_PAGES


def texts_of(row: str) -> list[str]:
    """The texts of the cells of a row."""
    return [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]


def test_the_report_leads_to_the_pages_that_have_all(large: Office) -> None:
    """Its numbers are those of the site."""
    files = exported(large)
    page = PageView(files["data/report.html"].decode())

    assert {"controls.html", "checks.html"} & {link.href.partition("#")[0] for link in page.links}
    sections = re.findall(r"<section><h2>(\d+) ", page.text)
    assert sections == [str(number) for number in range(1, 13)]
