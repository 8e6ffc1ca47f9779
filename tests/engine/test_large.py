"""Estates that do not fit into memory."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.ports import Finished, Leaf
from collector.core.tasks import Outcome
from collector.engine.run import Limits
from tests.played.checks import mfa, rule
from tests.played.clock import PlayedClock
from tests.played.connector import Recipe, played
from tests.played.platform import Platform, a_member, an_org
from tests.played.store import MemoryStore
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from collector.core.ports import Attempt, Item
    from collector.core.resources import Body
    from collector.core.tasks import Observation
    from tests.played.session import Session

MEGABYTE = 1 << 20


class Sink(MemoryStore):
    """Keeps nothing of what it is given, so that what is left over is the engine's."""

    taken = 0

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:  # noqa: ARG002  the port's own signature
        """Count and forget."""
        self.taken += len(batch)
        return 0

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """Say that all was new."""
        super().finish(attempt, seen)
        return Finished(Leaf(0, b""), self.taken, 0, 0, 0)


def many(number: int) -> Callable[[Session], Iterator[Body]]:
    """A list of so many members, made as it is read."""

    def members(_session: Session) -> Iterator[Body]:
        for index in range(number):
            yield a_member(f"m{index:07}", last_active="2026-03-01T00:00:00Z")

    return members


def peak(make_plain_world: Callable[..., World], number: int) -> int:
    """The most memory that a run over so many members held, in bytes."""
    clock = PlayedClock()
    sink = Sink(clock.now)
    world = make_plain_world(
        store=sink, clock=clock, connector=played(Recipe(members=many(number))), rules=[rule(mfa)], tickets=False
    )
    world.store.keep_items = False
    tracemalloc.start()
    try:
        world.run(wanted=lambda task: task.collection == "played.member")
        assert world.observation("played.member", "acme").listed == number
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_list_of_fifty_thousand_takes_no_more_memory_than_a_short_one(make_plain_world: Callable[..., World]) -> None:
    """Pages stream to the store; no estate is held in memory."""
    peak(make_plain_world, 10)
    short = peak(make_plain_world, 1_000)
    long = peak(make_plain_world, 50_000)

    assert long - short < MEGABYTE


@pytest.mark.deep
def test_half_a_million_take_no_more_either(make_plain_world: Callable[..., World]) -> None:
    """The same, where a leak of some bytes an item would show."""
    peak(make_plain_world, 10)

    assert peak(make_plain_world, 500_000) - peak(make_plain_world, 1_000) < MEGABYTE


class CountingExecutor(ThreadPoolExecutor):
    """An executor that notes how many tasks it was given and has not ended, at most."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.given = 0
        self.most = 0
        self._lock = threading.Lock()

    def submit(self, *args: Any, **more: Any) -> Future[Any]:
        """Count a task until it has ended."""
        with self._lock:
            self.given += 1
            self.most = max(self.most, self.given)
        future = super().submit(*args, **more)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _future: Future[Any]) -> None:
        with self._lock:
            self.given -= 1


def test_a_plan_of_many_tasks_is_given_to_the_workers_bit_by_bit(make_plain_world: Callable[..., World]) -> None:
    """What waits takes memory: with a hundred thousand tasks, much of it."""
    projects: dict[str, list[Body]] = {f"project-{number}": [] for number in range(40)}
    world = make_plain_world(Platform(acme=an_org(projects=projects)))
    executors: list[CountingExecutor] = []

    def executor(workers: int) -> CountingExecutor:
        executors.append(CountingExecutor(workers))
        return executors[-1]

    world.begin(limits=Limits(tasks=2), executor=executor).run(world.request())

    assert world.outcomes() == {Outcome.COMPLETE: 44}
    assert executors[0].most <= 9
