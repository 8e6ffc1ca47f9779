"""The addresses of the reading pages, and the function that makes each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route

from collector.web.overview import overview

if TYPE_CHECKING:
    from collector.web.pages import Pages


def routes(pages: Pages) -> list[Route]:
    """Return the routes; a route without a stated method takes GET and HEAD."""
    return [Route("/", partial(overview, pages), name="overview")]
