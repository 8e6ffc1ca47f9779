"""One way through the record of a period: what was seen of each check, what changed, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector.core.facts import RunStarted, TasksPlanned
from collector.core.history import Looked
from collector.core.ledger import TaskLedger
from collector.core.sightings import Reach, RuleChange, Track, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.app.wiring import App
    from collector.core.checks import Check
    from collector.core.history import Happening, History
    from collector.core.ledger import Gap
    from collector.core.ports import Seen, Store
    from collector.core.sightings import Place
    from collector.core.tasks import Task


@dataclass
class Walked:
    """All that a period holds. `changes` are of the whole installation: its code with the mappings, its configuration.

    `gone` are checks with verdicts that are not part of this installation any more; `first` is the first verdict ever.
    """

    start: datetime
    end: datetime
    tracks: Mapping[Place, Track]
    first: Mapping[Place, datetime]
    changes: list[RuleChange]
    ledgers: Mapping[Task, TaskLedger]

    def gaps(self) -> Iterator[tuple[Task, Gap]]:
        """Yield the gaps, task by task."""
        for task, ledger in sorted(self.ledgers.items()):
            for gap in ledger.gaps():
                yield task, gap


def walked(app: App, store: Store, history: History, start: datetime, end: datetime) -> Walked:
    """Go through what was recorded between two moments; holds a line a task and a line a look, never evidence."""
    checks = {id_: check for one in app.used.values() for id_, check in one.checks.items()}
    walk = Walk({id_: reach_of(check) for id_, check in checks.items()})
    books = _Books(start, end)
    latest = [looked(seen) for seen in store.observations(as_of=start)]
    books.begin(latest, next(iter(store.runs(as_of=start)), (None, None))[0])
    walk.begin(
        plans=store.plans(as_of=start),
        latest=latest,
        findings=store.findings(as_of=start),
        rules={place: (tally.code, tally.limits) for place, tally in history.rules(as_of=start).items()},
    )
    for one in history.happened(since=start, until=end):
        walk.take(one)
        books.take(one)
    return Walked(start, end, walk.close(), history.first_judged(as_of=end), books.changes, books.ledgers)


def reach_of(check: Check[Any]) -> Reach:
    """Return what a check has to see."""
    subject = check.subject
    return Reach(frozenset(need.kind.name for need in check.needs), None if subject is None else subject.kind.name)


def looked(seen: Seen) -> Looked:
    """Return an observation without its provenance."""
    one = seen.observation
    return Looked(one.task, one.run, one.outcome, one.ended_at, one.every, one.reason())


@dataclass
class _Books:
    """Keeps the ledgers, and what the installation itself became."""

    start: datetime
    end: datetime
    ledgers: dict[Task, TaskLedger] = field(default_factory=dict)
    changes: list[RuleChange] = field(default_factory=list)
    _by_source: defaultdict[str, set[Task]] = field(default_factory=lambda: defaultdict(set))
    _last: RunStarted | None = None

    def begin(self, latest: list[Looked], last: RunStarted | None) -> None:
        """Take in what there was when the period began."""
        self._last = last
        for one in latest:
            self._open(one, is_new=False)

    def take(self, one: Happening) -> None:
        """Take in one step of the record."""
        match one:
            case Looked():
                self._open(one, is_new=True).add(one.ended_at, one.outcome, one.why)
            case TasksPlanned():
                for source, scopes in one.scopes.items():
                    known = set(scopes)
                    for task in [task for task in self._by_source[source] if task.scope not in known and task.scope]:
                        self.ledgers[task].gone(one.at)
                        self._by_source[source].remove(task)
            case RunStarted():
                self._started(one)
            case _:
                pass

    def _open(self, one: Looked, *, is_new: bool) -> TaskLedger:
        if one.task not in self.ledgers:
            self.ledgers[one.task] = TaskLedger(self.start, self.end, one.every, is_new=is_new)
        self._by_source[one.task.source].add(one.task)
        return self.ledgers[one.task]

    def _started(self, run: RunStarted) -> None:
        last, self._last = self._last, run
        if last is None:
            return
        for what, was, now in (
            ("version of annexd", last.version, run.version),
            ("code of annexd, with its mappings", last.code, run.code),
            ("configuration", last.config, run.config),
        ):
            if was != now:
                self.changes.append(RuleChange(run.at, what, was, now))
