"""The journey of an auditor and a contributor in a real browser, without JavaScript.

Left out unless asked for with -m browser: it takes a Chromium, which this project installs nowhere.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from collector.core.identities import Role
from collector.report.company.audit_request_views import request_threads
from collector.web.acts.routes import act_routes
from collector.web.application import application
from collector.web.people.access_log import AccessLog
from collector.web.people.oidc import Provider
from collector.web.people.signed_in import SignedIn
from collector.web.serving import listening, server
from collector.web.site import Site
from collector.web.starting import site_of, this_person
from tests.bundle.chromium import browser as program
from tests.web.people.conftest import ANN, MAURER, WEB, web_config
from tests.web.people.provider import ISSUER, SECRET, PlayedProvider

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Page
    from starlette.requests import Request

Served = tuple[str, PlayedProvider, SignedIn, Site]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
]


@contextmanager
def running(app: Starlette, sock: socket.socket) -> Iterator[str]:
    """Serve an application, and yield its address."""
    serving = server(app)
    thread = threading.Thread(target=lambda: serving.run(sockets=[sock]), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    serving.should_exit = True
    thread.join()


def provider_app(provider: PlayedProvider) -> Starlette:
    """Return the played provider as a server; it signs in at once whoever the test names."""

    async def authorize(request: Request) -> Response:
        back = provider.sign_in(str(request.url))
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{urlencode(back)}", 303)

    async def answer(request: Request) -> Response:
        asked = httpx.Request(
            request.method, str(request.url), headers=request.headers.raw, content=await request.body()
        )
        found = await run_in_threadpool(provider.answer, asked)
        return Response(found.content, found.status_code, media_type="application/json")

    return Starlette(routes=[Route("/authorize", authorize), Route("/{rest:path}", answer, methods=["GET", "POST"])])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def served(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Serve the pages and the provider on this machine."""
    monkeypatch.setenv("ANNEXD_TEST_CLIENT_SECRET", SECRET)
    provider = PlayedProvider(lambda: datetime.now(UTC))
    with listening(0) as theirs, listening(0) as ours, running(provider_app(provider), theirs) as issuer:
        provider.issuer = issuer
        listen = f'listen = "127.0.0.1:{ours.getsockname()[1]}"'
        text = WEB.replace(ISSUER, issuer).replace('url = "https://annexd.example.com"', listen)
        for day in ("2026-12-31", "2026-03-31"):
            text = text.replace(day, "2099-12-31")
        config = web_config(tmp_path, text)
        own = site_of(site.app, config)
        assert config.oidc is not None
        people = SignedIn(
            own,
            config,
            provider=Provider(config.oidc, f"{config.origin}/login/back"),
            access_log=AccessLog(tmp_path / "access"),
            acts=act_routes,
            seal=lambda: None,
        )
        with running(application(own, people), ours) as address:
            yield address, provider, people, own


def listening_to(refused: list[str]) -> Callable[[ConsoleMessage], None]:
    """Return what keeps the messages of a window's console."""

    def keep(message: ConsoleMessage) -> None:
        refused.append(message.text)

    return keep


def sign_in(browser: Browser, served: Served, claims: dict[str, Any]) -> Page:
    """Return a window in which somebody signed in, where every refusal of the policy is an error."""
    address, provider, *_ = served
    provider.claims = claims
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/requests")
    page.locator(".btn.main", has_text="Sign in").click()
    assert page.url == f"{address}/requests"
    return page


def test_a_request_goes_its_way_without_a_script(browser: Browser, served: Served, tmp_path: Path) -> None:
    """Asked, answered with a file, accepted, and signed out."""
    store = served[3].app.stores[0]  # type: ignore[attr-defined]  # of the played app
    minutes = tmp_path / "minutes.pdf"
    minutes.write_bytes(b"%PDF minutes")
    auditor, ann = sign_in(browser, served, MAURER), sign_in(browser, served, ANN)
    auditor.get_by_label("What is to be shown").fill("Who may read it?")
    auditor.get_by_role("button", name="Ask, and record it").click()
    address = auditor.url
    ann.goto(address)
    ann.get_by_label("Text").fill("The minutes,\nitem 4")
    ann.get_by_label("File (optional)").set_input_files(str(minutes))
    ann.get_by_role("button", name="Answer").click()
    auditor.reload()
    auditor.get_by_role("button", name="Accept the evidence").click()
    thread = request_threads(store)[int(address.rpartition("/")[2])]

    assert thread.state.value == "accepted"
    assert thread.acts[1].act.text == "The minutes,\nitem 4"
    assert store.file_of(thread.acts[1].leaf) == b"%PDF minutes"
    ann.get_by_role("button", name="Sign out").click()
    ann.goto(address)
    assert "/login" in ann.url


def test_a_printed_link_signs_in(browser: Browser, served: Served) -> None:
    """On this machine, without TLS: the browser keeps the cookie."""
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(served[2].link(this_person(Role.CONTRIBUTOR)))
    page.locator(".btn.main", has_text="Sign in").click()
    page.goto(f"{served[0]}/records")

    assert page.get_by_role("heading", name="Records to be reviewed").is_visible()


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_pages_keep_nobody_out(browser: Browser, served: Served, width: int) -> None:
    """WCAG 2.2 AA as axe sees it, nothing that the policy refuses, and no sideways scrolling."""
    from axe_playwright_python.sync_playwright import Axe

    address, provider, *_ = served
    asked = sign_in(browser, served, MAURER)
    asked.get_by_label("What is to be shown").fill("Who may read acme-production-uploads-of-customers-in-every-region?")
    asked.get_by_role("button", name="Ask, and record it").click()
    for claims, paths in (
        (ANN, ("/requests", asked.url.removeprefix(address), "/records", "/drafts/exceptions", "/populations")),
        (MAURER, ("/requests", asked.url.removeprefix(address), "/populations/played.member")),
    ):
        provider.claims = claims
        window = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=False)
        page = window.new_page()
        refused: list[str] = []
        page.on("console", listening_to(refused))
        page.goto(f"{address}/login")
        page.locator(".btn.main", has_text="Sign in").click()
        for path in paths:
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            assert refused == []
            # A list of gaps has a mark at each of them: without one it is a block of lines.
            marks = page.locator(".call > ul").evaluate_all("all => all.map(ul => getComputedStyle(ul).listStyleType)")
            assert marks == ["disc"] * path.startswith("/populations/")
        window.close()
        checked = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True).new_page()
        checked.goto(f"{address}/login")
        assert [one["id"] for one in Axe().run(checked).response["violations"]] == []
        checked.locator(".btn.main", has_text="Sign in").click()
        for path in paths:
            checked.goto(address + path)
            found = Axe().run(checked).response["violations"]
            assert [(one["id"], path, one["nodes"][0]["html"][:200]) for one in found] == []
