"""Calls, CPU seconds and memory for an organization of many projects, each with two of everything.

Beside annexd, a raw client asks the same double for the same pages, so that what the double costs can be taken off.
With a number, so many projects: `python -m bench.gcp 20`. Then 5,000 projects: the CPU seconds to plan a run and to
sort out what is judged, and how long its calls take at least by Google's documented rates, where each project has what
those of the scan have.
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

from collector.core.buckets import Bucket
from collector.core.wire import Call
from collector.engine.clock import SystemClock
from collector.engine.freshness import Freshness
from collector.engine.plan import ScopeTree
from collector.engine.rule import Rule
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.engine.units import Units
from collector.setup.loading import LoadedConnector, connector
from connectors.gcp._sdk.settings import quota
from storage import open_store
from tests.connectors.gcp import bodies, estate
from tests.connectors.gcp.played import PlayedGoogle
from tests.played.silent import Silent

_PROJECTS = 50
_PLANNED = 5_000
_LATENCY = 0.15  # seconds that a call takes, where nothing else is known


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
    _plan(loaded, _PLANNED // 2)
    _plan(loaded, _PLANNED)
    _predict(by_call, projects, _PLANNED)


def _plan(loaded: LoadedConnector, projects: int) -> None:
    """Print the CPU seconds to plan a run of so many projects, and to sort out what is judged after which task."""
    source, rules = _source(loaded), _rules(loaded)
    began = time.process_time()
    tree = ScopeTree(source)
    for level, task in list(tree.discoveries(0)):
        tree.add_discovered(level, task.scope, [f"acme-{number:05}" for number in range(projects)], None)
    tasks = tree.tasks(lambda _task: True)
    planned = time.process_time() - began
    units = Units(rules, Freshness(source, scopes=tree.scopes, incomplete_discoveries=(), latest=(), complete=()))
    units.wait_for(tasks)
    for task in tasks:
        units.done(task)
    judged = time.process_time() - began - planned
    print(f"{projects} projects planned: {len(tasks)} tasks in {planned:.2f} s CPU, judging order {judged:.2f} s CPU")


def _predict(by_call: Counter[str], scanned: int, projects: int) -> None:
    """Print the quotas that take the longest; what a project charges itself goes on beside those of all others."""
    settings = estate.settings(changes=())
    needed: dict[Bucket, float] = {}
    for call, count in by_call.items():
        bucket = quota(settings, ("acme-00000",), Call(call))
        many = count / scanned * (1 if bucket.owner == "acme-00000" else projects)
        needed[bucket] = needed.get(bucket, 0) + many
    hours = {
        bucket: many / (bucket.per_second or bucket.concurrency / _LATENCY) / 3600 for bucket, many in needed.items()
    }
    total = sum(by_call.values()) / scanned * projects
    print(f"{projects} projects: {total:,.0f} calls, at least {max(hours.values()):.1f} h, by")
    for bucket, took in sorted(hours.items(), key=lambda item: -item[1])[:6]:
        by = "Google's rate" if bucket.per_second else f"{_LATENCY} s a call"
        print(f"  {bucket.name:>22} {needed[bucket]:>9,.0f} calls {took:>6.1f} h by {by}")


def _source(loaded: LoadedConnector) -> Source:
    return Source("cloud", loaded.connector, estate.settings(folders=(), projects=(), changes=()))


def _rules(loaded: LoadedConnector) -> list[Rule]:
    return [Rule(check, check.limit_values({})) for check in loaded.checks.values()]


def _scan(loaded: LoadedConnector, folder: Path) -> None:
    with open_store(f"sqlite:///{folder}/bench.db", writer=True, clock=lambda: datetime.now(UTC)) as store:
        runner = Runner(
            store=store,
            sources=[_source(loaded)],
            rules=_rules(loaded),
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
