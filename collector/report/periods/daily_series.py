"""How much failed over a period, day by day: what was observed, with gaps where nobody looked."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.core.periods import SlotState
from collector.report.findings.finding_cells import UNKNOWN_SEVERITY
from collector.report.findings.finding_filter import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.core.periods import Stretch
    from collector.report.periods.period_views import CheckPeriod

_MOST = 400
"""Columns; no screen shows more."""

_DAY = timedelta(days=1)
_WORST = (
    SlotState.FAIL,
    SlotState.UNKNOWN,
    SlotState.PASS,
    SlotState.NOTHING,
    SlotState.MISSED,
    SlotState.NOT_OBSERVED,
)
_NOT_LOOKED = (SlotState.MISSED, SlotState.NOT_OBSERVED)


class Column(Struct, frozen=True, kw_only=True):
    """A part of a period with the same numbers.

    `counts` are the failing findings by severity, the worst first; None where nobody looked. Of the checks, each in
    each source, `failing` fail, `unknown` decided nothing, `passing` do neither, and `unseen` were not evaluated then,
    though others were.
    """

    start: datetime
    end: datetime
    counts: Mapping[str, int] | None
    failing: int = 0
    unknown: int = 0
    passing: int = 0
    unseen: int = 0

    @property
    def checks(self) -> int:
        """The number of checks that were evaluated."""
        return self.failing + self.unknown + self.passing


def daily_series(checks: Sequence[CheckPeriod], start: datetime, end: datetime) -> Iterator[Column]:
    """Yield a column for each day of a period, or for each longer part of a long one.

    A check that was evaluated several times in a column counts with the worst. One that was not evaluated in it is not
    in its numbers, and is counted beside them: nothing is carried on from one observation to the next.
    """
    step = max(_DAY, (end - start) / _MOST)
    borders = [start]
    while borders[-1] + step < end:
        borders.append(borders[-1] + step)
    walks = [_Walk(check) for check in checks]
    for left, right in pairwise([*borders, end]):
        yield _column([(walk.severity, walk.worst(left, right)) for walk in walks], left, right)


def joined(columns: Iterator[Column]) -> list[Column]:
    """Return the columns with equal neighbours as one."""
    found: list[Column] = []
    for column in columns:
        last = found[-1] if found else None
        if last is not None and _numbers(last) == _numbers(column):
            found[-1] = Column(start=last.start, end=column.end, **_numbers(last))
        else:
            found.append(column)
    return found


def _numbers(column: Column) -> dict[str, Any]:
    return {name: getattr(column, name) for name in ("counts", "failing", "unknown", "passing", "unseen")}


class _Walk:
    """Goes through the stretches of a check once, part by part of the period."""

    def __init__(self, check: CheckPeriod) -> None:
        self.severity = check.severity
        self._rest = iter(check.stretches)
        self._here = next(self._rest, None)

    def worst(self, start: datetime, end: datetime) -> Stretch | None:
        """Return the worst of the stretches that reach into a part; parts are asked for in their order."""
        worst: Stretch | None = None
        while self._here is not None and self._here.since < end:
            if self._here.until > start and (worst is None or _rank(self._here) < _rank(worst)):
                worst = self._here
            if self._here.until > end:
                break
            self._here = next(self._rest, None)
        return worst


def _rank(stretch: Stretch) -> tuple[int, int]:
    return _WORST.index(stretch.shown), -stretch.fails


def _column(checks: Sequence[tuple[str, Stretch | None]], start: datetime, end: datetime) -> Column:
    counts = dict.fromkeys((*SEVERITIES, UNKNOWN_SEVERITY), 0)
    failing = unknown = passing = unseen = 0
    for severity, stretch in checks:
        if stretch is None or stretch.shown in _NOT_LOOKED:
            unseen += 1
        elif stretch.shown is SlotState.FAIL:
            failing += 1
            counts[severity if severity in counts else UNKNOWN_SEVERITY] += stretch.fails
        elif stretch.shown is SlotState.UNKNOWN:
            unknown += 1
        else:
            passing += 1
    if unseen == len(checks):
        return Column(start=start, end=end, counts=None)
    return Column(start=start, end=end, counts=counts, failing=failing, unknown=unknown, passing=passing, unseen=unseen)
