"""Runs of a connector against its double, and the results of the last one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.contract.clock import SettableClock
from collector.contract.memory_store import MemoryStore
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.contract.harness import Double, Harness
    from collector.core.findings import FindingChange
    from collector.core.ports import Finished, Stored
    from collector.core.tasks import Observation, Task
    from collector.engine.collect import Done

LARGEST_ANSWER = Limits().largest_answer

DEADLINE = timedelta(seconds=0.35)
"""For an endless list that is read alone, by the suite's clock, which moves by a millisecond each time that it is read:
of lists that are read together, one would get few pages while others move the clock."""

AMPLE = timedelta(days=365)
"""A deadline for runs in which many calls are sent again: all their waits are on one clock."""

SOURCE = "contract"
"""The name of the one source of a run."""


class _EndedTasks:
    """Receives the events of a run, and keeps each task that has ended."""

    def __init__(self) -> None:
        self.done: list[Done] = []

    def planned(self, tasks: Sequence[Task]) -> None:
        """Ignore the plan."""

    def finished(self, done: Done) -> None:
        """Keep the task."""
        self.done.append(done)

    def kept(self, tasks: Sequence[Task]) -> None:
        """Ignore it: nothing is held back."""

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Ignore verdicts: no check is run."""


class SuiteRun:
    """A store, and what the last run over it observed."""

    def __init__(self, harness: Harness, double: Double) -> None:
        self.harness = harness
        self.double = double
        self.clock = SettableClock(tick=0.001)
        self.store = MemoryStore(self.clock.now)
        self.seen: list[Observation] = []
        self.finished: dict[Task, Finished] = {}
        self.requests = 0

    def run(
        self,
        *kinds: str,
        deadline: timedelta = timedelta(hours=1),
        largest_answer: int = LARGEST_ANSWER,
        tasks: int = Limits().tasks,
    ) -> SuiteRun:
        """Collect every kind, or the given kinds with what discovery needs, in so many tasks at a time.

        Return this object.
        """
        ended = _EndedTasks()
        runner = Runner(
            store=self.store,
            sources=[Source(SOURCE, self.harness.connector, self.harness.settings(self.double))],
            rules=[],
            clock=self.clock,
            redaction_key=b"a key for the contract",
            events=ended,
            limits=Limits(tasks=tasks, deadline=deadline, largest_answer=largest_answer),
        )
        request = RunRequest(run="contract", trigger="contract", version="0", code="", config="", wanted=_wanted(kinds))
        self.requests = runner.run(request).requests
        self.seen = [done.observation for done in ended.done]
        self.finished = {done.observation.task: done.finished for done in ended.done}
        return self

    def of(self, kind: str) -> list[Observation]:
        """Return the observations of a kind."""
        return [seen for seen in self.seen if seen.task.collection == kind]

    def resources(self, kind: str) -> list[Stored]:
        """Return the stored resources of a kind."""
        return list(self.store.resources(kind, source=SOURCE))


def _wanted(kinds: tuple[str, ...]) -> Callable[[Any], bool]:
    return (lambda task: task.collection in kinds) if kinds else (lambda _task: True)
