"""Who looks at the pages. How people sign in is behind a protocol."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from collector.web.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.web.pages import Pages


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who is signed in. `subject` is who it is, `name` what is shown; `until` is when the access ends.

    `csrf` belongs into every form; empty: nobody can sign out. `opened` is what may be read; None: everything.
    `closed` are addresses that the role does not open.
    """

    subject: str
    name: str
    role: str
    until: datetime | None = None
    csrf: str = ""
    opened: Opened | None = None
    closed: frozenset[str] = frozenset()


class People(Protocol):
    """How people are known. Each method may block: it is called in a thread of its own.

    Every request but those for style sheet and script goes through `is_open`, `who` and `may`, whatever its route.
    """

    def is_open(self, request: Request) -> bool:
        """Whether a request needs nobody to be signed in, such as one for the page to sign in."""

    def who(self, request: Request) -> Person | None:
        """Return who sends a request; None where nobody is signed in."""

    def unknown(self, request: Request) -> Response:
        """Return the answer to a request of somebody who is not signed in."""

    def may(self, person: Person, request: Request) -> bool:
        """Whether this person may have what the request asks for."""

    def routes(self, pages: Pages) -> Sequence[BaseRoute]:
        """Return the routes of signing in and of what people do; they come before those of the pages."""
