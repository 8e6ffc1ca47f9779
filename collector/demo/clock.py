"""The clock of the demo: it is set to each day that is looked at, and nobody waits by it."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta


class DemoClock:
    """Goes as fast as the machine's from the moment that it was last set to; a wait moves it on and takes no time."""

    def __init__(self, moment: datetime) -> None:
        self._start = moment
        self._gone = timedelta(0)
        self._mark = time.monotonic()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return seconds since the first moment, those that were skipped too."""
        with self._lock:
            return self._gone.total_seconds() + time.monotonic() - self._mark

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Let the time go by at once; return whether `stop` is set."""
        with self._lock:
            self._gone += timedelta(seconds=seconds)
        return stop.is_set()

    def set_to(self, moment: datetime) -> None:
        """Go on from a later moment. Raises ValueError on an earlier one, which a clock never shows again."""
        with self._lock:
            gone = moment - self._start - timedelta(seconds=time.monotonic() - self._mark)
            if gone < self._gone:
                raise ValueError(f"the clock of the demo is past {moment} already")
            self._gone = gone
