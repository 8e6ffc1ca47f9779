"""The part of the hourly quota that annexd may use, and how long to wait once it is used up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True)
class Heard:
    """What an answer says of the quota: calls left, calls an hour, seconds until it is full again."""

    remaining: int
    limit: int
    resets_in: float


class Share:
    """A share of the quota of one identity. Knows what GitHub last said, and asks nothing itself."""

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._lock = Lock()
        self._heard: Heard | None = None
        self._full_at = 0.0

    def hear(self, heard: Heard) -> None:
        """Take in what an answer says; answers that overtake each other count as the emptier one."""
        with self._lock:
            now = self._clock()
            if self._heard is None or now >= self._full_at or heard.remaining < self._heard.remaining:
                self._heard = heard
                self._full_at = now + heard.resets_in

    def wait(self) -> float:
        """Return the seconds until the next call may go out, 0 where it may now."""
        with self._lock:
            if self._heard is None or self._heard.remaining > self._heard.limit * (1 - self._share):
                return 0.0
            return max(self._full_at - self._clock(), 0.0)
