"""What people read in a bundle, one golden file a kind of page: a better sentence is a diff that a person reads."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest

from collector import __version__
from collector.bundle.readme import write_readme
from collector.bundle.site.pages import sample_pages, site
from collector.bundle.tables.files import WORKBOOK, write_tables
from collector.setup.this_machine import this_user
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import written
from tests.cli.company_builders import write_exceptions, write_scope
from tests.golden import compare
from tests.played.platform import MEMBERS

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")

PAGES = {
    "cover": "data/index.html",
    "controls": "data/controls.html",
    "control": "data/controls/played-1/1.2.html",
    "checks": "data/checks.html",
    "findings": "data/checks/played_repo_protected.html",
    "coverage": "data/coverage.html",
    "changes": "data/changes.html",
    "records": "data/records.html",
    "report": "data/report.html",
    "finding-list": "data/findings/unknown.html",
    "control-list": "data/controls/played-1/state-unknown.html",
    "controls-without-checks": "data/controls/played-1/without-checks.html",
    "populations": "data/populations.html",
    "provenance": "data/provenance.html",
    "sheet": "data/provenance/code.played.member.html",
}


@pytest.fixture
def audited(scanned: Desk) -> Desk:
    """A company with a scope, an exception, a sample, and a list that was refused in its last scan."""
    write_scope(scanned)
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    scanned.world.store.checkpoints.checkpoint()
    scanned.says("sample", "played.member", *MARCH, "--size", "2", "--nonce", "seven red boats")
    scanned.platform.deny(MEMBERS)
    scanned.world.run()
    return scanned


def read_of(page: bytes) -> str:
    """Return what a person reads of a page: a line for each cell, heading and paragraph, without tags."""
    text = re.sub(r"<style>.*?</style>|<title>[^<]*</title>|<wbr>", "", page.decode(), flags=re.DOTALL)
    text = re.sub(r'<span class="num">([^<]*)</span>', r"\1", text)
    text = re.sub(r"</(?:td|th|tr|p|h1|h2|h3|li|a|div|summary|nav|figcaption)>|<br>", "\n", text)
    lines = (" ".join(html.unescape(re.sub(r"<[^>]*>", " ", line)).split()) for line in text.split("\n"))
    return _steady("\n".join(line for line in lines if line))


def _steady(text: str) -> str:
    """Replace what differs from one machine or run to another: version, user, and the order in which threads ended."""
    text = text.replace(f"\n{__version__}, code", "\n<version>, code").replace(f" by {this_user()}\n", " by <user>\n")
    text = re.sub(r"evidence [0-9a-f]{8}\b", "evidence <digits>", text)
    return re.sub(r"log entry \d+", "log entry <n>", text)


def test_the_pages_of_a_bundle(audited: Desk) -> None:
    """Every kind of page, as a person reads it."""
    files = written(bundle_contents(audited), site)

    for kind, path in PAGES.items():
        text = read_of(files[path])
        # Which two of the three are drawn depends on the log hash, which is another one in each run.
        if kind == "populations":
            text = re.sub(r"^(?:ann|bob|carol)$", "<item>", text, flags=re.MULTILINE)
        compare(f"bundle/page-{kind}", text)


def test_the_first_file_and_the_cover_of_a_sample(audited: Desk) -> None:
    """Whoever takes a sample for a bundle of the period would think that the period is proven."""
    (entry,) = [found.leaf for found in audited.world.store.log(kinds=("operator_act",))]
    contents = bundle_contents(audited, sample=entry, recipient="Cert Ltd")
    files = written(contents, sample_pages, write_readme)

    assert str(entry) in files["READ-ME-FIRST.txt"].decode()
    compare("bundle/sample-cover", read_of(files["data/index.html"]))
    compare("bundle/sample-read-me-first", _steady(files["READ-ME-FIRST.txt"].decode()))


def test_the_first_file_of_a_period(audited: Desk) -> None:
    """It says what the bundle is, and how to verify it."""
    compare("bundle/read-me-first", written(bundle_contents(audited), write_readme)["READ-ME-FIRST.txt"].decode())


def test_the_heads_and_the_cover_of_the_workbook(audited: Desk) -> None:
    """Heads are what an auditor filters by."""
    book = openpyxl.load_workbook(io.BytesIO(written(bundle_contents(audited), write_tables)[WORKBOOK]))

    heads = [f"{sheet.title}: {' | '.join(str(cell.value) for cell in sheet[1])}" for sheet in book.worksheets[1:]]
    cover = [": ".join(str(cell) for cell in row if cell) for row in book["Cover"].iter_rows(values_only=True)]
    about = cover[cover.index("This workbook") :]
    compare("bundle/workbook", "\n".join([*heads, "", *about]))
