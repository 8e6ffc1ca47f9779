"""State over a period as machines read it, and as the page for people is made from."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from collector.core.controls import Strength
from collector.core.errors import UsageError
from collector.core.history_fold import DAILY, Timeline
from collector.core.periods import (
    ObservationCounts,
    Period,
    Segment,
    Slot,
    Stretch,
    combine_slots,
    counts_of,
    longest_failure,
    segments_of,
    slot_borders,
    slots_of,
    stretches,
)
from collector.core.spans import show_span
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from collector.core.assess import ControlState
    from collector.core.controls import Framework
    from collector.core.history_fold import FailureInterval
    from collector.report.periods.period_history import PeriodHistory
    from collector.report.state.assessment import Assessment


class LongestFailure(Struct, frozen=True, kw_only=True):
    """The finding that failed longest. `until` is None where it still does; `days` are whole."""

    check: str
    source: str
    scope: tuple[str, ...]
    subject: str
    since: datetime
    until: datetime | None
    days: int


class CheckPeriod(Struct, frozen=True, kw_only=True):
    """One check in one source. `at_end` counts its findings in all sources at the end."""

    check: str
    source: str
    title: str
    severity: str
    interval: str
    sentence: str
    counts: ObservationCounts
    first_observed: datetime | None
    longest_fail: LongestFailure | None
    at_end: dict[str, int] | None
    stretches: list[Stretch]
    segments: list[Segment]


class ControlPeriod(Struct, frozen=True, kw_only=True):
    """One control by its direct checks together. `label` and `status` are its state at the end, and only that."""

    framework: str
    id: str
    title: str
    role: str | None
    status: str
    label: str
    interval: str | None
    sentence: str
    counts: ObservationCounts
    first_observed: datetime | None
    longest_fail: LongestFailure | None
    checks: tuple[str, ...]
    never_run: tuple[str, ...]
    stretches: list[Stretch]
    segments: list[Segment]


class FailedCollections(Struct, frozen=True, kw_only=True):
    """Collections that failed alike. `how` is missed, late, partial, denied, failed, skipped or not_run."""

    how: str
    source: str
    why: str
    since: datetime
    until: datetime
    count: int
    tasks: tuple[str, ...]


class PeriodView(Struct, frozen=True, kw_only=True, tag="annexd.period/1", tag_field="schema"):
    """What `annexd period --json` prints. `until` is how far it reaches: its end, or now where that is yet to come."""

    first: date
    last: date
    zone: str
    start: datetime
    end: datetime
    until: datetime
    company_files: tuple[str, ...]
    segments: list[Segment]
    controls: list[ControlPeriod]
    checks: list[CheckPeriod]
    collection_failures: list[FailedCollections] = field(name="gaps")
    not_installed: tuple[str, ...]


def period_view(
    period: Period,
    found: PeriodHistory,
    at_end: Assessment,
    *,
    checks: Collection[str] = (),
    controls: Collection[str] = (),
) -> PeriodView:
    """Return what a period holds; `checks` and `controls` choose. Raises UsageError on a name that there is not."""
    made = _PeriodViews(found, at_end)
    rows = list(made.controls(controls)) if controls or not checks else []
    wanted = set(checks) | ({check for row in rows for check in row.checks} if controls else set())
    known = {check for check, _ in found.first} | set(at_end.reading.app.checks)
    for check in checks:
        if check not in known:
            raise UsageError(f"there is no check {check!r}", mend=would_do(check, known, "the checks are"))
    return PeriodView(
        first=period.first,
        last=period.last,
        zone=period.zone,
        start=period.start,
        end=period.end,
        until=found.end,
        company_files=at_end.files.notes,
        segments=segments_of(found.changes, found.start, found.end),
        controls=rows,
        checks=[made.check(timeline) for timeline in made.timelines if not wanted or timeline.check in wanted],
        collection_failures=_failed_collections(found),
        not_installed=tuple(sorted({check for check, _ in found.first} - set(at_end.reading.app.checks))),
    )


def checks_asked_for(at_end: Assessment, *, checks: Collection[str], controls: Collection[str]) -> frozenset[str]:
    """Return the checks of which a period shows something where these are chosen; empty for all of them.

    A name that there is not is left out.
    """
    of_controls = {
        check
        for framework, states in at_end.frameworks
        for state in states
        if not _names(framework, state).isdisjoint(controls)
        for check in state.control.linked(Strength.DIRECT, state.role)
    }
    return frozenset(of_controls.union(checks))


class _PeriodViews:
    def __init__(self, found: PeriodHistory, at_end: Assessment) -> None:
        self._found = found
        self._at_end = at_end
        # A verdict before the period and no look in it: then it was missed, and not never run.
        self.timelines = [found.timelines.get(place) or Timeline(*place) for place in sorted(found.first)]
        self._by_check: defaultdict[str, list[Timeline]] = defaultdict(list)
        for timeline in self.timelines:
            self._by_check[timeline.check].append(timeline)

    def check(self, timeline: Timeline) -> CheckPeriod:
        """Return one check in one source."""
        found, reading = self._found, self._at_end.reading
        first = found.first.get((timeline.check, timeline.source))
        slots = self._slots(timeline, slot_borders(found.start, found.end, timeline.every, first))
        counts = counts_of(slots)
        check, tally = reading.check(timeline.check), self._at_end.evidence.tallies.get(timeline.check)
        return CheckPeriod(
            check=timeline.check,
            source=timeline.source,
            title="" if check is None else check.title,
            severity="unknown" if check is None else check.severity,
            interval=show_span(timeline.every),
            sentence=counts.sentence(timeline.every),
            counts=counts,
            first_observed=first,
            longest_fail=self._longest(timeline.failures),
            at_end=None
            if tally is None
            else {
                "pass": tally.passes,
                "fail": tally.fails,
                "accepted": tally.accepted,
                "unknown": tally.unknown,
                "not_applicable": tally.nothing,
            },
            stretches=stretches(slots),
            segments=segments_of(timeline.changes, found.start, found.end),
        )

    def controls(self, named: Collection[str]) -> Iterator[ControlPeriod]:
        """Yield the controls, or those named. Raises UsageError on a name that there is not."""
        names = {
            name
            for framework, states in self._at_end.frameworks
            for state in states
            for name in _names(framework, state)
        }
        for name in named:
            if name not in names:
                raise UsageError(
                    f"there is no control {name!r} in the frameworks in use", mend="annexd controls lists them"
                )
        for framework, states in self._at_end.frameworks:
            for state in states:
                if not named or not _names(framework, state).isdisjoint(named):
                    yield self._control(framework, state)

    def _control(self, framework: Framework, state: ControlState) -> ControlPeriod:
        found = self._found
        checks = state.control.linked(Strength.DIRECT, state.role)
        timelines = [timeline for check in checks for timeline in self._by_check.get(check, ())]
        never = tuple(check for check in checks if check not in self._by_check)
        every = max((timeline.every for timeline in timelines), default=DAILY)
        firsts = [
            at for timeline in timelines if (at := found.first.get((timeline.check, timeline.source))) is not None
        ]
        borders = slot_borders(found.start, found.end, every, min(firsts, default=None))
        missing = f"never run: {', '.join(never)}" if never else ""
        slots = combine_slots([self._slots(timeline, borders) for timeline in timelines], missing)
        counts = counts_of(slots)
        return ControlPeriod(
            framework=framework.id,
            id=state.control.id,
            title=state.control.title,
            role=state.role,
            status=state.status.value,
            label=state.label,
            interval=show_span(every) if timelines else None,
            sentence=counts.sentence(every) if timelines else _unobserved(checks),
            counts=counts,
            first_observed=min(firsts, default=None),
            longest_fail=self._longest(failure for timeline in timelines for failure in timeline.failures),
            checks=checks,
            never_run=never,
            stretches=stretches(slots),
            segments=segments_of(
                found.changes_of(f"{framework.id}/{state.control.id}", checks, timelines), found.start, found.end
            ),
        )

    def _slots(self, timeline: Timeline, borders: Sequence[datetime]) -> list[Slot]:
        return slots_of(timeline, borders, self._found.first.get((timeline.check, timeline.source)))

    def _longest(self, spells: Iterable[FailureInterval]) -> LongestFailure | None:
        failure = longest_failure(spells, self._found.start, self._found.end)
        if failure is None:
            return None
        id_ = failure.finding
        return LongestFailure(
            check=id_.check,
            source=id_.source,
            scope=id_.scope,
            subject=id_.subject,
            since=failure.since,
            until=failure.until,
            days=failure.length(self._found.end).days,
        )


def _names(framework: Framework, state: ControlState) -> set[str]:
    return {state.control.id, f"{framework.id}/{state.control.id}"}


def _unobserved(checks: Collection[str]) -> str:
    if checks:
        return f"No direct check of it was run: {', '.join(checks)}."
    return "No check tests it directly: it is based on records that people file."


def _failed_collections(found: PeriodHistory) -> list[FailedCollections]:
    """Return the collection failures of the period; collections that failed alike share an entry."""
    same_failure: defaultdict[tuple[str, ...], list[FailedCollections]] = defaultdict(list)
    for task, gap in found.gaps():
        view = FailedCollections(
            how=gap.how,
            source=task.source,
            why=gap.why,
            since=gap.since,
            until=gap.until,
            count=gap.count,
            tasks=(str(task),),
        )
        # Missed slots have the same borders for all tasks; collections end each at their own time.
        when = (gap.since.isoformat(), gap.until.isoformat()) if gap.how in {"missed", "late"} else (task.collection,)
        same_failure[task.source, gap.how, gap.why, *when].append(view)
    made = [
        FailedCollections(
            how=same[0].how,
            source=same[0].source,
            why=same[0].why,
            since=min(gap.since for gap in same),
            until=max(gap.until for gap in same),
            count=sum(gap.count for gap in same),
            tasks=tuple(dict.fromkeys(task for gap in same for task in gap.tasks)),
        )
        for same in same_failure.values()
    ]
    return sorted(made, key=lambda gap: (gap.source, gap.since, gap.how, gap.tasks))
