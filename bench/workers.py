"""What of a run is the work of the process that writes, and what is done for it: `python -m bench workers`.

The same estate is scanned by threads and by 1, 2 and 4 worker processes, each in a process of its own: into an empty
store, again with nothing changed, and again with one resource in a hundred changed. Printed is the processor time of
the writer and of all its workers beside it. It does not matter how many processors are free: with enough of them a run
takes as long as its writer works, and that is what `at most` says, as a multiple of the speed of threads.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from bench.scale_platform import RULES, Settings, scale
from bench.store import MeasuredDatabase, postgresql, sqlite
from collector.engine.clock import SystemClock
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.engine.workers.ports import WorkerParts
from collector.engine.workers.processes import Processes
from collector.engine.workers.team import Workers
from storage import open_store
from storage.database.keys import WorkerKey
from tests.played.silent import Silent

SHAPES = {"long lists": (40, 500), "short lists": (1_000, 2)}
"""Places and things in each: what a resource costs, and what a collection costs. A place has two collections."""

LIMITS = Limits(deadline=timedelta(hours=3))
_STARTED = datetime(2026, 1, 1, tzinfo=UTC)
_ALONE = [rule for rule in RULES if len(rule.check.needs) == 1]
"""The rules that workers can judge."""


class Used(msgspec.Struct):
    """Seconds of a run: of the clock, of the writer's processor, and of the workers' processors."""

    wall: float
    writer: float
    workers: float


def run() -> None:
    """Print a table for each database."""
    for name, shape in ((name, shape) for name in ("sqlite", "postgresql") for shape in SHAPES):
        places, things = SHAPES[shape]
        print(f"   {name}, {shape}: {places} x {things} resources in {places * 2} collections")
        print("   writer + workers: processor seconds, and microseconds a resource")
        print(f"   {'':<14}{'first scan':>30}{'nothing changed':>30}{'1 % changed':>30}{'at most':>26}")
        alone: list[Used] = []
        for workers in (0, 1, 2, 4):
            done = subprocess.run(  # noqa: S603  our own words
                [sys.executable, "-m", "bench.workers", name, str(workers), shape], stdout=subprocess.PIPE, check=True
            )
            used = msgspec.json.decode(done.stdout, type=list[Used])
            alone = alone or used
            what = f"{workers} workers" if workers else "threads"
            print(f"   {what:<14}" + "".join(_shown(each, places * things) for each in used) + _scaling(alone, used))


def _shown(used: Used, resources: int) -> str:
    each = 1e6 / resources
    seconds = f"{used.writer:.1f} + {used.workers:.1f}"
    return f"{seconds:>16}{used.writer * each:>7.0f}+{used.workers * each:<6.0f}"


def _scaling(alone: list[Used], used: list[Used]) -> str:
    """Return how many times faster than threads each run can be with any number of processors: the writer's share."""
    return "".join(f"{was.writer / now.writer:>8.1f}x" for was, now in zip(alone, used, strict=True))


def measure(database: MeasuredDatabase, workers: int, shape: str) -> list[Used]:
    """Scan three times, and return what each took."""
    places, things = SHAPES[shape]
    days = [Settings(places=places, things=things, changed=things // 100, day=day) for day in (0, 0, 1)]
    return [_scanned(database, settings, number, workers) for number, settings in enumerate(days)]


def _scanned(database: MeasuredDatabase, settings: Settings, number: int, workers: int) -> Used:
    at = _STARTED + timedelta(days=number)
    began, own, others = time.monotonic(), time.process_time(), _of_children()
    key_file, signing_key = database.folder / "bench.db.key", database.folder / "bench.db.signing.pem"
    with open_store(database.url, writer=True, key_file=key_file, signing_key=signing_key, clock=lambda: at) as store:
        key = store.worker_key()
        build = partial(_parts, database.url, settings)
        team = Workers(
            channels=lambda: Processes(workers, build, bytes(key)),
            store=store,
            store_name=store.name,
            keys=key.id,
            config="config",
            tasks=8,
            parts=8,
        )
        Runner(
            store=store,
            sources=[Source("scale", scale, settings)],
            rules=_ALONE,
            clock=SystemClock(),
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=LIMITS,
            workers=team if workers else None,
        ).run(RunRequest(f"run-{number}", "bench", "0", "code", "config"))
    return Used(time.monotonic() - began, time.process_time() - own, _of_children() - others)


def _of_children() -> float:
    """Return the processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _parts(url: str, settings: Settings, number: int, keys: bytes) -> WorkerParts:
    """Make the parts of a worker, over there."""
    clock, key = SystemClock(), WorkerKey.of(keys)
    store = open_store(url, writer=False, key_file=Path("no.key"), clock=clock.now)
    return WorkerParts(
        name=f"worker {number}",
        code="code",
        config="config",
        store=store.name,
        keys=key.id,
        reader=store,
        sealing=lambda task, run: store.sealing(task, run, key),
        redaction_key=key.redaction,
        sources={"scale": Source("scale", scale, settings)},
        rules={rule.check.id: rule for rule in _ALONE},
        clock=clock,
        tasks=8,
        parts=8,
    )


if __name__ == "__main__":
    with (sqlite if sys.argv[1] == "sqlite" else postgresql)() as measured:
        sys.stdout.buffer.write(msgspec.json.encode(measure(measured, int(sys.argv[2]), sys.argv[3])))
