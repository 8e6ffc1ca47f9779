"""How a store grows over simulated days, on both databases, and what that comes to in a year.

A share of the resources changes each day. Thirty in a hundred carry a volatile field that changes once a day, each in
its own one of the 24 hours; each task has request ids of its own. `ANNEXD_BENCH_THINGS` is how many resources there
are, `ANNEXD_BENCH_TASKS` and `ANNEXD_BENCH_SHARES` (in per cent) narrow it down.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench.store import THINGS, MeasuredDatabase, postgresql, sqlite
from collector.core.canonical import encode
from collector.core.facts import RunEnded, RunStarted, TasksPlanned
from collector.core.ports import Item
from collector.core.spans import show_time
from collector.core.tasks import Calls, Observation, Outcome, Provenance, Task
from storage import SqlStore, open_store

_TASKS = [int(number) for number in os.environ.get("ANNEXD_BENCH_TASKS", "68,680").split(",")]
_SHARES = [float(percent) / 100 for percent in os.environ.get("ANNEXD_BENCH_SHARES", "0,0.5,5").split(",")]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first scan is."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SCANS = {_DAY: 3, _HOUR: 48}  # of the hourly ones so many that each task keeps all of its facts once more
_BATCH = 1_000


@dataclass
class ChangingResources:
    """Made-up resources, a share of which changes each day."""

    tasks: list[Task]
    share: float
    random_numbers: random.Random = field(default_factory=lambda: random.Random(1))
    turns: list[int] = field(default_factory=lambda: [0] * THINGS)
    used: list[str] = field(default_factory=lambda: [show_time(FIRST)] * THINGS)

    def pass_hour(self, hour: int) -> None:
        """Change the resources and volatile fields that are due in one hour."""
        for number in range(hour % 24, THINGS, 24):
            if (number // 24 * 7919) % 10 < 3:
                self.used[number] = show_time(
                    FIRST + timedelta(hours=hour, seconds=self.random_numbers.randrange(3_600))
                )
        for _ in range(round(THINGS * self.share / 24)):
            self.turns[self.random_numbers.randrange(THINGS)] += 1

    def items(self, task: int) -> Iterator[Item]:
        """Yield the resources of one task."""
        for number in range(task, THINGS, len(self.tasks)):
            has_facts = (number // 24 * 7919) % 10 < 3
            yield Item(
                kind="played.thing",
                key=f"thing-{number}",
                body=_BODY % (number * 2_654_435_761, number, self.turns[number]),
                facts=b'{"LastUsed":"%b"}' % self.used[number].encode() if has_facts else None,
            )


_BODY = encode(
    {
        "Arn": "arn:aws:thing:eu-central-1:111122223333:thing/%x",
        "Description": "A thing of about the size of one that platforms describe, with some text in it.",
        "Encrypted": True,
        "Id": "thing-%d",
        "Network": {"Id": "vpc-0123456789abcdef0", "Subnets": ["subnet-0123456789abcdef0"] * 4},
        "Owner": {"Name": "somebody"},
        "Size": "%d",
        "Tags": [{"Key": f"tag-{number}", "Value": f"value of tag {number}"} for number in range(12)],
    }
)


def run() -> None:
    """Print how many bytes a scan adds, and a year of scans."""
    for database in (sqlite, postgresql):
        print(f"   {'':10} tasks  every  changed a day   first MB  KB a scan  GB a year")
        for tasks in _TASKS:
            for every in (_DAY, _HOUR):
                for share in _SHARES:
                    with database() as opened, chdir(opened.folder):
                        _measure(opened, tasks, every, share)


def _measure(database: MeasuredDatabase, tasks: int, every: timedelta, share: float) -> None:
    changing = ChangingResources(
        [Task("played", "played.thing", (f"place-{number}",)) for number in range(tasks)], share
    )
    hours, empty = every // _HOUR, database.size()
    scan_of(database, changing, 0, every)
    first = database.size()
    for scan in range(1, _SCANS[every] + 1):
        for hour in range((scan - 1) * hours, scan * hours):
            changing.pass_hour(hour)
        scan_of(database, changing, scan, every)
    grown = (database.size() - first) / _SCANS[every]
    print(
        f"   {database.name:10} {tasks:>5}  {'daily' if every == _DAY else 'hourly':6} {share:>12.1%} "
        f"{(first - empty) / 1e6:>10.1f} {grown / 1e3:>10.1f} {grown * (timedelta(days=365) / every) / 1e9:>10.3f}",
        flush=True,
    )


def scan_of(database: MeasuredDatabase, changing: ChangingResources, scan: int, every: timedelta) -> None:
    """Write one scan of the resources as they are."""
    at = FIRST + (scan + 1) * every
    with open_store(database.url, writer=True, clock=lambda: at) as store:
        run = f"run-{scan}"
        store.write(
            [
                RunStarted(run, "bench", at, "0", "sha256:" + "5e" * 32, "sha256:" + "c0" * 32, ()),
                TasksPlanned(
                    run, at, tuple(changing.tasks), {"played": tuple(task.scope for task in changing.tasks)}, ()
                ),
            ]
        )
        for number, task in enumerate(changing.tasks):
            _write_task(
                store,
                changing,
                number,
                Observation(
                    task=task,
                    run=run,
                    outcome=Outcome.COMPLETE,
                    started_at=at + timedelta(microseconds=changing.random_numbers.randrange(500_000_000)),
                    ended_at=at + timedelta(microseconds=500_000_000 + changing.random_numbers.randrange(5_000_000)),
                    listed=len(range(number, THINGS, len(changing.tasks))),
                    provenance=provenance(changing.random_numbers, at),
                    every=every,
                ),
            )
        store.write([RunEnded(run, at, {"complete": len(changing.tasks)})])
        store.checkpoints.checkpoint()


def _write_task(store: SqlStore, changing: ChangingResources, number: int, seen: Observation) -> None:
    attempt, batch = store.attempt(seen.task, seen.run), list[Item]()
    for item in changing.items(number):
        batch.append(item)
        if len(batch) == _BATCH:
            store.stage(attempt, batch)
            batch = []
    store.stage(attempt, batch)
    store.finish(attempt, seen)


def provenance(random_numbers: random.Random, at: datetime) -> Provenance:
    """Return a provenance with request ids of its own."""
    first, last = (f"{UUID(int=random_numbers.getrandbits(128))}" for _ in range(2))
    return Provenance(
        identity="arn:aws:sts::111122223333:assumed-role/annexd/annexd",
        connector="played/1.0",
        code="sha256:" + "5e" * 32,
        redaction="sha256:" + "7a" * 32,
        calls=(Calls("thing:ListThings", 2, 0, {"200": 2}, {"MaxResults": "1000"}, first, last),),
        pages=2,
        requests=2,
        date=at + timedelta(seconds=random_numbers.randrange(500)),
    )
