"""The application: who may ask, which pages there are, and what every answer carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from collector.core.errors import AnnexdError
from collector.web.access import Access
from collector.web.assets import Assets
from collector.web.headers import SecurityHeaders
from collector.web.pages import Pages
from collector.web.routes import routes

if TYPE_CHECKING:
    from collector.web.persons import People
    from collector.web.site import Site


class _Number(IntegerConvertor):
    """A number in a path. One that no log entry can have is part of no address; Python refuses to read the longest."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", _Number())  # a name of our own: those of Starlette are for the whole process


def application(site: Site, people: People) -> Starlette:
    """Return the pages of a site, for these people."""
    assets = Assets()
    pages = Pages(site, assets)
    return Starlette(
        routes=[*assets.routes(), *people.routes(pages), *routes(pages)],
        middleware=[
            Middleware(SecurityHeaders, is_secure=site.is_secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(site.hosts), www_redirect=False),
            Middleware(Access, people=people, pages=pages),
        ],
        exception_handlers={
            404: pages.missing,
            405: pages.not_allowed,
            HTTPException: pages.not_taken,
            AnnexdError: pages.failed,
            Exception: pages.broken,
        },
    )
