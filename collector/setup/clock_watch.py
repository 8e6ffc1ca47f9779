"""A clock that logs a warning when the time of the machine jumps."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from collector.core.spans import show_time

if TYPE_CHECKING:
    from datetime import datetime

    from collector.engine.clock import Clock

_logger = logging.getLogger(__name__)

TOLERANCE = timedelta(seconds=60)
"""Smaller jumps are ordinary corrections of the clock."""


class WatchedClock:
    """Returns the time, and logs a `clock_anomaly` where it differs from the time elapsed since the last reading."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._before = clock.now()
        self._mark = clock.monotonic()

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return self.look()[0]

    def look(self) -> tuple[datetime, timedelta]:
        """Return the moment, and by how much the clock has jumped since the last reading; zero for no jump."""
        with self._lock:
            now, mark = self._clock.now(), self._clock.monotonic()
            expected = self._before + timedelta(seconds=mark - self._mark)
            self._before, self._mark = now, mark
        jump = now - expected
        if abs(jump) <= TOLERANCE:
            return now, timedelta(0)
        way = "forward" if jump > timedelta(0) else "back"
        _logger.warning(
            "clock_anomaly: the clock was at %s and jumped %s to %s; the order of the record does not depend on it",
            show_time(expected.replace(microsecond=0)),
            way,
            show_time(now.replace(microsecond=0)),
        )
        return now, jump

    def compare(self, newest: datetime | None) -> None:
        """Warn where the newest leaf of the record is dated after now."""
        now = self.now()
        if newest is not None and newest - now > TOLERANCE:
            _logger.warning(
                "clock_anomaly: the record's newest leaf is of %s, and the clock says %s; one of them was set wrong",
                show_time(newest.replace(microsecond=0)),
                show_time(now.replace(microsecond=0)),
            )
