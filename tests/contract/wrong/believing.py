"""Connectors that believe what they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from collector.core.errors import ConnectorError, Unavailable
from collector.core.wire import Answer, Total
from tests.played import connector as right
from tests.played import session as speech
from tests.played.connector import Recipe
from tests.played.platform import HOOKS, MEMBERS, PROTECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from tests.played.session import Session


def hospitable(session: Session) -> Iterator[Body]:
    """Takes a page without its list for an empty page, and one without a word on the next for the last."""
    (org,) = session.scope
    params: dict[str, str] = {}
    while True:
        answer = session.get(MEMBERS, f"/orgs/{org}/members", **params) or {}
        yield from answer.get("items", [])
        if answer.get("next") is None:
            return
        params = {"from": answer["next"]}


def any_hooks(session: Session, repo: Body) -> Any:
    """Takes whatever is answered for the hooks."""
    org, project = session.scope
    return session.get(HOOKS, f"/orgs/{org}/projects/{project}/repos/{repo['name']}/hooks")


def incurious(session: Session) -> Iterator[Body]:
    """Takes a list that is gone for an empty one."""
    try:
        yield from right.members(session)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise


def unguarded(session: Session, repo: Body) -> Any:
    """Takes every 404 for the platform's word that a branch is not protected."""
    org, project = session.scope
    path = f"/orgs/{org}/projects/{project}/repos/{repo['name']}/protection"
    try:
        found = session.get(PROTECTION, path)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise
        raise ConnectorError("there is no protection", code="no_protection") from error
    return right.with_key("reviews", found)


def hopeful_of_tokens(error: Exception) -> ConnectorError | None:
    """Takes a token that is not valid for a platform that is down."""
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == httpx.codes.UNAUTHORIZED:
        return Unavailable("the platform is not ready for us")
    return speech.explain(error)


def counting(session: Session) -> Iterator[Body | Total]:
    """Makes a whole number of whatever the platform says that it counts."""
    (org,) = session.scope
    yield Total(int(session.get(MEMBERS, f"/orgs/{org}/members")["total"]), "the platform")
    yield from right.members(session)


def weary(session: Session) -> Iterator[Body]:
    """Reads five thousand pages, which should do."""
    (org,) = session.scope
    params: dict[str, str] = {}
    for _ in range(5_000):
        answer = session.get(MEMBERS, f"/orgs/{org}/members", **params)
        yield from answer["items"]
        if answer["next"] is None:
            return
        params = {"from": answer["next"]}


def _sending(transport: Callable[..., httpx.BaseTransport], **client: Any) -> Recipe:
    """Return a recipe whose sessions send through a transport of their own."""

    def connect(settings: Any, scope: Scope, wire: Wire) -> Session:
        session = right.connect(settings, scope, wire)
        inner = httpx.MockTransport(settings.platform.answer)
        session.http = httpx.Client(
            base_url="https://played.example", transport=transport(wire, inner, settings.attempts), **client
        )
        return session

    return Recipe(connect=connect)


class _Greedy(speech.Wired):
    """Reads every answer to its end, however large it is."""

    def read(self, response: httpx.Response) -> httpx.Response:
        """Read it."""
        response.read()
        return response


class _Impatient(speech.Wired):
    """Asks again at once, and tells the wire nothing of it."""

    def told(self, response: httpx.Response) -> Answer:
        """Leave out that there were too many requests."""
        return Answer(response.status_code)


class _Hoarding(speech.Wired):
    """Keeps every answer, in case it is needed again."""

    def read(self, response: httpx.Response) -> httpx.Response:
        """Read it, and keep it with the wire."""
        read = super().read(response)
        self.__dict__.setdefault("kept", []).append(read.content)
        return read


def _proud(wire: Wire, inner: httpx.BaseTransport, _attempts: int) -> httpx.BaseTransport:
    """Return a transport that asks each thing once."""
    return speech.Wired(wire, inner)


BELIEVING: dict[str, tuple[str, Recipe]] = {
    "a page without its list is empty": ("believes_no_nonsense", Recipe(members=hospitable)),
    "whatever is answered is the part": ("believes_no_nonsense", Recipe(hooks=any_hooks)),
    "gone is empty": ("tells_gone_from_empty", Recipe(members=incurious)),
    "gone is none": ("tells_gone_from_empty", Recipe(protection=unguarded)),
    "a token that is not valid is an outage": (
        "reports_a_credential_that_is_not_valid",
        Recipe(explain=hopeful_of_tokens),
    ),
    "any count is a number": ("believes_no_odd_count", Recipe(members=counting)),
    "an answer is read to its end": ("reads_no_answer_without_end", _sending(_Greedy)),
    "the wire is not told to wait": ("waits_when_it_is_asked_to", _sending(_Impatient)),
    "nothing is asked twice": ("waits_when_it_is_asked_to", _sending(_proud)),
    "redirects are followed": ("asks_nobody_elsewhere", _sending(speech.Wired, follow_redirects=True)),
    "five thousand pages are all": ("reads_a_huge_list_or_says_that_it_did_not", Recipe(members=weary)),
    "every page is kept": ("reads_a_huge_list_or_says_that_it_did_not", _sending(_Hoarding)),
    "an answer is waited for without end": ("gives_up_on_silence", _sending(speech.Wired, timeout=None)),
}
