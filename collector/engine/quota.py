"""The quota of one bucket: what its platform reports as left, and the share of it that annexd may use."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.engine.clock import Clock

_SOON = 0.2
"""Seconds until the next check while calls in progress may still return quota."""

_ANOTHER_PERIOD = 60.0
"""Seconds: when the reported end moves by more than this, a new period has begun; platforms report whole seconds."""


@dataclass(frozen=True)
class Allowance:
    """What is allowed now, and in each later period, by the share and by the platform's last report, in its own unit.

    `full_in` is the time until the quota is full again.
    """

    now: int
    per_period: int
    full_in: timedelta


class Quota:
    """Counts calls against the quota that the platform last reported; without a report every call is allowed."""

    def __init__(self, share: float, clock: Clock) -> None:
        self._share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._remaining = 0
        self._limit: int | None = None
        self._full_at = 0.0
        self._is_renewed = False
        self._in_progress = 0
        self._cost = 1
        self._exhausted: list[tuple[float, float | None]] = []

    def tighten(self, share: float) -> None:
        """Use no more than this share too."""
        with self._lock:
            self._share = min(self._share, share)

    def update(self, remaining: int, limit: int, resets_in: timedelta, cost: int | None = None) -> None:
        """Update from an answer. Answers of one period may arrive out of order, so the smallest `remaining` counts.

        `cost` is what the answer took, in the unit of the quota; calls in progress are taken to cost as much as the
        dearest one so far.
        """
        if limit <= 0:
            return
        with self._lock:
            full_at = self._clock.monotonic() + max(resets_in.total_seconds(), 0.0)
            if self._limit is None or self._is_renewed or full_at > self._full_at + _ANOTHER_PERIOD:
                self._remaining, self._full_at, self._is_renewed = remaining, full_at, False
            else:
                self._remaining = min(self._remaining, remaining)
            self._limit = limit
            self._cost = max(self._cost, cost or 0)

    def acquire(self) -> float:
        """Reserve one call and return 0, or return the seconds after which to try again."""
        with self._lock:
            now = self._clock.monotonic()
            if self._limit is not None:
                if now >= self._full_at and not self._is_renewed:
                    # Once: until an answer reports the new period, calls count against a full quota.
                    self._remaining, self._is_renewed = self._limit, True
                # Never more than the whole share, or a call that costs so much would wait for ever.
                cost = max(min(self._cost, int(self._limit * self._share)), 1)
                left = self._remaining - self._in_progress * cost - (cost - 1)
                if left <= self._limit * (1 - self._share):
                    if not self._exhausted or self._exhausted[-1][1] is not None:
                        self._exhausted.append((now, None))
                    # Calls in progress may turn out to be free.
                    return _SOON if self._in_progress else max(self._full_at - now, _SOON)
            if self._exhausted and self._exhausted[-1][1] is None:
                self._exhausted[-1] = (self._exhausted[-1][0], now)
            self._in_progress += 1
            return 0.0

    def is_used_up(self) -> bool:
        """Whether nothing of the share is left until the quota is full again."""
        with self._lock:
            if self._limit is None or self._clock.monotonic() >= self._full_at:
                return False
            return self._remaining <= self._limit * (1 - self._share)

    def release(self) -> None:
        """End the reservation of a call that has ended or was never sent; its cost is in the answer."""
        with self._lock:
            self._in_progress -= 1

    def exhausted_since(self, moment: float) -> list[tuple[float, float]]:
        """Return from when to when no call was allowed for lack of quota, after a monotonic time."""
        if not self._exhausted:  # as nearly always, and asked several times for each call
            return []
        with self._lock:
            now = self._clock.monotonic()
            spans = [(max(began, moment), now if end is None else end) for began, end in self._exhausted]
        return [span for span in spans if span[1] > span[0]]

    def allowance(self) -> Allowance | None:
        """Return what is allowed, None where the platform has reported no quota."""
        with self._lock:
            if self._limit is None:
                return None
            per_period = max(int(self._limit * self._share), 1)
            seconds = self._full_at - self._clock.monotonic()
            if seconds <= 0:
                return Allowance(per_period, per_period, timedelta(0))
            now = int(self._remaining - self._limit * (1 - self._share))
            return Allowance(min(max(now, 0), per_period), per_period, timedelta(seconds=seconds))


def seconds_covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return how long at least one of some spans of time lasted."""
    covered, until = 0.0, float("-inf")
    for began, end in sorted(spans):
        covered += max(end - max(began, until), 0.0)
        until = max(until, end)
    return covered
