"""Calls, CPU seconds and memory for an organization of many projects, each with two of everything.

Beside annexd, a raw client asks the same double for the same pages, so that what the double costs can be taken off.
With a number, so many projects: `python -m bench.gcp 20`.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from collector.engine.clock import SystemClock
from collector.engine.rule import Rule
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import LoadedConnector, connector
from storage import open_store
from tests.connectors.gcp import bodies, estate
from tests.connectors.gcp.played import PlayedGoogle
from tests.played.silent import Silent

_PROJECTS = 50

# The most calls of an API that annexd makes a second by default, all projects together.
_RATES = {"cloudresourcemanager.": 20.0, "iam.": 100.0, "policyanalyzer.": 10.0, "orgpolicy.": 10.0}


def run(projects: int = _PROJECTS) -> None:
    """Print one scan by annexd, and what a raw client takes for the same requests."""
    loaded = connector("gcp")
    double = _organization(projects)
    print(f"{projects} projects")
    print(f"{'who':>8} {'calls':>7} {'wall s':>8} {'CPU s':>7} {'ms a call':>10} {'MB more':>8}")
    with double.answering(), tempfile.TemporaryDirectory() as folder, _measured("annexd", double):
        _scan(loaded, Path(folder))
    asked, by_call = list(double.requests), Counter(double.asked)
    double.requests.clear()
    with _measured("raw", double), httpx.Client(transport=httpx.MockTransport(double)) as client:
        for request in asked:
            client.request(
                request.method, request.url, content=request.content, headers={"content-type": "application/json"}
            ).json()
    for prefix, rate in _RATES.items():
        calls = sum(count for call, count in by_call.items() if call.startswith(prefix))
        print(f"{prefix.rstrip('.'):>22} {calls:>7} calls, at least {calls / rate:.0f} s")


def _scan(loaded: LoadedConnector, folder: Path) -> None:
    with open_store(f"sqlite:///{folder}/bench.db", writer=True, clock=lambda: datetime.now(UTC)) as store:
        runner = Runner(
            store=store,
            sources=[Source("cloud", loaded.connector, estate.settings(folders=(), projects=()))],
            rules=[Rule(check, check.limit_values({})) for check in loaded.checks.values()],
            clock=SystemClock(),
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=Limits(deadline=timedelta(hours=3)),
        )
        runner.run(RunRequest("bench", "bench", "0", "code", "config"))


def _organization(projects: int) -> PlayedGoogle:
    double = PlayedGoogle(validates=False)
    estate.seed(double)
    listed = [bodies.project(f"acme-{number:05}", str(5000 + number)) for number in range(projects)]
    double.answers["cloudresourcemanager.projects.list"] = lambda params: (
        listed if params["parent"] == "folders/10" else []
    )
    return double


@contextmanager
def _measured(who: str, double: PlayedGoogle) -> Iterator[None]:
    before, memory = double.count, _megabytes()
    began, used = time.perf_counter(), time.process_time()
    yield
    calls = double.count - before
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    print(
        f"{who:>8} {calls:>7} {wall:>8.1f} {cpu:>7.1f} {cpu / max(calls, 1) * 1000:>10.2f}"
        f" {_megabytes() - memory:>8.0f}"
    )


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else _PROJECTS)
