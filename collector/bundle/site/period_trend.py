"""How many findings failed over the period, by severity: what was observed, with gaps where nobody looked."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from collector.bundle.site.open_ages import UNKNOWN
from collector.core.periods import SlotState
from collector.pages.charts import Column
from collector.report.findings.finding_filter import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collector.core.periods import Stretch
    from collector.report.periods.period_views import CheckPeriod

_MOST = 400
"""Columns; no screen shows more."""

_DAY = timedelta(days=1)
_NOT_LOOKED = (SlotState.MISSED, SlotState.NOT_OBSERVED)


def failing_over(checks: Sequence[CheckPeriod], start: datetime, end: datetime) -> list[Column]:
    """Return the failing findings over a period, equal neighbours as one; by the day, or longer in a long period.

    A check that was not evaluated in a column is not in its numbers, and is counted beside them: nothing is carried on
    from one observation to the next.
    """
    step = max(_DAY, (end - start) / _MOST)
    borders = [start]
    while borders[-1] + step < end:
        borders.append(borders[-1] + step)
    columns: list[Column] = []
    walks = [(check, iter(check.stretches)) for check in checks]
    at = [(check, walk, next(walk, None)) for check, walk in walks]
    for left, right in pairwise([*borders, end]):
        at = [(check, walk, _until(walk, here, left)) for check, walk, here in at]
        column = _column([(check.severity, here) for check, _, here in at], left, right)
        last = columns[-1] if columns else None
        if last is not None and (last.counts, last.unseen) == (column.counts, column.unseen):
            columns[-1] = Column(start=last.start, end=right, counts=last.counts, unseen=last.unseen)
        else:
            columns.append(column)
    return columns


def _until(walk: Iterator[Stretch], here: Stretch | None, at: datetime) -> Stretch | None:
    """Return the stretch in which a moment lies."""
    while here is not None and here.until <= at:
        here = next(walk, None)
    return here


def _column(checks: Sequence[tuple[str, Stretch | None]], start: datetime, end: datetime) -> Column:
    counts = dict.fromkeys((*SEVERITIES, UNKNOWN), 0)
    unseen = 0
    for severity, stretch in checks:
        if stretch is None or stretch.shown in _NOT_LOOKED:
            unseen += 1
        elif stretch.shown is SlotState.FAIL:
            counts[severity if severity in counts else UNKNOWN] += stretch.fails
    if unseen == len(checks):
        return Column(start=start, end=end, counts=None)
    return Column(start=start, end=end, counts=counts, unseen=unseen)
