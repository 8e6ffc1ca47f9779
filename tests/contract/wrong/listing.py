"""Connectors that list in the wrong way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from collector.core.wire import Call
from tests.played import connector as right
from tests.played import session as speech
from tests.played.connector import Recipe
from tests.played.platform import MEMBERS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from tests.played.session import Session


def _pages(session: Session) -> Iterator[tuple[dict[str, Any], str]]:
    """Every page of members, with the token that asked for it."""
    (org,) = session.scope
    token = ""
    while True:
        answer = session.get(MEMBERS, f"/orgs/{org}/members", **({"from": token} if token else {}))
        yield answer, token
        token = answer["next"]
        if token is None:
            return


def swallowing(session: Session) -> Iterator[Body]:
    """Takes a refusal for an empty list, at the first page."""
    begun = False
    try:
        for body in right.members(session):
            begun = True
            yield body
    except httpx.HTTPStatusError as error:
        if begun or error.response.status_code != httpx.codes.FORBIDDEN:
            raise


def hopeful(session: Session) -> Iterator[Body]:
    """Takes a platform that is down for an empty list, at the first page."""
    begun = False
    try:
        for body in right.members(session):
            begun = True
            yield body
    except httpx.HTTPStatusError as error:
        if begun or error.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            raise


def truncating(session: Session) -> Iterator[Body]:
    """Takes a page that fails for the end of the list."""
    begun = False
    try:
        for body in right.members(session):
            begun = True
            yield body
    except httpx.HTTPStatusError as error:
        if not begun or error.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            raise


def circling(session: Session) -> Iterator[Body]:
    """Notices that the pages lead back, and takes that for their end."""
    known = set()
    for answer, token in _pages(session):
        if token in known:
            return
        known.add(token)
        yield from answer["items"]


def stopping(session: Session) -> Iterator[Body]:
    """Reads forty pages, which should do."""
    for number, (answer, _) in enumerate(_pages(session)):
        if number == 40:
            return
        yield from answer["items"]


def twice(session: Session) -> Iterator[Body]:
    """Gives everything two times."""
    for body in right.members(session):
        yield body
        yield body


def empty(session: Session) -> Iterator[Body]:
    """Asks, and forgets to give what was answered."""
    (org,) = session.scope
    dict(right.with_key("two_factor_required", session.get(SETTINGS, f"/orgs/{org}/settings")))
    yield from ()


def in_one_object(session: Session) -> Iterator[Body]:
    """Gives the same object each time, with the next ticket in it."""
    body: Body = {}
    for ticket in right.tickets(session):
        assert isinstance(ticket, dict)
        body.clear()
        body.update(ticket)
        yield body


class _Nameless(speech.Wired):
    """Tells the wire which operation, and not which page."""

    def named(self, request: httpx.Request) -> Call:
        """Name a request without its parameters."""
        return Call(speech.call_of(request).operation)


def nameless(settings: Any, scope: Scope, wire: Wire) -> Session:
    """Every page of a list looks like every other."""
    session = right.connect(settings, scope, wire)
    inner = httpx.MockTransport(settings.platform.answer)
    session.http = httpx.Client(base_url="https://played.example", transport=_Nameless(wire, inner, settings.attempts))
    return session


LISTING: dict[str, tuple[str, Recipe]] = {
    "a refusal is an empty list": ("reports_a_refused_list", Recipe(members=swallowing)),
    "a failure is an empty list": ("reports_a_failing_list", Recipe(members=hopeful)),
    "a failing page is the end": ("keeps_half_a_list_as_half", Recipe(members=truncating)),
    "a circle is the end": ("does_not_go_round_in_circles", Recipe(members=circling)),
    "forty pages are all": ("does_not_believe_in_the_last_of_endless_pages", Recipe(members=stopping)),
    "all pages look alike": ("reads_a_long_list_to_its_end", Recipe(connect=nameless)),
    "all are one object": ("changes_nothing_that_it_listed", Recipe(tickets=in_one_object)),
    "everything comes twice": ("lists_each_resource_once", Recipe(members=twice)),
    "nothing comes at all": ("shows_everything", Recipe(settings_of=empty)),
}
