"""Calls, CPU seconds and memory for a customer of ten thousand users and two thousand groups.

Beside annexd, a raw client asks the same double for the same pages, so that what the double costs can be taken off.
With a number, so many users: `python -m bench.googleworkspace 1000`.
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
from typing import Any

import httpx

from collector.engine.clock import SystemClock
from collector.engine.rule import Rule
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import LoadedConnector, connector
from storage import open_store
from tests.connectors.googleworkspace.double import Double, settings, token_for
from tests.connectors.googleworkspace.estate import furnish, settle
from tests.connectors.googleworkspace.shapes import a_user
from tests.played.silent import Silent

_USERS = 10_000
_USERS_A_GROUP = 5

# The most calls of a kind that Google allows a second, by what it documents.
_RATES = {"directory.": 40.0, "cloudidentity.policies.": 1.0}


def run(users: int = _USERS) -> None:
    """Print one scan by annexd, and what a raw client takes for the same requests."""
    loaded = connector("googleworkspace")
    double = _customer(users)
    print(f"{users} users, {len(double.answers['directory.groups.list'])} groups")
    print(f"{'who':>8} {'calls':>7} {'wall s':>8} {'CPU s':>7} {'ms a call':>10} {'MB more':>8}")
    with double.serving(), tempfile.TemporaryDirectory() as folder, _measured("annexd", double):
        _scan(loaded, Path(folder))
    asked = [request for request in double.requests if str(request.url).startswith(double.base)]
    by_call = Counter(double.asked)
    double.requests.clear()
    with _measured("raw", double):
        _ask_again(double, asked)
    longest = max(by_call_of(by_call, prefix) / rate for prefix, rate in _RATES.items())
    print(f"by Google's documented rates at least {longest:.0f} s: {dict(by_call.most_common(4))}")


def _scan(loaded: LoadedConnector, folder: Path) -> None:
    with open_store(f"sqlite:///{folder}/bench.db", writer=True, clock=lambda: datetime.now(UTC)) as store:
        runner = Runner(
            store=store,
            sources=[Source("workspace", loaded.connector, settings())],
            rules=[Rule(check, check.limit_values({})) for check in loaded.checks.values()],
            clock=SystemClock(),
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=Limits(deadline=timedelta(hours=3)),
        )
        runner.run(RunRequest("bench", "bench", "0", "code", "config"))


def by_call_of(by_call: Counter[str], prefix: str) -> int:
    """Return how many calls there were of those that begin so."""
    return sum(count for call, count in by_call.items() if call.startswith(prefix))


def _customer(users: int) -> Double:
    double = Double(now=lambda: datetime.now(UTC), page_size=500, validates=False)
    furnish(double)
    settle(double)
    people = [a_user(f"user{number}", id=f"2{number:06}") for number in range(users)]
    double.answers["directory.users.list"] += people
    groups = [
        {"kind": "admin#directory#group", "id": f"g{number:06}", "email": f"g{number}@acme.example", "etag": "e"}
        for number in range(users // _USERS_A_GROUP)
    ]
    double.answers["directory.groups.list"] += groups
    in_groups = {group["id"]: _members(people, place) for place, group in enumerate(groups)}
    double.answers["directory.members.list"] |= in_groups
    return double


def _members(people: list[dict[str, Any]], group: int) -> list[dict[str, Any]]:
    start = group * _USERS_A_GROUP
    return [
        {"id": one["id"], "email": one["primaryEmail"], "role": "MEMBER", "type": "USER"}
        for one in people[start : start + _USERS_A_GROUP]
    ]


def _ask_again(double: Double, asked: list[httpx.Request]) -> None:
    """Send the requests by httpx alone, one after the other, and read what comes."""
    with httpx.Client(transport=httpx.MockTransport(double)) as client:
        for request in asked:
            client.get(
                request.url, headers={"authorization": request.headers.get("authorization", token_for(""))}
            ).json()


@contextmanager
def _measured(who: str, double: Double) -> Iterator[None]:
    before, memory = double.asked.total(), _megabytes()
    began, used = time.perf_counter(), time.process_time()
    yield
    calls = double.asked.total() - before
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    print(
        f"{who:>8} {calls:>7} {wall:>8.1f} {cpu:>7.1f} {cpu / max(calls, 1) * 1000:>10.2f}"
        f" {_megabytes() - memory:>8.0f}"
    )


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    run(*map(int, sys.argv[1:2]))
