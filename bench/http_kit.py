"""CPU of a call through the HTTP kit against the same call by httpx alone, at a latency of 50 ms.

The server is a process of its own, so that it does not share this one's interpreter lock. CPU seconds of a machine that
others use vary, so the two take turns, and the best round of each counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

import httpx

from collector.core.secrets import Secret
from collector.core.wire import Answer, Call
from connectors._http import Http, QuotaHeaders

_LATENCY = 0.05
_CALLS = 400
_THREADS = 8
_ROUNDS = 4
_GOAL = 1.3
_SERVE = "serve"
_CALL = "GET /orgs/{org}/members"
_ITEMS = [
    {"id": number, "login": f"user-{number}", "mfa": True, "seen": "2026-03-01T00:00:00Z"} for number in range(20)
]


class _Wire:
    """Lets every call through, and counts."""

    largest_answer = 1 << 20
    seconds_left = 3600.0
    scope_facts: Mapping[str, Any] = MappingProxyType({})

    def __init__(self) -> None:
        self.answers: list[Answer] = []

    def before(self, call: Call) -> None:
        """Let it pass."""

    def after(self, _call: Call, answer: Answer) -> None:
        """Count it."""
        self.answers.append(answer)

    def pause(self, seconds: float) -> None:
        """Fail: nothing is refused here."""
        raise AssertionError(seconds)


def run() -> None:
    """Print CPU milliseconds a call of both, and their ratio."""
    with _server() as url:
        wire = _Wire()
        secret = Secret("the bench", lambda: "a made-up token")
        kit = Http(url, wire, token=secret, quota=QuotaHeaders(), places={"org": "acme"})
        raw = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {secret.reveal()}"})

        def by_httpx() -> None:
            answer = raw.get("/orgs/acme/members", params={"per_page": 100})
            answer.raise_for_status()
            assert len(answer.json()["items"]) == len(_ITEMS)  # noqa: S101  both must have read it

        def by_kit() -> None:
            assert len(kit.get(_CALL, query={"per_page": 100})["items"]) == len(_ITEMS)  # noqa: S101  the same

        best: dict[str, float] = {}
        with raw, ThreadPoolExecutor(_THREADS) as pool:
            for _ in range(_ROUNDS):
                for name, ask in (("httpx", by_httpx), ("kit", by_kit)):
                    best[name] = min(best.get(name, 1e9), _cpu(pool, ask))
        kit.close()
        print(f"{_CALLS} calls, {_LATENCY * 1000:.0f} ms, {_THREADS} threads, {len(wire.answers)} answers on the wire")
        print(f"{'by':>6} {'CPU s':>7} {'ms a call':>10} {'ratio':>6}   goal {_GOAL}")
        for name, seconds in best.items():
            print(f"{name:>6} {seconds:>7.3f} {seconds / _CALLS * 1000:>10.2f} {seconds / best['httpx']:>6.2f}")


def _cpu(pool: ThreadPoolExecutor, ask: Callable[[], None]) -> float:
    began = time.process_time()
    for done in [pool.submit(ask) for _ in range(_CALLS)]:
        done.result()
    return time.process_time() - began


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "bench.http_kit", _SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as server:  # noqa: S603  this very program
        try:
            yield next(iter(server.stdout or ())).strip()
        finally:
            server.communicate()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    body = json.dumps({"items": _ITEMS}).encode()

    def do_GET(self) -> None:
        time.sleep(_LATENCY)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.send_header("X-RateLimit-Limit", "5000")
        self.send_header("X-RateLimit-Remaining", "4000")
        self.send_header("X-RateLimit-Reset", "1900000000")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()  # until the other process has enough


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVE]:
        _serve()
    else:
        run()
