"""Calls, CPU seconds and memory of a scan of GitLab projects, beside a bare client that asks for the same.

The double of GitLab is a process of its own, so that it does not share this one's interpreter lock. With a number, so
many projects: `python -m bench.gitlab 50`. The bare client sends what the scan sent, with as many threads, and decodes
the JSON of each answer; what the scan takes beyond it is redacting, keeping and judging.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from collector.core.buckets import Bucket
from collector.core.secrets import Secret
from collector.engine.run import Limits
from collector.setup.loading import connector
from connectors.gitlab._sdk.settings import Settings
from tests.connectors.gitlab.double import GitLabDouble
from tests.connectors.gitlab.estate import GROUP, a_project, furnish, furnish_project
from tests.played.clock import PlayedClock
from tests.sweep.scanning import scan

_PROJECTS = 100
_LATENCY = 0.02
_THREADS = Bucket("").concurrency
_SERVE, _ASKED = "serve", "/asked"


def run(projects: int = _PROJECTS) -> None:
    """Print a scan of so many projects, and the same requests by a bare client."""
    loaded = connector("gitlab")
    print(f"{projects} projects, {_LATENCY * 1000:.0f} ms, {_THREADS} calls at a time")
    print(f"{'client':>8} {'calls':>7} {'a project':>9} {'wall s':>8} {'CPU s':>7} {'CPU ms a call':>13}")
    with simulated_gitlab(projects) as url, tempfile.TemporaryDirectory() as folder:
        token = Secret("the bench", lambda: "glpat-madeup1234567890")
        settings = Settings(token=token, groups=("acme",), url=url, quota_share=1.0)
        began, used = time.perf_counter(), time.process_time()
        seen = scan(loaded, settings, Path(folder), Limits(deadline=timedelta(hours=1)), clocks=PlayedClock)
        took = time.perf_counter() - began, time.process_time() - used
        asked = httpx.get(f"{url}{_ASKED}").json()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        _print("annexd", len(asked), projects, *took)
        _print("bare", len(asked), projects, *_bare(url, asked))
        print(f"peak of annexd with everything that it imports: {peak:.0f} MB")
        outcomes = {str(one.observation.outcome) for one in seen.seen}
        print(f"{len(seen.verdicts)} verdicts; collections ended as {', '.join(sorted(outcomes))}")


def _print(name: str, calls: int, projects: int, wall: float, cpu: float) -> None:
    print(f"{name:>8} {calls:>7} {calls / projects:>9.1f} {wall:>8.1f} {cpu:>7.1f} {cpu * 1000 / calls:>13.2f}")


def _bare(url: str, asked: list[tuple[str, str, str]]) -> tuple[float, float]:
    """Send the same requests and decode the answers; return seconds, and seconds of CPU."""
    began, used = time.perf_counter(), time.process_time()
    headers = {"authorization": "Bearer glpat-madeup1234567890", "content-type": "application/json"}
    with httpx.Client(base_url=url, headers=headers) as client, ThreadPoolExecutor(_THREADS) as pool:

        def send(one: tuple[str, str, str]) -> None:
            method, target, body = one
            json.loads(client.request(method, target, content=body or None).content)

        list(pool.map(send, asked))
    return time.perf_counter() - began, time.process_time() - used


@contextmanager
def simulated_gitlab(projects: int) -> Iterator[str]:
    """Serve so many projects in a process of its own, and yield the address."""
    server = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-m", "bench.gitlab", _SERVE, str(projects)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        yield next(iter(server.stdout or ())).strip()
    finally:
        server.communicate()


def _serve(projects: int) -> None:
    double = furnish(GitLabDouble())
    paths = [f"acme/service-{number:04}" for number in range(projects)]
    double.answers[f"{GROUP}/projects"] = [a_project(number, path) for number, path in enumerate(paths, 1)]
    for number, path in enumerate(paths, 1):
        furnish_project(double, number, path)
    asked: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == _ASKED:
                self._send(httpx.Response(200, json=asked))
                return
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])).decode())

        def _answer(self, body: str) -> None:
            asked.append((self.command, self.path, body))
            time.sleep(_LATENCY)
            host = f"http://{self.headers['host']}{self.path}"
            self._send(double(httpx.Request(self.command, host, content=body.encode())))

        def _send(self, answer: httpx.Response) -> None:
            self.send_response_only(answer.status_code)
            for name, value in answer.headers.items():
                if name not in ("content-length", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        sys.stdin.read()  # until the other process has enough
        server.shutdown()


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVE]:
        _serve(int(sys.argv[2]))
    else:
        run(int(sys.argv[1]) if len(sys.argv) > 1 else _PROJECTS)
