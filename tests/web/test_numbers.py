"""Every number leads to its list, and the list has as many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.web.conftest import client_of, played_site
from tests.web.links import links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a browser over the company that accepts a deviation."""
    with played_site(tmp_path_factory.mktemp("accepted"), accepted=True) as site:
        yield client_of(site)


_LISTS = re.compile(r"/(changes|findings|controls|collections|evidence-requests|actions|inconsistent)(\?|$)")
_NUMBER = re.compile(r"(\d+)( [a-z ]+)?")


def _listed(client: TestClient, address: str) -> int:
    path, _, query = address.partition("?")
    return len(client.get(f"{path}.json?{query}").json()["rows"])


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/controls",
        "/controls/played:1/1.1",
        "/controls/played:1/1.2",
        "/coverage",
        "/checks/played_repo_protected",
        "/risks/R-1",
    ],
)
def test_a_number_on_a_page_is_the_length_of_its_list(client: TestClient, path: str) -> None:
    """A figure that cannot be opened is a claim, and one whose list differs is a false one."""
    page = client.get(path).text
    numbers = [
        (address, int(found[1]))
        for address, text in links(page)
        if _LISTS.match(address) and (found := _NUMBER.fullmatch(text))
    ]

    assert numbers
    assert [(address, _listed(client, address)) for address, _ in numbers] == numbers


def test_the_line_on_each_page_counts_what_saw_nothing(client: TestClient) -> None:
    """What could not be seen is on every page, with the list of it."""
    for path in ("/", "/findings", "/controls", "/coverage", "/runs", "/log", "/search?q=x", "/methods", "/nowhere"):
        found = [(address, text) for address, text in links(client.get(path).text) if "saw nothing" in text]
        address, text = found[0]
        assert int(text.split()[0]) == _listed(client, address), path


def test_facets_say_how_many_there_would_be(client: TestClient) -> None:
    """Each value of a facet counts under all other filters."""
    page = client.get("/findings?severity=high&verdict=fail&group=none").text
    facets = [
        (address, int(text.split()[-1]))
        for address, text in links(page)
        if text.rpartition(" ")[2].isdigit() and " " in text
    ]
    added = [(to, number) for to, number in facets if to.count("severity=") == to.count("verdict=") == 1]

    assert len(added) > 2
    assert [(address, _listed(client, address)) for address, _ in added] == added


def test_groups_count_whatever_the_verdict(client: TestClient) -> None:
    """Three fails of fifteen are not three of three."""
    whole = client.get("/findings.json?check=played_member_mfa").json()["rows"]
    page = client.get("/findings?check=played_member_mfa&verdict=fail").text

    numbers = {text for address, text in links(page) if "group=none" in address and text.isdigit()}

    verdicts = [row["verdict"] for row in whole]
    assert {str(verdicts.count("Fail")), str(verdicts.count("Pass"))} == numbers


def test_an_accepted_deviation_is_counted_apart(client: TestClient) -> None:
    """Somebody bears it; it is neither open nor gone."""
    rows = client.get("/findings.json?check=played_repo_protected&resource=docs").json()["rows"]
    open_ones = client.get("/findings.json?check=played_repo_protected&verdict=fail").json()["rows"]
    accepted = client.get("/findings.json?verdict=accepted").json()["rows"]

    assert [row["verdict"] for row in rows] == ["Fail, accepted"]
    assert [row["resource"] for row in open_ones] == ["open"]
    assert accepted == rows
