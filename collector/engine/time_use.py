"""What a check did with the time that it was given: until when it would decide the same, and what it wrote of it."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

HORIZON = timedelta(days=36_525)
"""How far ahead comparisons are looked at; nothing is said of later moments."""

STEPS = HORIZON // timedelta(microseconds=1)
"""The horizon in steps; a step is a microsecond of `now`."""

Plain = Any
"""A value of whatever type the language or the check has there; the plain values are asked, and answer as they do."""

ORDERS: dict[str, Callable[[Plain, Plain], Plain]] = {
    "__lt__": operator.lt,
    "__le__": operator.le,
    "__gt__": operator.gt,
    "__ge__": operator.ge,
    "__eq__": operator.eq,
    "__ne__": operator.ne,
}


@dataclass(frozen=True)
class TimeText:
    """A text made of the time: what stood for it, what it is at `now`, and for how many steps it stays that text."""

    marker: str
    text: str
    steps: int


class TimeUse:
    """What one call of a check did with the time.

    `used` says whether it did anything, `steps` for how many microseconds after `now` it decides the same (0: at no
    other time), `texts` what it wrote.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.used = False
        self.steps = STEPS
        self.texts: list[TimeText] = []
        self._ended = False

    def end(self) -> None:
        """End tracking: a value that outlives the call is written as what it is."""
        self._ended = True

    def changes_after(self, steps: int | None) -> None:
        """Record that a decision comes out otherwise so long after `now`; None: never."""
        self.used = True
        if steps is not None:
            self.steps = min(self.steps, steps)

    def escapes(self) -> None:
        """Record that a value of which nothing can be said for any other time left tracking."""
        self.changes_after(0)

    def write(self, text: str, steps: int) -> str:
        """Return the marker that stands for a text made of the time."""
        self.used = True
        if self._ended:
            return text
        # Characters of the private use area: no digit or letter beside a marker can become part of it.
        self.texts.append(TimeText(f"\ue000{len(self.texts)}\ue001", text, steps))
        return self.texts[-1].marker


class Tracked:
    """What all tracked values do: whatever is not tracked leaves tracking, and the plain value answers."""

    __slots__ = ("plain", "use")

    def __init__(self, use: TimeUse, plain: Plain) -> None:
        self.use = use
        self.plain = plain

    def leave(self) -> Plain:
        """Return the plain value, and record until when it is the value."""
        self.use.escapes()
        return self.plain

    def write(self, text: str) -> str:
        """Return what stands for the value as text, which may be another one a microsecond later."""
        return self.use.write(text, 0)

    def compare(self, name: str, other: Plain) -> Plain:
        """Return what the plain values answer to a comparison, and record when they would answer otherwise."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Plain:
        return getattr(self.leave(), name)

    def __lt__(self, other: object) -> Plain:
        return self.compare("__lt__", other)

    def __le__(self, other: object) -> Plain:
        return self.compare("__le__", other)

    def __gt__(self, other: object) -> Plain:
        return self.compare("__gt__", other)

    def __ge__(self, other: object) -> Plain:
        return self.compare("__ge__", other)

    def __eq__(self, other: object) -> Plain:
        return self.compare("__eq__", other)

    def __ne__(self, other: object) -> Plain:
        return self.compare("__ne__", other)

    def __hash__(self) -> int:
        return hash(self.leave())

    def __reduce_ex__(self, protocol: Plain) -> Plain:
        return self.leave().__reduce_ex__(protocol)  # a copy is a plain value

    def __str__(self) -> str:
        return self.write(str(self.plain))

    def __repr__(self) -> str:
        return self.write(repr(self.plain))

    def __format__(self, spec: str) -> str:
        return self.write(format(self.plain, spec))


def plainly(value: Plain) -> Plain:
    """Return a value outside of tracking."""
    return value.leave() if isinstance(value, Tracked) else value


def leaves_by(kind: type[Tracked], operators: dict[str, Callable[..., Plain]], *, unary: bool = False) -> None:
    """Give a type the operators of the language with these names by which its values leave tracking."""
    for name, how in operators.items():
        if unary:
            setattr(kind, f"__{name}__", lambda self, how=how: how(self.leave()))
        else:
            setattr(kind, f"__{name}__", lambda self, other, how=how: how(self.leave(), plainly(other)))
            setattr(kind, f"__r{name}__", lambda self, other, how=how: how(plainly(other), self.leave()))
