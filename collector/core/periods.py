"""The state of checks over a period: how many observations were planned and made, and the result of each.

A period is cut into slots of one interval; each slot is one planned observation. A slot with several evaluations has
the state of the worst of them. Between observations nothing is known, and no state is interpolated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from collector.core.checks import Status
from collector.core.history_fold import Evaluation, FailureInterval, RuleChange, Timeline
from collector.core.spans import show_span

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class SlotState(StrEnum):
    """The state of one slot of a period. The first four are observations that were made."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOTHING = "nothing to check"
    MISSED = "missed"
    NOT_OBSERVED = "not observed"  # before the very first observation


MADE = (SlotState.PASS, SlotState.FAIL, SlotState.UNKNOWN, SlotState.NOTHING)
"""The states of observations that were made."""

_WORST = (Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
_SHOWN = {
    Status.FAIL: SlotState.FAIL,
    Status.UNKNOWN: SlotState.UNKNOWN,
    Status.PASS: SlotState.PASS,
    Status.NOT_APPLICABLE: SlotState.NOTHING,
}


_UNSEEN = (SlotState.UNKNOWN, SlotState.MISSED, SlotState.NOT_OBSERVED)

_DAY = timedelta(days=1)


class Period(Struct, frozen=True, kw_only=True):
    """The days from `first` to `last`, both included, in a time zone: from `start` to before `end`, in UTC."""

    first: date
    last: date
    zone: str
    start: datetime
    end: datetime


def period_of(first: date, last: date, zone: ZoneInfo) -> Period:
    """Return the period of these days, both included. Raises ValueError where `last` is before `first`."""
    if last < first:
        raise ValueError(f"{last} is before {first}")
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last + timedelta(days=1)))
    return Period(first=first, last=last, zone=str(zone), start=start.astimezone(UTC), end=end.astimezone(UTC))


class Slot(Struct, frozen=True, kw_only=True):
    """One planned observation. `late`: it was made in the following slot, which had another one.

    `shown` is the state, `why` its reason; `evaluations` counts those that belong to the slot. Where it is a fail,
    `fails` and `unknown` say how many of the `total` findings were that.
    """

    start: datetime
    end: datetime
    shown: SlotState
    evaluations: int
    late: bool = False
    why: str = ""
    fails: int = 0
    unknown: int = 0
    total: int = 0


def slot_borders(start: datetime, end: datetime, every: timedelta, first: datetime | None = None) -> list[datetime]:
    """Return the starts of the slots and the end of the last one; a remainder belongs to the last slot.

    `first` is the very first observation: whole days before it in a longer slot are a slot of their own, in which
    nothing was observed.
    """
    count = max((end - start) // every, 1)
    borders = [*(start + number * every for number in range(count)), end]
    if first is None or not start < first < end:
        return borders
    begun = max(border for border in borders if border <= first)
    cut = begun + (first - begun) // _DAY * _DAY
    return sorted({*borders, cut})


def assign_to_slots(times: Sequence[datetime], borders: Sequence[datetime]) -> list[tuple[list[int], bool]]:
    """Return for each slot the indexes of the times that belong to it, and whether they are late.

    `times` are sorted; those outside of the borders are left out. An empty slot takes the first time of the next slot
    where that has more than one, so that a schedule with jitter counts as late and not as missed.
    """
    numbers: list[list[int]] = [[] for _ in borders[1:]]
    slot = 0
    for number, at in enumerate(times):
        if not borders[0] <= at < borders[-1]:
            continue
        while at >= borders[slot + 1]:
            slot += 1
        numbers[slot].append(number)
    late = [False] * len(numbers)
    for slot_number in range(len(numbers) - 1):
        if not numbers[slot_number] and len(numbers[slot_number + 1]) > 1:
            numbers[slot_number], numbers[slot_number + 1] = numbers[slot_number + 1][:1], numbers[slot_number + 1][1:]
            late[slot_number] = True
    return list(zip(numbers, late, strict=True))


def slots_of(timeline: Timeline, borders: Sequence[datetime], first: datetime | None) -> list[Slot]:
    """Return the slots of a check. `first` is when its very first verdict was observed, None if never."""
    evaluations = sorted(timeline.evaluations, key=lambda evaluation: evaluation.at)
    slots = []
    for number, (indexes, late) in enumerate(assign_to_slots([evaluation.at for evaluation in evaluations], borders)):
        start, end = borders[number], borders[number + 1]
        if first is None or end <= first:
            slots.append(Slot(start=start, end=end, shown=SlotState.NOT_OBSERVED, evaluations=0))
            continue
        worst = _worst([evaluations[index] for index in indexes])
        if worst is None:
            slots.append(Slot(start=start, end=end, shown=SlotState.MISSED, evaluations=0, why="nobody looked"))
        else:
            shown = _SHOWN[worst.status]
            slots.append(
                Slot(
                    start=start,
                    end=end,
                    shown=shown,
                    evaluations=len(indexes),
                    late=late,
                    why=worst.why,
                    fails=worst.fails,
                    unknown=worst.unknown,
                    total=worst.total,
                )
            )
    return slots


def _worst(evaluations: Sequence[Evaluation]) -> Evaluation | None:
    return min(evaluations, key=lambda evaluation: _WORST.index(evaluation.status), default=None)


def combine_slots(parts: Sequence[Sequence[Slot]], missing: str = "") -> list[Slot]:
    """Return the slots of several checks as one list; all must have the same borders.

    A slot fails if one check fails, and then counts checks; it passes only if every check was observed. `missing` names
    checks that never ran; with it no slot passes. The reason is that of a check that the slot has its state from.
    """
    combined = []
    for same_slot in zip(*parts, strict=True):
        state = _combined_state([slot.shown for slot in same_slot], is_whole=not missing)
        counted = Counter(slot.shown for slot in same_slot if state is SlotState.FAIL)
        combined.append(
            Slot(
                start=same_slot[0].start,
                end=same_slot[0].end,
                shown=state,
                evaluations=max(slot.evaluations for slot in same_slot),
                late=any(slot.late for slot in same_slot),
                why=_combined_reason(state, same_slot, missing),
                fails=counted[SlotState.FAIL],
                unknown=sum(counted[unseen] for unseen in _UNSEEN),
                total=counted.total(),
            )
        )
    return combined


def _combined_reason(state: SlotState, slots: Sequence[Slot], missing: str) -> str:
    """Return the reason of the first check that has the state; an unknown one may also come from what was not seen."""
    whys = [slot.why for slot in slots if slot.shown is state and slot.why]
    if state is SlotState.UNKNOWN:
        unseen = [slot.why for slot in slots if slot.shown in {SlotState.MISSED, SlotState.NOT_OBSERVED} and slot.why]
        whys += [missing, *unseen, "one of its checks was not observed yet"]
    return next((why for why in whys if why), "")


def _combined_state(shown: Sequence[SlotState], *, is_whole: bool) -> SlotState:
    if SlotState.FAIL in shown:
        return SlotState.FAIL
    for uniform in (SlotState.NOT_OBSERVED, SlotState.MISSED):
        if all(state is uniform for state in shown):
            return uniform
    if not is_whole or any(state in _UNSEEN for state in shown):
        return SlotState.UNKNOWN
    return SlotState.PASS if SlotState.PASS in shown else SlotState.NOTHING


class ObservationCounts(Struct, frozen=True, kw_only=True):
    """Counts of slots. `planned` is the sum of `made` and `missed`; `not_observed` are before the first observation."""

    planned: int
    made: int
    missed: int
    not_observed: int
    late: int
    by_state: dict[str, int]

    def sentence(self, every: timedelta) -> str:
        """Return the sentence that every page about a period prints."""
        passes = self.by_state[SlotState.PASS.value]
        return (
            f"Passed at {passes} of {self.made} observations (planned {self.planned}, interval {show_span(every)});"
            " between observations nothing is known."
        )


def counts_of(slots: Iterable[Slot]) -> ObservationCounts:
    """Count slots by state; each slot is counted once."""
    counted_slots = list(slots)
    counted = Counter(slot.shown for slot in counted_slots)
    made = sum(counted[state] for state in MADE)
    return ObservationCounts(
        planned=made + counted[SlotState.MISSED],
        made=made,
        missed=counted[SlotState.MISSED],
        not_observed=counted[SlotState.NOT_OBSERVED],
        late=sum(slot.late for slot in counted_slots),
        by_state={state.value: counted[state] for state in MADE},
    )


def longest_failure(failures: Iterable[FailureInterval], start: datetime, end: datetime) -> FailureInterval | None:
    """Return the longest of the failures that overlap a period, measured up to its end; None where there is none."""
    reaching = [
        failure for failure in failures if failure.since < end and (failure.until is None or failure.until > start)
    ]
    return max(reaching, key=lambda failure: (failure.length(end), failure.finding), default=None)


class Segment(Struct, frozen=True, kw_only=True):
    """A part of a period with unchanged rules; `changes` describe what changed at its start."""

    start: datetime
    end: datetime
    changes: tuple[str, ...] = ()


def segments_of(changes: Iterable[RuleChange], start: datetime, end: datetime) -> list[Segment]:
    """Return the segments of a period, cut at each rule change; they cover it without a gap."""
    at: dict[datetime, list[str]] = {}
    for change in sorted(changes, key=lambda rule_change: (rule_change.at, rule_change.what)):
        if start < change.at < end:
            at.setdefault(change.at, []).append(f"{change.what}: {change.was} became {change.now}")
    borders = [start, *at, end]
    return [Segment(start=here, end=there, changes=tuple(at.get(here, ()))) for here, there in pairwise(borders)]


class Stretch(Struct, frozen=True, kw_only=True):
    """Consecutive slots with the same state, reason and counts. `total` is zero where the findings were not counted."""

    shown: SlotState
    since: datetime
    until: datetime
    count: int
    why: str = ""
    fails: int = 0
    unknown: int = 0
    total: int = 0


def stretches(slots: Iterable[Slot]) -> list[Stretch]:
    """Return the slots with consecutive ones of the same state, reason and counts joined."""
    runs: list[Stretch] = []
    for slot in slots:
        last = runs[-1] if runs else None
        alike = (slot.shown, slot.why, slot.fails, slot.unknown, slot.total)
        if last is not None and (last.shown, last.why, last.fails, last.unknown, last.total) == alike:
            runs[-1] = replace(last, until=slot.end, count=last.count + 1)
        else:
            runs.append(
                Stretch(
                    shown=slot.shown,
                    since=slot.start,
                    until=slot.end,
                    count=1,
                    why=slot.why,
                    fails=slot.fails,
                    unknown=slot.unknown,
                    total=slot.total,
                )
            )
    return runs


def by_state_text(states: Mapping[str, int]) -> str:
    """Return counts by state as `3 pass / 0 fail / ...`, zeros included."""
    return " / ".join(f"{count} {state}" for state, count in states.items())
