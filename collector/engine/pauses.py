"""The waits of one task before calls are sent, for whoever asks what is waited for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collector.engine.clock import Clock


class Pause(NamedTuple):
    """A wait before a call is sent: for what, since when and until when, in seconds of the monotonic clock."""

    what: str
    since: float
    until: float


class Pauses:
    """The newest wait of each thread that works for a task."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._newest: dict[int, Pause] = {}

    def wait(self, stop: threading.Event, seconds: float, what: str) -> None:
        """Wait in this thread for what takes no calls, or until `stop` is set."""
        thread, now = threading.get_ident(), self._clock.monotonic()
        with self._lock:
            before = self._newest.get(thread)
            # A pause that is made longer while it is waited for goes on.
            goes_on = before is not None and before.what == what and before.until >= now - 1
            self._newest[thread] = Pause(what, before.since if before is not None and goes_on else now, now + seconds)
        self._clock.wait(stop, seconds)

    def longest(self) -> Pause | None:
        """Return the one that lasts longest of those that are waited for now; None where there is none."""
        now = self._clock.monotonic()
        with self._lock:
            current = [pause for pause in self._newest.values() if pause.until > now]
        return max(current, key=lambda pause: pause.until, default=None)
