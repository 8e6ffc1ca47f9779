"""What the daemon knows of itself, kept in memory for whoever asks: from any thread, and without a store."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from collector.actions.progress import LoggedProgress
from collector.engine.silence import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from collector.daemon.watching.figures import Figures
    from collector.daemon.watching.traces import RunTrace
    from collector.engine.collect import Done

TOO_MANY_REQUESTS = "429"

ALIVE_FOR = 180.0
"""Seconds after its last turn for which the loop of the daemon counts as alive; it has one a minute at least."""


@dataclass
class SourceWatch:
    """What is known of one source since the daemon began. `results` counts its runs by how they ended."""

    next_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: float | None = None
    result: str | None = None
    results: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    coalesced: int = 0
    missed: int = 0


class Watch:
    """Is told what happens, and hands it to whoever watches."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._lock = Lock()
        self._sources: dict[str, SourceWatch] = {}
        self._clock = clock
        self._turn_at = time.monotonic()
        self.began_at = clock()
        self.is_planned = False
        self.is_standing_by = False
        """Whether another daemon serves the store, as of the last try to take over."""
        self.is_ending = False
        self.figures: Figures | None = None
        self.figures_failed: str | None = None
        self.waits: Callable[[], Sequence[Waiting]] = tuple
        """What runs wait for since long."""
        self.alerts: Counter[tuple[str, str]] = Counter()
        """Alerts that were raised, by kind and severity."""
        self.deliveries: Counter[tuple[str, str]] = Counter()
        """Deliveries by target and result."""
        self.undelivered = 0
        self.alerts_failed: str | None = None
        """Why alerts cannot be delivered, to whomever; None where they can."""

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return self._clock()

    def turn(self) -> None:
        """Note that the loop of the daemon goes on."""
        self._turn_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether the loop has had a turn within the time that it may take."""
        return time.monotonic() - self._turn_at <= ALIVE_FOR

    def planned(self, begins: Mapping[str, datetime]) -> None:
        """Note when each source begins; what is configured no more is forgotten, so that labels stay few."""
        with self._lock:
            self._sources = {name: self._sources.get(name, SourceWatch()) for name in begins}
            for name, at in begins.items():
                self._sources[name].next_at = at
        self.is_planned = True

    def began(self, name: str, next_at: datetime, missed: int = 0) -> None:
        """Note that the run of a source begins, and when the next one is due."""
        with self._lock:
            source = self._sources.setdefault(name, SourceWatch())
            source.began_at, source.next_at = self._clock(), next_at
            source.missed += missed

    def ended(self, name: str, result: str | None) -> None:
        """Note how a run ended; None where there was nothing to do."""
        with self._lock:
            source = self._sources.get(name)
            if source is None:
                return
            began, source.began_at = source.began_at, None
            if result is None:
                return
            source.ended_at, source.result = self._clock(), result
            source.results[result] += 1
            if began is not None:
                source.seconds = max((source.ended_at - began).total_seconds(), 0.0)

    def coalesced(self, name: str) -> None:
        """Note that a slot came while its source was looked at."""
        with self._lock:
            self._sources.setdefault(name, SourceWatch()).coalesced += 1

    def saw(self, done: Done) -> None:
        """Count the end of a collection and its calls."""
        seen = done.observation
        with self._lock:
            source = self._sources.setdefault(seen.task.source, SourceWatch())
            source.outcomes[seen.outcome.value] += 1
            for calls in seen.provenance.calls:
                for status, count in calls.statuses.items():
                    source.calls[status_class(status)] += count

    def sources(self) -> dict[str, SourceWatch]:
        """Return what is known of each source."""
        with self._lock:
            return dict(self._sources)

    def behind(self, name: str) -> timedelta:
        """Return for how long a source is due and not looked at."""
        source = self.sources().get(name)
        if source is None or source.next_at is None or source.began_at is not None:
            return timedelta(0)
        return max(self._clock() - source.next_at, timedelta(0))


class WatchedProgress(LoggedProgress):
    """Progress in the log, counted for whoever watches."""

    def __init__(self, watch: Watch, trace: RunTrace) -> None:
        super().__init__()
        self._watch = watch
        self._trace = trace

    def finished(self, done: Done) -> None:
        """Log, count and trace the end of a task."""
        super().finished(done)
        self._watch.saw(done)
        self._trace.saw(done.observation)


def status_class(status: str) -> str:
    """Return the few words for the status of an answer: 2xx to 5xx, 429 by itself, none where there was no answer."""
    if status == TOO_MANY_REQUESTS or not status.isdigit():
        return status if status == TOO_MANY_REQUESTS else "none"
    return f"{status[0]}xx"
