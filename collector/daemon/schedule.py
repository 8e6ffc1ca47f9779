"""APScheduler puts events into the daemon's queue at their times; it does nothing else."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, Self

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from collector.daemon.events import Run, Seal, Verify
from collector.daemon.slots import Calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.daemon.due import Due
    from collector.daemon.events import Event
    from collector.daemon.slots import Slots

SEAL_EVERY = timedelta(hours=1)
"""How long a leaf that no run signs, such as a filed record, waits for its checkpoint at most."""


class Schedule(Protocol):
    """Puts an event where the daemon finds it, when its time has come."""

    def plan(self, due: Mapping[str, Due], slots: Mapping[str, Slots]) -> dict[str, datetime]:
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
        # A late event happens once, however late; the run that makes up for missed slots says which they were.
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

    def plan(self, due: Mapping[str, Due], slots: Mapping[str, Slots]) -> dict[str, datetime]:
        """Replace all that was planned; return when each source begins."""
        self._scheduler.remove_all_jobs()
        begins = {name: self._begin(slots[name], source_due) for name, source_due in due.items()}
        for name, at in begins.items():
            self._slots(name, slots[name], at)
        self._scheduler.add_job(self._put, "interval", [Seal()], id="seal", seconds=int(SEAL_EVERY.total_seconds()))
        return begins

    def again(self, name: str, at: datetime) -> None:
        """Let a source begin at this time too, beside its slots."""
        self._scheduler.add_job(self._put, "date", [Run(name)], id=f"again {name}", run_date=at, replace_existing=True)

    def verify(self, at: datetime, every: timedelta) -> None:
        """Let the store be verified at this time, and then at this interval."""
        slots = IntervalTrigger(seconds=int(every.total_seconds()), start_date=at, timezone=UTC)
        self._scheduler.add_job(self._put, slots, [Verify()], id="verify", next_run_time=at, replace_existing=True)

    def _begin(self, slots: Slots, due: Due) -> datetime:
        if isinstance(slots, Calendar) and due.at > datetime.now(UTC):
            return due.at  # it is spread by its own jitter, and at its own time otherwise
        return due.at + self._jitter * random.random()  # noqa: S311  no secret

    def _slots(self, name: str, slots: Slots, begin: datetime) -> None:
        trigger = (
            _SlotsTrigger(slots)
            if isinstance(slots, Calendar)
            # They follow each other by the interval alone: a jitter of each would let them drift.
            else IntervalTrigger(seconds=int(slots.longest.total_seconds()), start_date=begin, timezone=UTC)
        )
        self._scheduler.add_job(self._put, trigger, [Run(name)], id=f"slot {name}", next_run_time=begin)


class _SlotsTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Lets the scheduler follow slots by the calendar."""

    def __init__(self, slots: Calendar) -> None:
        self._slots = slots

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return the next slot, with a jitter of its own."""
        jitter = self._slots.jitter or timedelta(0)
        # One that comes late by its jitter must not come twice.
        begun = now if previous is None else max(now, previous)
        return self._slots.after(begun) + jitter * random.random()  # noqa: S311  no secret
