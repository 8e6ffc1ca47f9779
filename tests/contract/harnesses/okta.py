"""The harness of Okta: the organization of the connector's tests, with two resources of each kind, one a page."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from collector.contract.harness import Throttle
from collector.setup.loading import connector
from connectors.okta._sdk.client import token_for
from connectors.okta._sdk.operations import (
    APP,
    APPS,
    FIRST_PARTY_SETTINGS,
    GROUP_ROLES,
    GROUP_USERS,
    ME,
    METADATA,
    ROLE_PERMISSIONS,
    SCOPES,
    SUPPORT,
    THIRD_PARTY_ADMINS,
    THREATS,
    USER_ROLES,
)
from tests.connectors.aws.wires import CountingWire
from tests.connectors.okta.estate import CANARIES, furnish
from tests.connectors.okta.played import NOW, PlayedOkta, refused, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from collector.contract.raw_answers import Make, RawAnswer, RawRequest
    from collector.core.connectors import Connector
    from connectors.okta._sdk.settings import Settings

_LONG = 12
_SINGLE = {APP, FIRST_PARTY_SETTINGS, ME, METADATA, ROLE_PERMISSIONS, SUPPORT, THIRD_PARTY_ADMINS, THREATS}


class SteeredOkta(PlayedOkta):
    """The double of Okta that the suite steers."""

    @property
    def count(self) -> int:
        """How many requests were answered, those for tokens too."""
        return self.asked.total()

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""
        return self.asked[call]

    def deny(self, call: str) -> None:
        """Refuse the call."""
        self.wrong[call] = lambda _call, _request, _answer: refused()

    def fail(self, call: str) -> None:
        """Answer the call with 500."""
        self.wrong[call] = lambda _call, _request, _answer: refused(500, "E0000009", "Internal Server Error")

    def cut(self, call: str) -> None:
        """Answer the call with 502 from the second page on."""
        self.wrong[call] = lambda name, request, answer: (
            refused(502, "E0000009", "Bad gateway")
            if "after" in request.url.params
            else self.paged(name, request, answer)
        )

    def circle(self, call: str) -> None:
        """Answer the call with pages A, B, A, B."""
        self._lead(call, lambda page: 1 - page)

    def repeat(self, call: str) -> None:
        """Answer the call with a page that names itself as the next."""
        self._lead(call, lambda page: page)

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer the call with pages without an end, or with so many."""
        self._lead(call, lambda page: page + 1 if pages is None or page + 1 < pages else None)

    def stretch(self) -> None:
        """Make all lists long."""
        self.pages = {}
        furnish(self, _LONG)

    def play(self, call: str, make: Make) -> None:
        """Answer the call with what is made of Okta's own answer."""
        self.makes[call] = make

    def _lead(self, call: str, after: Callable[[int], int | None]) -> None:
        def lead(_call: str, request: httpx.Request, answer: Any) -> httpx.Response:
            following = after(int(request.url.params.get("after", "0")))
            key = "value" if request.url.path.endswith("/assignees/users") else None
            return self.sent(request, answer[:1], None if following is None else str(following), key)

        self.wrong[call] = lead


def _quota_used_up(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The bucket is empty and full again in half a minute; Okta sends no Retry-After."""
    body = refused(429, "E0000047", "API call exceeded rate limit due to too many requests.").content
    quota = {"x_rate_limit_limit": "600", "x_rate_limit_remaining": "0", "x_rate_limit_reset": str(NOW + 30)}
    return own.but(429, body, content_type="application/json", date="Sun, 01 Mar 2026 06:00:00 GMT", **quota)


def _too_many_at_once(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """Too many requests at the same time: the bucket still has some, and nothing says how long to wait."""
    return own.but(
        429, refused(429, "E0000047", "Too many concurrent requests").content, content_type="application/json"
    )


class OktaHarness:
    """A source that signs in as an API service app."""

    throttles: ClassVar = {
        "the second of the reset": Throttle(_quota_used_up, 31),
        "at once": Throttle(_too_many_at_once),
    }
    not_possible: ClassVar[dict[str, str]] = {
        "odd count": "no list of Okta's states a count",
        **{f"twin {call}": "what is looked up is no resource of the kind" for call in (GROUP_ROLES, GROUP_USERS)},
        **{
            f"second page {call} of {kind}": "a group is looked up before it is listed"
            for call in (GROUP_ROLES, GROUP_USERS)
            for kind in ("okta.role.assignment", "okta.user.factor")
        },
    }
    free = frozenset({METADATA})
    attempts = 4
    canaries = CANARIES

    def __init__(self) -> None:
        self.connector = _by_app(connector("okta").connector)
        self.paged = frozenset(call for call in self.connector.calls() if call not in _SINGLE)

    @contextmanager
    def fixture(self) -> Iterator[SteeredOkta]:
        """Start a new double; a page of applications has one for people and one for programs."""
        with SteeredOkta(page=1, pages={APPS: 2}) as okta:
            furnish(okta, 2)
            yield okta

    def settings(self, _double: Any) -> Settings:
        """Return the settings of a source that reads the double, and has signed in: no list declares how."""
        return _signed_in()


@cache
def _signed_in() -> Settings:
    """Return settings of which each token was asked for already, and is kept for the process."""
    found = settings()
    with PlayedOkta():
        for scope in set(SCOPES.values()):
            token_for(found, scope).headers(CountingWire())
    return found


def _by_app(okta: Connector[Any, Any]) -> Connector[Any, Any]:
    """Return the connector without the calls that only the owner of an API token makes."""
    own = "okta.collector.identity"
    others = {ME, USER_ROLES}

    def asked(calls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(call for call in calls if call not in others)

    identity = replace(okta.collections[own], calls=asked(okta.collections[own].calls))
    parts = [replace(part, calls=asked(part.calls)) for part in okta.parts[own]]
    return replace(okta, collections={**okta.collections, own: identity}, parts={**okta.parts, own: parts})


def harness() -> OktaHarness:
    """Return the harness of Okta."""
    return OktaHarness()
