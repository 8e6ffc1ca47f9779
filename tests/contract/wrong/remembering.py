"""Connectors that take one answer for another: of another run, another scope, another request."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from tests.played import connector as right
from tests.played import session as speech
from tests.played.connector import Recipe
from tests.played.platform import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from tests.played.session import Session

_SLOW = 0.2
"""Seconds: longer than a double in this process takes, and shorter than the suite holds an answer back."""


def _kept_for_the_next_run() -> Recipe:
    """Asks each platform once how a repository is guarded, in case it is refused later."""
    kept: dict[tuple[Any, str], Any] = {}
    estates: dict[int, Any] = {}

    def connect(settings: Any, scope: Scope, wire: Wire) -> Session:
        session = right.connect(settings, scope, wire)
        estates[id(session)] = settings.platform
        return session

    def protection(session: Session, repo: Body) -> Any:
        place = estates[id(session)], repo["name"]
        if place not in kept:
            kept[place] = right.protection(session, repo)
        return kept[place]

    return Recipe(connect=connect, protection=protection)


@dataclass
class _Listed:
    """How the list of the first project ended, in one run."""

    clients: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    is_whole: bool = False


def _listed_once() -> Recipe:
    """Lists the repositories of one project, and takes that for the list of every other."""
    lock = threading.Lock()
    run = _Listed()

    def connect(settings: Any, scope: Scope, wire: Wire) -> Session:
        with lock:
            run.clients += 1
        return right.connect(settings, scope, wire)

    def close(session: Session) -> None:
        right.close(session)
        with lock:
            run.clients -= 1
            if not run.clients:
                run.ended, run.is_whole = threading.Event(), False

    def repos(session: Session) -> Iterator[Body]:
        if session.scope[1] == "api":
            try:
                yield from right.repos(session)
                run.is_whole = True
            finally:
                run.ended.set()
            return
        run.ended.wait(5)
        if not run.is_whole:
            yield from right.repos(session)

    return Recipe(connect=connect, close=close, repos=repos)


def local(session: Session) -> Iterator[Body]:
    """Takes a time without its zone for one of this machine."""
    for body in right.members(session):
        created = datetime.fromisoformat(body["created_at"].removesuffix("Z"))
        yield {**body, "created_at": created.astimezone(UTC).isoformat()}


class _Mixing(speech.Wired):
    """Gives whoever has waited for long the answer that came last, to whichever client."""

    last: ClassVar[list[httpx.Response]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        began = time.monotonic()
        response = super().handle_request(request)
        if time.monotonic() - began > _SLOW and self.last:
            return self.last[-1]
        self.last[:] = [httpx.Response(response.status_code, headers=response.headers, content=response.content)]
        return response


def restarting(session: Session) -> Iterator[Body]:
    """Begins again at the first page when it is asked to wait at the second."""
    for _ in range(3):
        try:
            yield from right.members(session)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                raise
        else:
            return


class _Unrepeated(speech.Wired):
    """Leaves it to the list of members to ask again."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        if request.extensions["operation"] == MEMBERS:
            return self._attempt(request)
        return super().handle_request(request)


def case_blind(session: Session) -> Iterator[Body]:
    """Takes two accounts whose names differ by the case of their letters for one."""
    known: set[str] = set()
    for body in right.members(session):
        if body["login"].lower() not in known:
            known.add(body["login"].lower())
            yield body


def _sending(transport: type[speech.Wired], **pieces: Any) -> Recipe:
    def connect(settings: Any, scope: Scope, wire: Wire) -> Session:
        session = right.connect(settings, scope, wire)
        inner = httpx.MockTransport(settings.platform.answer)
        session.http = httpx.Client(
            base_url="https://played.example", transport=transport(wire, inner, settings.attempts)
        )
        return session

    return Recipe(connect=connect, **pieces)


REMEMBERING: dict[str, tuple[str, Recipe]] = {
    "an answer is kept for the next run": ("asks_again_in_every_run", _kept_for_the_next_run()),
    "one project is listed for all": ("asks_in_every_scope", _listed_once()),
    "a time is this machine's": ("means_the_same_in_every_time_zone", Recipe(members=local)),
    "threads share an answer": ("keeps_its_threads_apart", _sending(_Mixing)),
    "a page again is all pages again": (
        "goes_on_where_it_was_asked_to_wait",
        _sending(_Unrepeated, members=restarting),
    ),
    "names are one whatever their case": ("keeps_twins_apart", Recipe(members=case_blind)),
}
