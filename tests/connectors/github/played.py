"""A GitHub that answers what a test tells it to, in pages, on this machine; PyGithub itself asks it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.connectors.github import shapes

DATE = "Sun, 01 Mar 2026 06:00:00 GMT"
NOW = 1_772_344_800


@dataclass(frozen=True)
class Reply:
    """An answer by itself: an error, or something that GitHub would not say."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def refused(cls, message: str = "Resource not accessible by integration", status: int = 403) -> Reply:
        """GitHub's usual refusal."""
        return cls(status, {"message": message, "documentation_url": "https://docs.github.com/rest"})


class Played:
    """Answers by path: JSON, a list that is cut into pages, or a Reply. `turns` are answered first, each once."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.turns: dict[str, list[Reply]] = {}
        self.graphql: list[Any] = []
        self.page = 100
        self.prefix = ""
        self.fails_after: dict[str, Reply] = {}
        self.asked: Counter[str] = Counter()
        self.paths: list[str] = []
        self.tokens: list[str] = []
        self.queries: list[dict[str, str]] = []
        self.unchanged = 0
        self.quota: dict[str, str] = {}
        self.problems: list[str] = []
        self._lock = threading.Lock()
        played = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                played.answer(self, "GET")

            def do_POST(self) -> None:
                played.answer(self, "POST")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert not self.problems, self.problems[:3]

    def refuse(self, path: str, reply: Reply | None = None) -> None:
        """Refuse a path from now on."""
        self.answers[path] = reply or Reply.refused()

    def total(self) -> int:
        """How many requests came in."""
        return sum(self.asked.values())

    def answer(self, handler: BaseHTTPRequestHandler, verb: str) -> None:
        """Answer one request."""
        at = urlsplit(handler.path)
        sent = handler.rfile.read(int(handler.headers.get("content-length", "0")))
        query = dict(parse_qsl(at.query))
        path = at.path.removeprefix(self.prefix)
        with self._lock:
            self.asked[f"{verb} {path}"] += 1
            self.paths.append(at.path)
            self.queries.append(query)
            self.tokens.append(handler.headers.get("authorization", ""))
            turn = self.turns.get(path)
            reply = turn.pop(0) if turn else self._reply(verb, path, query, sent)
        self._send(handler, reply)

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
        call = shapes.call_of(path)
        if call is None:
            self.problems.append(f"GitHub has no {verb} {path}")
        else:
            try:
                shapes.check(call, 204 if found is None else 200, found)
            except AssertionError as error:
                self.problems.append(str(error))
        return self._paged(path, query, found)

    def _paged(self, path: str, query: dict[str, str], found: Any) -> Reply:
        key = next((name for name in found if isinstance(found[name], list)), None) if isinstance(found, dict) else None
        whole = found if isinstance(found, list) else found[key] if key and "total_count" in found else None
        if whole is None:
            return Reply(204 if found is None else 200, found)
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
        return Reply(200, body, headers)

    def _graphql(self, asked: dict[str, Any]) -> Reply:
        for needle, answer in self.graphql:
            if needle in asked["query"]:
                made = answer(asked["variables"]) if callable(answer) else answer
                return made if isinstance(made, Reply) else Reply(200, made)
        return Reply(200, {"errors": [{"type": "FORBIDDEN", "message": "nothing is played"}]})

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        raw = isinstance(reply.body, str)
        body = b"" if reply.body is None else reply.body.encode() if raw else json.dumps(reply.body).encode()
        status = reply.status
        headers = {
            "content-type": "text/html" if raw else "application/json; charset=utf-8",
            "x-github-request-id": f"R{self.total()}",
            **self.quota,
            **reply.headers,
        }
        if status == 200:
            headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
            if handler.headers.get("if-none-match") == headers["etag"]:
                status, body = 304, b""
                with self._lock:
                    self.unchanged += 1
        handler.send_response_only(status)
        handler.send_header("date", DATE)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status not in (204, 304):
            handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        if status not in (204, 304):
            handler.wfile.write(body)
