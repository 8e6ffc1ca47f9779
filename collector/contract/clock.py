"""A clock that moves only when somebody waits for it, or when it is set."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 6, tzinfo=UTC)


class SettableClock:
    """Starts at START. `tick` seconds go by with every look at it: for what must end by itself."""

    def __init__(self, tick: float = 0.0) -> None:
        self.tick = tick
        self.waits: list[float] = []
        self._gone = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The moment, aware and in UTC."""
        return START + timedelta(seconds=self._gone)

    def monotonic(self) -> float:
        """Seconds since START, and a tick more."""
        with self._lock:
            self._gone += self.tick
            return self._gone

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Let the time go by at once, and note that somebody waited."""
        with self._lock:
            self.waits.append(seconds)
            self._gone += seconds
        return stop.is_set()

    def move(self, span: timedelta) -> None:
        """Let time go by between two runs."""
        with self._lock:
            self._gone += span.total_seconds()
