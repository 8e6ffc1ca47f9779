"""Pages from templates, in the frame that has the menu, the search and the line of what the page is based on."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from collector import __version__
from collector.core.errors import AnnexdError, ConfigError, UsageError
from collector.core.plain_text import plural, show_age, show_moment
from collector.pages.rendering import PageRenderer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.assets import Assets
    from collector.web.site import Site

_logger = logging.getLogger(__name__)

NAVIGATION = (
    ("/", "Overview"),
    ("/controls", "Controls"),
    ("/findings", "Findings"),
    ("/coverage", "Coverage"),
    ("/runs", "Runs"),
    ("/log", "Log"),
)
"""The menu: addresses and their names, in the order in which they are shown."""


class Pages:
    """Renders pages and pages of errors. `navigation` may be added to by who makes the application."""

    def __init__(self, site: Site, assets: Assets) -> None:
        self.site = site
        self.navigation = list(NAVIGATION)
        self._renderer = PageRenderer(
            frame="web/served.html",
            stylesheet=assets.stylesheet,
            script=assets.script,
            version=__version__,
            moment=show_moment,
            age=show_age,
            plural=plural,
        )

    def answer(
        self,
        request: Request,
        template: str,
        code: int = HTTPStatus.OK,
        **values: Any,  # noqa: ANN401  whatever the template names
    ) -> Response:
        """Return a page. `standing` is what the line below the menu says; None where no store was read."""
        here = request.url.path
        page = self._renderer.render(
            template,
            **{
                "standing": None,
                "navigation": self.navigation,
                "here": here,
                "section": "/" + here.split("/")[1],
                "person": getattr(request.state, "person", None),
                "as_of": request.query_params.get("as_of", ""),
                "asked": request.query_params.get("q", ""),
                **values,
            },
        )
        return HTMLResponse(page, code)

    def refused(self, request: Request) -> Response:
        """Return the page for somebody who may not have what is asked for."""
        return self._error(request, HTTPStatus.FORBIDDEN, "You may not see this", "Your role does not include it.")

    def missing(self, request: Request, _error: Exception) -> Response:
        """Return the page for an address that there is not."""
        return self._error(request, HTTPStatus.NOT_FOUND, "There is no such page", "Nothing is at this address.")

    def not_allowed(self, request: Request, _error: Exception) -> Response:
        """Return the page for a method that an address does not take."""
        what = "This address does not take that"
        return self._error(request, HTTPStatus.METHOD_NOT_ALLOWED, what, f"It was asked for with {request.method}.")

    def failed(self, request: Request, error: Exception) -> Response:
        """Return the page for an error of annexd's: what happened, what follows, and what to do."""
        assert isinstance(error, AnnexdError)  # noqa: S101  registered for no other
        match error:
            case UsageError():
                status, title = HTTPStatus.NOT_FOUND, "There is no such thing here"
            case ConfigError():
                status, title = HTTPStatus.INTERNAL_SERVER_ERROR, "The configuration cannot be used"
            case _:
                status, title = HTTPStatus.SERVICE_UNAVAILABLE, "The store cannot be read"
        if not isinstance(error, UsageError):
            _logger.error("%s: %s", request.url.path, error.what)
        return self._error(request, status, title, error.what, error.so, error.mend)

    def broken(self, request: Request, error: Exception) -> Response:
        """Return the page for an error that nobody expected; what it was is in the log, not on the page."""
        _logger.error("%s: %s", request.url.path, type(error).__name__, exc_info=error)
        what = "This page could not be made. The error is in the log of annexd."
        return self._error(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", what)

    def _error(
        self, request: Request, status: HTTPStatus, title: str, what: str, so: str = "", mend: str = ""
    ) -> Response:
        return self.answer(request, "web/error.html", status, title=title, what=what, so=so, mend=mend)
