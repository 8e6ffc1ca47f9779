"""The pages over the played company: scanned once for the tests of a module that only read."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from starlette.testclient import TestClient

from collector.web.application import application
from collector.web.site import Site
from storage import open_store
from tests.cli.company_builders import log_files, use, write_exceptions, write_soa
from tests.cli.conftest import Desk, an_app
from tests.cli.register_builders import write_actions, write_risks
from tests.played.clock import PlayedClock
from tests.played.platform import HOOKS, PROTECTION, a_member, a_repo
from tests.played.world import World
from tests.web import real_browser
from tests.web.one_viewer import OneViewer
from tests.web.real_browser import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OUT = {"applicable": False, "grounds": None, "implemented": None, "because": "nothing is built here"}
"""A decision of the SoA: not applicable, beside findings."""

HOSTILE = (
    '<script>alert("1")</script>',
    '"><img src=x onerror=alert(2)>',
    "javascript:alert(3)",
    "..",
    "a/../b?c=d#e&f",
    "\u202egnp.exe",
    "{{ 7 * 191 }}",
    "name with spaces, and a comma",
    "=1+1",
    "x" * 400,
    "W" * 10_000,
    "<b>bold</b>" * 20,
    "<svg/onload=alert(4)>",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "zero\u200bwidth",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "&amp;&lt;",
)
"""Names that a platform may let anybody choose."""


WAITS = 600.0
"""Seconds that a page waits for what takes long: here it is to be there."""


@contextmanager
def played_site(folder: Path, *, accepted: bool = False, later: bool = False) -> Iterator[Site]:
    """Make the played company with members of hostile names and failing ones, scanned once, some parts refused.

    It has a risk and a corrective action. With `accepted`, its documentation may be unprotected for a time, and it has
    a statement of applicability. With `later`, it was scanned again two days later:
    of those who failed one is fixed, one is gone and one is out of sight; one fails newly, and one is newly unknown.
    """
    clock = PlayedClock()
    app = an_app(folder / "config.toml", "")
    org = next(iter(app.platform.orgs.values()))
    org["members"] += [a_member(name, mfa=False) for name in HOSTILE]
    org["members"] += [a_member(f"member-{number:03}", mfa=number % 3 == 0) for number in range(60)]
    org["projects"]["api"] += [a_repo("open", protection={"reviews": 0})]
    app.platform.page_size = 100
    app.platform.deny(HOOKS, "/core/")
    app.platform.deny(PROTECTION, "/edge/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("collector.setup.loading.builtin", lambda: ())
        with open_store(f"sqlite:///{folder / 'annexd.db'}", writer=True, clock=clock.now) as store:
            world = World(app.platform, clock=clock, store=store, rules=app.rules())
            world.run()
            desk = Desk(world, app, cast("pytest.CaptureFixture[str]", None))
            write_risks(desk, {})
            write_actions(desk, {})
            if accepted:
                write_exceptions(desk, {})
                use(desk, patch, soa=True)
                write_soa(desk, {"played:1/1.1": {"risks": ["R-1"]}, "played:1/1.2": OUT})
                log_files(desk)
            if later:
                clock.move(timedelta(days=2))
                members = {member["login"]: member for member in org["members"]}
                members["member-001"]["mfa"], members["member-000"]["mfa"] = True, False
                org["members"].remove(members["member-002"])
                app.platform.deny(PROTECTION, "/open/")
                app.platform.deny(HOOKS, "/docs/")
                world.run()
            store.checkpoints.checkpoint()
            app.stores.append(store)
            yield Site(app, clock, patience=WAITS)


def client_of(site: Site) -> TestClient:
    """Return a browser without a window."""
    return TestClient(application(site, OneViewer()), base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the company for the tests of a module that only read."""
    with played_site(tmp_path_factory.mktemp("web")) as made:
        yield made


@pytest.fixture(scope="module")
def client(site: Site) -> TestClient:
    """Return a browser without a window."""
    return client_of(site)


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """Serve the played company, and return where."""
    with running(application(site, OneViewer())) as served:
        yield served


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return the browser of this machine."""
    with real_browser.chromium() as launched:
        yield launched
