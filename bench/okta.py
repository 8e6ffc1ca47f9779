"""Calls, CPU seconds and memory for a scan of an organization of Okta's, beside a raw client that makes the same calls.

The simulated Okta is a process of its own. The raw client is httpx; it makes the calls that the scan made, with as many
threads, decodes the answers and keeps nothing. With a number, so many users: `python -m bench.okta 10000`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from unittest.mock import patch

import httpx

from collector.contract.memory_store import MemoryStore
from collector.core.secrets import Secret
from collector.demo.in_process import Environ, StartResponse, body_of
from collector.engine.clock import SystemClock
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import connector
from connectors._http.sending import Outgoing, Sender
from connectors.okta._sdk.operations import APPS, GROUP_USERS, GROUPS, ROLE_ASSIGNEES, USERS
from connectors.okta._sdk.settings import Settings
from tests.connectors.okta import estate
from tests.connectors.okta.played import TOKEN, PlayedOkta
from tests.doubles.served import served
from tests.played.silent import Silent

_USERS = 2000
_THREADS = 8
_REPEATS = 3
_GOAL = 1.3
_SERVE = "serve"


def run(users: int = _USERS) -> None:
    """Print a scan without checks, and the raw client."""
    with _simulated_okta(users) as url:
        settings = Settings(url=url, token=Secret("the bench", lambda: TOKEN), quota_share=1.0, factor_share=1.0)
        asked: list[str] = []
        lock = threading.Lock()
        own = Sender.send

        def noted(self: Sender, call: Any, request: Outgoing) -> Any:  # noqa: ANN401  as the kit has it
            with lock:
                asked.append(str(request.url))
            return own(self, call, request)

        with patch.object(Sender, "send", noted):
            calls = _scan(settings)
        scan, raw = _least(lambda: _scan(settings)), _least(lambda: _raw(url, asked))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{users} users, {users // 20} applications and groups")
    print(f"{'calls':>6} {'scan CPU s':>10} {'raw CPU s':>9} {'ratio':>6} {'peak MB':>8}   goal {_GOAL}")
    print(f"{calls:>6} {scan:>10.2f} {raw:>9.2f} {scan / raw:>6.2f} {peak:>8.0f}")


def _least(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_REPEATS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def _scan(settings: Settings) -> int:
    clock = SystemClock()
    runner = Runner(
        store=MemoryStore(clock.now),
        sources=[Source("bench", connector("okta").connector, settings)],
        rules=[],
        clock=clock,
        redaction_key=b"a key for the bench",
        events=Silent(),
        limits=Limits(),
    )
    return runner.run(RunRequest("bench", "bench", "0", "", "")).requests


def _raw(url: str, asked: list[str]) -> None:
    headers = {"Authorization": f"SSWS {TOKEN}"}
    with httpx.Client(base_url=url, headers=headers) as client, ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda address: json.loads(client.get(address).content), asked))


@contextmanager
def _simulated_okta(users: int) -> Iterator[str]:
    """Serve an organization with so many users in a process of its own, and yield the address."""
    server = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-m", "bench.okta", _SERVE, str(users)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        yield next(iter(server.stdout or ())).strip()
    finally:
        server.communicate()


def _serve(users: int) -> None:
    okta = PlayedOkta(page=200, own_examples=True, date=format_datetime(datetime.now(UTC), usegmt=True))
    estate.furnish(okta, 20)
    people = [estate.a_user(f"00u{number}") for number in range(users)]
    others = range(users // 20)
    okta.answers[USERS] = lambda query: [] if "filter" in query else people
    okta.answers[ROLE_ASSIGNEES] = [{"id": user["id"]} for user in people[:20]]
    okta.answers[GROUP_USERS] = people[:5]
    unadministered = {"_embedded": {"stats": {"hasAdminPrivlege": False}}}
    okta.answers[GROUPS] = [estate.a_group(f"00g{number}", f"Team {number}", **unadministered) for number in others]
    okta.answers[APPS] = [*okta.answers[APPS], *(estate.an_app(f"0oax{number}") for number in others)]

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        address = f"{okta.url}{environ['PATH_INFO']}"
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        sent = {"authorization": environ.get("HTTP_AUTHORIZATION", "")}
        request = httpx.Request(environ["REQUEST_METHOD"], address + query, headers=sent, content=body_of(environ))
        reply = okta.respond(request)
        start_response(f"{reply.status_code} -", reply.headers.multi_items())
        return [reply.content]

    with served(answer) as url:
        okta.url = url
        print(url, flush=True)
        sys.stdin.read()  # until the other process has enough


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVE]:
        _serve(int(sys.argv[2]))
    else:
        run(*map(int, sys.argv[1:2]))
