"""The gate before every route: own host, session, role, form and headers. What it does not know, it refuses."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Match, Mount

from collector.core.identities import Role
from collector.web.people.audit_limits import within_audit
from collector.web.people.roles import is_open, may_open
from collector.web.people.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from collector.setup.web_config import AuditConfig
    from collector.web.people.cookies import Cookies
    from collector.web.people.origins import Origins
    from collector.web.people.sessions import Sessions

LARGEST_FORM = 33 << 20
"""Bytes of a form with its file."""

_FIELDS = 100
_SAFE = frozenset({"GET", "HEAD"})

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class TooLargeError(Exception):
    """A form has more bytes than are taken."""


class Gate:
    """ASGI middleware over the whole application. `routes` are those of the application, `now` tells the time."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Callable[[], Sequence[BaseRoute]],
        sessions: Sessions,
        cookies: Cookies,
        origins: Origins,
        audits: dict[str, AuditConfig],
        log_view: Callable[[Visitor, str, str, int], None],
    ) -> None:
        self._app = app
        self._routes = routes
        self._sessions = sessions
        self._cookies = cookies
        self._origins = origins
        self._audits = audits
        self._log_view = log_view
        self._secure = cookies.session.startswith("__Host-")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no sockets
            return
        refused, visitor = self._look_over(scope)
        if visitor is not None:
            scope["annexd.visitor"] = visitor
        sent = _Answer(send, lambda status: self._note(visitor, scope, status), secure=self._secure)
        if refused is not None:
            await refused(scope, receive, sent)
        elif scope["method"] in _SAFE:
            await self._app(scope, receive, sent)
        else:
            await self._form(scope, receive, sent, visitor)

    def _look_over(self, scope: Scope) -> tuple[ASGIApp | None, Visitor | None]:
        """Return an answer of the gate's own, None to go on, and who asks."""
        headers = Headers(scope=scope)
        if not self._origins.is_own_host(headers):
            return PlainTextResponse("This server has another name.", 421), None
        request = Request(scope)
        visitor = self._visitor(request)
        method = scope["method"]
        route, parameters = route_of(self._routes(), scope)
        if route is not None and is_open(method, route):
            return None, visitor
        if visitor is None:
            return _to_sign_in(scope), None
        if route is None:
            return None, visitor  # the application says that there is no such page
        if not may_open(visitor.role, method, route):
            return PlainTextResponse("Your role does not open this page.", 403), visitor
        if visitor.audit is not None:
            within = within_audit(scope, parameters, visitor.audit)
            if within:
                return PlainTextResponse(f"Not opened for this audit: {within}.", 403), visitor
        return None, visitor

    def _visitor(self, request: Request) -> Visitor | None:
        session = self._sessions.find(self._cookies.read(request, self._cookies.session))
        if session is None:
            return None
        audit = self._audits.get(session.identity.audit)
        if session.identity.role is Role.AUDITOR and audit is None:
            return None
        return Visitor(identity=session.identity, csrf=session.csrf, audit=audit)

    async def _form(self, scope: Scope, receive: Receive, send: Send, visitor: Visitor | None) -> None:
        """Read the form, prove that a page of ours sent it for this session, and go on with it."""
        headers = Headers(scope=scope)
        if not self._origins.is_own_page(headers):
            await PlainTextResponse("This form was sent by another page.", 403)(scope, receive, send)
            return
        request = Request(scope, _bounded(receive))
        try:
            form = await request.form(max_files=1, max_fields=_FIELDS, max_part_size=1 << 20)
        except TooLargeError:
            await PlainTextResponse("The form is too large.", 413)(scope, receive, send)
            return
        except (HTTPException, MultiPartException):
            await PlainTextResponse("The form cannot be read.", 400)(scope, receive, send)
            return
        try:
            given = form.get("csrf")
            if visitor is not None and not (
                isinstance(given, str) and secrets.compare_digest(given.encode(), visitor.csrf.encode())
            ):
                await PlainTextResponse("This form is of another session. Load the page again.", 403)(
                    scope, receive, send
                )
                return
            scope["annexd.form"] = form
            await self._app(scope, receive, send)
        finally:
            await form.close()

    async def _note(self, visitor: Visitor | None, scope: Scope, status: int) -> None:
        if visitor is None or visitor.role is not Role.AUDITOR:
            return
        query = scope["query_string"].decode("latin-1")
        path = scope["path"] + (f"?{query}" if query else "")
        await run_in_threadpool(self._log_view, visitor, scope["method"], path, status)


def route_of(routes: Sequence[BaseRoute], scope: Scope) -> tuple[str | None, dict[str, Any]]:
    """Return the path of the route that a request goes to, as the application writes it, and its parameters.

    None: it goes to none. Of routes of one path the one with the method counts, as in the application.
    """
    partial: tuple[str | None, dict[str, Any]] = None, {}
    for route in routes:
        match, found = route.matches(scope)
        if match is Match.NONE:
            continue
        path = f"{route.path}/" if isinstance(route, Mount) else str(getattr(route, "path", ""))
        if match is Match.FULL:
            return path, found.get("path_params", {})
        partial = path, found.get("path_params", {})
    return partial


def _to_sign_in(scope: Scope) -> ASGIApp:
    if scope["method"] not in _SAFE:
        return PlainTextResponse("Sign in first.", 401)
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}" if wanted != "/" else "/login", 303)


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_FORM:
            raise TooLargeError
        return message

    return bounded


class _Answer:
    """Passes an answer on, with the headers of every answer, once its status is noted: what is not noted is not sent."""

    def __init__(self, send: Send, note: Callable[[int], Awaitable[None]], *, secure: bool) -> None:
        self._send = send
        self._note = note
        self._secure = secure

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._note(message["status"])
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self._secure:
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        await self._send(message)
