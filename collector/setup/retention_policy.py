"""`[retention]`: how long bodies are kept, and the spans of time that are locked for an audit."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct, field

from collector.core.controls import NonEmptyStr
from collector.core.erasure import Lock

Age = Annotated[str, Meta(pattern=r"^[1-9][0-9]*(d|w|mo|y)$")]
"""An age in calendar units: `90d`, `26w`, `48mo`, `4y`."""


class Locked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One span in `locked`: days, both included, in UTC. `because` says who audits what."""

    first: date = field(name="from")
    last: date = field(name="to")
    because: NonEmptyStr | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("to is before from")

    def lock(self) -> Lock:
        """Return the span as two moments."""
        return Lock(_start(self.first), _start(self.last + timedelta(days=1)))


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[retention]`: how long a body is kept after it was superseded; for ever where left out."""

    bodies: Age | None = None
    locked: tuple[Locked, ...] = ()

    def locks(self) -> tuple[Lock, ...]:
        """Return the locked spans as moments."""
        return tuple(span.lock() for span in self.locked)


def before(age: str, now: datetime) -> datetime:
    """Return the moment that lies an age before `now`, by the calendar. Raises ValueError on an invalid age."""
    match = re.fullmatch(r"([1-9][0-9]*)(d|w|mo|y)", age)
    if match is None:
        raise ValueError(f"{age!r} is not an age; write one such as 90d or 48mo")
    count, unit = int(match[1]), match[2]
    if unit in {"d", "w"}:
        return now - timedelta(days=count * (7 if unit == "w" else 1))
    months = now.year * 12 + now.month - 1 - count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
