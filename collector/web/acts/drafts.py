"""`/drafts`: the TOML of an exception or an action, to copy into the company's own file. Nothing is recorded here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route

from collector.company.company_files import NAMES
from collector.company.drafts import KINDS, drafted, fields_of
from collector.core.errors import UsageError
from collector.web.people.forms import FormRoute, field
from collector.web.people.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.company.drafts import Draft
    from collector.web.pages import Pages
    from collector.web.people.origins import Origins


def routes(pages: Pages, origins: Origins) -> Sequence[BaseRoute]:
    """Return the routes."""
    return [
        Route("/drafts/{which}", partial(show, pages)),
        FormRoute("/drafts/{which}", partial(draft, pages), origins),
    ]


def show(pages: Pages, request: Request) -> Response:
    """Show the form; a finding's page fills in what it knows by the address."""
    return _page(pages, request, dict(request.query_params), None)


def draft(pages: Pages, request: Request) -> Response:
    """Show what was filled in as TOML, and what is wrong with it."""
    which = _which(request)
    given = {key.name: field(request, key.name) for key in fields_of(which)}
    return _page(pages, request, given, drafted(pages.site.app, which, given))


def _page(pages: Pages, request: Request, given: Mapping[str, str], made: Draft | None) -> Response:
    which = _which(request)
    return pages.answer(
        request,
        "acts/draft.html",
        which=which,
        file=NAMES[which],
        fields=fields_of(which),
        given=given,
        draft=made,
        visitor=visitor_of(request),
    )


def _which(request: Request) -> str:
    which: str = request.path_params["which"]
    if which not in KINDS:
        raise UsageError(f"nothing is drafted for {which[:40]!r}", mend=f"there are drafts of {', '.join(KINDS)}")
    return which
