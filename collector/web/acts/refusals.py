"""What somebody sees whose act was refused."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from collector.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages


def told(pages: Pages, handler: Callable[[Pages, Request], Response]) -> Callable[[Request], Response]:
    """Return a handler of a form that answers a UsageError with the page of what was refused."""

    @wraps(handler)
    def wrapped(request: Request) -> Response:
        try:
            return handler(pages, request)
        except UsageError as error:
            return pages.answer(
                request, "web/error.html", 400, title="Not recorded", what=error.what, so=error.so, mend=error.mend
            )

    return wrapped
