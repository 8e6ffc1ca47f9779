"""Pages of single things: an exception, a corrective action, a risk, the SoA, and two moments beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.conftest import client_of, played_site
from tests.web.links import links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a browser over the company with all its files, scanned twice."""
    with played_site(tmp_path_factory.mktemp("files"), accepted=True, later=True) as site:
        yield client_of(site)


def to(client: TestClient, page: str, start: str) -> set[str]:
    """Return where a page leads to, of the addresses that begin so."""
    return {address for address, _ in links(client.get(page).text) if address.startswith(start)}


def test_things_are_reached_from_where_they_are_named(client: TestClient) -> None:
    """A name without a page is a riddle for who has no files."""
    accepted = next(iter(to(client, "/exceptions/EX-1", "/findings/")))

    assert to(client, "/exceptions", "/exceptions/EX") == {"/exceptions/EX-1"}
    assert to(client, accepted, "/exceptions/") == {"/exceptions/EX-1"}
    assert to(client, "/findings?verdict=accepted&group=none", "/exceptions/") == {"/exceptions/EX-1"}
    assert to(client, "/controls/played:1/1.2", "/risks/") == {"/risks/R-1"}
    assert to(client, accepted, "/risks/") == {"/risks/R-1"}
    assert to(client, "/controls/played:1/1.2", "/actions/") == {"/actions/CA-1"}
    assert to(client, "/", "/soa") == {"/soa"}
    assert to(client, "/", "/risks") == {"/risks"}


def test_an_exception_lists_what_it_covers(client: TestClient) -> None:
    """And nothing that another one covers."""
    page = client.get("/exceptions/EX-1").text

    assert to(client, "/exceptions/EX-1", "/findings/") == {
        "/findings/played_repo_protected/code?in=acme&in=api&resource=docs"
    }
    assert "stated, not verified" in page


def test_the_statement_is_shown_beside_the_evidence(client: TestClient) -> None:
    """An exclusion hides no finding, and what is not decided is not left out."""
    rows: list[dict[str, Any]] = client.get("/soa.json").json()["rows"]
    excluded = client.get("/soa.json?show=excluded").json()["rows"]

    assert [(row["Control"][:3], row["Decision"]) for row in rows] == [
        ("1.1", "applies, implemented: yes"),
        ("1.2", "excluded"),
        ("2.1", "not decided"),
    ]
    assert excluded == [rows[1]]
    assert "its checks have 4 findings" in rows[1]["Inconsistent"]


def test_two_moments_differ_in_what_was_recorded_between_them(client: TestClient) -> None:
    """Field by field; what became of findings is one click away."""
    page = client.get("/diff?from=2026-03-01").text
    rows = {row["resource"]: row for row in client.get("/diff.json?from=2026-03-01").json()["rows"]}

    assert {name: (row["how"], row["fields"]) for name, row in rows.items() if name.startswith("member-")} == {
        "member-000": ("changed", "mfa: true became false"),
        "member-001": ("changed", "mfa: false became true"),
        "member-002": ("gone", ""),
    }
    assert "/changes?since=2026-03-01&how=fixed" in {address for address, _ in links(page)}
    assert client.get("/diff.json?from=2026-03-01&to=2026-03-02").json()["rows"] == []


@pytest.mark.parametrize(
    "address",
    [
        "/exceptions/EX-9",
        "/actions/CA-9",
        "/risks/R-9",
        "/soa?show=green",
        "/diff?from=2026-03-03",
        "/diff?from=2026-03-01&to=2026-03-01",
        "/diff?from=2026-03-01&to=2027-01-01",
        "/diff?from=yesterday",
    ],
)
def test_what_there_is_not_is_not_found(client: TestClient, address: str) -> None:
    """Neither a thing that nobody stated, nor days that say nothing."""
    assert client.get(address).status_code == 404
