"""The ledger of collection failures: for each task the spans in which it was missed, late or not complete."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.history import TaskEnd
from collector.core.periods import slot_borders
from collector.core.tasks import Outcome

MISSED = "missed"
LATE = "late"


class MissedSpan(Struct, frozen=True, kw_only=True):
    """Consecutive observations of one task that are missing, late or not complete, for one reason.

    `how` is MISSED, LATE or an outcome; `count` is the number of observations.
    """

    how: str
    why: str
    since: datetime
    until: datetime
    count: int


class TaskLedger:
    """Computes the missed spans of one task from its observations, added in order. Memory: one byte for each slot."""

    def __init__(self, start: datetime, end: datetime, every: timedelta, *, is_new: bool) -> None:
        self._borders = slot_borders(start, end, every)
        self._every = every
        self._counts = bytearray(len(self._borders) - 1)
        self._first = len(self._counts) if is_new else 0
        self._end = end
        self._gaps: list[MissedSpan] = []
        self._is_open = False

    def take(self, end: TaskEnd) -> None:
        """Add the end of a task; where the set is empty by the platform's word, nothing is missing."""
        self.add(end.ended_at, Outcome.COMPLETE if end.is_whole else end.outcome, end.why)

    def add(self, at: datetime, outcome: Outcome, why: str) -> None:
        """Add an observation; `why` is not used where the outcome is complete."""
        slot = min(max((at - self._borders[0]) // self._every, 0), len(self._counts) - 1)
        self._counts[slot] = min(self._counts[slot] + 1, 255)
        self._first = min(self._first, slot)
        if outcome is Outcome.COMPLETE:
            self._is_open = False
            return
        last = self._gaps[-1] if self._is_open else None
        if last is not None and (last.how, last.why) == (outcome.value, why):
            self._gaps[-1] = MissedSpan(how=last.how, why=why, since=last.since, until=at, count=last.count + 1)
        else:
            self._gaps.append(MissedSpan(how=outcome.value, why=why, since=at, until=at, count=1))
        self._is_open = True

    def gone(self, at: datetime) -> None:
        """Note that the scope is gone since a moment: no observation is expected after it."""
        self._end = min(self._end, at)

    def gaps(self) -> Iterator[MissedSpan]:
        """Yield the incomplete observations, then the slots with a late observation, then those with none."""
        yield from self._gaps
        counts = list(self._counts)
        missing: list[int] = []
        for slot in range(self._first, len(counts)):
            if counts[slot] or self._borders[slot + 1] > self._end:
                continue
            if slot + 1 < len(counts) and counts[slot + 1] > 1:
                counts[slot + 1] -= 1
                yield self._missed_span(LATE, "looked at in the slot after its own", slot, slot)
            else:
                missing.append(slot)
        yield from self._missed(missing)

    def _missed(self, slots: list[int]) -> Iterator[MissedSpan]:
        start = 0
        for number, slot in enumerate(slots):
            if number + 1 == len(slots) or slots[number + 1] != slot + 1:
                yield self._missed_span(MISSED, "nobody looked", slots[start], slot)
                start = number + 1

    def _missed_span(self, how: str, why: str, first: int, last: int) -> MissedSpan:
        return MissedSpan(
            how=how, why=why, since=self._borders[first], until=self._borders[last + 1], count=last - first + 1
        )
