"""Every page that there is, and what it has to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from collector.core.periods import SlotState, Stretch
from collector.pages.timeline import strip
from collector.web.application import application
from collector.web.periods import hatched
from collector.web.site import Site
from storage import open_store
from tests.cli.conftest import an_app
from tests.played.clock import PlayedClock
from tests.played.platform import CANARIES
from tests.web.conftest import client_of, played_site
from tests.web.links import links
from tests.web.one_viewer import OneViewer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a browser over the company with all its files, scanned twice."""
    with played_site(tmp_path_factory.mktemp("accepted"), accepted=True, later=True) as site:
        yield client_of(site)


def test_every_link_of_every_page_leads_somewhere(accepted: TestClient) -> None:
    """From the overview on; each sort of address once, so that it stays cheap."""
    client = accepted
    app: Any = client.app
    todo, seen = ["/", "/search?q=a", "/findings?group=none", "/exceptions", "/actions?late=yes"], set()
    while todo:
        address = todo.pop()
        sort = _sort(app, address)
        if (sort, "group=none" in address) in seen:
            continue
        seen.add((sort, "group=none" in address))
        found = client.get(address)
        assert found.status_code == 200, address
        if found.headers["content-type"].startswith("text/html"):
            todo += [to for to, _ in links(found.text) if to.startswith("/")]
            assert not [canary for canary in CANARIES.values() if canary in found.text], address

    names = {route.name for route in app.routes if isinstance(route, Route) and not route.path.startswith("/assets")}
    # What is empty here is no file, and a figure of none is no link.
    empty = {"/actions file", "/collections file"}
    assert names - {sort for sort, _ in seen} <= {*empty, "evidence of a dotted name"}


def _sort(app: Starlette, address: str) -> str:
    scope = {"type": "http", "path": address.partition("?")[0].partition("#")[0], "method": "GET"}
    return next(
        str(route.name) for route in app.routes if isinstance(route, Route) and route.matches(scope)[0].value == 2
    )


def test_a_store_in_which_nothing_is_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty table would look like one in which nothing is wrong."""
    monkeypatch.setattr("collector.setup.loading.builtin", lambda: ())
    clock, app = PlayedClock(), an_app(tmp_path / "config.toml", "")
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=clock.now) as store:
        app.stores.append(store)
        client = TestClient(application(Site(app, clock), OneViewer()), base_url="http://localhost")

        assert "Nothing was read yet" in client.get("/").text
        assert "Nothing was judged yet" in client.get("/findings").text
        assert "nothing was read yet" in client.get("/runs").text
        assert "Evidence on file (" not in client.get("/controls").text


def test_what_is_recorded_meanwhile_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept between two requests ends when the log grows."""
    from tests.played.world import World

    monkeypatch.setattr("collector.setup.loading.builtin", lambda: ())
    clock, app = PlayedClock(), an_app(tmp_path / "config.toml", "")
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=clock.now) as store:
        app.stores.append(store)
        client = TestClient(application(Site(app, clock), OneViewer()), base_url="http://localhost")
        before = client.get("/findings.json").json()["rows"]
        World(app.platform, clock=clock, store=store, rules=app.rules()).run()

        assert (before, len(client.get("/findings.json").json()["rows"]) > 0) == ([], True)


def test_a_page_of_an_earlier_moment_keeps_to_it(client: TestClient) -> None:
    """Its links carry the moment on."""
    day = "2026-02-01"
    page = client.get(f"/?as_of={day}")

    assert page.status_code == 200
    assert all(f"as_of={day}" in to for to, text in links(page.text) if text in {"Coverage", "All runs"})


def test_a_control_over_a_period_says_what_was_observed(client: TestClient) -> None:
    """Before the first observation nothing is known, and nothing is drawn as good."""
    page = client.get("/controls/played:1/1.1/period").text

    assert "observations (planned" in page
    assert 'aria-label="89 before the first observation"' in page


def test_a_period_may_end_on_the_first_day_that_there_is(client: TestClient) -> None:
    """The ninety days before it are cut off there."""
    assert client.get("/controls/played:1/1.1/period?to=0001-01-01").status_code == 200


def test_what_is_unknown_over_a_period_is_drawn() -> None:
    """A gap in a drawing would look like nothing, and hatching is how it differs."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(days=2)
    why = '<b class="unknown">'
    stretch = Stretch(shown=SlotState.UNKNOWN, since=start, until=end, count=2, why=why)

    drawn = hatched(strip(start, end, [stretch], []))

    assert '<rect class="unknown" fill="url(#hatch)" x="0.0" y="1" width="1000.0"' in drawn
    assert "&lt;b class=&#34;unknown&#34;&gt;" in drawn
    assert "<b" not in drawn
