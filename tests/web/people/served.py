"""The pages with their provider on this machine, for a real browser."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from collector.web.acts.routes import act_routes
from collector.web.application import application
from collector.web.people.access_log import AccessLog
from collector.web.people.oidc import Provider
from collector.web.people.signed_in import SignedIn
from collector.web.serving import listening
from collector.web.site import Site
from collector.web.starting import site_of
from tests.web.people.provider import ISSUER, PlayedProvider
from tests.web.real_browser import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from starlette.requests import Request

    from collector.setup.web_config import WebConfig
    from storage import SqlStore


class Served(NamedTuple):
    """The address of the pages, and what is behind it."""

    address: str
    provider: PlayedProvider
    people: SignedIn
    site: Site

    @property
    def store(self) -> SqlStore:
        """The store of the played company."""
        found: SqlStore = self.site.app.stores[0]  # type: ignore[attr-defined]  # of the played app
        return found

    def sign_in(self, browser: Browser, claims: dict[str, Any], **context: Any) -> Page:
        """Return a window in which somebody signed in; without JavaScript unless asked for."""
        self.provider.claims = claims
        page = browser.new_context(**{"java_script_enabled": False, **context}).new_page()
        page.goto(f"{self.address}/requests")
        page.locator(".btn.main", has_text="Sign in").click()
        assert page.url == f"{self.address}/requests"
        return page


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


@contextmanager
def served_pages(site: Site, folder: Path, written: str, read: Callable[[Path, str], WebConfig]) -> Iterator[Served]:
    """Serve the pages and the provider on this machine, with `[web]` as it is written and where they are."""
    provider = PlayedProvider(lambda: datetime.now(UTC))
    with listening(0) as ours, running(provider_app(provider)) as issuer:
        provider.issuer = issuer
        listen = f'listen = "127.0.0.1:{ours.getsockname()[1]}"'
        text = written.replace(ISSUER, issuer).replace('url = "https://annexd.example.com"', listen)
        for day in ("2026-12-31", "2026-03-31"):
            text = text.replace(day, "2099-12-31")
        config = read(folder, text)
        own = site_of(site.app, config)
        assert config.oidc is not None
        people = SignedIn(
            own,
            config,
            provider=Provider(config.oidc, f"{config.origin}/login/back"),
            access_log=AccessLog(folder / "access"),
            acts=act_routes,
            seal=lambda: None,
        )
        with running(application(own, people), ours) as address:
            yield Served(address, provider, people, own)
