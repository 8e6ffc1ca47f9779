"""The list of findings: filters, pages by key, and the same as a file."""

from __future__ import annotations

import base64
import csv
import io
import json
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

import openpyxl
import pytest

from collector.core.plain_text import safe
from collector.web import coverage
from collector.web.pages import Pages
from tests.web.conftest import client_of, played_site
from tests.web.links import links

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request
    from starlette.testclient import TestClient

    from collector.web.coverage import Act
    from collector.web.snapshot import Snapshot
    from tests.played.clock import PlayedClock


def _names(page: str) -> list[str]:
    return [address for address, _ in links(page) if address.startswith("/findings/")]


@pytest.mark.parametrize("sort", ["severity", "age"])
def test_pages_together_are_the_whole_list(client: TestClient, sort: str) -> None:
    """None is left out, and none comes twice."""
    address, pages = f"/findings?group=none&n=25&verdict=fail&sort={sort}", []
    while address:
        page = client.get(address).text
        pages.append(_names(page))
        address = next((to for to, text in links(page) if text == "Next"), "")

    whole = _names(client.get(f"/findings?group=none&n=500&verdict=fail&sort={sort}").text)
    assert len(pages) > 1
    assert [name for page in pages for name in page] == whole
    assert len(set(whole)) == len(whole)


def test_files_have_exactly_what_is_shown(client: TestClient) -> None:
    """The same filters, all pages, the same order."""
    query = "verdict=fail&check=played_member_mfa"
    shown = _names(client.get(f"/findings?{query}&group=none&n=500").text)
    rows = client.get(f"/findings.json?{query}").json()["rows"]
    lines = list(csv.reader(io.StringIO(client.get(f"/findings.csv?{query}").text)))
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/findings.xlsx?{query}").content)).active
    assert sheet is not None

    assert len(rows) == len(shown) == len(lines) - 1 == sheet.max_row - 1
    assert lines[0] == list(rows[0])
    assert [cell.value for cell in sheet[1]] == lines[0]
    assert {row["verdict"] for row in rows} == {"Fail"}


def test_a_formula_in_a_name_is_text(client: TestClient) -> None:
    """A spreadsheet must not run what a platform let somebody write."""
    query = urlencode({"check": "played_member_mfa", "resource": "=1+1"})
    answer = client.get(f"/findings.csv?{query}")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/findings.xlsx?{query}").content)).active
    assert sheet is not None
    cells = {head.value: (cell.value, cell.data_type) for head, cell in zip(*sheet.iter_rows(), strict=True)}

    assert answer.headers["content-disposition"].startswith('attachment; filename="annexd-findings-')
    assert row["resource"] == "'=1+1"
    assert cells["resource"] == ("=1+1", "s")


def test_a_file_is_read_before_its_snapshot_is_given_back(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards its store may be closed, and the file would end in the middle."""
    lent: list[bool] = []
    read: list[bool] = []

    @contextmanager
    def lending(pages: Pages, request: Request) -> Iterator[Snapshot]:
        with snapshot_of(pages, request) as snapshot:
            lent.append(True)
            yield snapshot
            lent.clear()

    def acts(snapshot: Snapshot) -> Iterator[Act]:
        for act in acts_of(snapshot):
            read.append(bool(lent))
            yield act

    snapshot_of, acts_of = Pages.snapshot, coverage._acts
    monkeypatch.setattr(Pages, "snapshot", lending)
    monkeypatch.setattr(coverage, "_acts", acts)

    assert len(client.get("/coverage.json").json()["rows"]) == len(read) > 0
    assert all(read)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("verdict:fail severity:high,low", "/findings?verdict=fail&severity=high&severity=low"),
        ('owner:"Ann Sommer"', "/findings?owner=Ann+Sommer"),
        ("ann", "/findings?text=ann"),
        ("", "/findings?"),
    ],
)
def test_a_typed_line_is_the_same_as_an_address(client: TestClient, line: str, address: str) -> None:
    """There is one way to say what is filtered: what is in the address can be sent on."""
    found = client.get("/findings", params={"q": line}, follow_redirects=False)

    assert (found.status_code, found.headers["location"]) == (303, address)


def encoded(before: int) -> str:
    """Return a place in the list behind so many findings, as the address of its next page has it."""
    return base64.urlsafe_b64encode(json.dumps([before, 0, "a", 0, "s", ["x"], "z"]).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        "verdict=green",
        "n=7",
        "group=colour",
        "sort=x",
        "group=none&after=!",
        "group=none&after=WzFd",
        f"group=none&after={'W1tb' * 5000}",
        f"group=none&sort=age&after={encoded(1 << 70)}",
        "q=colour:red",
        "as_of=tomorrow",
        "as_of=0001-01-01T00:00%2B14:00",
    ],
)
def test_a_word_that_there_is_not_is_refused(client: TestClient, query: str) -> None:
    """A filter that is not understood would show too much, and look like an answer."""
    assert client.get(f"/findings?{query}").status_code == 404


def test_filters_narrow_down(client: TestClient) -> None:
    """Each filter alone gives only what has it."""
    every = client.get("/findings.json").json()["rows"]
    for name, key, value in (
        ("severity", "severity", "high"),
        ("check", "check", "played_member_mfa"),
        ("source", "source", "code"),
        ("resource", "resource", "ann"),
    ):
        rows = client.get(f"/findings.json?{name}={value}").json()["rows"]
        assert rows == [row for row in every if row[key] == value], name
        assert rows, name


def test_an_unknown_ending_is_no_file(client: TestClient) -> None:
    """Nothing is made up for it."""
    assert client.get("/findings.pdf").status_code == 404


@pytest.mark.parametrize("most", [0, 5000])
def test_the_oldest_come_first_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """An order that is only there for short lists is missing where it is needed."""
    monkeypatch.setattr("collector.web.findings._MOST_BY_AGE", most)
    with played_site(tmp_path, later=True) as site:
        cast("PlayedClock", site.clock).move(timedelta(days=7))
        rows = client_of(site).get("/findings.json?sort=age&verdict=unknown").json()["rows"]

    days = [row["since"][:10] for row in rows]
    assert days == sorted(days)
    assert set(days) == {"2026-03-01", "2026-03-03"}


@pytest.mark.parametrize(
    "query", ["", "verdict=fail", "text=member-00", "text=second+factor&verdict=fail", "resource=ann"]
)
def test_pages_of_resources_together_are_all_that_pass(client: TestClient, query: str) -> None:
    """Each once, with what leads to its findings; also a place as a whole, which has no name."""
    address, shown, numbers = f"/findings?group=resource&n=25&{query}", [], []
    while address:
        page = client.get(address).text
        found = [(to, text) for to, text in links(page) if "group=none" in to and "account=" in to]
        shown += [text for to, text in found if not text.isdigit()]
        numbers += [(to, int(text)) for to, text in found if text.isdigit()]
        address = next((to for to, text in links(page) if text == "Next"), "")

    every = client.get(f"/findings.json?{query}").json()["rows"]
    passing = [row for row in every if not row["resource"].isdigit()]  # a name that is a number looks like a number
    whole = "(as a whole)"  # the one of its kind in a place, and the place itself
    assert len([name for name in shown if name != whole]) == len(
        {(row["place"], row["resource"]) for row in passing if row["resource"] != whole}
    )
    assert set(shown) == {safe(row["resource"]) for row in passing}
    for to, number in (*numbers[:2], *numbers[-2:]):
        assert len(client.get(to.replace("/findings?", "/findings.json?")).json()["rows"]) == number, to


@pytest.mark.parametrize("most", [0, 500])
@pytest.mark.parametrize("text", ["member-00", "MEMBER", "two owners", "played_repo", "nothing like it", "\u202e", "o"])
def test_a_text_is_looked_for_in_names_of_resources_and_checks(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, text: str, most: int
) -> None:
    """However many resources have it, whatever the case of its letters."""
    monkeypatch.setattr("collector.web.finding_query._MOST_PLACES", most)
    every = client.get("/findings.json").json()["rows"]
    found = client.get("/findings.json", params={"text": text}).json()["rows"]
    page = client.get("/findings", params={"text": text, "group": "none", "n": "25"}).text

    words = text.casefold()
    expected = [row for row in every if any(words in row[key].casefold() for key in ("check", "title", "resource"))]
    assert found == expected
    assert f"of {len(expected)}<" in page.replace("\n", "") or not expected


def test_the_search_finds_resources_by_a_part_of_their_name(client: TestClient) -> None:
    """Those that something is known of, each once."""
    page = client.get("/search?q=MEMBER-00").text

    found = [text for to, text in links(page) if to.startswith("/findings/")]
    assert found == [f"member-00{number}" for number in range(10)]
