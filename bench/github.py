"""Calls and seconds for a scan of a thousand repositories, and for a second scan without changes.

The simulated GitHub is a process of its own, so that it does not share this one's interpreter lock. With a number, so
many repositories: `python -m bench.github 100`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.core.buckets import Bucket
from collector.core.findings import FindingChange
from collector.core.secrets import Secret
from collector.core.tasks import Outcome, Task
from collector.demo.github.changes import Change, graphql
from collector.demo.github.double import GitHubDouble
from collector.demo.github.organization import organization
from collector.demo.github.repository import repository
from collector.demo.github.seeding import OrganizationSeed
from collector.demo.in_process import Application, Environ, StartResponse
from collector.engine.clock import SystemClock
from collector.engine.collect import Done
from collector.engine.run import Limits, Runner, RunRequest, RunSummary
from collector.engine.sources import Source
from collector.setup.loading import LoadedConnector, connector
from connectors.github._sdk.graphql_quota import GRAPHQL
from connectors.github._sdk.settings import Settings
from storage import open_store
from tests.doubles.served import served

_REPOSITORIES = 1000
_LATENCY = 0.05
_CONCURRENCY = Bucket("core").concurrency
_SERVE = "serve"


def run(repositories: int = _REPOSITORIES) -> None:
    """Print two scans of the same organization, the second without changes."""
    loaded = connector("github")
    print(f"{repositories} repositories, {_LATENCY * 1000:.0f} ms, {_CONCURRENCY} calls at a time")
    print(
        f"{'scan':>6} {'calls':>7} {'a repo':>7} {'of quota':>8} {'GraphQL':>7} {'bound s':>8}"
        f" {'wall s':>8} {'ratio':>6} {'CPU s':>6}"
    )
    with simulated_github(repositories) as url, tempfile.TemporaryDirectory() as folder:
        settings = Settings(token=Secret("the bench", lambda: "made up"), organizations=("acme",), url=url)
        for day, name in enumerate(("first", "second")):
            counts = _Counts()
            began, used = time.perf_counter(), time.process_time()
            calls = _scan(loaded, settings, Path(folder), counts, day).requests
            # GraphQL has a quota of its own, in points.
            paid = calls - counts.free - counts.queries
            per_repository = calls / repositories
            wall, cpu = time.perf_counter() - began, time.process_time() - used
            bound = calls * _LATENCY / _CONCURRENCY
            print(
                f"{name:>6} {calls:>7} {per_repository:>7.1f} {paid:>8} {counts.queries:>7} {bound:>8.1f}"
                f" {wall:>8.1f} {wall / bound:>6.2f} {cpu:>6.1f}   {counts.incomplete} tasks were not complete"
            )


class _Counts:
    """Counts requests that use no quota, GraphQL queries, and tasks that were not complete."""

    def __init__(self) -> None:
        self.free = 0
        self.queries = 0
        self.incomplete = 0

    def planned(self, tasks: Sequence[Task]) -> None:
        """Ignore it."""

    def finished(self, done: Done) -> None:
        """Count."""
        calls = done.observation.provenance.calls
        self.free += sum(call.free for call in calls)
        self.queries += sum(call.count for call in calls if call.operation == GRAPHQL)
        self.incomplete += done.observation.outcome is not Outcome.COMPLETE

    def kept(self, tasks: Sequence[Task]) -> None:
        """Ignore it."""

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Ignore it."""


def _scan(loaded: LoadedConnector, settings: Settings, folder: Path, counts: _Counts, day: int) -> RunSummary:
    moment = datetime.now(UTC) + timedelta(days=day)
    with open_store(f"sqlite:///{folder}/bench.db", writer=True, clock=lambda: moment) as store:
        runner = Runner(
            store=store,
            sources=[Source("code", loaded.connector, settings)],
            rules=[],
            clock=SystemClock(),
            redaction_key=store.redaction_key,
            events=counts,
            limits=Limits(deadline=timedelta(hours=3)),
        )
        return runner.run(RunRequest(f"day {day}", "bench", "0", "code", "config"))


@contextmanager
def simulated_github(repositories: int, latency: float = _LATENCY) -> Iterator[str]:
    """Serve so many repositories in a process of its own, and yield the address; `latency` is in seconds."""
    server = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-m", "bench.github", _SERVE, str(repositories), str(latency)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        yield next(iter(server.stdout or ())).strip()
    finally:
        server.communicate()


def _serve(repositories: int, latency: float) -> None:
    with GitHubDouble() as double:
        acme = OrganizationSeed(double)
        for number in range(repositories):
            changes = [Change("A change", "dave", 2, approved_by=("alice",))]
            repository(acme, f"service-{number:04}", changes=changes)
        organization(acme)
        graphql(acme)
        double.answers["/orgs/acme/repos"] = acme.repositories
        with served(_late(double, latency)) as url:
            print(url, flush=True)
            sys.stdin.read()  # until the other process has enough


def _late(double: GitHubDouble, latency: float) -> Application:
    """Return the double with a latency, in seconds."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(latency)
        return double(environ, start_response)

    return answer


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVE]:
        _serve(int(sys.argv[2]), float(sys.argv[3]))
    else:
        run(*map(int, sys.argv[1:2]))
