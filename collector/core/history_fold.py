"""From what happened to what was seen of each check: one look for each run and source, with the state that it showed.

A look passes only if its run ended, everything that the check needs was seen completely and lately, and no finding
fails or is unknown. A task that was planned and never ended was not seen, whatever was seen of it before. Taking an
observation away can therefore only take a pass away.
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
from collector.core.tasks import Outcome, Task

LIFETIMES = 2
"""What was seen stands for so many of its intervals; the same rule as for verdicts."""

DAILY = timedelta(days=1)
"""The interval of what was never seen, and therefore never said how often it is due."""

SourceKey = tuple[str, str]
"""A check or a kind, and a source; written in the order in which each is looked for."""


@dataclass(frozen=True)
class CheckKinds:
    """Which kinds a check needs; `subject` is the one that it judges one by one, None for a rule about sets."""

    kinds: frozenset[str]
    subject: str | None


@dataclass(frozen=True)
class Evaluation:
    """What one run showed of a check. `why` says what keeps it from being a pass."""

    run: str
    at: datetime
    status: Status
    why: str = ""


@dataclass(frozen=True)
class FailureInterval:
    """How long a finding failed; `until` is None where it still does. Unknown in between does not end it."""

    finding: FindingId
    since: datetime
    until: datetime | None

    def length(self, end: datetime) -> timedelta:
        """How long it had lasted by the end of what is looked at."""
        return (self.until or end) - self.since


@dataclass(frozen=True)
class RuleChange:
    """A rule that became another one: its code, its limits, its interval, or whether it is in force."""

    at: datetime
    what: str
    was: str
    now: str


@dataclass
class Timeline:
    """Everything that was seen of one check in one source."""

    check: str
    source: str
    every: timedelta = DAILY
    looks: list[Evaluation] = field(default_factory=list)
    spells: list[FailureInterval] = field(default_factory=list)
    changes: list[RuleChange] = field(default_factory=list)


@dataclass
class _Run:
    at: datetime
    tasks: dict[Task, bool] = field(default_factory=dict)
    ended: bool = False


class HistoryFold:
    """Goes through the record of a span, step by step, and keeps what was seen of each check in each source."""

    def __init__(self, reaches: Mapping[str, CheckKinds], carried: Callable[[str], str] = str) -> None:
        """`carried` says what the digest of a check's code that was recorded is called now."""
        self._reaches = reaches
        self._carried = carried
        self._tracks: dict[SourceKey, Timeline] = {}
        self._sight: defaultdict[SourceKey, dict[Scope, TaskEnd | None]] = defaultdict(dict)
        self._every: dict[SourceKey, timedelta] = {}
        self._scopes: dict[str, set[Scope]] = {}
        self._standing: dict[FindingId, Status] = {}
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
        """Take in how things stood when the span began. `rules` are code and limits."""
        for plan in plans:
            for source, scopes in plan.scopes.items():
                self._scopes.setdefault(source, set(scopes))
        for looked in latest:
            self._see(looked)
        for state in findings:
            self._stand(state.finding.id, state.finding.status, state.since)
        self._rules.update({place: (self._carried(code), limits) for place, (code, limits) in (rules or {}).items()})

    def take(self, one: Event) -> None:
        """Take in the next step of the record."""
        match one:
            case RunStarted():
                self._close_runs()
                self._runs[one.run] = _Run(one.at)
            case TasksPlanned():
                run = self._runs.setdefault(one.run, _Run(one.at))
                for task in one.tasks:
                    run.tasks.setdefault(task, False)
                for source, scopes in one.scopes.items():
                    self._scopes[source] = set(scopes)
            case TaskEnd():
                run = self._runs.setdefault(one.run, _Run(one.ended_at))
                run.tasks[one.task] = True
                run.at = max(run.at, one.ended_at)
                self._see(one)
            case Judged():
                for change in one.changes:
                    self._change(change, one.at)
                for tally in one.tallies:
                    self._rule((tally.check, tally.source), self._carried(tally.code), tally.limits, one.at)
            case RunEnded():
                run = self._runs.setdefault(one.run, _Run(one.at))
                run.ended = True
                self._close_runs()

    def close(self) -> dict[SourceKey, Timeline]:
        """Return the tracks, with the fails that have not ended."""
        self._close_runs()
        for id_, since in self._failing.items():
            self._track((id_.check, id_.source)).spells.append(FailureInterval(id_, since, None))
        return self._tracks

    def _track(self, place: SourceKey) -> Timeline:
        return self._tracks.setdefault(place, Timeline(*place))

    def _see(self, looked: TaskEnd) -> None:
        task = looked.task
        self._sight[task.source, task.collection][task.scope] = looked
        self._every[task.source, task.collection] = looked.every

    def _change(self, change: FindingChange, at: datetime) -> None:
        place = (change.id.check, change.id.source)
        if change.now is not None:
            self._stand(change.id, change.now.status, change.now.observed_at)
            return
        self._stand(change.id, None, at)
        if change.ended is Ended.CHECK_DISABLED and place not in self._disabled:
            self._disabled.add(place)
            self._track(place).changes.append(RuleChange(at, "in force", "enabled", "disabled"))

    def _stand(self, id_: FindingId, status: Status | None, at: datetime) -> None:
        place = (id_.check, id_.source)
        was = self._standing.pop(id_, None)
        if was is not None:
            self._counts[place][was] -= 1
            self._by_scope[place][id_.scope][was] -= 1
        if status is not None:
            self._standing[id_] = status
            self._counts[place][status] += 1
            self._by_scope[place][id_.scope][status] += 1
        if status is Status.FAIL:
            self._failing.setdefault(id_, at)
        elif status is not Status.UNKNOWN and id_ in self._failing:
            self._track(place).spells.append(FailureInterval(id_, self._failing.pop(id_), at))

    def _rule(self, place: SourceKey, code: str, limits: dict[str, str], at: datetime) -> None:
        track = self._track(place)
        if place in self._disabled:
            self._disabled.remove(place)
            track.changes.append(RuleChange(at, "in force", "disabled", "enabled"))
        known = self._rules.get(place)
        if known is not None and known[0] != code:
            track.changes.append(RuleChange(at, "check code", known[0], code))
        if known is not None and known[1] != limits:
            track.changes.append(RuleChange(at, "limits", show_limits(known[1]), show_limits(limits)))
        self._rules[place] = (code, limits)

    def _close_runs(self) -> None:
        """Look around at the end of each run; one that was killed ends where the next one begins."""
        for name, run in self._runs.items():
            for task, is_seen in run.tasks.items():
                if not is_seen:
                    self._sight[task.source, task.collection][task.scope] = None
            touched: defaultdict[str, set[str]] = defaultdict(set)
            for task in run.tasks:
                touched[task.source].add(task.collection)
            for source, kinds in touched.items():
                dark = {kind: self._dark(source, kind, run.at) for kind in self._kinds_of(source)}
                for check, reach in self._reaches.items():
                    if not reach.kinds.isdisjoint(kinds):
                        self._look(name, run, (check, source), reach, dark)
        self._runs.clear()

    def _kinds_of(self, source: str) -> list[str]:
        return [kind for known, kind in self._sight if known == source]

    def _look(
        self, name: str, run: _Run, place: SourceKey, reach: CheckKinds, dark: Mapping[str, Mapping[Scope, str]]
    ) -> None:
        troubles = [why for kind in sorted(reach.kinds) for why in dark.get(kind, {}).values()]
        track = self._track(place)
        known = (self._every[place[1], kind] for kind in reach.kinds if (place[1], kind) in self._every)
        every = max(known, default=track.every)
        if track.looks and every != track.every:
            track.changes.append(RuleChange(run.at, "interval", show_span(track.every), show_span(every)))
        track.every = every
        unseen = dark.get(reach.subject, {}) if reach.subject is not None else {}
        fails = self._counts[place][Status.FAIL] - sum(
            self._by_scope[place][scope][Status.FAIL] for scope in unseen if scope in self._by_scope[place]
        )
        track.looks.append(Evaluation(name, run.at, *self._state(place, run, troubles, fails)))

    def _state(self, place: SourceKey, run: _Run, troubles: list[str], fails: int) -> tuple[Status, str]:
        counts = self._counts[place]
        if not run.ended:
            return Status.UNKNOWN, "the run was broken off before everything was judged"
        if fails:
            return Status.FAIL, f"{fails} of {counts.total()} findings fail"
        if place in self._disabled:
            return Status.UNKNOWN, "the check was disabled"
        if troubles:
            return Status.UNKNOWN, troubles[0]
        if counts[Status.UNKNOWN]:
            return Status.UNKNOWN, f"{counts[Status.UNKNOWN]} of {counts.total()} findings are unknown"
        if counts[Status.PASS]:
            return Status.PASS, ""
        if counts[Status.NOT_APPLICABLE]:
            return Status.NOT_APPLICABLE, "nothing to check (0 of a complete list)"
        return Status.UNKNOWN, "no verdict was given"

    def _dark(self, source: str, kind: str, at: datetime) -> dict[Scope, str]:
        """Return the scopes of which a kind was not seen completely and lately, each with the reason."""
        seen = self._sight[source, kind]
        depth = len(next(iter(seen)))
        known = self._scopes.get(source)
        scopes = seen if known is None else [scope for scope in known if len(scope) == depth]
        found = {}
        for scope in sorted(scopes):
            looked = seen.get(scope)
            if looked is None:
                found[scope] = f"{kind} in {show_scope(scope)} was planned or known, and not looked at"
            elif looked.outcome is not Outcome.COMPLETE:
                found[scope] = looked.why
            elif looked.ended_at + looked.every * LIFETIMES < at:
                found[scope] = f"{kind} in {show_scope(scope)} was last seen longer ago than a verdict stands"
        return found


def show_limits(limits: Mapping[str, str]) -> str:
    """Write limits for people."""
    return ", ".join(f"{name} = {value}" for name, value in limits.items()) or "none"
