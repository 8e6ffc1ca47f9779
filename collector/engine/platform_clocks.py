"""Compare this machine's clock with the dates of platforms' answers, during one run."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.engine.clock import Clock

CLOCK_LIMIT = timedelta(minutes=5)
"""How far two clocks may be apart: dates of answers are whole seconds, and a machine without NTP drifts by minutes."""

_FURTHEST = timedelta(days=36_500)
"""A larger difference is recorded as this one, so that moments by both clocks can be written."""

_SECOND = timedelta(seconds=1)

_TRIES = 3
"""Readings of both clocks until the processor was not lost in between; then the last one counts."""


@dataclass(frozen=True)
class _Heard:
    """A platform's date, when it came by the monotonic clock, and how much older than that it may be."""

    date: datetime
    at: float
    slack: timedelta


class PlatformClocks:
    """What platforms' clocks said during a run, by source. Safe from all threads.

    A difference is this machine's clock less the platform's, in whole seconds; zero where it is within the limit.
    """

    def __init__(self, clock: Clock, limit: timedelta) -> None:
        self._clock = clock
        self.limit = limit
        self._lock = threading.Lock()
        self._newest: dict[str, _Heard] = {}
        self._answers: dict[str, int] = {}
        self._elsewhere: dict[str, tuple[Mapping[str, int], bool]] = {}
        self._before = _both(clock)
        self._jumped = False

    @property
    def answers(self) -> Mapping[str, int]:
        """How many answers of each source told the time, here and at workers."""
        with self._lock:
            counts = Counter(self._answers)
            for answers, _ in self._elsewhere.values():
                counts.update(answers)
            return dict(counts)

    @property
    def jumped(self) -> bool:
        """Whether this machine's clock was set, by more than the limit, between two looks at it; or a worker's was."""
        with self._lock:
            return self._jumped or any(jumped for _, jumped in self._elsewhere.values())

    def add(self, worker: str, answers: Mapping[str, int], *, jumped: bool) -> None:
        """Note what the clocks of a worker's run have come to so far."""
        with self._lock:
            self._elsewhere[worker] = (answers, jumped)

    def of(self, source: str) -> Callable[[datetime, float], timedelta]:
        """Return the comparison for the answers of a source: their date, and the seconds from request to answer."""
        return lambda date, waited: self._hear(source, date, waited)

    def _hear(self, source: str, date: datetime, waited: float) -> timedelta:
        with self._lock:
            now, monotonic = self._look()
            # The date was made at any time since the request was sent, and is cut to a second.
            heard = _Heard(date, monotonic, timedelta(seconds=max(waited, 0.0)) + _SECOND)
            self._newest[source] = heard
            self._answers[source] = self._answers.get(source, 0) + 1
            return self._difference(heard, now, monotonic)

    def now(self, source: str) -> tuple[datetime, timedelta]:
        """Return the moment by this machine's clock, and its difference from what was heard of a source before.

        Where no answer of the source told the time, the smallest difference from another one's clock counts.
        """
        with self._lock:
            now, monotonic = self._look()
            own = self._newest.get(source)
            heard = [own] if own is not None else list(self._newest.values())
            off = min((self._difference(each, now, monotonic) for each in heard), key=abs, default=timedelta())
            return now, off

    def _look(self) -> tuple[datetime, float]:
        now, monotonic = _both(self._clock)
        before, mark = self._before
        self._jumped |= abs(now - before - timedelta(seconds=monotonic - mark)) > self.limit
        self._before = (now, monotonic)
        return now, monotonic

    def _difference(self, heard: _Heard, now: datetime, monotonic: float) -> timedelta:
        off = now - heard.date - timedelta(seconds=monotonic - heard.at)
        if -self.limit <= off <= self.limit + heard.slack:
            return timedelta()
        return timedelta(seconds=min(max(off, -_FURTHEST), _FURTHEST) // _SECOND)


def _both(clock: Clock) -> tuple[datetime, float]:
    """Return the moment and the monotonic seconds of the same time: a thread may lose the processor between them."""
    for _ in range(_TRIES):
        before, now, after = clock.monotonic(), clock.now(), clock.monotonic()
        if after - before < 1:
            break
    return now, after
