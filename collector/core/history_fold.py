"""Fold the events of the log into a timeline for each check and source: one evaluation for each run.

An evaluation is a pass only if its run ended, everything that the check needs was observed completely and recently,
and no finding fails or is unknown. A task that was planned and never ended counts as not observed, whatever was
observed of it before. Removing an observation can therefore only remove a pass, never add one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.core.checks import Status
from collector.core.facts import Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Ended, FindingChange, FindingId, FindingState
from collector.core.history import Event, TaskEnd
from collector.core.scopes import Scope, show_scope
from collector.core.spans import show_span
from collector.core.tasks import Task

LIFETIMES = 2
"""An observation counts for this many of its intervals; the same rule as for verdicts."""

DAILY = timedelta(days=1)
"""The interval assumed for a check whose tasks were never observed."""

SourceKey = tuple[str, str]
"""(check, source) or (source, kind)."""


@dataclass(frozen=True)
class CheckKinds:
    """The kinds that a check needs; `subject` is the one whose resources it judges one by one, None for set rules."""

    kinds: frozenset[str]
    subject: str | None


@dataclass(frozen=True)
class Evaluation:
    """The result of one check in one run and source. `why` is the reason where it is no pass.

    Where it is a fail, `fails` and `unknown` say how many of the `total` findings are that.
    """

    run: str
    at: datetime
    status: Status
    why: str = ""
    fails: int = 0
    unknown: int = 0
    total: int = 0


@dataclass(frozen=True)
class FailureInterval:
    """The time during which a finding failed; `until` is None while it does. Unknown in between does not end it."""

    finding: FindingId
    since: datetime
    until: datetime | None

    def length(self, end: datetime) -> timedelta:
        """Return how long it had lasted by `end`, where it is still open, or else how long it lasted."""
        return (self.until or end) - self.since


@dataclass(frozen=True)
class RuleChange:
    """A change of a rule: `what` is its code, its limits, its interval, or whether it is in force."""

    at: datetime
    what: str
    was: str
    now: str


@dataclass
class Timeline:
    """The evaluations, failures and rule changes of one check in one source."""

    check: str
    source: str
    every: timedelta = DAILY
    evaluations: list[Evaluation] = field(default_factory=list)
    failures: list[FailureInterval] = field(default_factory=list)
    changes: list[RuleChange] = field(default_factory=list)


@dataclass
class _Run:
    at: datetime
    tasks: dict[Task, bool] = field(default_factory=dict)
    ended: bool = False


class HistoryFold:
    """Builds the timelines of a span from its events, which are passed to `take` in the order of the log."""

    def __init__(
        self,
        kinds_of_checks: Mapping[str, CheckKinds],
        carried: Callable[[str], str] = str,
        decides: Callable[[str, Scope], bool] = lambda _source, _scope: True,
    ) -> None:
        """`carried` returns what a recorded digest of a check's code is called now.

        `decides` says whether a scope of a source counts; what lies elsewhere takes no part in any evaluation.
        """
        self._carried = carried
        self._decides = decides
        self.elsewhere: set[SourceKey] = set()  # checks and sources with findings elsewhere
        self.inside: set[SourceKey] = set()  # checks and sources with findings that count
        self._kinds_of_checks = kinds_of_checks
        self._timelines: dict[SourceKey, Timeline] = {}
        self._latest: defaultdict[SourceKey, dict[Scope, TaskEnd | None]] = defaultdict(dict)
        self._every: dict[SourceKey, timedelta] = {}
        self._scopes: dict[str, set[Scope]] = {}
        self._statuses: dict[FindingId, Status] = {}
        self._counts: defaultdict[SourceKey, Counter[Status]] = defaultdict(Counter)
        self._by_scope: defaultdict[SourceKey, defaultdict[Scope, Counter[Status]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self._failing: dict[FindingId, datetime] = {}
        self._rules: dict[SourceKey, tuple[str, dict[str, str]]] = {}
        self._disabled: set[SourceKey] = set()
        self._runs: dict[str, _Run] = {}

    def begin(
        self,
        *,
        plans: Iterable[TasksPlanned] = (),
        latest: Iterable[TaskEnd] = (),
        findings: Iterable[FindingState] = (),
        rules: Mapping[SourceKey, tuple[str, dict[str, str]]] | None = None,
    ) -> None:
        """Set the state before the span. `rules` are code and limits by check and source."""
        for plan in plans:
            for source, scopes in plan.scopes.items():
                self._scopes.setdefault(source, set(scopes))
        for end in latest:
            self._take_end(end)
        for state in findings:
            self._set_status(state.finding.id, state.finding.status, state.since)
        self._rules.update({key: (self._carried(code), limits) for key, (code, limits) in (rules or {}).items()})

    def take(self, event: Event) -> None:
        """Process the next event."""
        match event:
            case RunStarted():
                self._close_runs()
                self._runs[event.run] = _Run(event.at)
            case TasksPlanned():
                run = self._runs.setdefault(event.run, _Run(event.at))
                for task in event.tasks:
                    run.tasks.setdefault(task, False)
                for source, scopes in event.scopes.items():
                    self._scopes[source] = set(scopes)
            case TaskEnd():
                run = self._runs.setdefault(event.run, _Run(event.ended_at))
                run.tasks[event.task] = True
                run.at = max(run.at, event.ended_at)
                self._take_end(event)
            case Judged():
                for change in event.changes:
                    self._take_change(change, event.at)
                for tally in event.tallies:
                    self._take_rule((tally.check, tally.source), self._carried(tally.code), tally.limits, event.at)
            case RunEnded():
                run = self._runs.setdefault(event.run, _Run(event.at))
                run.ended = True
                self._close_runs()

    def close(self) -> dict[SourceKey, Timeline]:
        """Return the timelines by check and source, with the failures that are still open."""
        self._close_runs()
        for id_, since in self._failing.items():
            self._timeline((id_.check, id_.source)).failures.append(FailureInterval(id_, since, None))
        return self._timelines

    def _timeline(self, key: SourceKey) -> Timeline:
        return self._timelines.setdefault(key, Timeline(*key))

    def _take_end(self, end: TaskEnd) -> None:
        task = end.task
        self._latest[task.source, task.collection][task.scope] = end
        self._every[task.source, task.collection] = end.every

    def _take_change(self, change: FindingChange, at: datetime) -> None:
        key = (change.id.check, change.id.source)
        if change.now is not None:
            self._set_status(change.id, change.now.status, change.now.observed_at)
            return
        self._set_status(change.id, None, at)
        if change.ended is Ended.CHECK_DISABLED and key not in self._disabled:
            self._disabled.add(key)
            self._timeline(key).changes.append(RuleChange(at, "in force", "enabled", "disabled"))

    def _set_status(self, id_: FindingId, status: Status | None, at: datetime) -> None:
        key = (id_.check, id_.source)
        if not self._decides(id_.source, id_.scope):
            self.elsewhere.add(key)
            return
        self.inside.add(key)
        was = self._statuses.pop(id_, None)
        if was is not None:
            self._counts[key][was] -= 1
            self._by_scope[key][id_.scope][was] -= 1
        if status is not None:
            self._statuses[id_] = status
            self._counts[key][status] += 1
            self._by_scope[key][id_.scope][status] += 1
        if status is Status.FAIL:
            self._failing.setdefault(id_, at)
        elif status is not Status.UNKNOWN and id_ in self._failing:
            self._timeline(key).failures.append(FailureInterval(id_, self._failing.pop(id_), at))

    def _take_rule(self, key: SourceKey, code: str, limits: dict[str, str], at: datetime) -> None:
        timeline = self._timeline(key)
        if key in self._disabled:
            self._disabled.remove(key)
            timeline.changes.append(RuleChange(at, "in force", "disabled", "enabled"))
        known = self._rules.get(key)
        if known is not None and known[0] != code:
            timeline.changes.append(RuleChange(at, "check code", known[0], code))
        if known is not None and known[1] != limits:
            timeline.changes.append(RuleChange(at, "limits", show_limits(known[1]), show_limits(limits)))
        self._rules[key] = (code, limits)

    def _close_runs(self) -> None:
        """Evaluate the checks of each open run; a killed run has no end event and is closed by the next start."""
        for name, run in self._runs.items():
            for task, is_seen in run.tasks.items():
                if not is_seen:
                    self._latest[task.source, task.collection][task.scope] = None
            collected: defaultdict[str, set[str]] = defaultdict(set)
            for task in run.tasks:
                collected[task.source].add(task.collection)
            for source, kinds in collected.items():
                unobserved = {kind: self._unobserved(source, kind, run.at) for kind in self._kinds_of(source)}
                for check, check_kinds in self._kinds_of_checks.items():
                    if not check_kinds.kinds.isdisjoint(kinds):
                        self._evaluate(name, run, (check, source), check_kinds, unobserved)
        self._runs.clear()

    def _kinds_of(self, source: str) -> list[str]:
        return [kind for known, kind in self._latest if known == source]

    def _evaluate(
        self,
        name: str,
        run: _Run,
        key: SourceKey,
        check_kinds: CheckKinds,
        unobserved: Mapping[str, Mapping[Scope, str]],
    ) -> None:
        reasons = [why for kind in sorted(check_kinds.kinds) for why in unobserved.get(kind, {}).values()]
        if key in self.elsewhere and key not in self.inside and not reasons:
            return  # nothing in scope that it could look at
        timeline = self._timeline(key)
        known = (self._every[key[1], kind] for kind in check_kinds.kinds if (key[1], kind) in self._every)
        every = max(known, default=timeline.every)
        if timeline.evaluations and every != timeline.every:
            timeline.changes.append(RuleChange(run.at, "interval", show_span(timeline.every), show_span(every)))
        timeline.every = every
        unseen = unobserved.get(check_kinds.subject, {}) if check_kinds.subject is not None else {}
        fails = self._counts[key][Status.FAIL] - sum(
            self._by_scope[key][scope][Status.FAIL] for scope in unseen if scope in self._by_scope[key]
        )
        status, why = self._state(key, run, reasons, fails)
        counts = self._counts[key]
        share = (fails, counts[Status.UNKNOWN], counts.total()) if status is Status.FAIL else ()
        timeline.evaluations.append(Evaluation(name, run.at, status, why, *share))

    def _state(self, key: SourceKey, run: _Run, reasons: list[str], fails: int) -> tuple[Status, str]:
        counts = self._counts[key]
        if not run.ended:
            return Status.UNKNOWN, "the run was broken off before everything was judged"
        if fails:
            return Status.FAIL, f"{fails} of {counts.total()} findings fail"
        if key in self._disabled:
            return Status.UNKNOWN, "the check was disabled"
        if reasons:
            return Status.UNKNOWN, reasons[0]
        if counts[Status.UNKNOWN]:
            return Status.UNKNOWN, f"{counts[Status.UNKNOWN]} of {counts.total()} findings are unknown"
        if counts[Status.PASS]:
            return Status.PASS, ""
        if counts[Status.NOT_APPLICABLE]:
            return Status.NOT_APPLICABLE, "no resources (0 of a complete list)"
        return Status.UNKNOWN, "no verdict was given"

    def _unobserved(self, source: str, kind: str, at: datetime) -> dict[Scope, str]:
        """Return the scopes in which a kind was not observed completely and recently, each with the reason."""
        ends = self._latest[source, kind]
        depth = len(next(iter(ends)))
        known = self._scopes.get(source)
        scopes = ends if known is None else [scope for scope in known if len(scope) == depth]
        reasons = {}
        for scope in sorted(scope for scope in scopes if self._decides(source, scope)):
            end = ends.get(scope)
            if end is None:
                reasons[scope] = f"{kind} in {show_scope(scope)} was planned or known, and not looked at"
            elif not end.is_whole:
                reasons[scope] = end.why
            elif end.ended_at + end.every * LIFETIMES < at:
                reasons[scope] = f"{kind} in {show_scope(scope)} was last seen longer ago than a verdict stands"
        return reasons


def show_limits(limits: Mapping[str, str]) -> str:
    """Return limits as `name = value, ...`, or `none`."""
    return ", ".join(f"{name} = {value}" for name, value in limits.items()) or "none"
