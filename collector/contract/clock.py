"""A clock that advances when it is waited for or moved."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 6, tzinfo=UTC)


class SettableClock:
    """Starts at START, and advances by `tick` seconds each time that `monotonic` is read."""

    def __init__(self, tick: float = 0.0) -> None:
        self.tick = tick
        self.waits: list[float] = []
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return START + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Advance by a tick, and return the seconds since START."""
        with self._lock:
            self._elapsed += self.tick
            return self._elapsed

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Advance by `seconds` at once, and add them to `waits`; return whether `stop` is set."""
        with self._lock:
            self.waits.append(seconds)
            self._elapsed += seconds
        return stop.is_set()

    def move(self, span: timedelta) -> None:
        """Advance by a span of time."""
        with self._lock:
            self._elapsed += span.total_seconds()
