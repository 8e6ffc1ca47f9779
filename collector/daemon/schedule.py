"""APScheduler puts events into the daemon's queue at their times; it does nothing else."""

from __future__ import annotations

import random
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Protocol, Self

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from collector.daemon.events import Run, Seal, Verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.daemon.due import Due
    from collector.daemon.events import Event

SEAL_EVERY = timedelta(hours=1)
"""How long a leaf that no run signs, such as a filed record, waits for its checkpoint at most."""


class Schedule(Protocol):
    """Puts an event where the daemon finds it, when its time has come."""

    def plan(self, due: Mapping[str, Due], every: Mapping[str, timedelta]) -> dict[str, datetime]:
        """Replace all that was planned; return when each source begins."""

    def again(self, name: str, at: datetime) -> None:
        """Let a source begin at this time too, beside its slots."""

    def verify(self, at: datetime, every: timedelta) -> None:
        """Let the store be verified at this time, and then at this interval."""


class ClockedSchedule:
    """A schedule by the machine's clock. `jitter` spreads the first runs, so that not all begin in one second."""

    def __init__(self, put: Callable[[Event], None], *, jitter: timedelta) -> None:
        self._put = put
        self._jitter = jitter
        # A late event happens once, however late; the collection failures show the slots that were missed.
        self._scheduler = BackgroundScheduler(
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._scheduler.shutdown(wait=False)

    def plan(self, due: Mapping[str, Due], every: Mapping[str, timedelta]) -> dict[str, datetime]:
        """Replace all that was planned; return when each source begins."""
        self._scheduler.remove_all_jobs()
        begins = {name: source_due.at + self._jitter * random.random() for name, source_due in due.items()}  # noqa: S311  no secret
        for name, at in begins.items():
            self._slots(name, every[name], at)
        self._scheduler.add_job(self._put, "interval", [Seal()], id="seal", seconds=int(SEAL_EVERY.total_seconds()))
        return begins

    def again(self, name: str, at: datetime) -> None:
        """Let a source begin at this time too, beside its slots."""
        self._scheduler.add_job(self._put, "date", [Run(name)], id=f"again {name}", run_date=at, replace_existing=True)

    def verify(self, at: datetime, every: timedelta) -> None:
        """Let the store be verified at this time, and then at this interval."""
        slots = IntervalTrigger(seconds=int(every.total_seconds()), start_date=at, timezone=UTC)
        self._scheduler.add_job(self._put, slots, [Verify()], id="verify", next_run_time=at, replace_existing=True)

    def _slots(self, name: str, every: timedelta, begin: datetime) -> None:
        # Slots follow each other by the interval alone: a jitter of each would let them drift.
        slots = IntervalTrigger(seconds=int(every.total_seconds()), start_date=begin, timezone=UTC)
        self._scheduler.add_job(self._put, slots, [Run(name)], id=f"slot {name}", next_run_time=begin)
