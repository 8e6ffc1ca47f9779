"""People who sign in: who asks, what their role opens, and what of it an auditor's access log keeps."""

from __future__ import annotations

from dataclasses import replace as with_fields
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec.structs import replace
from starlette.responses import RedirectResponse
from starlette.routing import Match

from collector.core.identities import Identity, Role
from collector.web.addresses import address_of
from collector.web.opened import Opened
from collector.web.people.audit_limits import within_audit
from collector.web.people.cookies import Cookies
from collector.web.people.one_time import OneTime
from collector.web.people.origins import Origins
from collector.web.people.rates import TriesLimit
from collector.web.people.roles import closed_to, is_open, may_open
from collector.web.people.sessions import Sessions
from collector.web.people.sign_in import SignIn
from collector.web.people.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Scope

    from collector.setup.web_config import AuditConfig, WebConfig
    from collector.web.pages import Pages
    from collector.web.people.access_log import AccessLog
    from collector.web.people.oidc import Begun, Provider
    from collector.web.persons import Person
    from collector.web.site import Site

_SAFE = frozenset({"GET", "HEAD"})
_TEN_MINUTES = timedelta(minutes=10)
_SIGN_IN_TRIES = 10
_TRIES_TOGETHER = 300


class SignedIn:
    """Implements `collector.web.persons.People`.

    `acts` makes the routes of what people do; `seal` records the access logs of days that are over.
    """

    def __init__(
        self,
        site: Site,
        config: WebConfig,
        *,
        provider: Provider | None,
        access_log: AccessLog,
        acts: Callable[[Pages, Origins, AccessLog, Sequence[AuditConfig]], Sequence[BaseRoute]],
        seal: Callable[[], None],
    ) -> None:
        self._site = site
        self._config = config
        self._provider = provider
        self._access_log = access_log
        self._acts = acts
        self._seal = seal
        self._today: date | None = None
        self._sessions = Sessions(site.now, config.idle, config.session)
        self._cookies = Cookies(secure=config.is_secure)
        self._origins = Origins(config)
        self._links: OneTime[Identity] = OneTime(site.now, _TEN_MINUTES)
        self._begun: OneTime[Begun] = OneTime(site.now, _TEN_MINUTES)
        self._opened = {audit.id: _opened(site, audit) for audit in config.audits}
        self._audits = {audit.id: audit for audit in config.audits}

    def link(self, identity: Identity) -> str:
        """Return an address that signs this identity in, once and for ten minutes."""
        return f"{self._config.origin}/login/link/{self._links.keep(identity)}"

    def is_open(self, request: Request) -> bool:
        """Whether a request needs nobody to be signed in: only those of signing in itself."""
        route, _ = route_of(request.app.routes, request.scope)
        return route is not None and is_open(request.method, route)

    def who(self, request: Request) -> Visitor | None:
        """Return who sends a request; None where nobody is signed in."""
        session = self._sessions.find(self._cookies.read(request, self._cookies.session))
        if session is None:
            return None
        identity = session.identity
        audit = self._audits.get(identity.audit)
        if identity.role is Role.AUDITOR and audit is None:
            return None
        return Visitor(
            subject=identity.subject,
            name=identity.name,
            role=identity.role.value,
            until=None if audit is None else datetime.combine(audit.until, time.max, UTC),
            csrf=session.csrf,
            opened=None if audit is None else self._opened[audit.id],
            closed=closed_to(identity.role),
            identity=identity,
            audit=audit,
        )

    def unknown(self, request: Request) -> Response:
        """Send somebody who wants to read to the page to sign in, and refuse whoever posts."""
        if request.method not in _SAFE:
            why = "Your session has ended, or you never signed in. Nothing was recorded."
            return self._page(request, "people/refused.html", 401, why=why)
        wanted = address_of(request)
        return RedirectResponse("/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}", 303)

    def may(self, person: Person, request: Request) -> bool:
        """Whether the role opens the route, and the audit what is asked of it. What an auditor asks is noted first."""
        assert isinstance(person, Visitor)  # noqa: S101  `who` returns no other
        route, parameters = route_of(request.app.routes, request.scope)
        allowed = route is None or bool(may_open(person.identity.role, request.method, route))
        if person.audit is not None:
            allowed = allowed and not within_audit(request.scope, parameters, person.audit)
            now = self._site.now()
            self._access_log.write(now, person.identity, request.method, address_of(request), allowed=allowed)
            if now.date() != self._today:
                self._today = now.date()
                self._seal()
        return allowed

    def routes(self, pages: Pages) -> Sequence[BaseRoute]:
        """Return the routes of signing in and of what people do."""
        self._page = pages.answer
        sign_in = SignIn(
            self._config,
            provider=self._provider,
            sessions=self._sessions,
            cookies=self._cookies,
            origins=self._origins,
            begun=self._begun,
            links=self._links,
            tries=TriesLimit(
                self._site.now, each=_SIGN_IN_TRIES, together=_TRIES_TOGETHER, within=timedelta(minutes=1)
            ),
            now=self._site.now,
            page=pages.answer,
        )
        return [*sign_in.routes(), *self._acts(pages, self._origins, self._access_log, self._config.audits)]


def route_of(routes: Sequence[BaseRoute], scope: Scope) -> tuple[str | None, dict[str, object]]:
    """Return the path of the route that a request goes to, as the application writes it, and its parameters.

    None: it goes to none. Of routes of one path the one that takes the method counts, as in the application.
    """
    partial: tuple[str | None, dict[str, object]] = None, {}
    for route in routes:
        match, found = route.matches(scope)
        if match is not Match.NONE:
            here = str(getattr(route, "path", "")), dict(found.get("path_params", {}))
            if match is Match.FULL:
                return here
            partial = here
    return partial


def _opened(site: Site, audit: AuditConfig) -> Opened:
    config = site.app.config
    frameworks = replace(config.frameworks, use=audit.frameworks)
    return Opened(
        app=with_fields(site.app, config=replace(config, frameworks=frameworks)),
        first=audit.first,
        last=audit.last,
    )
