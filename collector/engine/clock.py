"""The clock that the engine is given, so that tests can pass another one."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading


class Clock(Protocol):
    """Wall time for what is recorded, monotonic time for what is measured."""

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Wait so long or until `stop` is set; return whether it is."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        """Wait so long or until `stop` is set; return whether it is."""
        return stop.wait(seconds)
