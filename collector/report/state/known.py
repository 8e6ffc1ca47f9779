"""What is known at a moment: each task with its latest observation, each verdict with the age of its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from collector.company.files_in_force import files_in_force
from collector.core.checks import Extent, Status
from collector.core.finding_groups import FindingsWanted, GroupsFindings
from collector.core.history import KeepsHistory, LastFailing
from collector.core.isms.scope import SourceScope, System, decides
from collector.core.scopes import enclosing
from collector.core.spans import show_time
from collector.core.tasks import Outcome, Task
from collector.engine.freshness import Freshness, lifetime
from collector.engine.plan import known_scopes
from collector.report.state.ownership import owner_of
from collector.report.state.undiscovered import incomplete_discoveries, undiscovered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from collector.company.files_in_force import FilesInForce
    from collector.core.checks import Check
    from collector.core.controls import Framework
    from collector.core.facts import RunEnded, RunStarted
    from collector.core.finding_groups import FindingGroups
    from collector.core.findings import FindingId, FindingState
    from collector.core.ports import Store, StoredObservation
    from collector.core.scopes import Scope
    from collector.setup.app import App


@dataclass(frozen=True)
class TaskState:
    """A task that there should be: how it ended last, and the last time that it showed everything."""

    task: Task
    latest: StoredObservation | None
    basis: StoredObservation | None
    stale: bool

    @property
    def outcome(self) -> Outcome:
        """How it ended last; NOT_RUN where it was never collected."""
        return Outcome.NOT_RUN if self.latest is None else self.latest.observation.outcome


@dataclass(frozen=True)
class CurrentFinding:
    """A finding as it counts at a moment. Past its time to live it is unknown, whatever it was: `stale`.

    `failing_since` is when it began to fail, where it is unknown now and its last decided verdict was a fail: it is
    still open. `stands`: that fail is within its time to live, and counts as a deviation although it cannot be seen.
    """

    state: FindingState
    status: Status
    why: str
    seen_at: datetime
    stale: bool
    failing_since: datetime | None = None
    stands: bool = False

    @property
    def id(self) -> FindingId:
        """The check and the resource of the finding."""
        return self.state.finding.id

    @property
    def last(self) -> Status:
        """The verdict of the check when it was last evaluated."""
        return self.state.finding.status


class Reading:
    """The store as of a moment, seen with today's configuration. Holds a line a task, never a finding or a resource.

    `at` is the moment. Without `as_of` that is `clock_at`, what this machine's clock says, unless the newest run is
    dated later: a clock that was set back must not make old evidence fresh.
    """

    def __init__(self, app: App, store: Store, at: datetime, *, as_of: datetime | None = None) -> None:
        self.app = app
        self.store = store
        self.clock_at = at
        self.as_of = as_of
        self.at = at if as_of is not None else max(at, _newest_moment(store, at))
        self.rules = {rule.check.id: rule for rule in app.rules()}
        plans = list(store.plans(as_of=as_of))
        unopened = tuple(incomplete_discoveries(plans))
        known = known_scopes(plans)
        self.freshness = {
            source.name: Freshness(
                source,
                # Roots that were configured after the last plan are to be collected too.
                scopes=dict.fromkeys((*known.get(source.name, ()), *source.roots())),
                incomplete_discoveries=(discovery for discovery in unopened if discovery.source == source.name),
                latest=store.observations(source=source.name, as_of=as_of),
                complete=store.last_complete(source=source.name, as_of=as_of),
            )
            for source in app.sources()
        }
        for freshness in self.freshness.values():
            freshness.add_incomplete(list(undiscovered(freshness)))
        self.not_configured = tuple(sorted(set(known) - set(self.freshness)))
        self._open_runs = {begun.run: begun.at for begun, ended in store.runs(as_of=as_of) if ended is None}
        self._before = self._before_open_runs(app)
        self._files: FilesInForce | None = None
        self._last_failing: Mapping[FindingId, LastFailing] | None = None
        self._systems: tuple[System, ...] | None = None
        self.decides = lru_cache(maxsize=None)(self._decides)
        self.owner = lru_cache(maxsize=None)(self._owner)
        self._age = lru_cache(maxsize=None)(self._age_of)

    def _before_open_runs(self, app: App) -> dict[str, Freshness]:
        """Return what was seen before a run that has not ended, whose new observations are not judged yet."""
        if not self._open_runs:
            return {}
        before = min(self._open_runs.values())
        return {
            source.name: Freshness(
                source,
                scopes=self.freshness[source.name].scopes,
                incomplete_discoveries=(),
                latest=self.store.observations(source=source.name, as_of=before),
                complete=self.store.last_complete(source=source.name, as_of=before),
            )
            for source in app.sources()
        }

    def files(self, frameworks: tuple[Framework, ...]) -> FilesInForce:
        """Return the company's files at the moment. Raises ConfigError on an invalid file of today."""
        if self._files is None:
            self._files = files_in_force(self.app, self.store, frameworks, self.as_of)
        return self._files

    @property
    def systems(self) -> tuple[System, ...]:
        """The systems in scope; none without a scope in force. Raises ConfigError on an invalid file of today."""
        if self._systems is None:
            scope = self.files(self.app.frameworks()).company.scope
            self._systems = () if scope is None else scope.required(self.at.date())
        return self._systems

    def _decides(self, source: str, scope: Scope) -> bool:
        """Return whether findings in a scope of a source count for states; elsewhere they are only counted."""
        return decides(self.systems, SourceScope(source, scope))

    def _owner(self, source: str, scope: Scope) -> str:
        """Return whose a scope of a source is; empty where nobody is stated. Raises ConfigError as `systems` does."""
        return owner_of(self.systems, source, scope)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes about the company files used, where they are not today's or not all in the log."""
        return () if self._files is None else self._files.notes

    def check(self, id_: str) -> Check[...] | None:
        """Return a check, of whatever platform; None where it is not part of this installation."""
        rule = self.rules.get(id_)
        return rule.check if rule is not None else self.app.checks.get(id_)

    def last_run(self) -> tuple[RunStarted, RunEnded | None] | None:
        """Return the newest run; None where there was none."""
        return next(iter(self.store.runs(as_of=self.as_of)), None)

    def tasks(self) -> Iterator[TaskState]:
        """Yield every task that the configured sources should have, source by source."""
        for freshness in self.freshness.values():
            for collection in freshness.source.collections:
                for task in freshness.tasks(collection, ()):
                    basis = freshness.basis(task)
                    old = basis is not None and _stands_until(basis) < self.at
                    yield TaskState(task, freshness.latest(task), basis, old)

    def findings(self, *, check: str | None = None, source: str | None = None) -> Iterator[CurrentFinding]:
        """Stream the findings as they count at the moment, in the order of the store."""
        for state in self.store.findings(check=check, source=source, as_of=self.as_of):
            yield self._current(state)

    def failing(self, check: str) -> Iterator[CurrentFinding]:
        """Stream the findings of a check that fail at the moment, in the order of the store."""
        if self.grouped is None:
            found = self.findings(check=check)
        else:
            wanted = FindingsWanted(check=check, statuses=(Status.FAIL,))
            members = self.grouped.members(wanted, as_of=self.as_of)
            found = (self.current(state, before) for state, before in members)
        yield from (current for current in found if current.status is Status.FAIL)

    @property
    def grouped(self) -> FindingGroups | None:
        """The findings of the store, counted; None where the store counts none."""
        return self.store.finding_groups if isinstance(self.store, GroupsFindings) else None

    @property
    def open_runs(self) -> Collection[str]:
        """The runs that have not ended."""
        return self._open_runs

    def age_of(self, check: str, source: str, scope: Scope, *, in_open_run: bool) -> tuple[datetime | None, str | None]:
        """Return when the evidence of the verdicts of a check in a scope was seen, and why they are no longer valid.

        None for a time that is not known, and for verdicts that are valid. `in_open_run`: a run that has not ended gave
        the verdict.
        """
        age = self._age(check, source, scope, in_open_run)
        return None if age is None else age.seen_at, self._past(check, source, age)

    def _current(self, state: FindingState) -> CurrentFinding:
        is_unknown = state.finding.status is Status.UNKNOWN
        return self.current(state, self.last_failing.get(state.finding.id) if is_unknown else None)

    def current(self, state: FindingState, before: LastFailing | None) -> CurrentFinding:
        """Return a finding as it counts at the moment; `before` is its last fail where it is unknown and failed."""
        finding = state.finding
        id_ = finding.id
        known_at, old = self.age_of(id_.check, id_.source, id_.scope, in_open_run=state.run in self._open_runs)
        seen_at = known_at or finding.observed_at
        if finding.status is Status.UNKNOWN:
            return self._unknown(state, before, seen_at, is_old=old is not None)
        if old is None:
            return CurrentFinding(state, finding.status, finding.reason, seen_at, stale=False)
        reason = f"{old}; it was {WORDS[finding.status]} then: {finding.reason}"
        since = state.since if finding.status is Status.FAIL else None
        return CurrentFinding(state, Status.UNKNOWN, reason, seen_at, stale=True, failing_since=since)

    def _unknown(
        self, state: FindingState, before: LastFailing | None, seen_at: datetime, *, is_old: bool
    ) -> CurrentFinding:
        """Return a finding that a check could not decide; what it last decided is still open if it was a fail."""
        finding, id_ = state.finding, state.finding.id
        if before is None:
            return CurrentFinding(state, Status.UNKNOWN, finding.reason, seen_at, stale=False)
        # The fail was last seen at most an interval before it could not be seen.
        stands = not is_old and self.at <= state.since + self.interval(id_.check, id_.source, id_.scope)
        since = show_time(before.since.replace(microsecond=0))
        reason = f"{finding.reason}; last seen failing since {since}: {before.reason}"
        return CurrentFinding(
            state, Status.UNKNOWN, reason, seen_at, stale=False, failing_since=before.since, stands=stands
        )

    @property
    def last_failing(self) -> Mapping[FindingId, LastFailing]:
        """The findings that are unknown and failed when they were last decided."""
        if self._last_failing is None:
            store = self.store
            self._last_failing = store.history.last_failing(as_of=self.as_of) if isinstance(store, KeepsHistory) else {}
        return self._last_failing

    def interval(self, check: str, source: str, scope: Scope) -> timedelta:
        """Return the longest interval at which the evidence of the verdicts of a check in a scope is observed."""
        freshness, rule = self.freshness.get(source), self.rules.get(check)
        if freshness is None or rule is None:
            return timedelta()
        bases = (freshness.basis(task) for task in tasks_of_verdict(rule.check, freshness, scope))
        return max((basis.observation.every for basis in bases if basis is not None), default=timedelta())

    def _past(self, check: str, source: str, age: _Age | None) -> str | None:
        """Return why a verdict is no longer valid; None where it is."""
        if source not in self.freshness:
            return f"the source {source} is not configured any more"
        if check not in self.rules:
            known = check in self.app.checks
            return "the check is disabled" if known else "the check is not part of this installation"
        if age is None:
            return "the evidence that it is based on is not collected any more"
        if age.until < self.at:
            return f"last seen {show_time(age.seen_at.replace(microsecond=0))}, longer ago than a verdict stays valid"
        return None

    def _age_of(self, check: str, source: str, scope: Scope, judged_now: bool) -> _Age | None:
        """Return the age of the oldest evidence of a verdict, and until when the verdict is valid.

        What a run that has not ended has seen again dates only the verdicts that this run gave.
        """
        freshness, rule = self.freshness.get(source), self.rules.get(check)
        if freshness is None or rule is None:
            return None
        tasks = tasks_of_verdict(rule.check, freshness, scope)
        seen = [basis for task in tasks if (basis := self._basis(freshness, task, judged_now=judged_now)) is not None]
        if not seen:
            return None
        return _Age(min(basis.observation.seen_at for basis in seen), min(_stands_until(basis) for basis in seen))

    def _basis(self, freshness: Freshness, task: Task, *, judged_now: bool) -> StoredObservation | None:
        basis = freshness.basis(task)
        if basis is None or judged_now or basis.observation.run not in self._open_runs:
            return basis
        return self._before[task.source].basis(task)


@dataclass(frozen=True)
class _Age:
    seen_at: datetime
    until: datetime


WORDS = {
    Status.PASS: "pass",
    Status.FAIL: "fail",
    Status.UNKNOWN: "unknown",
    Status.NOT_APPLICABLE: "no resources",
}
"""The verdicts as people read them."""


def _newest_moment(store: Store, before: datetime) -> datetime:
    """Return when the newest run ended, or began where it has not; `before` where there is no run."""
    started, ended = next(iter(store.runs()), (None, None))
    return ended.at if ended is not None else before if started is None else started.at


def tasks_of_verdict(check: Check[...], freshness: Freshness, scope: Scope) -> Iterator[Task]:
    """Yield the tasks whose observations a verdict of a check in a scope is based on."""
    source = freshness.source
    for need in check.needs:
        collection = source.collections.get(need.kind.name)
        if collection is None:
            continue
        depth = source.connector.depth(collection.level)
        match need.shape:
            case Extent.EACH:
                yield Task(source.name, need.kind.name, scope)
            case Extent.THE:
                home = next((outer for outer in enclosing(scope) if len(outer) == depth), None)
                if home is not None:
                    yield Task(source.name, need.kind.name, home)
            case Extent.ALL:
                reach = source.connector.set_depth(collection.level, check.over)
                yield from freshness.tasks(need.kind.name, scope[:reach])


def _stands_until(seen: StoredObservation) -> datetime:
    return seen.observation.seen_at + lifetime(seen.observation.every)
