"""One look at a played platform, with everything that came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from tests.played.clock import PlayedClock
from tests.played.store import MemoryStore
from tests.played.world import Ears, Noted

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.ports import Finished, Stored
    from collector.core.tasks import Observation, Task
    from tests.contract.play import Double, Play

DEADLINE = timedelta(seconds=0.5)
"""Of the played clock, which a look at it moves by a millisecond."""


@dataclass
class Look:
    """A store, and what the last run over it observed."""

    play: Play
    double: Double
    clock: PlayedClock = field(default_factory=lambda: PlayedClock(tick=0.001))

    def __post_init__(self) -> None:
        self.store = Noted(MemoryStore(self.clock.now), [])
        self.seen: list[Observation] = []
        self.finished: dict[Task, Finished] = {}
        self.requests = 0

    def look(self, *kinds: str, deadline: timedelta = timedelta(hours=1)) -> Look:
        """Run over everything, or over some kinds and what discovery needs."""
        ears = Ears()
        runner = Runner(
            store=self.store,
            sources=[Source("played", self.play.connector, self.play.settings(self.double))],
            rules=[],
            clock=self.clock,
            redaction_key=b"a key for the contract",
            events=ears,
            limits=Limits(deadline=deadline),
        )
        order = RunRequest(run="look", trigger="contract", version="0", code="", config="", wanted=_wanted(kinds))
        self.requests = runner.run(order).requests
        self.seen = [done.observation for done in ears.done]
        self.finished = {done.observation.task: done.finished for done in ears.done}
        return self

    def of(self, kind: str) -> list[Observation]:
        """What was observed of a kind."""
        return [seen for seen in self.seen if seen.task.collection == kind]

    def resources(self, kind: str) -> list[Stored]:
        """What is kept of a kind."""
        return list(self.store.resources(kind, source="played"))


def _wanted(kinds: tuple[str, ...]) -> Callable[[Any], bool]:
    return (lambda task: task.collection in kinds) if kinds else (lambda _task: True)
