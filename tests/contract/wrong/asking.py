"""Connectors that ask in the wrong way."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.played import connector as right
from tests.played import session as speech
from tests.played.connector import Recipe
from tests.played.platform import MEMBERS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Answer, Call, Wire
    from tests.played.session import Session


class _Beside(httpx.BaseTransport):
    """Lets hooks past the wire."""

    def __init__(self, wired: httpx.BaseTransport, bare: httpx.BaseTransport) -> None:
        self.wired, self.bare = wired, bare

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Choose the way by the path."""
        way = self.bare if request.url.path.endswith("/hooks") else self.wired
        return way.handle_request(request)


@dataclass
class _Unwired:
    """A wire that nobody hears of."""

    largest_answer: int
    scope_facts: Mapping[str, Any] = field(default_factory=dict)
    seconds_left: float = 3600.0

    def before(self, call: Call) -> None:
        """Do nothing."""

    def after(self, call: Call, answer: Answer) -> None:
        """Do nothing."""

    def pause(self, seconds: float) -> None:
        """Do nothing."""


def unmetered(settings: Any, scope: Scope, wire: Wire) -> Session:
    """One of the SDK's calls takes a transport of its own."""
    session = right.connect(settings, scope, wire)
    inner = httpx.MockTransport(settings.platform.answer)
    bare = speech.Wired(_Unwired(wire.largest_answer), inner, settings.attempts)
    session.http = httpx.Client(base_url="https://played.example", transport=_Beside(session.http._transport, bare))
    return session


def undeclared(session: Session) -> Iterator[Body]:
    """Asks for something that its declaration does not name."""
    (org,) = session.scope
    session.get(SETTINGS, f"/orgs/{org}/settings")
    yield from right.members(session)


def tireless(session: Session) -> Iterator[Body]:
    """Tries the first page again, and again, while the platform says that it is down."""
    (org,) = session.scope
    for attempt in range(9):
        try:
            session.get(MEMBERS, f"/orgs/{org}/members")
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.INTERNAL_SERVER_ERROR or attempt == 8:
                raise
        else:
            break
    yield from right.members(session)


def sleepy(session: Session) -> Iterator[Body]:
    """Waits a little between pages, to be polite."""
    for body in right.members(session):
        time.sleep(0)
        yield body


ASKING: dict[str, tuple[str, Recipe]] = {
    "a call beside the wire": ("is_metered", Recipe(connect=unmetered)),
    "a call that is not declared": ("asks_what_it_declares", Recipe(members=undeclared)),
    "a loop of retries": ("gives_up_in_time", Recipe(members=tireless)),
    "a nap between pages": ("does_not_sleep", Recipe(members=sleepy)),
    "no need named": ("names_its_needs", Recipe(members_need="")),
}
