"""Measures in the manner of ISO/IEC 27004: what is measured, how, from what, how often, for whom, and the readings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from collector.core.controls import NonEmptyStr, Period

Unit = Literal["share", "count", "days"]
"""A share is a of b, from 0 to 1; it is never one of controls."""


class Measure(Struct, frozen=True, kw_only=True):
    """One measure. `source` names the checks or the files that it is made from; `every` how often it is to be read."""

    id: str
    title: str
    formula: str
    unit: Unit
    source: tuple[str, ...]
    every: str = "7d"


class MeasureTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the company wants of a measure, and who answers for it. One of `at_least` and `at_most` is there.

    `evaluated_by` is the person who judges what the numbers mean (clause 9.1); `every` is the company's own frequency.
    """

    id: NonEmptyStr
    owner: NonEmptyStr
    evaluated_by: NonEmptyStr
    at_least: float | None = None
    at_most: float | None = None
    since: date
    because: NonEmptyStr
    every: Period | None = None

    def met(self, value: float) -> bool:
        """Whether a value is as good as was wanted."""
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is None or value <= self.at_most


class MeasurePoint(Struct, frozen=True, kw_only=True):
    """One reading. `value` is None where it is not established, with the reason in `why`.

    `part` of `whole` is what was seen of a share; `not_established` counts what could not be, and keeps a share from
    being one.
    """

    at: datetime
    value: float | None
    part: int | None = None
    whole: int | None = None
    not_established: int = 0
    why: str = ""
