"""Pages that people sign in to: the played company behind a played provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from collector.setup.config import load
from collector.web.acts.access import seal_due
from collector.web.acts.routes import act_routes
from collector.web.application import application
from collector.web.people.access_log import AccessLog
from collector.web.people.oidc import Provider
from collector.web.people.signed_in import SignedIn
from collector.web.site import Site
from tests.played.clock import PlayedClock
from tests.web.conftest import WAITS
from tests.web.people.provider import CLIENT, ISSUER, SECRET, PlayedProvider
from tests.web.people.served import Served, served_pages
from tests.web.real_browser import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from starlette.applications import Starlette

    from collector.setup.web_config import WebConfig

HOST = "https://annexd.example.com"
WEB = f"""
[web]
url = "{HOST}"
[web.oidc]
issuer = "{ISSUER}"
client_id = "{CLIENT}"
client_secret = {{ env = "ANNEXD_TEST_CLIENT_SECRET" }}
groups_claim = "groups"
[[web.people]]
role = "viewer"
groups = ["everybody"]
[[web.people]]
role = "contributor"
subjects = ["ann", "bob"]
[[web.people]]
role = "admin"
groups = ["isms"]
[[web.audits]]
id = "surveillance-2026"
title = "Surveillance audit 2026"
frameworks = ["played:1"]
first = 2026-01-01
last = 2026-12-31
until = 2026-03-31
groups = ["auditors"]
[[web.audits]]
id = "internal-2026"
title = "Internal audit 2026"
frameworks = ["played:1"]
first = 2026-01-01
last = 2026-06-30
until = 2026-12-31
subjects = ["internal"]
"""

ANN = {"sub": "ann", "name": "Ann Sommer"}
BOB = {"sub": "bob", "name": "Bob Winter"}
EVE = {"sub": "eve", "name": "Eve Lang", "groups": ["isms"]}
VERA = {"sub": "vera", "name": "Vera Hall", "groups": ["everybody"]}
MAURER = {"sub": "hm", "name": "H. Maurer", "groups": ["auditors"]}
INTERNAL = {"sub": "internal", "name": "Ina Weber"}
PEOPLE: dict[str, dict[str, Any]] = {"contributor": ANN, "admin": EVE, "viewer": VERA, "auditor": MAURER}


@dataclass
class House:
    """The application with its people, its provider and its clock."""

    app: Starlette
    people: SignedIn
    provider: PlayedProvider
    clock: PlayedClock
    access: Path
    site: Site

    def browser(self) -> TestClient:
        """Return a browser that nobody signed in with."""
        return TestClient(self.app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False)

    def post(self, browser: TestClient, path: str, *, file: tuple[str, bytes] | None = None, **sent: Any) -> Any:
        """Send a form of ours, with the token of the session."""
        token = browser.get("/requests").text.partition('name="csrf" value="')[2].partition('"')[0]
        files = None if file is None else {"file": file}
        return browser.post(path, data={"csrf": token, **sent}, files=files, headers={"origin": HOST})

    def come_back(self, browser: TestClient, **but: str) -> Any:
        """Sign in with the provider, and return what annexd answers to what came back."""
        begun = browser.get("/login/begin")
        assert begun.status_code == 303, begun.text
        return browser.get("/login/back", params=self.provider.sign_in(begun.headers["location"], **but))

    def sign_in(self, claims: dict[str, Any]) -> TestClient:
        """Return a browser with which somebody signed in."""
        browser = self.browser()
        self.provider.claims = claims
        answer = self.come_back(browser)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/"), answer.text
        return browser


def web_config(folder: Path, text: str = WEB) -> WebConfig:
    """Return `[web]` of a configuration."""
    (folder / "web.toml").write_text(text)
    config = load(folder / "web.toml", {}).web
    assert config is not None
    return config


@pytest.fixture
def house(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return the pages with everybody who may sign in to them."""
    monkeypatch.setenv("ANNEXD_TEST_CLIENT_SECRET", SECRET)
    clock = PlayedClock()
    own = Site(site.app, clock, hosts=("annexd.example.com",), is_secure=True, patience=WAITS)
    config = web_config(tmp_path)
    assert config.oidc is not None
    provider = PlayedProvider(own.now)
    log = AccessLog(tmp_path / "access")
    people = SignedIn(
        own,
        config,
        provider=Provider(config.oidc, f"{HOST}/login/back", provider.transport()),
        access_log=log,
        acts=act_routes,
        seal=lambda: seal_due(own, log),
    )
    return House(application(own, people), people, provider, clock, tmp_path / "access", own)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def served(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Serve the pages and the provider on this machine."""
    monkeypatch.setenv("ANNEXD_TEST_CLIENT_SECRET", SECRET)
    with served_pages(site, tmp_path, WEB, web_config) as pages:
        yield pages
