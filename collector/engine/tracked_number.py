"""A number made of the time, such as an age in days: it only rises, or only falls, while the time goes on."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, cast

from collector.engine.time_use import ORDERS, STEPS, Plain, TimeUse, Tracked, leaves_by, plainly

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeGuard


class Number(Tracked):
    """A tracked int or float. `read` gives it so many steps after `now`, by the operations of the check itself.

    Where a comparison with it changes is found by halving: what only rises or only falls passes a number once.
    """

    __slots__ = ("read", "rising")
    __class__ = property(lambda self: type(self.plain))  # what isinstance asks for

    def __init__(self, use: TimeUse, read: Callable[[int], Plain], *, rising: bool) -> None:
        try:
            super().__init__(use, read(0))
            read(STEPS)
        except ArithmeticError:
            use.escapes()  # at another time there may be a number
            raise
        self.read = read
        self.rising = rising

    def leave(self) -> Plain:
        """Return the plain value, and record until when it is the value."""
        self.use.changes_after(self._first(lambda step: self.read(step) != self.plain))
        return self.plain

    def write(self, text: str) -> str:
        """Return what stands for the value as text: that of a whole number is the same until the number changes."""
        if not isinstance(self.plain, int):
            return self.use.write(text, 0)
        return self.use.write(text, self._first(lambda step: self.read(step) != self.plain) or STEPS)

    def _first(self, changed: Callable[[int], bool]) -> int | None:
        """Return the first step within the horizon at which a condition holds that does not hold at `now`."""
        low, high = 0, STEPS
        if not changed(high):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if changed(middle) else (middle, high)
        return high

    def compare(self, name: str, other: Plain) -> Plain:
        """Return what the plain values answer to a comparison, and record when they would answer otherwise."""
        if self._moves_against(other):
            read, plain = other.read, other.plain
        elif type(other) in {int, float}:
            read, plain = (lambda _step: other), other
        else:
            # Two numbers that move the same way, or something that is no number.
            return ORDERS[name](self.leave(), plainly(other))
        # Two numbers become equal, or stop being equal, where `<` or `<=` changes.
        for order in ("__lt__", "__le__") if name in {"__eq__", "__ne__"} else (name,):
            self.use.changes_after(self._first(self._changes(ORDERS[order], read)))
        return ORDERS[name](self.plain, plain)

    def _changes(self, order: Callable[[Plain, Plain], Plain], read: Callable[[int], Plain]) -> Callable[[int], bool]:
        answer = order(self.plain, read(0))
        return lambda step: order(self.read(step), read(step)) != answer

    def _moves_with(self, other: Plain) -> TypeGuard[Number]:
        return type(other) is Number and other.use is self.use and other.rising == self.rising

    def _moves_against(self, other: Plain) -> TypeGuard[Number]:
        return type(other) is Number and other.use is self.use and other.rising != self.rising

    def _of(self, how: Callable[[Plain], Plain], *, mirrored: bool = False) -> Number:
        """Return a function of the number that rises; `mirrored`: that falls."""
        read = self.read
        return Number(self.use, lambda step: how(read(step)), rising=self.rising != mirrored)

    def _with(self, how: Callable[[Plain, Plain], Plain], other: Plain, *, mirrored: bool = False) -> Plain:
        """Return a function of the number and a constant; anything else leaves tracking."""
        if _is_finite(other):
            return self._of(lambda own: how(own, other), mirrored=mirrored)
        return how(self.leave(), plainly(other))

    def _scaled(self, how: Callable[[Plain, Plain], Plain], other: Plain) -> Plain:
        return self._with(how, other, mirrored=_is_finite(other) and other < 0)

    def __add__(self, other: Plain) -> Plain:
        if self._moves_with(other):
            own, others = self.read, other.read
            return Number(self.use, lambda step: own(step) + others(step), rising=self.rising)
        return self._with(operator.add, other)

    __radd__ = __add__

    def __sub__(self, other: Plain) -> Plain:
        if self._moves_against(other):
            own, others = self.read, other.read
            return Number(self.use, lambda step: own(step) - others(step), rising=self.rising)
        return self._with(operator.sub, other)

    def __rsub__(self, other: Plain) -> Plain:
        return self._with(lambda own, others: others - own, other, mirrored=True)

    def __mul__(self, other: Plain) -> Plain:
        return self._scaled(operator.mul, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Plain) -> Plain:
        return self._scaled(operator.truediv, other)

    def __rtruediv__(self, other: Plain) -> Plain:
        return plainly(other) / self.leave()

    def __floordiv__(self, other: Plain) -> Plain:
        return self._scaled(operator.floordiv, other)

    def __rfloordiv__(self, other: Plain) -> Plain:
        return plainly(other) // self.leave()

    def __neg__(self) -> Plain:
        return self._of(operator.neg, mirrored=True)

    def __abs__(self) -> Plain:
        return -self if self < 0 else self

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __round__(self, digits: int | None = None) -> Plain:
        return self._of(lambda own: round(own, digits))

    def __floor__(self) -> Plain:
        return self._of(math.floor)

    def __ceil__(self) -> Plain:
        return self._of(math.ceil)

    def __trunc__(self) -> Plain:
        return self._of(math.trunc)

    def __int__(self) -> int:
        return int(self._of(int).leave())

    def __float__(self) -> float:
        return float(self.leave())


leaves_by(
    Number,
    {
        "mod": operator.mod,
        "divmod": divmod,
        "pow": pow,
        "and": operator.and_,
        "or": operator.or_,
        "xor": operator.xor,
        "lshift": operator.lshift,
        "rshift": operator.rshift,
    },
)
leaves_by(Number, {"pos": operator.pos, "invert": operator.invert, "index": operator.index}, unary=True)


def _is_finite(value: Plain) -> bool:
    return type(value) in {int, float} and math.isfinite(cast("float", value))
