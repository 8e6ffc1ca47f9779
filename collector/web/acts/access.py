"""`/access`: what auditors looked at, day by day, beside what the log has of it."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route

from collector.core.errors import AnnexdError
from collector.web.acts.writing import acting, looking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.web.pages import Pages
    from collector.web.people.access_log import AccessLog
    from collector.web.site import Site

logger = logging.getLogger(__name__)


def routes(pages: Pages, access_log: AccessLog) -> Sequence[BaseRoute]:
    """Return the route."""
    return [Route("/access", partial(show, pages, access_log))]


def seal_due(site: Site, access_log: AccessLog) -> None:
    """Record the digests of the days that are over. Where they cannot be, a warning says so, and it is tried again."""
    try:
        with looking(site) as store:
            due = access_log.is_due(store, site.now())
        if due:
            with acting(site) as store:
                access_log.seal(store, site.now())
    except AnnexdError as error:
        logger.warning("the access log of a day that is over is not recorded: %s", error.what)


def show(pages: Pages, access_log: AccessLog, request: Request) -> Response:
    """List the days."""
    with looking(pages.site) as store:
        days = access_log.days(store)
    return pages.answer(request, "acts/access.html", days=days[::-1])
