"""GitHub on this machine: answers by path, cut into pages and tagged as GitHub does it, on a port of the loopback."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

NO_CONTENT = 204
OK = 200
NOT_MODIFIED = 304


@dataclass(frozen=True)
class Reply:
    """An answer by itself: an error, or something that GitHub would not say."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def refused(
        cls, message: str = "Resource not accessible by integration", status: int = 403, **headers: str
    ) -> Self:
        """GitHub's usual refusal; headers are written with underscores."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, {"message": message, "documentation_url": "https://docs.github.com/rest"}, told)


class GitHubDouble:
    """A stand-in for GitHub, from `with` to its end.

    `answers` has what is answered by path: JSON, a list that is cut into pages, a Reply, or a function of the query
    that gives one of these. `turns` are answered first, each once; `fails_after` in place of every page but the first.
    `graphql` pairs a part of a query with its answer, or with a function of the variables. `latency` is in seconds.
    """

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.answers: dict[str, Any] = {}
        self.turns: dict[str, list[Reply]] = {}
        self.fails_after: dict[str, Reply] = {}
        self.graphql: list[tuple[str, Any]] = []
        self.page = 100
        self.prefix = ""
        self.latency = 0.0
        self.headers: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.unchanged = 0
        self._now = now
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="github-double", kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def refuse(self, path: str, reply: Reply | None = None) -> None:
        """Refuse a path from now on."""
        self.answers[path] = reply or Reply.refused()

    def total(self) -> int:
        """How many requests came in."""
        return sum(self.asked.values())

    def now(self) -> datetime:
        """The time that its answers state."""
        return self._now()

    def date(self) -> str:
        """The same as a header has it."""
        return format_datetime(self.now(), usegmt=True)

    def answer(self, handler: BaseHTTPRequestHandler, verb: str) -> None:
        """Answer one request."""
        at = urlsplit(handler.path)
        sent = handler.rfile.read(int(handler.headers.get("content-length", "0")))
        query = dict(parse_qsl(at.query))
        path = at.path.removeprefix(self.prefix)
        if self.latency:
            time.sleep(self.latency)
        with self._lock:
            self.asked[f"{verb} {path}"] += 1
            self.heard(handler, query)
            turn = self.turns.get(path)
            reply = turn.pop(0) if turn else self._reply(verb, path, query, sent)
        self._send(handler, reply)

    def heard(self, handler: BaseHTTPRequestHandler, query: Mapping[str, str]) -> None:
        """Take note of a request; nothing here."""

    def looked_up(self, verb: str, path: str, found: Any) -> None:  # noqa: ANN401  JSON
        """Take note of an answer before it is cut into pages; nothing here."""

    def _reply(self, verb: str, path: str, query: dict[str, str], sent: bytes) -> Reply:
        if path.endswith("/graphql"):
            return self._graphql(json.loads(sent))
        if path not in self.answers:
            return Reply.refused("Not Found", 404)
        found = self.answers[path]
        if callable(found):
            found = found(query)
        if isinstance(found, Reply):
            return found
        self.looked_up(verb, path, found)
        return self._paged(path, query, found)

    def _paged(self, path: str, query: dict[str, str], found: Any) -> Reply:  # noqa: ANN401  JSON
        key = next((name for name in found if isinstance(found[name], list)), None) if isinstance(found, dict) else None
        whole = found if isinstance(found, list) else found[key] if key and "total_count" in found else None
        if whole is None:
            return Reply(NO_CONTENT if found is None else OK, found)
        number = int(query.get("page", "1"))
        if number > 1 and path in self.fails_after:
            return self.fails_after[path]
        size = min(self.page, int(query.get("per_page", "30")))
        part = whole[(number - 1) * size : number * size]
        headers = {}
        if number * size < len(whole):
            last = -(-len(whole) // size)
            links = [(number + 1, "next"), (last, "last")]
            headers["link"] = ", ".join(
                f'<{self.url}{self.prefix}{path}?{urlencode({**query, "page": to})}>; rel="{rel}"' for to, rel in links
            )
        body = part if isinstance(found, list) else {**found, key: part}
        return Reply(OK, body, headers)

    def _graphql(self, asked: dict[str, Any]) -> Reply:
        for needle, answer in self.graphql:
            if needle in asked["query"]:
                made = answer(asked["variables"]) if callable(answer) else answer
                return made if isinstance(made, Reply) else Reply(OK, made)
        return Reply(OK, {"errors": [{"type": "FORBIDDEN", "message": "nothing is played"}]})

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        raw = isinstance(reply.body, str)
        body = b"" if reply.body is None else reply.body.encode() if raw else json.dumps(reply.body).encode()
        status = reply.status
        headers = {
            "content-type": "text/html" if raw else "application/json; charset=utf-8",
            "x-github-request-id": f"R{self.total()}",
            **self.headers,
            **reply.headers,
        }
        if status == OK and handler.command == "GET":
            headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
            if handler.headers.get("if-none-match") == headers["etag"]:
                status, body = NOT_MODIFIED, b""
                with self._lock:
                    self.unchanged += 1
        handler.send_response_only(status)
        handler.send_header("date", self.date())
        for name, value in headers.items():
            handler.send_header(name, value)
        empty = status in (NO_CONTENT, NOT_MODIFIED)
        if not empty:
            handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        if not empty:
            handler.wfile.write(body)


def _handler(double: GitHubDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            double.answer(self, "GET")

        def do_POST(self) -> None:
            double.answer(self, "POST")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            """Say nothing."""

    return Handler
