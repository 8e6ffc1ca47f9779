"""Slots by the calendar: a cron expression in a time zone.

Read here and not by the scheduler's own trigger, which leaves out a slot at midnight after a change to summer time, and
takes 0 for Monday.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

_FROM = datetime(2026, 1, 1, tzinfo=UTC)
"""A day to begin at; slots repeat by the week, the month or the year."""

_LOOKED_AT = timedelta(days=8)
_FEWEST = 62
_MOST_DAYS = 8 * 366  # the 29th of February comes at least so often
_PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?")


class _Field(NamedTuple):
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def read(self, text: str) -> frozenset[int]:
        """Return the values that a field names. Raises ValueError."""
        found: set[int] = set()
        for part in text.split(","):
            match = _PART.fullmatch(part)
            if match is None:
                message = f"{part!r} is no {self.name}"
                raise ValueError(message)
            every, first, last, step = match.groups()
            begin = self.least if every else self._value(first)
            end = self.most if every or (step and last is None) else self._value(last or first)
            if begin > end or step == "0":
                message = f"{part!r} is no {self.name}"
                raise ValueError(message)
            found.update(range(begin, end + 1, int(step or 1)))
        return frozenset(found)

    def _value(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.least
        if not text.isascii() or not text.isdigit() or not self.least <= int(text) <= self.most:
            message = f"{text!r} is no {self.name}"
            raise ValueError(message)
        return int(text)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    _Field("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),  # 7 is Sunday too
)


@dataclass(frozen=True)
class Cron:
    """Slots such as "0 3 * * mon-fri" in a time zone. Raises ValueError that says what is wrong."""

    expression: str
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ValueError, OSError, LookupError) as error:
            message = f"{self.time_zone!r} is no time zone, such as Europe/Zurich"
            raise ValueError(message) from error
        if next(self.after(_FROM), None) is None:
            message = "such a day never comes"
            raise ValueError(message)

    @cached_property
    def _values(self) -> tuple[frozenset[int], ...]:
        texts = self.expression.split()
        if len(texts) != len(_FIELDS):
            message = "it takes minute, hour, day of the month, month and day of the week"
            raise ValueError(message)
        return tuple(field.read(text) for field, text in zip(_FIELDS, texts, strict=True))

    @cached_property
    def _times(self) -> list[time]:
        minutes, hours, *_ = self._values
        return [time(hour, minute) for hour, minute in product(sorted(hours), sorted(minutes))]

    def _has(self, day: date) -> bool:
        _, _, days, months, weekdays = self._values
        _, _, days_text, _, weekdays_text = self.expression.split()
        of_month, of_week = day.day in days, bool({day.isoweekday() % 7, day.isoweekday()} & weekdays)
        # As cron has it: where both are restricted, either will do.
        both = not days_text.startswith("*") and not weekdays_text.startswith("*")
        return day.month in months and (of_month or of_week if both else of_month and of_week)

    def after(self, at: datetime) -> Iterator[datetime]:
        """Yield the slots after a moment, in UTC; one in an hour that summer time leaves out comes an hour later."""
        zone = ZoneInfo(self.time_zone)
        first, found = at.astimezone(zone).date(), 0
        while found <= _MOST_DAYS:
            day = first + timedelta(days=found)
            found += 1
            if not self._has(day):
                continue
            slots = sorted({datetime.combine(day, moment, zone).astimezone(UTC) for moment in self._times})
            for slot in slots:
                if slot > at:
                    yield slot
            first, found = day + timedelta(days=1), 0

    @cached_property
    def longest_gap(self) -> timedelta:
        """The longest time between two slots."""
        longest, before = timedelta(0), None
        for number, at in enumerate(self.after(_FROM)):
            longest = longest if before is None else max(longest, at - before)
            before = at
            if number >= _FEWEST and at - _FROM > _LOOKED_AT:
                break
        return longest
