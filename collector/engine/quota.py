"""The quota of one identity: what its platform says is left, and the part of it that annexd may use."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.engine.clock import Clock

_SOON = 0.2
"""Seconds until another look, where what is left depends on answers that are still to come."""

_ANOTHER_PERIOD = 60.0
"""Seconds by which the end of a period moves only when a new one has begun; platforms tell it in whole seconds."""


@dataclass(frozen=True)
class Allowance:
    """What may be asked now and each time the quota is full again, by the share and by the platform's last word."""

    now: int
    each: int
    full_in: timedelta


class Quota:
    """Counts calls against what the platform last said. Asks nothing itself; without a word of it, it lets all out."""

    def __init__(self, share: float, clock: Clock) -> None:
        self._share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._left = 0
        self._limit: int | None = None
        self._full_at = 0.0
        self._renewed = False
        self._under_way = 0
        self._closed: list[tuple[float, float | None]] = []

    def hear(self, remaining: int, limit: int, resets_in: timedelta) -> None:
        """Take in what an answer says; of answers that overtake each other within a period the emptier one counts."""
        if limit <= 0:
            return
        with self._lock:
            full_at = self._clock.monotonic() + max(resets_in.total_seconds(), 0.0)
            if self._limit is None or self._renewed or full_at > self._full_at + _ANOTHER_PERIOD:
                self._left, self._full_at, self._renewed = remaining, full_at, False
            else:
                self._left = min(self._left, remaining)
            self._limit = limit

    def take(self) -> float:
        """Take one call and return 0, or return the seconds after which to try again."""
        with self._lock:
            now = self._clock.monotonic()
            if self._limit is not None:
                if now >= self._full_at and not self._renewed:
                    # Once: until an answer tells of the new period, calls count against what it must begin with.
                    self._left, self._renewed = self._limit, True
                if self._left - self._under_way <= self._limit * (1 - self._share):
                    if not self._closed or self._closed[-1][1] is not None:
                        self._closed.append((now, None))
                    # Calls under way may turn out to be free.
                    return _SOON if self._under_way else max(self._full_at - now, _SOON)
            if self._closed and self._closed[-1][1] is None:
                self._closed[-1] = (self._closed[-1][0], now)
            self._under_way += 1
            return 0.0

    def give_back(self) -> None:
        """Say that a call has ended, or never went out; what it cost is in the answer."""
        with self._lock:
            self._under_way -= 1

    def closed_since(self, moment: float) -> float:
        """Return for how many seconds since then nothing could go out for want of quota."""
        with self._lock:
            now = self._clock.monotonic()
            return sum(max((now if end is None else end) - max(began, moment), 0.0) for began, end in self._closed)

    def allowance(self) -> Allowance | None:
        """Return what may be asked, None where the platform said nothing of a quota."""
        with self._lock:
            if self._limit is None:
                return None
            each = max(int(self._limit * self._share), 1)
            left = self._full_at - self._clock.monotonic()
            if left <= 0:
                return Allowance(each, each, timedelta(0))
            now = int(self._left - self._limit * (1 - self._share))
            return Allowance(min(max(now, 0), each), each, timedelta(seconds=left))
