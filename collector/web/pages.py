"""Pages from templates, in the frame that has the menu, the search and the line of what the page is based on."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from collector import __version__
from collector.core.errors import AnnexdError, ConfigError, UsageError
from collector.core.plain_text import plural, show_age, show_moment
from collector.pages.rendering import PageRenderer
from collector.web.addresses import LINKS, path_of
from collector.web.opened import OPENED
from collector.web.site import moment_of
from collector.web.slow_parts import SlowParts
from collector.web.snapshot import Snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.assets import Assets
    from collector.web.persons import Person
    from collector.web.site import Site
    from collector.web.snapshot import PageBasis, Snapshot

_logger = logging.getLogger(__name__)

NAVIGATION = (
    ("/", "Overview"),
    ("/controls", "Controls"),
    ("/findings?verdict=fail&scope=in", "Findings"),
    ("/coverage", "Coverage"),
    ("/runs", "Runs"),
    ("/log", "Log"),
)
"""The menu: addresses and their names, in the order in which they are shown."""

_ERROR = "web/error.html"

_NOT_KEPT = frozenset({"as_of", "after"})
"""Parameters of an address that do not go over to another moment."""


class Pages:
    """Renders pages and pages of errors. `navigation` may be added to by who makes the application."""

    def __init__(self, site: Site, assets: Assets) -> None:
        self.site = site
        self.snapshots = Snapshots(site)
        self.parts = SlowParts(self.snapshots, site.patience)
        self.navigation = list(NAVIGATION)
        self._renderer = PageRenderer(
            frame="web/served.html",
            stylesheet=assets.stylesheet,
            script=assets.script,
            icon=assets.icon,
            version=__version__,
            moment=show_moment,
            age=show_age,
            plural=plural,
            **LINKS,
        )

    @contextmanager
    def snapshot(self, request: Request, named: str = "as_of") -> Iterator[Snapshot]:
        """Lend what is known at the moment that the address names, of what is opened to whoever asks.

        `named` is the parameter that names it. Raises UsageError, ConfigError and StoreError.
        """
        text = request.query_params.get(named, "")
        with self.snapshots.at(moment_of(text, self.site.now()) if text else None, OPENED.get()) as snapshot:
            yield snapshot

    def answer(
        self,
        request: Request,
        template: str,
        code: int = HTTPStatus.OK,
        **values: Any,  # noqa: ANN401  whatever the template names
    ) -> Response:
        """Return a page. `snapshot` is what it was made from; without one the line below the menu is as of now.

        Nothing is said of the store to who is not signed in, nor where it cannot be read.
        """
        here = path_of(request)
        snapshot: Snapshot | None = values.get("snapshot")
        person: Person | None = getattr(request.state, "person", None)
        page = self._renderer.render(
            template,
            **{
                "basis": self._basis(request) if snapshot is None else snapshot.basis,
                "navigation": [(to, text) for to, text in self.navigation if person is None or to not in person.closed],
                "here": here,
                "section": "/" + here.split("/")[1],
                "kept_query": [
                    (name, value) for name, value in request.query_params.multi_items() if name not in _NOT_KEPT
                ],
                "person": person,
                "closed": frozenset() if person is None else person.closed,
                # What people did is read as it is now; an error may be of the moment that was asked for.
                "takes_moment": snapshot is not None or template == _ERROR,
                "as_of": request.query_params.get("as_of", ""),
                "asked": request.query_params.get("q", ""),
                **values,
            },
        )
        return HTMLResponse(page, code)

    def _basis(self, request: Request) -> PageBasis | None:
        if getattr(request.state, "person", None) is None:
            return None
        try:
            with self.snapshots.at(None, OPENED.get()) as snapshot:
                return snapshot.basis
        except AnnexdError:
            return None

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

    def not_taken(self, request: Request, error: Exception) -> Response:
        """Return the page for a form that is refused before anybody has read it."""
        assert isinstance(error, HTTPException)  # noqa: S101  registered for no other
        so = "Nothing was recorded."
        return self._error(request, HTTPStatus(error.status_code), "The form was not taken", error.detail, so)

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
            _logger.error("%s: %s", path_of(request), error.what)
        return self._error(request, status, title, error.what, error.so, error.mend)

    def broken(self, request: Request, error: Exception) -> Response:
        """Return the page for an error that nobody expected; what it was is in the log, not on the page."""
        _logger.error("%s: %s", path_of(request), type(error).__name__, exc_info=error)
        what = "This page could not be made. The error is in the log of annexd."
        return self._error(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", what)

    def _error(
        self, request: Request, status: HTTPStatus, title: str, what: str, so: str = "", mend: str = ""
    ) -> Response:
        return self.answer(request, _ERROR, status, title=title, what=what, so=so, mend=mend)
