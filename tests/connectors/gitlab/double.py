"""A double of GitLab on this machine: answers by path, in pages as GitLab cuts them, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

DATE = "Sun, 01 Mar 2026 06:00:00 GMT"
GRAPHQL = "/api/graphql"
_BY_KEY = "keyset"

Answer = Any
"""JSON, or a function of the request that returns JSON or a response."""


class GitLabDouble:
    """Answers `GET` by path, below /api/v4 and with %2F in paths of projects, and queries by their name."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.queries: dict[str, Callable[[dict[str, Any]], Any]] = {}
        """By a word of the query: what makes `data` of its variables."""
        self.page_size = 100
        self.url = ""
        """Where it answers."""
        self.total: Counter[str] = Counter()
        self.asked: list[httpx.Request] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, with the date that GitLab sends."""
        with self._lock:
            self.asked.append(request)
            self.total[path_of(request)] += 1
        answer = self.reply(request)
        answer.headers["date"] = DATE
        return answer

    def reply(self, request: httpx.Request) -> httpx.Response:
        """Return the answer to a request."""
        path = path_of(request)
        if path == GRAPHQL:
            return self._query(json.loads(request.content))
        if path not in self.answers:
            return not_found()
        answer = self.answers[path]
        made = answer(request) if callable(answer) else answer
        if isinstance(made, httpx.Response):
            return made
        return self.page(request, made) if isinstance(made, list) else as_json(made)

    def page(self, request: httpx.Request, items: list[Any]) -> httpx.Response:
        """Return the page of a list that is asked for."""
        size = min(self.page_size, int(request.url.params.get("per_page", "20")))
        if request.url.params.get("pagination") == _BY_KEY:
            start = int(request.url.params.get("cursor", "0"))
            following = start + size
            url = request.url.copy_merge_params({"cursor": str(following)})
            links = {"link": f'<{url}>; rel="next"'} if following < len(items) else {}
            return httpx.Response(200, json=items[start:following], headers=links)
        number = int(request.url.params.get("page", "1"))
        start = (number - 1) * size
        return numbered(items[start : start + size], number + 1 if start + size < len(items) else None)

    def _query(self, asked: dict[str, Any]) -> httpx.Response:
        for word, make in self.queries.items():
            if word in asked["query"]:
                made = make(asked["variables"])
                return made if isinstance(made, httpx.Response) else httpx.Response(200, json={"data": made})
        return httpx.Response(200, json={"errors": [{"message": "Field doesn't exist"}]})


def as_json(value: Any) -> httpx.Response:
    """Return JSON, null too."""
    return httpx.Response(200, content=json.dumps(value), headers={"content-type": "application/json"})


def path_of(request: httpx.Request) -> str:
    """Return the path of a request as it was sent, %2F and all."""
    return request.url.raw_path.decode().partition("?")[0]


def numbered(items: list[Any], following: int | None) -> httpx.Response:
    """Return a page of a list with pages by number."""
    return httpx.Response(200, json=items, headers={"x-next-page": "" if following is None else str(following)})


def not_found() -> httpx.Response:
    """Return what GitLab answers for what is gone and for what one may not see."""
    return httpx.Response(404, json={"message": "404 Not found"})


def forbidden() -> httpx.Response:
    """Return what GitLab answers where a role is missing."""
    return httpx.Response(403, json={"message": "403 Forbidden"})
