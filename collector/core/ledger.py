"""The ledger of gaps: for each task, when it was not looked at, looked at late, or did not show everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.periods import edges
from collector.core.tasks import Outcome

MISSED = "missed"
LATE = "late"


class MissedSpan(Struct, frozen=True, kw_only=True):
    """Observations of one task, one after the other, that are missing or did not show everything, for one reason."""

    how: str
    why: str
    since: datetime
    until: datetime
    count: int


class TaskLedger:
    """Takes in the observations of one task in their order; holds a byte a slot and a line a gap."""

    def __init__(self, start: datetime, end: datetime, every: timedelta, *, is_new: bool) -> None:
        self._borders = edges(start, end, every)
        self._every = every
        self._counts = bytearray(len(self._borders) - 1)
        self._first = len(self._counts) if is_new else 0
        self._end = end
        self._gaps: list[MissedSpan] = []
        self._is_open = False

    def add(self, at: datetime, outcome: Outcome, why: str) -> None:
        """Take in an observation; `why` is not used where it saw everything."""
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
        """Note that the scope is not there any more: what is not looked at from now on is not missing."""
        self._end = min(self._end, at)

    def gaps(self) -> Iterator[MissedSpan]:
        """Yield what was seen badly, and then the slots in which nobody looked, or only late."""
        yield from self._gaps
        counts = list(self._counts)
        missing: list[int] = []
        for slot in range(self._first, len(counts)):
            if counts[slot] or self._borders[slot + 1] > self._end:
                continue
            if slot + 1 < len(counts) and counts[slot + 1] > 1:
                counts[slot + 1] -= 1
                yield self._gap(LATE, "looked at in the slot after its own", slot, slot)
            else:
                missing.append(slot)
        yield from self._missed(missing)

    def _missed(self, slots: list[int]) -> Iterator[MissedSpan]:
        start = 0
        for number, slot in enumerate(slots):
            if number + 1 == len(slots) or slots[number + 1] != slot + 1:
                yield self._gap(MISSED, "nobody looked", slots[start], slot)
                start = number + 1

    def _gap(self, how: str, why: str, first: int, last: int) -> MissedSpan:
        return MissedSpan(
            how=how, why=why, since=self._borders[first], until=self._borders[last + 1], count=last - first + 1
        )
