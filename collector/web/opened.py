"""What is opened to whoever asks for a page, where that is not everything: framework versions and a period."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.errors import UsageError

if TYPE_CHECKING:
    from collector.setup.app import App


class Opened(Struct, frozen=True, kw_only=True):
    """annexd with the framework versions that are opened, and the period, both days included."""

    app: App
    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The moment at which the period begins."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    def moment(self, asked: datetime | None, now: datetime) -> datetime | None:
        """Return the moment that is read as of: the one asked for, or the end of a period that is over; None is now.

        Raises UsageError on a moment that is not in the period.
        """
        end = datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
        moment = asked if asked is not None else end if now > end else None
        if not self.start <= (moment or now) <= end:
            raise UsageError(
                f"only {self.first} to {self.last} is opened for this audit", mend="choose a moment of that period"
            )
        return moment


OPENED: ContextVar[Opened | None] = ContextVar("opened", default=None)
"""Of the request that is answered; None: everything. A function in a thread sees that of its request."""


def is_opened(moment: datetime) -> bool:
    """Whether what was done or seen at a moment is opened to whoever asks: nothing before the period is."""
    opened = OPENED.get()
    return opened is None or opened.start <= moment
