"""How quickly a store with a year of daily scans says how things stand, now and on any day.

`ANNEXD_BENCH_THINGS` resources in 68 tasks, 0.5 % of them changed and judged each day. The first scan is a real one,
the other 364 days are written straight into the record. The goals: 1 s for the state now and 3 s for that of any day.
"""

from __future__ import annotations

import random
from contextlib import chdir
from datetime import datetime, timedelta

import msgspec

from bench.growth import FIRST, Estate, provenance, scan_of
from bench.store import THINGS, Ground, postgresql, sqlite, timed
from collector.core.checks import Status
from collector.core.facts import Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Finding, FindingChange, FindingId
from collector.core.tasks import Observation, Outcome, Task
from storage import SqlStore, open_store
from storage.tables.project import TaskSeen

_PLACES = 68
_DAYS = 364
_DAY = timedelta(days=1)


def run() -> None:
    """Print how long each answer takes."""
    for ground in (sqlite, postgresql):
        with ground() as opened, chdir(opened.folder):
            _measure(opened)


def _measure(ground: Ground) -> None:
    estate = Estate([Task("played", "played.thing", (f"place-{number}",)) for number in range(_PLACES)], 0.005)
    scan_of(ground, estate, 0, _DAY)
    _years(ground, estate)
    print(f"{ground.name}: {THINGS:,} resources, {_DAYS + 1} daily scans, {ground.size() / 1e6:,.0f} MB")
    with open_store(ground.url, writer=False, clock=lambda: FIRST) as store:
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


def _years(ground: Ground, estate: Estate) -> None:
    dice = random.Random(2)
    at = FIRST
    with open_store(ground.url, writer=True, clock=lambda: at) as store:
        digests, inventories = _known(store)
        for day in range(1, _DAYS + 1):
            at = FIRST + (day + 1) * _DAY
            name = f"run-{day}"
            store.write([RunStarted(name, "bench", at, "0", "code", "config", ()), _plan(estate, name, at)])
            changed = sorted(dice.sample(range(THINGS), THINGS // 200))
            with store._writing().transaction() as connection:  # noqa: SLF001  the fastest way to many leaves
                for number, task in enumerate(estate.tasks):
                    mine = [one for one in changed if one % _PLACES == number]
                    rows = [[f"thing-{one}", "changed", dice.choice(digests), None] for one in mine]
                    seen = _seen(task, name, at, estate, inventories[task], len(mine))
                    store._append(connection, "task", seen, {"rows": rows})  # noqa: SLF001  as above
            store.write([_judged(name, at, changed), RunEnded(name, at, {"complete": _PLACES})])
        store.checkpoints.checkpoint()


def _known(store: SqlStore) -> tuple[list[str], dict[Task, str | None]]:
    digests: list[str] = [one.digest for one in store.resources("played.thing", source="played", under=("place-1",))]
    return digests, {seen.observation.task: seen.inventory for seen in store.observations()}


def _plan(estate: Estate, name: str, at: datetime) -> TasksPlanned:
    return TasksPlanned(name, at, tuple(estate.tasks), {"played": tuple(one.scope for one in estate.tasks)}, ())


def _seen(task: Task, name: str, at: datetime, estate: Estate, inventory: str | None, changed: int) -> TaskSeen:
    observation = Observation(
        task=task,
        run=name,
        outcome=Outcome.COMPLETE,
        started_at=at - timedelta(minutes=2),
        ended_at=at - timedelta(minutes=1),
        listed=THINGS // _PLACES,
        provenance=provenance(estate.dice, at),
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
            one := FindingId("played_thing_small", "played", (f"place-{number % _PLACES}",), f"thing-{number}"),
            None,
            Finding(one, Status.FAIL, f"thing-{number} has {number}", {"max_size": "1"}, (), at, None),
        )
        for number in changed
    ]
    return Judged(name, at, tuple(changes), ())
