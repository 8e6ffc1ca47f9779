"""Find what the log says of wrong clocks: leaves dated before the leaf before them, and runs that saw another time.

The order of leaves does not depend on a clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.core.clocks import CLOCK_ANOMALY, ClockAnomaly, last_of_each_run
from storage.database.columns import read_micros
from storage.tables.company_files import stated_leaves

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

NOTICED = timedelta(seconds=5)
"""Smaller steps back are usual corrections of clocks and are ignored."""

_BACKWARDS = (
    "SELECT count(*), min(idx) FROM"
    " (SELECT idx, lag(recorded_at) OVER (ORDER BY idx) - recorded_at AS back FROM log_leaf) AS steps WHERE back > ?"
)
_NEWEST = "SELECT recorded_at FROM log_leaf ORDER BY idx DESC LIMIT 1"


class DisagreeingClocks(NamedTuple):
    """What the runs of a log saw of clocks that differ beyond the limit: the first log entry, and each run's last word.

    `first` is None where there is none.
    """

    first: int | None
    runs: tuple[ClockAnomaly, ...]

    @property
    def collections(self) -> int:
        """How many collections saw a difference beyond the limit."""
        return sum(anomaly.beyond for anomaly in self.runs)

    @property
    def furthest(self) -> ClockAnomaly | None:
        """The run with the largest difference; None where there is none."""
        return max(self.runs, key=lambda anomaly: abs(anomaly.furthest.largest or timedelta()), default=None)


class Backwards(NamedTuple):
    """The number of leaves dated before the leaf before them, and the index of the first, None where there is none."""

    leaves: int
    first: int | None


def ran_backwards(connection: Connection) -> Backwards:
    """Return how often, and where first, the clock was set back between two leaves."""
    found = connection.exec_driver_sql(_BACKWARDS, (NOTICED // timedelta(microseconds=1),)).one()
    return Backwards(*found)


def newest_at(connection: Connection) -> datetime | None:
    """Return the recorded time of the newest leaf; None where there is none."""
    found: int | None = connection.exec_driver_sql(_NEWEST).scalar_one_or_none()
    return None if found is None else read_micros(found)


def disagreeing_clocks(connection: Connection) -> DisagreeingClocks:
    """Return what runs saw of this machine's clock and the platforms', over the whole log."""
    found = [
        (entry.leaf, msgspec.convert(entry.fact, ClockAnomaly))
        for entry in stated_leaves(connection, None, None, (CLOCK_ANOMALY,))
    ]
    return DisagreeingClocks(found[0][0] if found else None, tuple(last_of_each_run(fact for _, fact in found)))
