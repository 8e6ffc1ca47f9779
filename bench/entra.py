"""Calls, CPU seconds and memory for a scan of a tenant of ten thousand people, and of a raw client beside it.

The double is a process of its own, and nobody waits for quotas: Microsoft's own limits decide how long a scan takes.
With a number, so many people: `python -m bench.entra 1000`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from collector.contract.clock import SettableClock
from collector.core.secrets import Secret
from collector.demo.in_process import Environ, StartResponse
from collector.engine.rule import Rule
from collector.engine.run import Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import connector
from connectors.entra._sdk import calls
from connectors.entra._sdk.settings import Settings
from storage import open_store
from tests.connectors.entra import estate
from tests.connectors.entra.played import TENANT, PlayedTenant, token
from tests.doubles.served import served
from tests.played.silent import Silent

_PEOPLE = 10_000
_SERVE = "serve"
_LISTS = {
    calls.USERS: "/users?$top=999",
    calls.SIGN_IN_ACTIVITY: "/users?$select=id,signInActivity&$top=120",
    calls.REGISTRATION: "/reports/authenticationMethods/userRegistrationDetails",
    calls.DEVICES: "/deviceManagement/managedDevices?$top=999",
}
"""The long lists, as a raw client asks for them."""


def run(people: int = _PEOPLE) -> None:
    """Print what a scan and a raw client take."""
    with simulated_tenant(people) as url:
        raw_calls, raw_cpu = _raw(url)
        print(f"{people} people and devices")
        print(f"{'':>10} {'calls':>7} {'CPU s':>7} {'ms a call':>9} {'MB':>6}")
        print(f"{'raw':>10} {raw_calls:>7} {raw_cpu:>7.2f} {raw_cpu * 1000 / raw_calls:>9.2f} {_memory():>6.0f}")
        for judged in (False, True):
            made, cpu = _scan(url, judged=judged)
            name = "judged" if judged else "collected"
            print(f"{name:>10} {made:>7} {cpu:>7.2f} {cpu * 1000 / made:>9.2f} {_memory():>6.0f}")


def _memory() -> float:
    """Return the peak of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _raw(url: str) -> tuple[int, float]:
    """Return the calls and CPU seconds of a client that reads the long lists and decodes them, and nothing else."""
    made, used = 0, time.process_time()
    with httpx.Client(headers={"Authorization": f"Bearer {token()}"}) as client:
        for path in _LISTS.values():
            following: str | None = f"{url}/v1.0{path}"
            while following is not None:
                page = json.loads(client.get(following).content)
                following = page.get("@odata.nextLink")
                made += 1
    return made, time.process_time() - used


def _scan(url: str, *, judged: bool) -> tuple[int, float]:
    """Return the calls and CPU seconds of a first scan, without and with verdicts."""
    loaded = connector("entra")
    settings = Settings(tenant=TENANT, access_token=Secret("the bench", token), url=url)
    clock = SettableClock(tick=0.0001)
    rules = [Rule(check, check.limit_values({})) for check in loaded.checks.values()] if judged else []
    used = time.process_time()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(f"sqlite:///{Path(folder)}/bench.db", writer=True, clock=clock.now) as store,
    ):
        runner = Runner(
            store=store,
            sources=[Source("directory", loaded.connector, settings)],
            rules=rules,
            clock=clock,
            redaction_key=store.redaction_key,
            events=Silent(),
        )
        summary = runner.run(RunRequest("first", "bench", "0", "code", "config"))
    return summary.requests, time.process_time() - used


@contextmanager
def simulated_tenant(people: int) -> Iterator[str]:
    """Serve a tenant of so many people in a process of its own, and yield the address."""
    server = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-m", "bench.entra", _SERVE, str(people)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        yield next(iter(server.stdout or ())).strip()
    finally:
        server.communicate()


def _serve(people: int) -> None:
    answers: dict[str, Any] = estate.estate()
    users = [estate.a_user(f"p{number:06}") for number in range(people)]
    answers[calls.USERS] = answers[calls.SIGN_IN_ACTIVITY] = users
    answers[calls.REGISTRATION] = [estate.registered(f"p{number:06}") for number in range(people)]
    answers[calls.DEVICES] = [estate.a_device(f"l{number:06}") for number in range(people)]
    tenant = PlayedTenant(answers)

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        address = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
        params = httpx.QueryParams(environ["QUERY_STRING"])
        tenant.page_size = int(params.get("$top", 100))
        reply = tenant(httpx.Request("GET", httpx.URL(address, params=params)))
        start_response(f"{reply.status_code} -", list(reply.headers.items()))
        return [reply.content]

    with served(answer) as url:
        print(url, flush=True)
        sys.stdin.read()  # until the other process has enough


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVE]:
        _serve(int(sys.argv[2]))
    else:
        run(*map(int, sys.argv[1:2]))
