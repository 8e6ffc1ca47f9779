"""One way through the record of a period: what was seen of each check, what changed, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector.core.company_record import CompanyRecord
from collector.core.facts import RunStarted, TasksPlanned
from collector.core.history import TaskEnd
from collector.core.history_fold import CheckKinds, HistoryFold, RuleChange, Timeline
from collector.core.ledger import TaskLedger
from collector.report.periods.period_cuts import cuts_of_files, cuts_of_rules, file_steps
from collector.setup.check_digest.carried import carried

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.core.checks import Check
    from collector.core.facts import InForce
    from collector.core.history import Event, History
    from collector.core.history_fold import SourceKey
    from collector.core.ledger import MissedSpan
    from collector.core.ports import Store, StoredObservation
    from collector.core.tasks import Task
    from collector.report.periods.period_cuts import Cut
    from collector.setup.app import App


_VERSION = "version of annexd"


@dataclass
class Walked:
    """All that a period holds. `changes` are of the whole: code, configuration, rules, mappings, the company's files.

    `cuts` has them with those that concern one control or check alone.
    `gone` are checks with verdicts that are not part of this installation any more; `first` is the first verdict ever.
    `firsts` are the first observations of tasks that had none before the period.
    """

    start: datetime
    end: datetime
    tracks: Mapping[SourceKey, Timeline]
    first: Mapping[SourceKey, datetime]
    changes: list[RuleChange]
    ledgers: Mapping[Task, TaskLedger]
    cuts: Sequence[Cut] = ()
    firsts: Mapping[Task, datetime] = field(default_factory=dict)

    def changes_of(self, control: str, checks: Collection[str], tracks: Iterable[Timeline]) -> Iterator[RuleChange]:
        """Yield what became of a control, such as `iso27001:2022/8.5`, of its checks, and of exceptions from them."""
        for track in tracks:
            yield from (RuleChange(one.at, f"{track.check}: {one.what}", one.was, one.now) for one in track.changes)
        yield from (one.change for one in self.cuts if one.control == control or one.check in checks)

    def gaps(self) -> Iterator[tuple[Task, MissedSpan]]:
        """Yield the gaps, task by task."""
        for task, ledger in sorted(self.ledgers.items()):
            for gap in ledger.gaps():
                yield task, gap


def walked(app: App, store: Store, history: History, start: datetime, end: datetime) -> Walked:
    """Go through what was recorded between two moments; holds a line a task and a line a look, never evidence."""
    checks = {id_: check for one in app.used.values() for id_, check in one.checks.items()}
    walk = HistoryFold({id_: reach_of(check) for id_, check in checks.items()}, carried)
    before, rules = rules_in_force(store, start, end)
    books = _Books(start, end, {one.run for _, one in rules})
    latest = [looked(seen) for seen in store.observations(as_of=start)]
    books.begin(latest, next(iter(store.runs(as_of=start)), (None, None))[0])
    walk.begin(
        plans=store.plans(as_of=start),
        latest=latest,
        findings=store.findings(as_of=start),
        rules={place: (tally.code, tally.limits) for place, tally in history.rules(as_of=start).items()},
    )
    for one in history.events(since=start, until=end):
        walk.take(one)
        books.take(one)
    cuts = [*cuts_of_rules(before, rules), *cuts_of_files(file_steps(store, end), start, end)]
    changes = [*books.changes, *(one.change for one in cuts if one.of_all)]
    return Walked(start, end, walk.close(), history.first_judged(as_of=end), changes, books.ledgers, cuts, books.firsts)


def rules_in_force(
    store: Store, start: datetime, end: datetime
) -> tuple[InForce | None, list[tuple[datetime, InForce]]]:
    """Return what was in force when a period began, and what came into force in it, with the moment of each leaf."""
    if not isinstance(store, CompanyRecord):
        return None, []
    leaves = store.log(since=start, as_of=end, kinds=("in_force",))
    held = ((one.logged_at, store.in_force(as_of=one.logged_at)) for one in leaves)
    return store.in_force(as_of=start), [(at, fact) for at, fact in held if fact is not None]


def reach_of(check: Check[Any]) -> CheckKinds:
    """Return what a check has to see."""
    subject = check.subject
    return CheckKinds(frozenset(need.kind.name for need in check.needs), None if subject is None else subject.kind.name)


def looked(seen: StoredObservation) -> TaskEnd:
    """Return an observation without its provenance."""
    one = seen.observation
    return TaskEnd(one.task, one.run, one.outcome, one.ended_at, one.every, one.reason())


@dataclass
class _Books:
    """Keeps the ledgers, and what the installation itself became."""

    start: datetime
    end: datetime
    told: Collection[str] = ()  # runs before which a leaf says what became of the rules
    ledgers: dict[Task, TaskLedger] = field(default_factory=dict)
    firsts: dict[Task, datetime] = field(default_factory=dict)
    changes: list[RuleChange] = field(default_factory=list)
    _by_source: defaultdict[str, set[Task]] = field(default_factory=lambda: defaultdict(set))
    _last: RunStarted | None = None

    def begin(self, latest: list[TaskEnd], last: RunStarted | None) -> None:
        """Take in what there was when the period began."""
        self._last = last
        for one in latest:
            self._open(one, is_new=False)

    def take(self, one: Event) -> None:
        """Take in one step of the record."""
        match one:
            case TaskEnd():
                if one.task not in self.ledgers:
                    self.firsts[one.task] = one.ended_at
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

    def _open(self, one: TaskEnd, *, is_new: bool) -> TaskLedger:
        if one.task not in self.ledgers:
            self.ledgers[one.task] = TaskLedger(self.start, self.end, one.every, is_new=is_new)
        self._by_source[one.task.source].add(one.task)
        return self.ledgers[one.task]

    def _started(self, run: RunStarted) -> None:
        last, self._last = self._last, run
        if last is None:
            return
        for what, was, now in (
            (_VERSION, last.version, run.version),
            ("code of annexd, with its mappings", last.code, run.code),
            ("configuration", last.config, run.config),
        ):
            if was != now and (run.run not in self.told or what == _VERSION):
                self.changes.append(RuleChange(run.at, what, was, now))
