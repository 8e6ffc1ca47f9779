"""The harness of GitLab: the company of the connector's tests on a GitLab of its own, two resources of each kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

import httpx

from collector.contract.harness import Throttle
from collector.contract.httpx_answers import Make, made_by
from collector.contract.raw_answers import RawAnswer, RawRequest
from collector.core.connectors import Connector
from collector.setup.loading import connector
from connectors.gitlab._sdk.calls import GRAPHQL, NAMESPACE, OWN_ROLE, USER
from connectors.gitlab._sdk.settings import Settings
from tests.connectors.gitlab.double import GitLabDouble, numbered, path_of
from tests.connectors.gitlab.estate import CANARIES, furnish, served, settings

_ON_DOTCOM = "gitlab.group.enterprise_user"
_ENTERPRISE = "GET /api/v4/groups/{group}/enterprise_users"
_BY_KEY = {"GET /api/v4/users", "GET /api/v4/groups/{group}/audit_events"}
_PUSH_RULE = "GET /api/v4/projects/{project}/push_rule"
_AT = "GET /api/v4/projects/{project}"
_FOR_EACH = (f"{_AT}/merge_requests/{{iid}}/versions", f"{_AT}/members/all")
_LOOKED_UP = (*_FOR_EACH, f"{_AT}/events", f"{_AT}/merge_requests")
_LONG = 12


class SteeredGitLab(GitLabDouble):
    """The double of GitLab that the suite steers."""

    def __init__(self) -> None:
        super().__init__()
        self.page_size = 1
        self._plays: dict[str, Callable[[httpx.Request], httpx.Response | None]] = {}
        self._makes: dict[str, Make] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, as a rule of the suite wants it."""
        own = super().__call__(request)
        return made_by(next((make for call, make in self._makes.items() if _is(call, request)), None), request, own)

    def reply(self, request: httpx.Request) -> httpx.Response:
        """Return the answer that a rule of the suite set for the call, or GitLab's."""
        play = next((play for call, play in self._plays.items() if _is(call, request)), None)
        return (play(request) if play is not None else None) or super().reply(request)

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return self.total.total()

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""
        return sum(_is(call, request) for request in self.asked)

    def deny(self, call: str) -> None:
        """Refuse the call."""
        if call == GRAPHQL:
            refused = {"data": None, "errors": [{"message": "you don't have permission to perform this action"}]}
            self._plays[call] = lambda _request: httpx.Response(200, json=refused)
        else:
            self._plays[call] = lambda _request: httpx.Response(403, json={"message": "403 Forbidden"})

    def fail(self, call: str) -> None:
        """Answer the call with 500."""
        self._plays[call] = lambda _request: httpx.Response(500, json={"message": "500 Internal Server Error"})

    def cut(self, call: str) -> None:
        """Answer the call with 502 from the second page on."""
        self._plays[call] = lambda request: (
            httpx.Response(502, json={"message": "down"}) if _number(request) > 1 else None
        )

    def circle(self, call: str) -> None:
        """Answer the call with pages A, B, A, B."""
        self._lead(call, lambda number: 3 - number if number < 3 else 1)

    def repeat(self, call: str) -> None:
        """Answer the call with a page that names itself as the next."""
        self._lead(call, lambda number: number)

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer the call with pages without an end, or with so many."""
        self._lead(call, lambda number: number + 1 if number != pages else None)

    def play(self, call: str, make: Make) -> None:
        """Answer the call with what is made of GitLab's own answer."""
        self._makes[call] = make

    def stretch(self) -> None:
        """Make the lists long, but for those of one project: there are more of the first thing in each."""
        for path, answer in list(self.answers.items()):
            if isinstance(answer, list) and answer and not path.startswith("/api/v4/projects/acme%2Fp"):
                self.answers[path] = [*answer, *(_another(answer[0], number) for number in range(100, 100 + _LONG))]

    def _lead(self, call: str, after: Callable[[int], int | None]) -> None:
        def lead(request: httpx.Request) -> httpx.Response:
            following = after(_number(request))
            if call not in _BY_KEY:
                return numbered([], following)
            url = request.url.copy_merge_params({"cursor": str((following or 1) - 1)})
            links = {"link": f'<{url}>; rel="next"'} if following is not None else {}
            return httpx.Response(200, json=[], headers=links)

        self._plays[call] = lead


def _another(thing: dict[str, Any], number: int) -> dict[str, Any]:
    """Return another thing of a list."""
    names = {"username": f"u{number}", "full_path": f"acme/g{number}", "path_with_namespace": f"acme/p{number}"}
    names |= {"key": f"KEY{number}"} if "variable_type" in thing else {}
    names |= {"name": f"n{number}"} if "tier" in thing else {}
    changed: dict[str, Any] = {"id": number if isinstance(thing.get("id"), int) else f"{number:040d}"}
    changed = {name: value for name, value in changed.items() if name in thing}
    return thing | changed | {name: value for name, value in names.items() if name in thing}


def _number(request: httpx.Request) -> int:
    """Return which page is asked for, the first one as 1."""
    return int(request.url.params.get("page", int(request.url.params.get("cursor", "0")) + 1))


def _is(call: str, request: httpx.Request) -> bool:
    verb, _, path = call.partition(" ")
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
    return request.method == verb and re.fullmatch(pattern, path_of(request)) is not None


def _limit_of_a_minute(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The quota is used up: GitLab says it in plain text, and in headers when it is full again."""
    quota = {"limit": "2000", "remaining": "0", "reset": "1772344817", "name": "throttle_authenticated_api"}
    headers = {f"ratelimit_{name}": value for name, value in quota.items()}
    return own.but(429, b"Retry later\n", date="Sun, 01 Mar 2026 06:00:00 GMT", content_type="text/plain", **headers)


class GitLabHarness:
    """A source on a GitLab of the company's own, whose token is an administrator's."""

    throttles: ClassVar = {"the quota of a minute": Throttle(_limit_of_a_minute, 18)}
    not_possible: ClassVar[dict[str, str]] = {
        "odd count": "no list has a count that is read: GitLab leaves it out of long ones",
        "next link": "a page names the next by a number",
        f"null {_PUSH_RULE}": "GitLab answers with null where no push rule was ever set",
        f"gone {OWN_ROLE}": "an administrator need not be a member",
        f"gone by a page {OWN_ROLE}": "an administrator need not be a member",
        **{
            f"second page {call} of gitlab.project.change": "it only looks up what brought a commit"
            for call in _LOOKED_UP
        },
        **{f"second page {call} of gitlab.project.merge_request": "it is read for each one" for call in _FOR_EACH},
        "twin GET /api/v4/projects/{project}/pipelines": "only the latest pipeline of each source is listed",
    }
    free = frozenset({USER})
    attempts = 4
    canaries = CANARIES

    def __init__(self) -> None:
        self.connector = _own(connector("gitlab").connector)
        lists = {call for collection in self.connector.collections.values() for call in collection.calls[:1]}
        singles = {"application/settings", "metadata", "personal_access_tokens/self"}
        # Queries carry their pages in what is sent, two kinds of them in one call: tested beside the connector.
        self.paged = frozenset(
            call
            for call in lists - {GRAPHQL}
            if not any(call.endswith(single) for single in singles) and not call.endswith("}")
        )

    @contextmanager
    def fixture(self) -> Iterator[SteeredGitLab]:
        """Start a new double."""
        with served(SteeredGitLab()) as double:
            furnish(double)
            yield double

    def settings(self, _double: Any) -> Settings:
        """Return the settings of a source that reads the double."""
        return settings(exclude=("p1*",))


def _own(gitlab: Connector[Any, Any]) -> Connector[Any, Any]:
    """Return the connector without what is asked for on GitLab.com only."""
    kinds = {id_: collection for id_, collection in gitlab.collections.items() if id_ != _ON_DOTCOM}
    parts = {
        kind: [
            replace(part, calls=tuple(call for call in part.calls if call != _ENTERPRISE))
            for part in some
            if part.calls != (NAMESPACE,)
        ]
        for kind, some in gitlab.parts.items()
    }
    return replace(gitlab, collections=kinds, parts=parts)


def harness() -> GitLabHarness:
    """Return the harness of GitLab."""
    return GitLabHarness()
