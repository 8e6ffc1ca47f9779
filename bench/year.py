"""Seconds in which a store with a year of daily scans answers for now and for any day.

`ANNEXD_BENCH_THINGS` resources in 68 tasks, 0.5 % of them changed and judged each day. The first scan is a real one,
the other 364 days are written straight into the record. The goals: 1 s for the state now and 3 s for that of any day.
"""

from __future__ import annotations

import random
from contextlib import chdir
from datetime import datetime, timedelta

import msgspec

from bench.growth import FIRST, ChangingResources, provenance, scan_of
from bench.store import THINGS, MeasuredDatabase, postgresql, sqlite, timed
from collector.core.checks import Status
from collector.core.facts import Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Finding, FindingChange, FindingId
from collector.core.tasks import Observation, Outcome, Task
from storage import SqlStore, open_store
from storage.tables.projections import TaskSeen

_PLACES = 68
_DAYS = 364
_DAY = timedelta(days=1)


def run() -> None:
    """Print how long each answer takes."""
    for database in (sqlite, postgresql):
        with database() as opened, chdir(opened.folder):
            _measure(opened)


def _measure(database: MeasuredDatabase) -> None:
    changing = ChangingResources(
        [Task("played", "played.thing", (f"place-{number}",)) for number in range(_PLACES)], 0.005
    )
    scan_of(database, changing, 0, _DAY)
    _years(database, changing)
    print(f"{database.name}: {THINGS:,} resources, {_DAYS + 1} daily scans, {database.size() / 1e6:,.0f} MB")
    with open_store(database.url, writer=False, clock=lambda: FIRST) as store:
        _answers(store, "now", None)
        for day in (30, 300):
            _answers(store, f"day {day}", FIRST + (day + 1) * _DAY)


def _answers(store: SqlStore, name: str, as_of: datetime | None) -> None:
    def runs() -> None:
        list(store.plans(as_of=as_of))
        next(iter(list(store.runs(as_of=as_of))))

    def resources(*under: str) -> int:
        return sum(1 for _ in store.resources("played.thing", source="played", under=under, as_of=as_of))

    tasks = timed(lambda: (list(store.observations(as_of=as_of)), list(store.last_complete(as_of=as_of))))
    findings = timed(lambda: sum(1 for _ in store.findings(as_of=as_of)))
    other = timed(runs)
    print(
        f"   {name:8} status {tasks + findings + other:.2f} s (tasks {tasks:.2f}, findings {findings:.2f}, plans and"
        f" runs {other:.2f}), one place {timed(lambda: resources('place-7')):.2f} s,"
        f" every resource {timed(resources):.1f} s",
        flush=True,
    )


def _years(database: MeasuredDatabase, changing: ChangingResources) -> None:
    random_numbers = random.Random(2)
    at = FIRST
    with open_store(database.url, writer=True, clock=lambda: at) as store:
        digests, inventories = _digests_and_inventories(store)
        for day in range(1, _DAYS + 1):
            at = FIRST + (day + 1) * _DAY
            name = f"run-{day}"
            store.write([RunStarted(name, "bench", at, "0", "code", "config", ()), _plan(changing, name, at)])
            changed = sorted(random_numbers.sample(range(THINGS), THINGS // 200))
            with store._open_writer().transaction() as connection:  # noqa: SLF001  the fastest way to many leaves
                for number, task in enumerate(changing.tasks):
                    changed_here = [thing for thing in changed if thing % _PLACES == number]
                    rows = [
                        [f"thing-{thing}", "changed", random_numbers.choice(digests), None] for thing in changed_here
                    ]
                    seen = _task_seen(task, name, at, changing, inventories[task], len(changed_here))
                    store._append(connection, "task", seen, {"rows": rows})  # noqa: SLF001  as above
            store.write([_judged(name, at, changed), RunEnded(name, at, {"complete": _PLACES})])
        store.checkpoints.checkpoint()


def _digests_and_inventories(store: SqlStore) -> tuple[list[str], dict[Task, str | None]]:
    digests: list[str] = [
        resource.digest for resource in store.resources("played.thing", source="played", under=("place-1",))
    ]
    return digests, {seen.observation.task: seen.inventory for seen in store.observations()}


def _plan(changing: ChangingResources, name: str, at: datetime) -> TasksPlanned:
    return TasksPlanned(name, at, tuple(changing.tasks), {"played": tuple(task.scope for task in changing.tasks)}, ())


def _task_seen(
    task: Task, name: str, at: datetime, changing: ChangingResources, inventory: str | None, changed: int
) -> TaskSeen:
    observation = Observation(
        task=task,
        run=name,
        outcome=Outcome.COMPLETE,
        started_at=at - timedelta(minutes=2),
        ended_at=at - timedelta(minutes=1),
        listed=THINGS // _PLACES,
        provenance=provenance(changing.random_numbers, at),
        every=_DAY,
    )
    seen = TaskSeen(
        observation=observation,
        inventory=None,
        facts=(),
        appeared=0,
        changed=changed,
        gone=0,
        unchanged=THINGS // _PLACES,
    )
    return msgspec.convert(msgspec.to_builtins(seen) | {"inventory": inventory}, TaskSeen)


def _judged(name: str, at: datetime, changed: list[int]) -> Judged:
    changes = [
        FindingChange(
            finding_id := FindingId("played_thing_small", "played", (f"place-{number % _PLACES}",), f"thing-{number}"),
            None,
            Finding(finding_id, Status.FAIL, f"thing-{number} has {number}", {"max_size": "1"}, (), at, None),
        )
        for number in changed
    ]
    return Judged(name, at, tuple(changes), ())
