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
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.core.checks import Check
    from collector.core.facts import InForce
    from collector.core.history import Event, History
    from collector.core.history_fold import SourceKey
    from collector.core.ledger import MissedSpan
    from collector.core.ports import Store, StoredObservation
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.report.periods.period_cuts import Cut
    from collector.setup.app import App


_VERSION = "version of annexd"


@dataclass
class PeriodHistory:
    """All that a period holds. `changes` are of the whole: code, configuration, rules, mappings, the company's files.

    `cuts` has them with those that concern one control or check alone.
    `gone` are checks with verdicts that are not part of this installation any more; `first` is the first verdict ever.
    `firsts` are the first observations of tasks that had none before the period.
    """

    start: datetime
    end: datetime
    timelines: Mapping[SourceKey, Timeline]
    first: Mapping[SourceKey, datetime]
    changes: list[RuleChange]
    ledgers: Mapping[Task, TaskLedger]
    cuts: Sequence[Cut] = ()
    firsts: Mapping[Task, datetime] = field(default_factory=dict)

    def changes_of(self, control: str, checks: Collection[str], timelines: Iterable[Timeline]) -> Iterator[RuleChange]:
        """Yield the changes of a control such as `iso27001:2022/8.5`, of its checks, and of exceptions from them."""
        for track in timelines:
            yield from (
                RuleChange(change.at, f"{track.check}: {change.what}", change.was, change.now)
                for change in track.changes
            )
        yield from (cut.change for cut in self.cuts if cut.control == control or cut.check in checks)

    def gaps(self) -> Iterator[tuple[Task, MissedSpan]]:
        """Yield the collection failures, task by task."""
        for task, ledger in sorted(self.ledgers.items()):
            for gap in ledger.gaps():
                yield task, gap


def period_history(
    app: App,
    store: Store,
    history: History,
    start: datetime,
    end: datetime,
    decides: Callable[[str, Scope], bool],
    only: Collection[str] = (),
) -> PeriodHistory:
    """Go through what was recorded between two moments; holds a line a task and a line a look, never evidence.

    `decides` says whether a scope of a source counts, by the scope in force at the end: what lies elsewhere is in no
    timeline. Its collections are in the ledgers all the same. With `only` the timelines of other checks of this
    installation are empty, and their verdicts are not read.
    """
    installed = {id_: check for connector in app.used.values() for id_, check in connector.checks.items()}
    checks = {id_: check for id_, check in installed.items() if not only or id_ in only}
    firsts = history.first_judged(as_of=end)
    # What is not installed is told by its verdicts in scope, whatever is asked for.
    read = {*only, *(check for check, _ in firsts if check not in app.checks)} if only else None
    fold = HistoryFold({id_: kinds_of_check(check) for id_, check in checks.items()}, carried, decides)
    before, rules = rules_in_force(store, start, end)
    ledgers = _Ledgers(start, end, {rule.run for _, rule in rules})
    latest = [task_end_of(seen) for seen in store.observations(as_of=start)]
    ledgers.begin(latest, next(iter(store.runs(as_of=start)), (None, None))[0])
    fold.begin(
        plans=store.plans(as_of=start),
        latest=latest,
        findings=store.findings(as_of=start)
        if read is None
        else (state for check in sorted(read) for state in store.findings(check=check, as_of=start)),
        rules={place: (tally.code, tally.limits) for place, tally in history.rules(as_of=start).items()},
    )
    for event in history.events(since=start, until=end, checks=read):
        fold.take(event)
        ledgers.take(event)
    cuts = [*cuts_of_rules(before, rules), *cuts_of_files(file_steps(store, end), start, end)]
    changes = [*ledgers.changes, *(cut.change for cut in cuts if cut.of_all)]
    timelines = fold.close()
    counted = {
        place: at
        for place, at in firsts.items()
        if place not in fold.elsewhere or place in fold.inside or (place in timelines and timelines[place].evaluations)
    }
    return PeriodHistory(start, end, timelines, counted, changes, ledgers.ledgers, cuts, ledgers.firsts)


def rules_in_force(
    store: Store, start: datetime, end: datetime
) -> tuple[InForce | None, list[tuple[datetime, InForce]]]:
    """Return what was in force when a period began, and what came into force in it, with the moment of each leaf."""
    if not isinstance(store, CompanyRecord):
        return None, []
    leaves = store.log(since=start, as_of=end, kinds=("in_force",))
    in_force = ((entry.logged_at, store.in_force(as_of=entry.logged_at)) for entry in leaves)
    return store.in_force(as_of=start), [(at, fact) for at, fact in in_force if fact is not None]


def kinds_of_check(check: Check[Any]) -> CheckKinds:
    """Return what a check has to see."""
    subject = check.subject
    return CheckKinds(frozenset(need.kind.name for need in check.needs), None if subject is None else subject.kind.name)


def task_end_of(seen: StoredObservation) -> TaskEnd:
    """Return an observation without its provenance."""
    observation = seen.observation
    return TaskEnd(
        observation.task,
        observation.run,
        observation.outcome,
        observation.ended_at,
        observation.every,
        observation.reason(),
        observation.is_not_used,
    )


@dataclass
class _Ledgers:
    """Keeps the ledger of each task, and the changes of the installation."""

    start: datetime
    end: datetime
    recorded_runs: Collection[str] = ()  # runs before which a leaf says what became of the rules
    ledgers: dict[Task, TaskLedger] = field(default_factory=dict)
    firsts: dict[Task, datetime] = field(default_factory=dict)
    changes: list[RuleChange] = field(default_factory=list)
    _by_source: defaultdict[str, set[Task]] = field(default_factory=lambda: defaultdict(set))
    _last: RunStarted | None = None

    def begin(self, latest: list[TaskEnd], last: RunStarted | None) -> None:
        """Take in what there was when the period began."""
        self._last = last
        for end in latest:
            self._open(end, is_new=False)

    def take(self, event: Event) -> None:
        """Take in one step of the record."""
        match event:
            case TaskEnd():
                if event.task not in self.ledgers:
                    self.firsts[event.task] = event.ended_at
                self._open(event, is_new=True).take(event)
            case TasksPlanned():
                for source, scopes in event.scopes.items():
                    known = set(scopes)
                    for task in [task for task in self._by_source[source] if task.scope not in known and task.scope]:
                        self.ledgers[task].gone(event.at)
                        self._by_source[source].remove(task)
            case RunStarted():
                self._started(event)
            case _:
                pass

    def _open(self, end: TaskEnd, *, is_new: bool) -> TaskLedger:
        if end.task not in self.ledgers:
            self.ledgers[end.task] = TaskLedger(self.start, self.end, end.every, is_new=is_new)
        self._by_source[end.task.source].add(end.task)
        return self.ledgers[end.task]

    def _started(self, run: RunStarted) -> None:
        last, self._last = self._last, run
        if last is None:
            return
        for what, was, now in (
            (_VERSION, last.version, run.version),
            ("code of annexd, with its mappings", last.code, run.code),
            ("configuration", last.config, run.config),
        ):
            if was != now and (run.run not in self.recorded_runs or what == _VERSION):
                self.changes.append(RuleChange(run.at, what, was, now))
