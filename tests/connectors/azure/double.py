"""A double of Resource Manager and of the part of Graph that the connector asks, in this process.

Holds answers by path. Lists are cut into pages, whose next link has a skip token; ids are found in any case.
"""

from __future__ import annotations

import base64
import copy
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx

from collector.contract.httpx_answers import made_by
from collector.core.secrets import Secret
from connectors._http import answered_by
from connectors.azure._sdk.operations import version_of
from connectors.azure._sdk.settings import GRAPH, Settings
from connectors.azure.authorization.resources import PRINCIPALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.contract.raw_answers import Make

TENANT = "aaaaaaaa-0000-0000-0000-00000000000a"
OWN_OBJECT = "cccccccc-0000-0000-0000-00000000000c"
ARM = "https://management.azure.com"
GRAPH_HOST = "https://graph.microsoft.com"
DATE = "Sun, 01 Mar 2026 06:00:00 GMT"

Wrong = Callable[[httpx.Request, Any], httpx.Response]
"""Makes an answer out of the request and of what the double has for it."""


def a_token(audience: str, **but: Any) -> str:
    """Return what Entra would issue, without a signature that anybody could check."""
    claims = {"tid": TENANT, "appid": "bbbbbbbb-0000-0000-0000-00000000000b", "oid": OWN_OBJECT, "aud": audience, **but}
    parts = [{"alg": "none"}, claims, {"made": "up"}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def settings(**but: Any) -> Settings:
    """Return the settings of a source that reads the double."""
    given: dict[str, Any] = {
        "tenant": TENANT,
        "access_token": Secret("a test", lambda: a_token(ARM)),
        "graph_access_token": Secret("a test", lambda: a_token(GRAPH_HOST)),
        "quota_share": 1.0,
    }
    return Settings(**{**given, **but})


def error(status: int, code: str, message: str = "", **headers: str) -> httpx.Response:
    """An error as Resource Manager writes it."""
    return httpx.Response(
        status, headers={name.replace("_", "-"): value for name, value in headers.items()},
        json={"error": {"code": code, "message": message or code}},
    )  # fmt: skip


def refused(action: str, scope: str = "/subscriptions/x") -> httpx.Response:
    """The refusal of somebody who lacks a role."""
    message = (
        f"The client '{OWN_OBJECT}' with object id '{OWN_OBJECT}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
        "your credentials."
    )
    return error(403, "AuthorizationFailed", message)


class AzureDouble:
    """Answers as Azure would, from `answers`: by path in lower case, a list or an object; and the directory's objects.

    A value that is a function is given the request and returns the answer.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None, calls: Iterable[str] = ()) -> None:
        self.answers: dict[str, Any] = {path.lower(): value for path, value in (answers or {}).items()}
        self.directory: dict[str, str] = {}
        """The kind of each object of the directory, by its id."""
        self.page_size = 1000
        self.count = 0
        self.served_calls: Counter[str] = Counter()
        self.requests: list[str] = []
        self.wrong: dict[str, Wrong] = {}
        self.makes: dict[str, Make] = {}
        self.longest: dict[str, int] = {}
        self._calls = tuple(calls)
        self._lock = threading.Lock()

    @contextmanager
    def answering(self) -> Iterator[AzureDouble]:
        """Answer every request to Azure as long as the context lasts."""
        with answered_by(self.answer, ARM, GRAPH_HOST):
            yield self

    def served(self, call: str) -> int:
        """Return how many requests were of a call."""
        return self.served_calls[call]

    def call_of(self, request: httpx.Request) -> str | None:
        """Return the declared call that a request is."""
        query = request.url.query.decode()
        found = [call for call in self._calls if _pattern(call).fullmatch(f"{request.method} {request.url.path}")]
        found = [call for call in found if _has_query(call, query)]
        # The more words a call names itself, the better it fits.
        return max(found, key=lambda call: (len(re.sub(r"\{[^}]*\}", "", call)), call), default=None)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        call = self.call_of(request)
        with self._lock:
            self.count += 1
            self.requests.append(f"{request.method} {request.url}")
            if call is not None:
                self.served_calls[call] += 1
        own = self._own(request, call)
        own.headers["Date"] = DATE
        own.headers["x-ms-request-id"] = f"request-{self.count}"
        own.headers.setdefault("x-ms-ratelimit-remaining-subscription-reads", "249")
        return made_by(self.makes.get(call or ""), request, own)

    def _own(self, request: httpx.Request, call: str | None) -> httpx.Response:
        if call is not None and not call.partition(" ")[2].startswith(GRAPH):
            asked = parse_qs(request.url.query.decode())
            assert asked.get("api-version") == [version_of(call)], request.url
        data = self._found(request)
        if call is not None and call in self.wrong:
            return self.wrong[call](request, data)
        if isinstance(data, httpx.Response):
            return data
        return self.paged(request, data)

    def _found(self, request: httpx.Request) -> Any:
        path = request.url.path.lower()
        if f"{request.method} {path}" == PRINCIPALS.lower().replace("post", "POST"):
            ids = json.loads(request.content)["ids"]
            found = [{"id": id_, "@odata.type": self.directory[id_]} for id_ in ids if id_ in self.directory]
            return {"value": found}
        key = path if path in self.answers else re.sub(r"~\d+", "", path)
        if "assignedto" in request.url.query.decode().lower():
            key += "?own"
        if key not in self.answers:
            return error(404, "ResourceNotFound", f"{request.url.path} is not there")
        data = self.answers[key]
        if callable(data):
            return data(request)
        data = copy.deepcopy(data)
        if isinstance(data, list) and key in self.longest:
            data = [_copied(data[number % len(data)], number // len(data)) for number in range(self.longest[key])]
        return _moved(data, path) if key != path and "~" in path else data

    def paged(self, request: httpx.Request, data: Any) -> httpx.Response:
        """Return an object as it is, and a list as the page that the request asks for."""
        if not isinstance(data, list):
            return httpx.Response(200, json=data)
        is_graph = request.url.path.startswith(GRAPH)
        link = "@odata.nextLink" if is_graph else "nextLink"
        start = int(request.url.params.get("$skiptoken", "0"))
        body: dict[str, Any] = {"value": data[start : start + self.page_size]}
        if start + self.page_size < len(data):
            body[link] = str(request.url.copy_merge_params({"$skiptoken": str(start + self.page_size)}))
        return httpx.Response(200, json=body)


def _copied(item: Any, number: int) -> Any:
    """Return another resource like one, under a name of its own."""
    if number == 0:
        return item
    return {**item, **{key: f"{item[key]}~{number}" for key in ("id", "name", "subscriptionId") if key in item}}


def _moved(data: Any, path: str) -> Any:
    """Return what lies in the original of a copy as what lies in the copy."""
    text = json.dumps(data)
    for word in path.split("/"):
        name, mark, _ = word.partition("~")
        if mark:
            text = re.sub(f"/{re.escape(name)}/", f"/{word}/", text, flags=re.IGNORECASE)
    return json.loads(text)


@cache
def _pattern(call: str) -> re.Pattern[str]:
    path = re.escape(call.partition("?")[0]).replace(r"\{", "{").replace(r"\}", "}").replace(r"\+", "+")
    path = re.sub(r"\{\+\w+\}", ".+", path)
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", path), re.IGNORECASE)


@cache
def _has_query(call: str, query: str) -> bool:
    own = call.partition("?")[2].partition("(")[0].lower()
    asked = query.replace("%24", "$").lower()
    return own in asked if own else "assignedto" not in asked and "$expand" not in asked
