"""What the pages are about: annexd as it is configured, its store, and the clock that says when a page is made."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from collector.core.errors import UsageError
from collector.engine.clock import SystemClock
from collector.report.state.known import Reading
from collector.web.opened import OPENED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.engine.clock import Clock
    from collector.setup.app import App


@dataclass(frozen=True)
class Site:
    """One store and the configuration that it is read with. `hosts` are the names by which the pages may be asked for.

    Only the names that are given are answered: a page of somebody else that gives this machine a name of its own
    (DNS rebinding) is refused. `patience` is how many seconds a page waits for a part that takes long to make.
    """

    app: App
    clock: Clock = field(default_factory=SystemClock)
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    is_secure: bool = False
    patience: float = 0.1

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        return self.clock.now()

    @contextmanager
    def reading(self, as_of: str = "") -> Iterator[Reading]:
        """Open the store for reading, as of a day or moment, or now. Raises UsageError, ConfigError and StoreError.

        What is not opened to whoever asks is not read.

        The store is opened for each request: what another process wrote meanwhile is seen, and a store that cannot be
        read any more is no page of yesterday.
        """
        now, opened, app = self.now(), OPENED.get(), self.app
        moment = moment_of(as_of, now) if as_of else None
        if opened is not None:
            moment, app = opened.moment(moment, now), opened.app
        with app.open_store(writer=False) as store:
            yield Reading(app, store, moment or now, as_of=moment)


def moment_of(text: str, now: datetime) -> datetime | None:
    """Return the moment that a day (its end, in UTC) or a time names; a time without a zone is in UTC. None is now.

    Raises UsageError on any other text, and on a moment to come.
    """
    try:
        day = date.fromisoformat(text)
        if day == now.astimezone(UTC).date():
            return None
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
    except (ValueError, OverflowError):
        moment = _time_of(text)
    if moment > now:
        raise UsageError(f"{text} is yet to come", mend="choose a moment that has passed")
    return moment


def _time_of(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} names no moment", mend="write a day (2026-03-31) or a time (2026-03-31 12:00, in UTC)"
        ) from None
