"""The GitHub double: answers by path, in pages and with ETags as GitHub has them, as a WSGI application."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from collector.demo.github.queries import with_rate_limit
from collector.demo.github.transport import requests_in_process
from collector.demo.in_process import Environ, StartResponse, answering, body_of

NO_CONTENT = 204
OK = 200
NOT_MODIFIED = 304

_NUMBERS = count(1)


@dataclass(frozen=True)
class Reply:
    """A complete answer: status, body and headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def refused(
        cls, message: str = "Resource not accessible by integration", status: int = 403, **headers: str
    ) -> Self:
        """Return GitHub's usual refusal; names of headers are given with underscores."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, {"message": message, "documentation_url": "https://docs.github.com/rest"}, names)


@dataclass(frozen=True)
class HttpRequest:
    """A request. `path` is without the prefix of an Enterprise Server, `target` as it was sent."""

    verb: str
    target: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str


class GitHubDouble:
    """A simulated GitHub while its `with` block runs: a WSGI application that answers in this process.

    `answers` has the answers by path: JSON, a list that is cut into pages, a Reply, or a function of the query that
    returns one of these. `turns` are sent first, each once; `fails_after` replaces every page but the first. `graphql`
    pairs a part of a query with its answer, or with a function of the variables.
    """

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), host: str | None = None) -> None:
        self.answers: dict[str, Any] = {}
        self.turns: dict[str, list[Reply]] = {}
        self.fails_after: dict[str, Reply] = {}
        self.graphql: list[tuple[str, Any]] = []
        self.page = 100
        self.prefix = ""
        self.headers: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.unchanged = 0
        self._now = now
        self._lock = threading.Lock()
        self._host = host or f"github-{next(_NUMBERS)}.invalid"
        self._running = ExitStack()
        self.url = f"https://{self._host}"

    def __enter__(self) -> Self:
        self._running.enter_context(requests_in_process(self._host))
        self._running.enter_context(answering(self, self._host))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._running.close()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = self._request(environ)
        with self._lock:
            self.asked[f"{request.verb} {request.path}"] += 1
            self.heard(request)
            turn = self.turns.get(request.path)
            reply = turn.pop(0) if turn else self.reply(request)
        return self._send(request, reply, start_response)

    def refuse(self, path: str, reply: Reply | None = None) -> None:
        """Refuse a path from now on."""
        self.answers[path] = reply or Reply.refused()

    def total(self) -> int:
        """Return how many requests were answered."""
        return sum(self.asked.values())

    def now(self) -> datetime:
        """Return the time of the double's clock, which answers are dated by."""
        return self._now()

    def date(self) -> str:
        """Return the time in the format of the Date header."""
        return format_datetime(self.now(), usegmt=True)

    def heard(self, request: HttpRequest) -> None:
        """Do nothing; subclasses note each request here."""

    def looked_up(self, verb: str, path: str, answer: Any) -> None:  # noqa: ANN401  JSON
        """Do nothing; subclasses note each answer here before it is cut into pages."""

    def reply(self, request: HttpRequest) -> Reply:
        """Return the answer to a request that none of `turns` is for."""
        path = request.path
        if path.endswith("/graphql"):
            return self.reply_to_query(json.loads(request.body))
        if path not in self.answers:
            return Reply.refused("Not Found", 404)
        answer = self.answers[path]
        if callable(answer):
            answer = answer(request.query)
        if isinstance(answer, Reply):
            return answer
        self.looked_up(request.verb, path, answer)
        return self.paged(request, answer)

    def paged(self, request: HttpRequest, answer: Any) -> Reply:  # noqa: ANN401  JSON
        """Return the page of a list that a request asks for; an answer without a list whole."""
        key = (
            next((name for name in answer if isinstance(answer[name], list)), None)
            if isinstance(answer, dict)
            else None
        )
        whole = answer if isinstance(answer, list) else answer[key] if key and "total_count" in answer else None
        if whole is None:
            return Reply(NO_CONTENT if answer is None else OK, answer)
        number = int(request.query.get("page", "1"))
        if number > 1 and request.path in self.fails_after:
            return self.fails_after[request.path]
        size = min(self.page, int(request.query.get("per_page", "30")))
        part = whole[(number - 1) * size : number * size]
        headers = {}
        if number * size < len(whole):
            last = -(-len(whole) // size)
            headers["link"] = ", ".join(link(request, to, rel) for to, rel in ((number + 1, "next"), (last, "last")))
        body = part if isinstance(answer, list) else {**answer, key: part}
        return Reply(OK, body, headers)

    def reply_to_query(self, request: dict[str, Any]) -> Reply:
        """Return the answer to a GraphQL query."""
        for needle, answer in self.graphql:
            if needle in request["query"]:
                body = answer(request["variables"]) if callable(answer) else answer
                if isinstance(body, dict) and isinstance(body.get("data"), dict) and "rateLimit" in request["query"]:
                    body = with_rate_limit(body, self.now() + timedelta(hours=1))
                return body if isinstance(body, Reply) else Reply(OK, body)
        return Reply(OK, {"errors": [{"type": "FORBIDDEN", "message": "the double has no answer"}]})

    def _request(self, environ: Environ) -> HttpRequest:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        return HttpRequest(
            verb=environ["REQUEST_METHOD"],
            target=path,
            path=path.removeprefix(self.prefix),
            query=dict(parse_qsl(query)),
            headers={
                name.removeprefix("HTTP_").replace("_", "-").lower(): value
                for name, value in environ.items()
                if name.startswith("HTTP_")
            },
            body=body_of(environ),
            base=f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}",
        )

    def _send(self, request: HttpRequest, reply: Reply, start_response: StartResponse) -> list[bytes]:
        raw = isinstance(reply.body, str)
        body = b"" if reply.body is None else reply.body.encode() if raw else json.dumps(reply.body).encode()
        status = reply.status
        headers = {
            "date": self.date(),
            "content-type": "text/html" if raw else "application/json; charset=utf-8",
            "x-github-request-id": f"R{self.total()}",
            **self.headers,
            **reply.headers,
        }
        if status == OK and request.verb == "GET":
            headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
            if request.headers.get("if-none-match") == headers["etag"]:
                status, body = NOT_MODIFIED, b""
                with self._lock:
                    self.unchanged += 1
        if status not in (NO_CONTENT, NOT_MODIFIED):
            headers["content-length"] = str(len(body))
        start_response(f"{status} -", list(headers.items()))
        return [body]


def link(request: HttpRequest, page: int, rel: str) -> str:
    """Return a link of GitHub's to another page of the list that a request asks for."""
    return f'<{request.base}{request.target}?{urlencode({**request.query, "page": page})}>; rel="{rel}"'
