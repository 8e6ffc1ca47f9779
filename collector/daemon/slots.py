"""The slots of a source: when it is to be looked at, by an interval or by the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol

from collector.core.facts import MissedSlots
from collector.core.spans import show_span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from collector.setup.config import SourceConfig
    from collector.setup.cron import Cron


class Slots(Protocol):
    """When a source is due. `str` says it to people."""

    def after(self, at: datetime) -> datetime:
        """Return the first slot after a run that began at a moment."""
        ...

    def near(self, at: datetime) -> timedelta:
        """Return how long before a slot a run counts as that of the slot."""
        ...

    @property
    def longest(self) -> timedelta:
        """The longest time between two slots."""
        ...

    def missed(self, due: datetime, now: datetime) -> MissedSlots | None:
        """Return the slots from one that is due to the one before the newest; None where the newest is due."""
        ...


@dataclass(frozen=True)
class Interval:
    """A slot an interval, counted from the run before."""

    every: timedelta

    def __str__(self) -> str:
        return f"every {show_span(self.every)}"

    def after(self, at: datetime) -> datetime:
        """Return the first slot after a run that began at a moment."""
        return at + self.every

    def near(self, at: datetime) -> timedelta:
        """Return how long before a slot a run counts as that of the slot."""
        del at
        return self.every / 2

    @property
    def longest(self) -> timedelta:
        """The longest time between two slots."""
        return self.every

    def missed(self, due: datetime, now: datetime) -> MissedSlots | None:
        """Return the slots from one that is due to the one before the newest; None where the newest is due."""
        count = (now - due) // self.every
        return MissedSlots(count, due, due + (count - 1) * self.every) if count > 0 else None


@dataclass(frozen=True)
class Calendar:
    """The slots of a cron expression; each begins up to `jitter` later."""

    cron: Cron
    jitter: timedelta | None = None

    def __str__(self) -> str:
        return f"at {self.cron.expression} ({self.cron.time_zone})"

    def after(self, at: datetime) -> datetime:
        """Return the first slot after a run that began at a moment."""
        return next(self.cron.after(at), at + self.longest)

    def near(self, at: datetime) -> timedelta:
        """Return how long before a slot a run counts as that of the slot."""
        return (self.after(at) - at) / 2

    @property
    def longest(self) -> timedelta:
        """The longest time between two slots."""
        return self.cron.longest_gap

    def missed(self, due: datetime, now: datetime) -> MissedSlots | None:
        """Return the slots from one that is due to the one before the newest; None where the newest is due."""
        later = list(takewhile(lambda slot: slot <= now, self.cron.after(due)))
        return MissedSlots(len(later), due, [due, *later][-2]) if later else None


def slots_of(sources: Mapping[str, SourceConfig]) -> dict[str, Slots]:
    """Return the slots of each source."""
    return {
        name: Interval(source.every) if source.cron is None else Calendar(source.cron, source.jitter)
        for name, source in sources.items()
    }
