"""Three-valued logic: what certainly holds, what certainly does not, and what cannot be told from what is known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """NO < MAYBE < YES, so that `and` is the least of several and `or` the greatest (Kleene)."""

    NO = 0
    MAYBE = 1
    YES = 2

    @property
    def negated(self) -> Truth:
        """YES for NO, NO for YES, MAYBE for MAYBE."""
        return Truth(2 - self)


def of(value: bool) -> Truth:  # noqa: FBT001  the value itself
    """Return YES or NO."""
    return Truth.YES if value else Truth.NO


def every(truths: Iterable[Truth]) -> Truth:
    """Return whether all hold; YES for none."""
    return min(truths, default=Truth.YES)


def some(truths: Iterable[Truth]) -> Truth:
    """Return whether at least one holds; NO for none."""
    return max(truths, default=Truth.NO)


def agreed(truths: Iterable[Truth]) -> Truth:
    """Return what all say; MAYBE where they differ or there are none."""
    distinct = set(truths)
    return distinct.pop() if len(distinct) == 1 else Truth.MAYBE
