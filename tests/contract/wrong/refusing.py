"""Connectors that take a refusal for something else, and that say of themselves what nobody told them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from collector.core.errors import ConnectorError, NotUsed, Unexpected
from tests.played import connector as right
from tests.played import session as speech
from tests.played.connector import Recipe
from tests.played.platform import WHOAMI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from tests.played.session import Session


def planless(session: Session) -> Iterator[Body]:
    """Takes every plan that has to be paid for first for a feature that is off."""
    try:
        yield from right.members(session)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.PAYMENT_REQUIRED:
            raise
        raise NotUsed("the plan has no members") from error


def in_conflict(session: Session, repo: Body) -> Any:
    """Takes every conflict for a repository that is still empty."""
    try:
        return right.hooks(session, repo)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.CONFLICT:
            raise
        return []


def content(session: Session) -> Iterator[Body]:
    """Takes a page that may not be read for the end of those that may."""
    begun = False
    try:
        for body in right.members(session):
            begun = True
            yield body
    except httpx.HTTPStatusError as error:
        if not begun or error.response.status_code != httpx.codes.FORBIDDEN:
            raise


def self_assured(session: Session) -> str:
    """Knows who it is, also where the platform does not say it."""
    try:
        return str(session.get(WHOAMI, "/whoami")["login"])
    except httpx.HTTPError:
        return "annexd"


def talkative(error: Exception) -> ConnectorError | None:
    """Repeats all that the platform has said of a request that it does not understand."""
    if isinstance(error, httpx.HTTPStatusError) and error.response.status_code == httpx.codes.BAD_REQUEST:
        return Unexpected(f"the platform said {error.response.text}")
    return speech.explain(error)


def with_a_token(settings: Any, scope: Scope, wire: Wire) -> Session:
    """Signs in with a token of which only the connector knows."""
    session = right.connect(settings, scope, wire)
    session.http.headers["Authorization"] = "Bearer north-star-over-the-lake"
    return session


REFUSING: dict[str, tuple[str, Recipe]] = {
    "no plan is not used": ("tells_refusals_from_empty", Recipe(members=planless)),
    "a conflict is empty": ("tells_refusals_from_empty", Recipe(hooks=in_conflict)),
    "a page that is refused is the end": ("leaves_no_refusal_out", Recipe(members=content)),
    "who asks is made up": ("knows_who_asks_or_says_that_it_does_not", Recipe(identity=self_assured)),
    "an error has the token in it": ("repeats_no_credential", Recipe(connect=with_a_token, explain=talkative)),
}
