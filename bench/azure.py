"""Calls, CPU seconds and memory for a scan of many subscriptions of Azure, beside a raw client that asks the same.

The double is in this process and answers from bytes: what it takes is in both numbers. With a number, so many
subscriptions: `python -m bench.azure 100`.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx

from collector.core.findings import FindingChange
from collector.core.tasks import Outcome, Task
from collector.engine.clock import SystemClock
from collector.engine.collect import Done
from collector.engine.run import Limits, Runner, RunRequest, RunSummary
from collector.engine.sources import Source
from collector.setup.loading import LoadedConnector, connector
from connectors._http import answered_by
from storage import open_store
from tests.connectors.azure.double import ARM, GRAPH_HOST, AzureDouble, settings
from tests.connectors.azure.estate import FIRST, seed

_SUBSCRIPTIONS = 500


def run(subscriptions: int = _SUBSCRIPTIONS) -> None:
    """Print two scans of the same tenant, the second without changes, and the raw client."""
    loaded = connector("azure")
    tenant = Tenant(subscriptions, loaded)
    print(f"{subscriptions} subscriptions, each with the resources of the tests' estate")
    print(f"{'scan':>7} {'calls':>8} {'a sub.':>7} {'wall s':>8} {'CPU s':>8} {'ms a call':>10} {'peak MiB':>9}")
    with tempfile.TemporaryDirectory() as folder, answered_by(tenant.answer, ARM, GRAPH_HOST):
        for day, name in enumerate(("first", "second")):
            counts = _Counts()
            before = len(tenant.asked)
            began, used = time.perf_counter(), time.process_time()
            _scan(loaded, Path(folder), counts, day)
            _print(name, len(tenant.asked) - before, subscriptions, began, used)
            print(f"{'':>7} {counts.incomplete} tasks were not complete")
    asked = tenant.asked[:before]
    began, used = time.perf_counter(), time.process_time()
    with httpx.Client(transport=httpx.MockTransport(tenant.answer)) as client:
        for method, url, body in asked:
            client.request(method, url, content=body).json()
    _print("raw", len(asked), subscriptions, began, used)


def _print(name: str, calls: int, subscriptions: int, began: float, used: float) -> None:
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:>7} {calls:>8} {calls / subscriptions:>7.1f} {wall:>8.1f} {cpu:>8.1f}"
        f" {cpu * 1000 / max(calls, 1):>10.2f} {peak:>9.0f}"
    )


class Tenant:
    """Answers for many subscriptions from the bytes of one, under the id of the one that is asked for."""

    def __init__(self, subscriptions: int, loaded: LoadedConnector) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self._double = AzureDouble(calls=loaded.connector.calls())
        seed(self._double)
        (first, *_) = self._double.answers["/subscriptions"]
        self._double.answers["/subscriptions"] = [
            {**first, "id": f"/subscriptions/{_id(number)}", "subscriptionId": _id(number)}
            for number in range(subscriptions)
        ]
        self._answers: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        url = str(request.url)
        with self._lock:
            self.asked.append((request.method, url, request.content))
        words = request.url.path.split("/")
        own = words[2] if words[1:2] == ["subscriptions"] and len(words) > 3 else FIRST
        asked = url.replace(own, FIRST)
        body = self._answers.get(f"{asked} {request.content!r}")
        if body is None:
            body = self._double.answer(httpx.Request(request.method, asked, content=request.content)).content
            self._answers[f"{asked} {request.content!r}"] = body
        headers = {
            "Content-Type": "application/json",
            "Date": format_datetime(datetime.now(UTC), usegmt=True),
            "x-ms-ratelimit-remaining-subscription-reads": "249",
        }
        return httpx.Response(200, headers=headers, content=body.replace(FIRST.encode(), own.encode()))


def _id(number: int) -> str:
    return f"{number:08}-0000-0000-0000-000000000000"


class _Counts:
    """Counts tasks that were not complete."""

    def __init__(self) -> None:
        self.incomplete = 0

    def planned(self, tasks: Sequence[Task]) -> None:
        """Ignore it."""

    def finished(self, done: Done) -> None:
        """Count."""
        self.incomplete += done.observation.outcome is not Outcome.COMPLETE

    def kept(self, tasks: Sequence[Task]) -> None:
        """Ignore it."""

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Ignore it."""


def _scan(loaded: LoadedConnector, folder: Path, counts: _Counts, day: int) -> RunSummary:
    moment = datetime.now(UTC) + timedelta(days=day)
    with open_store(f"sqlite:///{folder}/bench.db", writer=True, clock=lambda: moment) as store:
        runner = Runner(
            store=store,
            sources=[Source("cloud", loaded.connector, settings())],
            rules=[],
            clock=SystemClock(),
            redaction_key=store.redaction_key,
            events=counts,
            limits=Limits(deadline=timedelta(hours=3)),
        )
        return runner.run(RunRequest(f"day {day}", "bench", "0", "code", "config"))


if __name__ == "__main__":
    run(*map(int, sys.argv[1:2]))
