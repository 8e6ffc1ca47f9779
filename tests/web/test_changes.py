"""What became of findings, the ninety days of the overview, and parts of pages that take long."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest

from collector.actions.operator_acts import note
from collector.web.slow_parts import SlowParts
from collector.web.snapshot import Snapshots
from tests.web.conftest import client_of, played_site
from tests.web.links import links

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

    from collector.web.site import Site
    from tests.played.clock import PlayedClock


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the company that was scanned twice."""
    with played_site(tmp_path_factory.mktemp("later"), later=True) as site:
        yield site


@pytest.fixture(scope="module")
def client(later: Site) -> TestClient:
    """Return a browser without a window."""
    return client_of(later)


def test_each_finding_is_counted_by_what_became_of_it(client: TestClient) -> None:
    """Gone is not fixed, and what cannot be seen any more did not pass."""
    rows = client.get("/changes.json?since=2026-03-01").json()["rows"]

    found = {(row["What became of it"], row["Resource"].rpartition(", ")[2], row["Was"], row["Is"]) for row in rows}
    assert found == {
        ("fixed", "member-001", "fail", "pass"),
        ("newly failing", "member-000", "pass", "fail"),
        ("no longer failing", "member-002", "fail", "none"),
        ("other", "member-002", "pass", "none"),
        ("lost sight of", "open", "fail", "unknown"),
        ("newly unknown", "docs", "pass", "unknown"),
        ("other", "core", "unknown", "pass"),
        ("other", "edge", "unknown", "pass"),
    }


@pytest.mark.parametrize("path", ["/", "/diff?from=2026-03-01", "/changes?since=2026-03-01"])
def test_a_number_of_changes_is_the_length_of_its_list(client: TestClient, path: str) -> None:
    """Of those in scope, elsewhere, and all."""
    numbers = [
        (address, int(digits))
        for address, text in links(client.get(path).text)
        if address.startswith("/changes?") and (digits := "".join(re.findall(r"\b\d+\b", text)))
    ]

    assert len(numbers) > 2
    for address, number in numbers:
        assert len(client.get(address.replace("/changes?", "/changes.json?")).json()["rows"]) == number, address


@pytest.mark.parametrize(
    "query", ["how=better", "scope=x", "since=2026-03-03", "since=soon", "since=2026-03-01&after=x"]
)
def test_a_change_that_there_is_not_is_refused(client: TestClient, query: str) -> None:
    """A list that leaves a filter out looks like an answer."""
    assert client.get(f"/changes?{query}").status_code == 404


def test_days_without_an_observation_are_not_drawn_as_good_ones(client: TestClient) -> None:
    """Of the ninety days, two were looked at."""
    page = client.get("/").text

    assert "90 days: nobody looked on 88, some check failed on 2" in page
    assert page.count(">nobody looked</td>") == 88


def test_a_part_is_made_once_and_its_snapshot_is_kept_meanwhile(later: Site) -> None:
    """A page does not wait for it, and what it is made from is not closed below it."""
    snapshots, go, made = Snapshots(later), Event(), []

    def make() -> int:
        go.wait()
        made.append(True)
        return len(list(snapshot.reading.store.runs()))

    with snapshots.at(None) as snapshot:
        assert SlowParts(snapshots, 0.0).get(snapshot, "part", make) is None
        assert SlowParts(snapshots, 0.0).get(snapshot, "part", make) is None
    snapshots.close()
    go.set()

    assert SlowParts(snapshots, 600.0).get(snapshot, "part", make) == 2
    assert made == [True]


def test_what_only_the_log_decides_is_not_made_again_for_each_minute(tmp_path: Path) -> None:
    """Verdicts age, and are assessed anew; the history of ninety days is as it was until something is recorded."""
    with played_site(tmp_path) as site:
        snapshots = Snapshots(site)
        parts, made = SlowParts(snapshots, 600.0), []

        def ask() -> None:
            with snapshots.at(None) as snapshot:
                parts.get(snapshot, "history", lambda: made.append("history"), of_log=True)
                parts.get(snapshot, "verdicts", lambda: made.append("verdicts"))

        ask()
        cast("PlayedClock", site.clock).move(timedelta(minutes=2))
        ask()
        store: Any = site.app.stores[0]  # type: ignore[attr-defined]  # of the played app
        note(store, "export", {})
        ask()
        snapshots.close()

    assert made == ["history", "verdicts", "verdicts", "history", "verdicts"]


def test_a_part_that_is_not_made_yet_is_neither_a_page_of_nothing_nor_a_file(
    later: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty list would be read as no change."""
    go = Event()
    monkeypatch.setattr("collector.web.changes.turns_between", lambda *_: go.wait())
    client = client_of(replace(later, patience=0.0))

    overview, page, file = client.get("/"), client.get("/changes"), client.get("/changes.csv")
    go.set()

    assert [answer.status_code for answer in (overview, page, file)] == [200, 200, 503]
    assert ["data-poll" in answer.text for answer in (overview, page)] == [True, True]
    assert "No finding" not in overview.text + page.text
