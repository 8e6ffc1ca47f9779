"""Pages without signing in, for tests of what they show: whoever asks is one viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from collector.web.persons import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.web.pages import Pages


class OneViewer:
    """Implements `collector.web.persons.People`."""

    def is_open(self, request: Request) -> bool:  # noqa: ARG002  the protocol's
        """No page is open to nobody."""
        return False

    def who(self, request: Request) -> Person | None:  # noqa: ARG002  the protocol's
        """Return the viewer."""
        return Person(subject="local", name="this machine", role="viewer")

    def unknown(self, request: Request) -> Response:  # noqa: ARG002  the protocol's
        """Refuse."""
        return PlainTextResponse("nobody is signed in\n", 401)

    def may(self, person: Person, request: Request) -> bool:  # noqa: ARG002  the protocol's
        """Read, and nothing else."""
        return request.method in {"GET", "HEAD"}

    def routes(self, pages: Pages) -> Sequence[BaseRoute]:  # noqa: ARG002  the protocol's
        """There is nothing to do but read."""
        return ()
