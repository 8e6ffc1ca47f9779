"""Nobody reaches a page who may not: asked of each request before its route is looked for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from collector.core.plain_text import one_line
from collector.web.addresses import path_of
from collector.web.assets import PREFIX
from collector.web.opened import OPENED

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from collector.web.pages import Pages
    from collector.web.persons import People

_logger = logging.getLogger(__name__)


class Access:
    """Puts the person into `request.state.person`, which is None where a page is open to everybody."""

    def __init__(self, app: ASGIApp, *, people: People, pages: Pages) -> None:
        self._app = app
        self._people = people
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        people = self._people
        person = await run_in_threadpool(people.who, request)
        request.state.person = person
        if person is None:
            if not await run_in_threadpool(people.is_open, request):
                await (await run_in_threadpool(people.unknown, request))(scope, receive, send)
                return
            await self._app(scope, receive, send)
            return
        OPENED.set(person.opened)  # of this request alone: each is a task with a context of its own
        if await run_in_threadpool(people.may, person, request):
            await self._app(scope, receive, send)
        else:
            _logger.warning("%s may not %s %s", one_line(person.subject), request.method, path_of(request))
            await (await run_in_threadpool(self._pages.refused, request))(scope, receive, send)
