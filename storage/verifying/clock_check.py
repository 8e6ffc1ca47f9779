"""Find leaves dated before the leaf before them: the clock was set back. The order of leaves does not depend on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from storage.database.columns import read_micros

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
