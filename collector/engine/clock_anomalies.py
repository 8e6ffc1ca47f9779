"""Collect what the tasks of a run saw of wrong clocks, as facts for the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.core.clocks import ClockAnomaly, ComparedClock, whose_clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.core.tasks import Observation
    from collector.engine.platform_clocks import PlatformClocks


class ClockAnomalies:
    """The differences of clocks that the tasks of one run saw. For the thread that runs it."""

    def __init__(self, run: str, clocks: PlatformClocks) -> None:
        self._run = run
        self._clocks = clocks
        self._beyond: dict[str, ComparedClock] = {}
        self._written: ClockAnomaly | None = None

    def of(self, observation: Observation) -> ClockAnomaly | None:
        """Return the fact to write where an observation is the first of its source that saw a difference, else None."""
        off, source = observation.clock_off, observation.task.source
        if not off:
            return None
        before = self._beyond.get(source)
        largest = off if before is None or before.largest is None else max(before.largest, off, key=abs)
        if before is None:
            seen = ComparedClock(source=source, answers=0, beyond=1, largest=off, ours=observation.ended_at)
        else:
            ours = before.ours if largest == before.largest else observation.ended_at
            seen = replace(before, beyond=before.beyond + 1, largest=largest, ours=ours)
        self._beyond[source] = seen
        return self._fact(observation.ended_at) if before is None else None

    def at_the_end(self, at: datetime) -> Iterator[ClockAnomaly]:
        """Yield the fact of the whole run, where there is one and it says more than the last one that was written."""
        if self._beyond:
            was = self._written
            now = self._fact(at)
            if was is None or replace(was, at=at) != now:
                yield now

    def _fact(self, at: datetime) -> ClockAnomaly:
        answers = self._clocks.answers
        sources = tuple(
            replace(
                self._beyond.get(source, ComparedClock(source=source, answers=0, beyond=0)),
                answers=answers.get(source, 0),
            )
            for source in sorted({*answers, *self._beyond})
        )
        jumped = self._clocks.jumped
        self._written = ClockAnomaly(
            run=self._run,
            at=at,
            limit=self._clocks.limit,
            whose=whose_clock(sources, self._clocks.limit, jumped=jumped),
            jumped=jumped,
            sources=sources,
        )
        return self._written
