"""The harness of Google Workspace: the company of the connector's tests, with two of each resource, one a page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from collector.contract.harness import Throttle
from collector.setup.loading import connector
from connectors.googleworkspace._sdk.client import LOOKUP, TOKEN
from connectors.googleworkspace._sdk.scopes import CALLS
from tests.connectors.google.refusals import by_error_info, by_list
from tests.connectors.googleworkspace.double import KEYS, PAGED, Double, not_an_admin, settings
from tests.connectors.googleworkspace.estate import CANARIES, furnish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.contract.raw_answers import Make, RawAnswer, RawRequest
    from connectors.googleworkspace._sdk.settings import Settings

_EMPTY = "Google leaves the key of an empty list out of its answer, and these answers have no other key"
_NO_LISTS = "Google leaves the key of an empty list out of its answer"

_NEVER_EMPTY = {
    "directory.users.list", "directory.roles.list", "directory.roleAssignments.list", "directory.orgunits.list",
    "directory.domains.list", "cloudidentity.policies.list",
}  # fmt: skip
_MAY_BE_EMPTY = KEYS.keys() - _NEVER_EMPTY
_OF_A_KIND = {call for call in KEYS if CALLS[call][0].api == "admin"}


class SteeredGoogle(Double):
    """The double of Google that the suite steers."""

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return self.asked.total()

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""
        return self.asked[call]

    def deny(self, call: str) -> None:
        """Refuse the call, as to an administrator without the privilege."""
        self.wrong[call] = not_an_admin

    def fail(self, call: str) -> None:
        """Answer with 500."""
        self.wrong[call] = lambda _request: _error()

    def cut(self, call: str) -> None:
        """Answer with 500 from the second page on."""
        self.wrong[call] = lambda request: _error() if "pageToken" in request.url.params else None

    def circle(self, call: str) -> None:
        """Answer with pages A, B, A, B."""
        self._lead(call, lambda page: 1 - page)

    def repeat(self, call: str) -> None:
        """Answer with a page that names itself as the next."""
        self._lead(call, lambda page: page)

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer with pages without an end, or so many."""
        self._lead(call, lambda page: page + 1 if page + 1 != pages else None)

    def play(self, call: str, make: Make) -> None:
        """Answer with what is made of Google's own answer."""
        self.makes[call] = make

    def stretch(self) -> None:
        """Spread every list over more than ten pages."""
        for call in PAGED & self.answers.keys():
            found = self.answers[call]
            self.answers[call] = (
                {place: _many(items) for place, items in found.items()} if isinstance(found, dict) else _many(found)
            )

    def _lead(self, call: str, after: Callable[[int], int | None]) -> None:
        def lead(request: httpx.Request) -> httpx.Response:
            page = int(request.url.params.get("pageToken", "0"))
            _, places = self.call_of(request)
            items = self.of_place(call, places)
            body = {"kind": f"admin#{call}", KEYS[call]: [_numbered(items[0], page)]}
            following = after(page)
            return httpx.Response(200, json=body if following is None else body | {"nextPageToken": str(following)})

        self.wrong[call] = lead


def _error() -> httpx.Response:
    return httpx.Response(500, json={"error": {"code": 500, "message": "Internal error encountered."}})


def _many(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_numbered(item, number) for number in range(6) for item in items]


def _numbered(item: dict[str, Any], number: int) -> dict[str, Any]:
    """Return an item of which the texts that may be its key are others."""
    keys = {
        "id",
        "primaryEmail",
        "email",
        "name",
        "roleId",
        "roleAssignmentId",
        "alertId",
        "deviceId",
        "resourceId",
        "codeId",
    }
    return item | {key: f"{item[key]}{number}" for key in keys & item.keys() if isinstance(item[key], str)}


def _too_many_a_minute(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """More than a minute allows: status 429, and no word on when to ask again."""
    reply = by_error_info(429, "RATE_LIMIT_EXCEEDED", name="RESOURCE_EXHAUSTED")
    date = "Sun, 01 Mar 2026 00:00:20 GMT"
    return own.but(429, reply.content, content_type="application/json", date=date)


def _too_many_of_the_user(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The Directory's limit, which comes with 403."""
    reply = by_list(403, "userRateLimitExceeded")
    return own.but(403, reply.content, content_type="application/json", date="Sun, 01 Mar 2026 00:00:20 GMT")


def _with_retry_info(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The delay in the error itself."""
    reply = by_error_info(429, "RATE_LIMIT_EXCEEDED", name="RESOURCE_EXHAUSTED", retry="7s")
    return own.but(429, reply.content, content_type="application/json")


class GoogleWorkspaceHarness:
    """A source that signs in as a service account with domain-wide delegation, with all that is optional."""

    throttles: ClassVar = {
        "a minute": Throttle(_too_many_a_minute, 40),
        "403": Throttle(_too_many_of_the_user, 40),
        "RetryInfo": Throttle(_with_retry_info, 7),
    }
    free = frozenset({LOOKUP, TOKEN})
    attempts = 4
    canaries = CANARIES

    def __init__(self) -> None:
        self.connector = connector("googleworkspace").connector
        self.paged = PAGED & set(self.connector.calls())
        self.not_possible = {
            "next link": "a page names the next by a token",
            "odd count": "no list is counted",
            f"content type {TOKEN}": "google-auth takes what it can read for the answer",
            f"throttled {TOKEN}": "the limits of an API are not those of the service that gives tokens",
            f"throttled {LOOKUP}": "the limits of an API are not those of the resolver",
            **{f"without lists {call}": _NO_LISTS for call in _MAY_BE_EMPTY & set(self.connector.calls())},
            **{
                f"empty {call}": _EMPTY
                for call in _MAY_BE_EMPTY & set(self.connector.calls())
                if call not in _OF_A_KIND
            },
        }

    @contextmanager
    def fixture(self) -> Iterator[SteeredGoogle]:
        """Start a new double."""
        double = SteeredGoogle(page_size=1, validates=False)
        furnish(double)
        with double.serving():
            yield double

    def settings(self, _double: Any) -> Settings:
        """Return the settings of a source that reads the double."""
        return settings(group_settings=True, user_security=True, alerts=True)


def harness() -> GoogleWorkspaceHarness:
    """Return the harness of Google Workspace."""
    return GoogleWorkspaceHarness()
