"""Measures as in ISO/IEC 27004: definition, target and readings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from collector.core.controls import NonEmptyStr, Period

Unit = Literal["share", "count", "days"]
"""A share is a fraction from 0 to 1; there is never a share of controls."""


class Measure(Struct, frozen=True, kw_only=True):
    """One measure. `source` names the checks or files it is computed from; `every`: its interval."""

    id: str
    title: str
    formula: str
    unit: Unit
    source: tuple[str, ...]
    every: str = "7d"


class MeasureTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The company's target for a measure, and its owner. One of `at_least` and `at_most` is set.

    `evaluated_by` is the person who evaluates the readings (clause 9.1); `every` is the company's own interval.
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
        """Return whether a value meets the target."""
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is None or value <= self.at_most


class MeasurePoint(Struct, frozen=True, kw_only=True):
    """One reading. `value` is None where it is not established, with the reason in `why`.

    A share is `part` of `whole`; `not_established` counts the members that could not be observed, and with any of them
    the share has no value.
    """

    at: datetime
    value: float | None
    part: int | None = None
    whole: int | None = None
    not_established: int = 0
    why: str = ""
