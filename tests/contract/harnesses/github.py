"""The harness of GitHub: the organization of the connector's tests, with two resources of each kind, one a page."""

from __future__ import annotations

import copy
import json
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl

from collector.contract.harness import Throttle
from collector.core.secrets import Secret
from collector.demo.github.double import link
from collector.setup.loading import connector
from connectors.github._sdk.client import NO_CALL
from connectors.github._sdk.graphql_quota import GRAPHQL
from connectors.github._sdk.settings import Settings
from tests.connectors.github import shapes
from tests.connectors.github.planted import furnish
from tests.connectors.github.played import NOW, Played, Reply
from tests.doubles.plays import answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from collector.contract.raw_answers import Make, RawAnswer, RawRequest
    from collector.core.connectors import Collection, Connector
    from collector.demo.github.double import HttpRequest
    from collector.demo.in_process import Environ, StartResponse

_PLACES = {
    "org": "acme", "owner": "acme", "repo": "[^/]+", "enterprise": "acme-group", "branch": "main",
    "team_slug": "[^/]+", "ruleset_id": "7", "tree_sha": "[^/]+", "file_sha": "b[134]",
    "basehead": "[^/]+", "environment_name": "[^/]+",
}  # fmt: skip
_LONG = 12
_DISCOVERED = {"github.app.installation", "github.user.organization"}
_APP_ONLY = "GET /orgs/{org}/installation"
# Lists that are read by their first page: a stream for an enterprise, the latest of something.
_ONE_PAGE = {
    "GET /enterprises/{enterprise}/audit-log/streams",
    "GET /repos/{owner}/{repo}/code-scanning/analyses",
}
_CANARIES = {
    "a found secret": "CANARY-9931", "a webhook's address": "CANARY-7712", "a key": "CANARY-4410",
    "a variable": "north-canary", "somebody's address": "canary-person@", "a token's end": "CANARY-12345678",
    "a place": "canary-place", "a payload": "canary-payload", "a stream": "canary-stream", "a clone": "canary-clone",
    "a message": "canary-message", "a fingerprint": "canary-finger",
}  # fmt: skip


class SteeredGitHub(Played):
    """The double of GitHub that the suite steers."""

    def __init__(self) -> None:
        super().__init__()
        self.page = 1
        self._checked: set[str] = set()
        self.wrong: dict[str, Callable[[HttpRequest, Any], Reply]] = {}
        self.makes: dict[str, Make] = {}

    def looked_up(self, verb: str, path: str, answer: Any) -> None:
        """Check each path once: long lists are asked for page by page."""
        if path not in self._checked:
            self._checked.add(path)
            super().looked_up(verb, path, answer)

    @property
    def count(self) -> int:
        """How many requests were answered."""
        return self.total()

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""
        return sum(number for asked, number in self.asked.items() if _is(call, asked))

    def deny(self, call: str) -> None:
        """Refuse the call."""
        forbidden = {"data": None, "errors": [{"type": "FORBIDDEN", "message": "Resource not accessible"}]}
        reply = Reply(200, forbidden) if call == GRAPHQL else Reply.refused()
        self.wrong[call] = lambda _request, _answer: reply

    def fail(self, call: str) -> None:
        """Answer the call with 500."""
        self.wrong[call] = lambda _request, _answer: Reply(500, {"message": "Server Error"})

    def cut(self, call: str) -> None:
        """Answer the call with 502 from the second page on."""
        self.wrong[call] = lambda request, answer: (
            Reply(502, {"message": "Server Error"}) if "page" in request.query else self.paged(request, answer)
        )

    def circle(self, call: str) -> None:
        """Answer the call with pages A, B, A, B."""
        self._lead(call, lambda page: 3 - page)

    def repeat(self, call: str) -> None:
        """Answer the call with a page that names itself as the next."""
        self._lead(call, lambda page: page)

    def endless(self, call: str, pages: int | None = None) -> None:
        """Answer the call with pages without an end, or with so many."""
        self._lead(call, lambda page: page + 1 if page != pages else None)

    def play(self, call: str, make: Make) -> None:
        """Answer the call with what is made of GitHub's own answer."""
        self.makes[call] = make

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        make = next((make for call, make in self.makes.items() if _is(call, asked)), None)
        return answered(make, super().__call__, environ, start_response)

    def stretch(self) -> None:
        """Make the lists of one repository, and those of the organization, long."""
        furnish(self, _LONG)

    def _lead(self, call: str, after: Callable[[int], int | None]) -> None:
        def lead(request: HttpRequest, answer: Any) -> Reply:
            following = after(int(request.query.get("page", "1")))
            reply = self.paged(replace(request, query={**request.query, "page": "1"}), answer)
            return replace(reply, headers={"link": link(request, following, "next") if following else ""})

        self.wrong[call] = lead

    def reply(self, request: HttpRequest) -> Reply:
        """Return the answer that a rule of the suite set for the call, or GitHub's."""
        for call, wrong in self.wrong.items():
            if _is(call, f"{request.verb} {request.path}"):
                if call == GRAPHQL:
                    return self._query_gone_wrong(request, wrong)
                answer = self.answers.get(request.path, Reply.refused("Not Found", 404))
                return wrong(request, answer(request.query) if callable(answer) else answer)
        return super().reply(request)

    def _query_gone_wrong(self, request: HttpRequest, wrong: Callable[[HttpRequest, Any], Reply]) -> Reply:
        asked = json.loads(request.body)
        after = asked["variables"].get("after")
        right = copy.deepcopy(self.reply_to_query({**asked, "variables": {**asked["variables"], "after": None}}))
        made = wrong(replace(request, query={} if after is None else {"page": str(after)}), right.body)
        links = dict(parse_qsl(made.headers.get("link", "").partition("?")[2].partition(">")[0]))
        if "page" not in links:
            if "link" in made.headers:  # the last of so many pages
                next(iter(_pages_of(made.body)))["pageInfo"] = {"hasNextPage": False, "endCursor": None}
            return made
        page = next(iter(_pages_of(right.body)))
        page["pageInfo"] = {"hasNextPage": True, "endCursor": links["page"]}
        return right


def _pages_of(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the page in an answer of GraphQL's."""
    if isinstance(data, dict):
        if "pageInfo" in data:
            yield data
        for value in data.values():
            yield from _pages_of(value)


def _is(call: str, asked: str) -> bool:
    verb, _, path = call.partition(" ")
    pattern = re.sub(r"\{(\w+)\}", lambda match: _PLACES[match[1]], path.replace(".", r"\."))
    return re.fullmatch(f"{verb} {pattern}", asked) is not None


def _quota_used_up(_request: RawRequest, own: RawAnswer) -> RawAnswer:
    """The quota is used up and full again in half a minute; GitHub says so with status 403 and no Retry-After."""
    names = {"limit": "5000", "remaining": "0", "resource": "core", "reset": str(NOW + 30)}
    headers = {f"x_ratelimit_{name}": value for name, value in names.items()}
    return own.but(status=403, body=b'{"message": "API rate limit exceeded for user ID 1."}', **headers)


def _secondary_limit(status: int) -> Make:
    """GitHub's second limit, of which no header has a time; its documentation then asks for a minute."""
    body = b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'
    return lambda _request, own: own.but(status=status, body=body)


class GitHubHarness:
    """A source that signs in with a token and names its organization."""

    throttles: ClassVar = {
        "quota": Throttle(_quota_used_up, 30),
        "403": Throttle(_secondary_limit(403), 60),
        "429": Throttle(_secondary_limit(429), 60),
    }
    not_possible: ClassVar[dict[str, str]] = {}
    free = frozenset({"GET /rate_limit"})
    attempts = 4
    canaries = _CANARIES

    def __init__(self) -> None:
        self.connector = _by_token(connector("github").connector)
        lists = {call for collection in self.connector.collections.values() for call in collection.calls} - _ONE_PAGE
        self.paged = frozenset(call for call in lists if call == GRAPHQL or shapes.is_list(call))

    @contextmanager
    def fixture(self) -> Iterator[SteeredGitHub]:
        """Start a new double."""
        with SteeredGitHub() as hub:
            furnish(hub, 2)
            yield hub

    def settings(self, double: Any) -> Settings:
        """Return the settings of a source that reads the double."""
        return Settings(
            token=Secret("a test", lambda: "ghp_madeup"),
            organizations=("acme",),
            enterprise="acme-group",
            url=double.url,
            quota_share=1.0,
        )


def _by_token(github: Connector[Any, Any]) -> Connector[Any, Any]:
    """Return the connector without the kinds and calls of sources of other forms, and without the pseudo call."""

    def asked(collection: Collection[Any]) -> Collection[Any]:
        return replace(collection, calls=tuple(call for call in collection.calls if call not in {NO_CALL, _APP_ONLY}))

    kinds = {id_: asked(collection) for id_, collection in github.collections.items() if id_ not in _DISCOVERED}
    discoveries = {
        level: [discovery for discovery in of_level if discovery.collection in kinds]
        for level, of_level in github.discoveries.items()
    }
    return replace(github, collections=kinds, discoveries=discoveries)


def harness() -> GitHubHarness:
    """Return the harness of GitHub."""
    return GitHubHarness()
