"""Signing in and out: by the provider, or by the link that was printed on this machine."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse
from starlette.routing import Route

from collector.core.identities import Identity, Role
from collector.core.plain_text import one_line
from collector.web.people.assigning import SignInRefusedError, identity_of
from collector.web.people.forms import FormRoute, field
from collector.web.people.oidc import ProviderError
from collector.web.people.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.setup.web_config import WebConfig
    from collector.web.people.cookies import Cookies
    from collector.web.people.oidc import Begun, Provider
    from collector.web.people.one_time import OneTime
    from collector.web.people.origins import Origins
    from collector.web.people.rates import TriesLimit
    from collector.web.people.sessions import Sessions

    Page = Callable[..., Response]

logger = logging.getLogger(__name__)

LINK_ISSUER = "annexd:one-time-link"
"""The issuer of those who signed in by a printed link: whoever may run annexd here says who they are."""

_BEGUN_LASTS = 600


class SignIn:
    """The routes of signing in. `page` renders a template to an answer."""

    def __init__(  # noqa: PLR0913  one argument a part
        self,
        config: WebConfig,
        *,
        provider: Provider | None,
        sessions: Sessions,
        cookies: Cookies,
        origins: Origins,
        begun: OneTime[Begun],
        links: OneTime[Identity],
        tries: TriesLimit,
        now: Callable[[], datetime],
        page: Page,
    ) -> None:
        self._config = config
        self._provider = provider
        self._sessions = sessions
        self._cookies = cookies
        self._origins = origins
        self._begun = begun
        self._links = links
        self._tries = tries
        self._now = now
        self._page = page

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login/begin", self.begin, methods=["GET"]),
            Route("/login/back", self.come_back, methods=["GET"]),
            Route("/login/link/{token}", self.show_link, methods=["GET"]),
            FormRoute("/login/link", self.use_link, self._origins, public=True),
            FormRoute("/logout", self.sign_out, self._origins),
            FormRoute("/logout/others", self.sign_out_others, self._origins),
        ]

    def show(self, request: Request) -> Response:
        """Show how to sign in."""
        return self._page(
            request,
            "people/login.html",
            next=_own_path(request.query_params.get("next")),
            provider=self._provider is not None,
            issuer="" if self._config.oidc is None else self._config.oidc.issuer,
        )

    def begin(self, request: Request) -> Response:
        """Send the browser to the provider.

        By a link and not by a form: browsers stop a form that the policy lets go to this server only and is sent on.
        """
        if self._provider is None:
            return self._refuse(request, "There is no provider to sign in with.")
        if not self._may_try(request):
            return self._too_often(request)
        try:
            address, begun = self._provider.begin(_own_path(request.query_params.get("next")))
        except ProviderError as error:
            logger.warning("a sign-in could not begin: %s", one_line(str(error)))
            return self._refuse(request, f"Signing in does not work now: {error}.", status=502)
        answer = RedirectResponse(address, 303)
        self._cookies.set(answer, self._cookies.begun, self._begun.keep(begun), seconds=_BEGUN_LASTS)
        return answer

    def come_back(self, request: Request) -> Response:
        """Take what the provider says of somebody, and begin a session or refuse."""
        if not self._may_try(request):
            return self._too_often(request)
        begun = self._begun.take(self._cookies.read(request, self._cookies.begun) or "")
        if begun is None or self._provider is None:
            return self._refuse(request, "This sign-in was not begun in this browser, or it took too long.")
        try:
            claims = self._provider.finish(begun, dict(request.query_params), self._now())
            identity = identity_of(self._config, claims, self._now().date())
        except (ProviderError, SignInRefusedError) as error:
            logger.warning("a sign-in was refused: %s", one_line(str(error)))
            return self._refuse(request, f"You are not signed in: {error}.")
        return self._signed_in(request, identity, begun.next)

    def show_link(self, request: Request) -> Response:
        """Show the button of a link. Showing it uses nothing up: programs look at links before people do."""
        return self._page(request, "people/link.html", token=request.path_params["token"])

    def use_link(self, request: Request) -> Response:
        """Use a link up, and begin a session."""
        if not self._may_try(request):
            return self._too_often(request)
        identity = self._links.take(field(request, "token"))
        if identity is None:
            return self._refuse(request, "This link was used, or its time is over. annexd web prints a new one.")
        return self._signed_in(request, identity, "/")

    def sign_out(self, request: Request) -> Response:
        """End the session."""
        self._sessions.end(self._cookies.read(request, self._cookies.session))
        answer = RedirectResponse("/login", 303)
        self._cookies.drop(answer, self._cookies.session)
        return answer

    def sign_out_others(self, request: Request) -> Response:
        """End the other sessions of whoever asks, wherever they were begun; this one goes on."""
        ended = self._sessions.end_others(self._cookies.read(request, self._cookies.session))
        logger.info("%s ended %d other sessions", one_line(str(visitor_of(request).identity)), ended)
        return RedirectResponse("/", 303)

    def _signed_in(self, request: Request, identity: Identity, next_path: str) -> Response:
        self._sessions.end(self._cookies.read(request, self._cookies.session))  # its id dies with the sign-in
        until = None
        if identity.role is Role.AUDITOR:
            until = next(audit.until for audit in self._config.audits if audit.id == identity.audit)
        logger.info("%s signed in as %s", one_line(str(identity)), identity.role.value)
        answer = RedirectResponse(next_path, 303)
        self._cookies.set(answer, self._cookies.session, self._sessions.begin(identity, until))
        self._cookies.drop(answer, self._cookies.begun)
        return answer

    def _may_try(self, request: Request) -> bool:
        peer = None if request.client is None else request.client.host
        address = self._origins.address(peer, request.headers)
        if self._tries.allows(address):
            return True
        logger.warning("too many tries to sign in: the last from %s", address)
        return False

    def _too_often(self, request: Request) -> Response:
        answer = self._page(request, "people/refused.html", 429, why="Too many tries. Wait a minute.")
        answer.headers["retry-after"] = "60"
        return answer

    def _refuse(self, request: Request, why: str, status: int = 403) -> Response:
        answer = self._page(request, "people/refused.html", status, why=why)
        self._cookies.drop(answer, self._cookies.begun)
        return answer


def _own_path(text: str | None) -> str:
    """Return a path of this server's own, `/` for anything else, so that nobody is sent elsewhere."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or "\\" in text:
        return "/"
    return text if text.isprintable() and text.isascii() else "/"
