"""A `now` that records until when a check would decide the same, whatever the check does with it.

A tracked value stands for a function of `now`. A comparison records the first later moment at which it would come out
otherwise. A value that leaves tracking (`.date()`, a hash, an index) records until when it is that value. A text made
of the time is a marker, which the caller looks for in the reason.

Tracked values are no datetime, timedelta, int or float, but `isinstance` takes them for one. C code that reads the
memory of those types, and would call no method of a subclass, so raises TypeError and does not use the time unseen.
"""

from __future__ import annotations

import operator
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Self, cast

from collector.engine.time_use import HORIZON, ORDERS, Plain, TimeUse, Tracked, leaves_by, plainly
from collector.engine.tracked_number import Number

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeGuard

_STEP = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _STEP
_SECOND = timedelta(seconds=1) // _STEP
_LAST = datetime.max.replace(tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEEPEST = 1000
_MANY_DAYS = timedelta.max.days // 2


def tracked_now(use: TimeUse) -> datetime:
    """Return the tracked `now` of a call. Where it has no fixed offset to UTC, the call holds at no other time."""
    return cast("datetime", Moment(use, use.now))


class _Linear(Tracked):
    """A moment or a span that grows by `slope` microseconds with each microsecond of `now`."""

    __slots__ = ("slope",)

    def __init__(self, use: TimeUse, plain: datetime | timedelta, slope: int) -> None:
        super().__init__(use, plain)
        self.slope = slope

    def beyond(self, other: Plain) -> tuple[timedelta, int] | None:
        """Return by how much the value exceeds another, and how fast that grows; None where they do not compare."""
        if isinstance(other, _Linear):
            plain, slope, is_ours = other.plain, other.slope, other.use is self.use
        else:
            plain, slope, is_ours = other, 0, True
        if not is_ours or type(plain) is not type(self.plain):
            return None
        if isinstance(plain, datetime) and (plain.utcoffset() is None or self.plain.utcoffset() is None):
            return None
        return self.plain - plain, self.slope - slope

    def compare(self, name: str, other: Plain) -> Plain:
        """Return what the plain values answer to a comparison, and record when they would answer otherwise."""
        difference = self.beyond(other)
        if difference is None:
            return ORDERS[name](self.leave(), plainly(other))
        # `<` and `>=` change at zero, `<=` and `>` right after it, `==` and `!=` at both.
        if name not in {"__le__", "__gt__"}:
            self.use.changes_after(_change(*difference, after=0))
        if name not in {"__lt__", "__ge__"}:
            self.use.changes_after(_change(*difference, after=1))
        return ORDERS[name](self.plain, other.plain if isinstance(other, _Linear) else other)

    def moved(self, how: Callable[[Plain, Plain], Plain], other: timedelta) -> Plain:
        """Return the plain value moved by a span. Raises OverflowError, and at another time there may be a value."""
        try:
            return how(self.plain, other)
        except OverflowError:
            self.use.escapes()
            raise


def _change(difference: timedelta, slope: int, *, after: int) -> int | None:
    """Return the first step > 0 at which it changes whether `difference + slope * step < after` microseconds, or None.

    `after` is 0 or 1.
    """
    start = difference // _STEP
    if slope < 0:
        start, slope, after = -start, -slope, 1 - after
    return None if slope == 0 or start >= after else -((start - after) // slope)


class Moment(_Linear):
    """A tracked datetime: `now`, or a fixed span before or after it."""

    __slots__ = ()
    __class__ = property(lambda _self: datetime)  # what isinstance asks for

    def __init__(self, use: TimeUse, plain: datetime) -> None:
        super().__init__(use, plain, 1)
        # The clock of a zone with a summer time does not go evenly, and a later `now` may be out of range.
        if type(plain.tzinfo) is not timezone or _LAST - plain < HORIZON:
            use.escapes()

    def __add__(self, other: Plain) -> Plain:
        if type(other) is timedelta:
            return Moment(self.use, self.moved(operator.add, other))
        if _is_span(other, self.use, -1):
            return self.moved(operator.add, other.plain)
        return self.leave() + plainly(other)

    __radd__ = __add__

    def __sub__(self, other: Plain) -> Plain:
        if (difference := self.beyond(other)) is not None:
            return _span(self.use, *difference)
        if type(other) is timedelta:
            return Moment(self.use, self.moved(operator.sub, other))
        if _is_span(other, self.use, 1):
            return self.moved(operator.sub, other.plain)
        return self.leave() - plainly(other)

    def __rsub__(self, other: Plain) -> Plain:
        if (difference := self.beyond(other)) is not None:
            return _span(self.use, -difference[0], -difference[1])
        return plainly(other) - self.leave()

    @property
    def tzinfo(self) -> Plain:
        """The zone, which is the same at any time."""
        return self.plain.tzinfo

    def timestamp(self) -> Plain:
        """Return the tracked seconds since 1970."""
        if self.plain.utcoffset() is None:
            return self.leave().timestamp()
        start = (self.plain - _EPOCH) // _STEP
        return Number(self.use, lambda step: (start + step) / _SECOND, rising=True)

    def astimezone(self, tz: Plain = None) -> Plain:
        """Return the moment with another fixed offset; with any other zone it leaves tracking."""
        return Moment(self.use, self.plain.astimezone(tz)) if type(tz) is timezone else self.leave().astimezone(tz)


class Span(_Linear):
    """A tracked timedelta, such as the age of something."""

    __slots__ = ()
    __class__ = property(lambda _self: timedelta)  # what isinstance asks for

    def __init__(self, use: TimeUse, plain: timedelta, slope: int) -> None:
        super().__init__(use, plain, slope)
        if abs(slope) > _STEEPEST or not -_MANY_DAYS < plain.days < _MANY_DAYS:
            use.escapes()  # at a later time it may be out of range

    def __add__(self, other: Plain) -> Plain:
        if type(other) is timedelta:
            return Span(self.use, self.moved(operator.add, other), self.slope)
        if type(other) is datetime and self.slope == 1:
            return Moment(self.use, self.moved(operator.add, cast("timedelta", other)))
        if isinstance(other, Span) and other.use is self.use:
            return _span(self.use, self.moved(operator.add, other.plain), self.slope + other.slope)
        return self.leave() + plainly(other)

    __radd__ = __add__

    def __sub__(self, other: Plain) -> Plain:
        difference = self.beyond(other)
        return _span(self.use, *difference) if difference is not None else self.leave() - plainly(other)

    def __rsub__(self, other: Plain) -> Plain:
        difference = self.beyond(other)
        if difference is not None:
            return _span(self.use, -difference[0], -difference[1])
        if type(other) is datetime and self.slope == -1:
            return Moment(self.use, other - self.plain)
        return plainly(other) - self.leave()

    def __neg__(self) -> Self:
        return type(self)(self.use, -self.plain, -self.slope)

    def __abs__(self) -> Plain:
        return -self if self < timedelta(0) else self

    def __bool__(self) -> bool:
        return bool(self != timedelta(0))

    def __mul__(self, other: Plain) -> Plain:
        if type(other) is int:
            return _span(self.use, self.moved(operator.mul, cast("timedelta", other)), self.slope * other)
        return self.leave() * plainly(other)

    __rmul__ = __mul__

    def __truediv__(self, other: Plain) -> Plain:
        if type(other) is timedelta:
            return self._in(operator.truediv, other // _STEP)
        return self.leave() / plainly(other)

    def __rtruediv__(self, other: Plain) -> Plain:
        return plainly(other) / self.leave()

    def __floordiv__(self, other: Plain) -> Plain:
        if type(other) is timedelta:
            return self._in(operator.floordiv, other // _STEP)
        return self.leave() // plainly(other)

    def __rfloordiv__(self, other: Plain) -> Plain:
        return plainly(other) // self.leave()

    def _in(self, how: Callable[[int, int], Plain], unit: int) -> Number:
        """Return the span divided by a unit of so many microseconds."""
        start, slope = self.plain // _STEP, self.slope
        return Number(self.use, lambda step: how(start + slope * step, unit), rising=(slope > 0) == (unit > 0))

    @property
    def days(self) -> Plain:
        """The tracked whole days, rounded down."""
        return self._in(operator.floordiv, _DAY)

    def total_seconds(self) -> Plain:
        """Return the tracked seconds."""
        return self._in(operator.truediv, _SECOND)


leaves_by(Span, {"mod": operator.mod, "divmod": divmod})
leaves_by(Span, {"pos": operator.pos}, unary=True)


def _is_span(value: Plain, use: TimeUse, slope: int) -> TypeGuard[Span]:
    return isinstance(value, Span) and value.use is use and value.slope == slope


def _span(use: TimeUse, plain: timedelta, slope: int) -> Plain:
    """Return a tracked span; one that does not grow is plain."""
    return Span(use, plain, slope) if slope else plain
