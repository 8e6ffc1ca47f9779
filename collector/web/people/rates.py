"""How often somebody may try to sign in."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

_MOST_ADDRESSES = 10_000


class TriesLimit:
    """Counts tries by address and of all together, over the time just past."""

    def __init__(self, now: Callable[[], datetime], *, each: int, together: int, within: timedelta) -> None:
        self._now = now
        self._each = each
        self._together = together
        self._within = within
        self._lock = Lock()
        self._tries: dict[str, deque[datetime]] = {}
        self._all: deque[datetime] = deque()

    def allows(self, address: str) -> bool:
        """Return whether one more try is allowed, and count it if it is."""
        now = self._now()
        with self._lock:
            self._forget(now)
            mine = self._tries.get(address, deque())
            if len(mine) >= self._each or len(self._all) >= self._together or len(self._tries) >= _MOST_ADDRESSES:
                return False
            mine.append(now)
            self._tries[address] = mine
            self._all.append(now)
            return True

    def _forget(self, now: datetime) -> None:
        while self._all and now - self._all[0] > self._within:
            self._all.popleft()
        for address in [*self._tries]:
            tries = self._tries[address]
            while tries and now - tries[0] > self._within:
                tries.popleft()
            if not tries:
                del self._tries[address]
