"""State over a period: how many observations were planned and made, and what each of them showed.

A period is cut into slots of one interval; each is one planned observation. What several looks in one slot showed is
what the worst of them showed. Between observations nothing is known, and nothing here fills that in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.checks import Status
from collector.core.history_fold import Evaluation, FailureInterval, RuleChange, Timeline
from collector.core.spans import show_span

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class SlotState(StrEnum):
    """What one slot of a period holds. The first four are observations that were made."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOTHING = "nothing to check"
    MISSED = "missed"
    NOT_OBSERVED = "not observed"  # before the first observation of all


MADE = (SlotState.PASS, SlotState.FAIL, SlotState.UNKNOWN, SlotState.NOTHING)
"""Observations that were made, whatever they showed."""

_WORST = (Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
_SHOWN = {
    Status.FAIL: SlotState.FAIL,
    Status.UNKNOWN: SlotState.UNKNOWN,
    Status.PASS: SlotState.PASS,
    Status.NOT_APPLICABLE: SlotState.NOTHING,
}


class Period(Struct, frozen=True, kw_only=True):
    """Days of a calendar, both included, in a zone; `end` is the instant at which the last one is over."""

    first: date
    last: date
    zone: str
    start: datetime
    end: datetime


def period_of(first: date, last: date, zone: ZoneInfo) -> Period:
    """Return the period of these days, both included. Raises ValueError where they stand the wrong way round."""
    if last < first:
        raise ValueError(f"{last} is before {first}")
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last + timedelta(days=1)))
    return Period(first=first, last=last, zone=str(zone), start=start.astimezone(UTC), end=end.astimezone(UTC))


class Slot(Struct, frozen=True, kw_only=True):
    """One planned observation. `late`: it was made in the slot after its own, which had one of its own too."""

    start: datetime
    end: datetime
    shown: SlotState
    looks: int
    late: bool = False
    why: str = ""


def edges(start: datetime, end: datetime, every: timedelta) -> list[datetime]:
    """Return where the slots begin, and where the last one ends; a remainder belongs to the last one."""
    count = max((end - start) // every, 1)
    return [*(start + number * every for number in range(count)), end]


def assigned(times: Sequence[datetime], borders: Sequence[datetime]) -> list[tuple[list[int], bool]]:
    """Return for each slot which of the times belong to it, and whether it got them late.

    `times` are in order; those outside of the borders belong nowhere. An empty slot takes the first of the next one,
    where that has more than one: a schedule that trembles has not missed anything.
    """
    held: list[list[int]] = [[] for _ in borders[1:]]
    slot = 0
    for number, at in enumerate(times):
        if not borders[0] <= at < borders[-1]:
            continue
        while at >= borders[slot + 1]:
            slot += 1
        held[slot].append(number)
    late = [False] * len(held)
    for here in range(len(held) - 1):
        if not held[here] and len(held[here + 1]) > 1:
            held[here], held[here + 1] = held[here + 1][:1], held[here + 1][1:]
            late[here] = True
    return list(zip(held, late, strict=True))


def slots_of(track: Timeline, borders: Sequence[datetime], first: datetime | None) -> list[Slot]:
    """Return what was seen in each slot. `first` is when the check said anything for the first time, if ever."""
    looks = sorted(track.looks, key=lambda look: look.at)
    made = []
    for number, (mine, late) in enumerate(assigned([look.at for look in looks], borders)):
        start, end = borders[number], borders[number + 1]
        if first is None or end <= first:
            made.append(Slot(start=start, end=end, shown=SlotState.NOT_OBSERVED, looks=0))
            continue
        worst = _worst([looks[one] for one in mine])
        if worst is None:
            made.append(Slot(start=start, end=end, shown=SlotState.MISSED, looks=0, why="nobody looked"))
        else:
            shown = _SHOWN[worst.status]
            made.append(Slot(start=start, end=end, shown=shown, looks=len(mine), late=late, why=worst.why))
    return made


def _worst(looks: Sequence[Evaluation]) -> Evaluation | None:
    return min(looks, key=lambda look: _WORST.index(look.status), default=None)


def together(parts: Sequence[Sequence[Slot]], missing: str = "") -> list[Slot]:
    """Return what several checks showed together, slot by slot; all must have the same borders.

    One that fails is enough for a fail, and all must have been seen for a pass. `missing` names what was never run, so
    that nothing passes.
    """
    made = []
    for slots in zip(*parts, strict=True):
        shown = [slot.shown for slot in slots]
        made.append(
            Slot(
                start=slots[0].start,
                end=slots[0].end,
                shown=_joined(shown, is_whole=not missing),
                looks=max(slot.looks for slot in slots),
                late=any(slot.late for slot in slots),
                why=next((slot.why for slot in slots if slot.why), missing),
            )
        )
    return made


def _joined(shown: Sequence[SlotState], *, is_whole: bool) -> SlotState:
    if SlotState.FAIL in shown:
        return SlotState.FAIL
    for alike in (SlotState.NOT_OBSERVED, SlotState.MISSED):
        if all(one is alike for one in shown):
            return alike
    if not is_whole or any(one in {SlotState.UNKNOWN, SlotState.MISSED, SlotState.NOT_OBSERVED} for one in shown):
        return SlotState.UNKNOWN
    return SlotState.PASS if SlotState.PASS in shown else SlotState.NOTHING


class ObservationCounts(Struct, frozen=True, kw_only=True):
    """Planned observations by what they showed. `planned` is `made` and `missed`; `not_observed` is before them all."""

    planned: int
    made: int
    missed: int
    not_observed: int
    late: int
    by_state: dict[str, int]

    def sentence(self, every: timedelta) -> str:
        """The words of every page about a period."""
        passes = self.by_state[SlotState.PASS.value]
        return (
            f"Passed at {passes} of {self.made} observations (planned {self.planned}, interval {show_span(every)});"
            " between observations nothing is known."
        )


def counts_of(slots: Iterable[Slot]) -> ObservationCounts:
    """Count slots; every one of them is counted once."""
    held = list(slots)
    counted = Counter(slot.shown for slot in held)
    made = sum(counted[one] for one in MADE)
    return ObservationCounts(
        planned=made + counted[SlotState.MISSED],
        made=made,
        missed=counted[SlotState.MISSED],
        not_observed=counted[SlotState.NOT_OBSERVED],
        late=sum(slot.late for slot in held),
        by_state={one.value: counted[one] for one in MADE},
    )


def longest(spells: Iterable[FailureInterval], start: datetime, end: datetime) -> FailureInterval | None:
    """Return the fail that lasted longest by the end of a period, of those that reach into it."""
    reaching = [one for one in spells if one.since < end and (one.until is None or one.until > start)]
    return max(reaching, key=lambda one: (one.length(end), one.finding), default=None)


class Segment(Struct, frozen=True, kw_only=True):
    """A part of a period in which the rules were the same; `changes` say what became another at its start."""

    start: datetime
    end: datetime
    changes: tuple[str, ...] = ()


def segments_of(changes: Iterable[RuleChange], start: datetime, end: datetime) -> list[Segment]:
    """Cut a period wherever a rule changed: the segments follow each other without a gap from start to end."""
    at: dict[datetime, list[str]] = {}
    for change in sorted(changes, key=lambda one: (one.at, one.what)):
        if start < change.at < end:
            at.setdefault(change.at, []).append(f"{change.what}: {change.was} became {change.now}")
    borders = [start, *at, end]
    return [Segment(start=here, end=there, changes=tuple(at.get(here, ()))) for here, there in pairwise(borders)]


class Stretch(Struct, frozen=True, kw_only=True):
    """Slots one after the other that hold the same, for the same reason."""

    shown: SlotState
    since: datetime
    until: datetime
    count: int
    why: str = ""


def stretches(slots: Iterable[Slot]) -> list[Stretch]:
    """Put slots together that follow each other and hold the same."""
    made: list[Stretch] = []
    for slot in slots:
        if made and (made[-1].shown, made[-1].why) == (slot.shown, slot.why):
            made[-1] = Stretch(
                shown=slot.shown, since=made[-1].since, until=slot.end, count=made[-1].count + 1, why=slot.why
            )
        else:
            made.append(Stretch(shown=slot.shown, since=slot.start, until=slot.end, count=1, why=slot.why))
    return made


def by_state_text(states: Mapping[str, int]) -> str:
    """Write counts by state for people, the zeros too."""
    return " / ".join(f"{count} {state}" for state, count in states.items())
