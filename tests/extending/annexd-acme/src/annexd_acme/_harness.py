"""The harness of Acme for annexd's contract suite: a double of the platform in this process.

The name begins with an underscore, so that annexd does not import it with the connector.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import httpx
from collector.contract.httpx_answers import Make, made_by
from collector.core.secrets import Secret
from connectors._http import answered_by

from annexd_acme import connector as module
from annexd_acme.connector import KEYS, ME, POLICY, USERS, Settings

CANARIES = {
    "a phone number": "canary-phone",
    "the name in an address": "canary-person",
    "a key's secret": "canary-key",
}
_ROUTES = {
    ME: "/me",
    POLICY: "/workspaces/[^/]+/policy",
    USERS: "/workspaces/[^/]+/users",
    KEYS: "/workspaces/[^/]+/keys",
}


def a_user(id_: str, **but: Any) -> dict[str, Any]:
    """Return a user with everything in order."""
    private = {"phone": CANARIES["a phone number"], "email": f"{CANARIES['the name in an address']}@example.org"}
    return {"id": id_, "mfa": True, "last_seen_at": "2026-02-27T08:00:00Z", **private, **but}


def a_page(users: list[dict[str, Any]], after: str | None) -> httpx.Response:
    """Return a page of users; `after` asks for the next one, None where there is none."""
    return httpx.Response(200, json={"users": users, "next": after})


class Platform:
    """Answers as the platform does, and plays what the suite asks for. A `call` is as the connector declares it."""

    def __init__(self) -> None:
        self.users = [a_user("ann"), a_user("bob"), a_user("eve", mfa=False)]
        self.page_size = 2
        self._served: list[str] = []
        self._plays: dict[str, Callable[[str], httpx.Response | None]] = {}
        self._makes: dict[str, Make] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        calls = [call for call, path in _ROUTES.items() if re.fullmatch(path, request.url.path)]
        assert calls, f"the double knows no {request.method} {request.url}"
        self._served.append(call := calls[0])
        after = request.url.params.get("after", "")
        own = (self._plays[call](after) if call in self._plays else None) or self._own(call, after)
        return made_by(self._makes.get(call), request, own)

    def _own(self, call: str, after: str) -> httpx.Response:
        if call == ME:
            return httpx.Response(200, json={"id": "auditor"})
        if call == POLICY:
            return httpx.Response(200, json={"sso_required": True})
        if call == KEYS:
            key = {"id": "deploy", "created_at": "2026-01-15T00:00:00Z", "secret": CANARIES["a key's secret"]}
            return httpx.Response(200, json={"keys": [key]})
        start = int(after or 0)
        end = start + self.page_size
        return a_page(self.users[start:end], str(end) if end < len(self.users) else None)

    @property
    def count(self) -> int:
        return len(self._served)

    def served(self, call: str) -> int:
        return self._served.count(call)

    def deny(self, call: str) -> None:
        self._plays[call] = lambda _after: httpx.Response(403, json={"error": "forbidden"})

    def fail(self, call: str) -> None:
        self._plays[call] = lambda _after: httpx.Response(500, json={"error": "down"})

    def cut(self, call: str) -> None:
        self._plays[call] = lambda after: httpx.Response(500, json={"error": "down"}) if after else None

    def circle(self, call: str) -> None:
        self._plays[call] = lambda after: a_page([], "A" if after == "B" else "B")

    def repeat(self, call: str) -> None:
        self._plays[call] = lambda _after: a_page([], "A")

    def endless(self, call: str, pages: int | None = None) -> None:
        self._plays[call] = lambda after: a_page([], str(n) if (n := int(after or 0) + 1) != pages else None)

    def play(self, call: str, make: Make) -> None:
        self._makes[call] = make

    def stretch(self) -> None:
        self.users = [a_user(f"user-{number}") for number in range(12)]
        self.page_size = 1


class Harness:
    """What the contract suite takes; see collector.contract.harness.Harness."""

    connector = module.acme
    paged = frozenset({USERS})
    free = frozenset({ME})
    attempts = 4
    canaries = CANARIES
    throttles: ClassVar = {}  # it says so by status 429 alone
    not_possible: ClassVar = {"odd count": "no list has a count", "next link": "a page names the next by a token"}

    @contextmanager
    def fixture(self) -> Iterator[Platform]:
        platform = Platform()
        with answered_by(platform.answer, "https://api.example.com"):
            yield platform

    def settings(self, _double: Platform) -> Settings:
        return Settings(token=Secret("a made-up token", lambda: "made-up"), workspaces=("acme",))


def harness() -> Harness:
    """Return the harness; annexd finds this function by the entry point group annexd.contract."""
    return Harness()
