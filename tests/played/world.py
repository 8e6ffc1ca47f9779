"""A source on the played platform with a store, ready to run, and every write noted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from collector.core.facts import Judged
from collector.core.tasks import Outcome, Task
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from tests.played.checks import RULES
from tests.played.clock import PlayedClock
from tests.played.connector import played, settings_for
from tests.played.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from collector.core.connectors import Connector
    from collector.core.facts import Fact
    from collector.core.findings import Finding, FindingChange
    from collector.core.ports import Attempt, Finished, Item, Store, Stored
    from collector.core.tasks import Observation
    from collector.engine.collect import Done
    from collector.engine.rule import Rule
    from collector.engine.run import RunSummary
    from tests.played.platform import Platform

KEY = b"a key for fingerprints in tests"


class RecordingStore:
    """A store that notes what is written, in order, and can be told to fail."""

    def __init__(self, store: Store, journal: list[str]) -> None:
        self._store = store
        self.journal = journal
        self.facts: list[Fact] = []
        self.items: list[Item] = []
        self.fails: Callable[[str], None] = lambda _what: None
        self.keep_items = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Note the items as they come."""
        self.fails("stage")
        if self.keep_items:
            self.items += batch
        return self._store.stage(attempt, batch)

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """Note the end of a task."""
        self.fails("finish")
        self.journal.append(f"finish {seen.task.collection}")
        return self._store.finish(attempt, seen)

    def write(self, facts: Iterable[Fact], *, after: Iterable[Task] | None = None) -> None:
        """Note the facts."""
        written = list(facts)
        for fact in written:
            self.fails(type(fact).__name__)
            self.journal.append(f"write {type(fact).__name__}")
        self._store.write(written, after=after)
        self.facts += written


class RecordedEvents:
    """Hears what a run tells; `on_finished` may do something about it."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.done: list[Done] = []
        self.changes: list[FindingChange] = []
        self.kept_tasks: list[Task] = []
        self.on_finished: Callable[[Done], None] = lambda _done: None

    def planned(self, tasks: Sequence[Task]) -> None:
        """All tasks are known."""
        self.tasks += tasks

    def finished(self, done: Done) -> None:
        """A task has ended."""
        self.done.append(done)
        self.on_finished(done)

    def kept(self, tasks: Sequence[Task]) -> None:
        """Tasks that were held are on disk."""
        self.kept_tasks += tasks

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Verdicts have changed."""
        self.changes += changes


class World:
    """One played source, one store, one clock; each `run` is a run of its own."""

    def __init__(
        self,
        platform: Platform,
        *,
        clock: PlayedClock | None = None,
        store: Store | None = None,
        connector: Connector[Any, Any] | None = None,
        rules: Sequence[Rule] = RULES,
        **settings: Any,
    ) -> None:
        self.platform = platform
        self.clock = clock or PlayedClock()
        self.store = RecordingStore(store or MemoryStore(self.clock.now), platform.journal)
        self.connector = connector or played()
        self.rules = rules
        self.settings = settings_for(platform, **settings)
        self.events = RecordedEvents()
        self.runner: Runner | None = None
        self._runs = 0

    def begin(self, *, limits: Limits | None = None, **but: Any) -> Runner:
        """Make the runner of a run without running it."""
        self.events = RecordedEvents()
        self.runner = Runner(
            store=self.store,
            sources=[Source("code", self.connector, self.settings, "sha256:code")],
            rules=self.rules,
            clock=self.clock,
            redaction_key=KEY,
            events=self.events,
            limits=limits,
            **but,
        )
        return self.runner

    def run(self, *, limits: Limits | None = None, **request: Any) -> RunSummary:
        """Do one run from beginning to end."""
        return self.begin(limits=limits).run(self.request(**request))

    def request(self, **but: Any) -> RunRequest:
        """What the next run is to do."""
        self._runs += 1
        return RunRequest(
            **{"run": f"run-{self._runs}", "trigger": "test", "version": "0", "code": "c", "config": "d", **but}
        )

    def observation(self, collection: str, *scope: str) -> Observation:
        """The latest observation of a task."""
        task = Task("code", collection, scope)
        found: list[Observation] = [
            seen.observation for seen in self.store.observations() if seen.observation.task == task
        ]
        (observation,) = found
        return observation

    def outcomes(self) -> Counter[Outcome]:
        """How many tasks ended in which way."""
        return Counter(seen.observation.outcome for seen in self.store.observations())

    def bodies(self, collection: str) -> dict[str, Stored]:
        """What is kept of a collection, by key."""
        return {stored.key: stored for stored in self.store.resources(collection, source="code")}

    def verdicts(self, check: str | None = None) -> dict[tuple[str, tuple[str, ...], str], str]:
        """The findings that stand: (check, scope, subject) to status."""
        return {(id_.check, id_.scope, id_.subject): finding.status.value for id_, finding in self._current(check)}

    def finding(self, check: str, *scope: str, subject: str = "") -> Finding:
        """One finding that stands."""
        (finding,) = [finding for id_, finding in self._current(check) if (id_.scope, id_.subject) == (scope, subject)]
        return finding

    def _current(self, check: str | None) -> list[tuple[Any, Finding]]:
        return [(state.finding.id, state.finding) for state in self.store.findings(check=check)]

    def changes(self) -> list[FindingChange]:
        """Every change of a verdict that was written down."""
        return [change for fact in self.store.facts if isinstance(fact, Judged) for change in fact.changes]
