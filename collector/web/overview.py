"""The first page: where the evidence stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.report.controls.status_view import status_view
from collector.report.state.assessment import assessed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages


def overview(pages: Pages, request: Request) -> Response:
    """Return the page."""
    with pages.site.reading(request.query_params.get("as_of", "")) as reading:
        status = status_view(assessed(reading))
    return pages.answer(request, "web/overview.html", status=status)
