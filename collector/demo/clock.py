"""The clock of the demo, which is set to each day of a scan; waiting takes no time."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta


class DemoClock:
    """Runs as fast as the machine's clock from the moment it was set to; `wait` advances it and returns at once."""

    def __init__(self, moment: datetime) -> None:
        self._start = moment
        self._skipped = timedelta(0)
        self._mark = time.monotonic()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds since the first moment, including those that were skipped."""
        with self._lock:
            return self._skipped.total_seconds() + time.monotonic() - self._mark

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Advance by `seconds` at once; return whether `stop` is set."""
        with self._lock:
            self._skipped += timedelta(seconds=seconds)
        return stop.is_set()

    def set_to(self, moment: datetime) -> None:
        """Set the clock to a later moment. Raises ValueError on an earlier one."""
        with self._lock:
            skipped = moment - self._start - timedelta(seconds=time.monotonic() - self._mark)
            if skipped < self._skipped:
                raise ValueError(f"the clock of the demo is past {moment} already")
            self._skipped = skipped
