"""The last ninety days on the overview: what share of the checks failed each day, and what nobody looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.core.history import KeepsHistory
from collector.core.periods import period_of
from collector.report.periods.daily_series import daily_series
from collector.report.periods.period_history import period_history
from collector.report.periods.period_views import period_view
from collector.web.opened import OPENED

if TYPE_CHECKING:
    from collector.core.periods import Period
    from collector.report.periods.daily_series import Column
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_DAYS = timedelta(days=89)
"""Ninety days, the last included."""


def trend_of(pages: Pages, snapshot: Snapshot) -> list[Column] | None:
    """Return a column for each day up to that of the snapshot; None while the history is being read.

    Of what is opened only; empty where the store keeps no history, or no check was ever evaluated.
    """
    opened, last = OPENED.get(), snapshot.basis.at.astimezone(UTC).date()
    first = last - _DAYS if opened is None else min(max(last - _DAYS, opened.first), last)
    period = period_of(first, last, ZoneInfo("UTC"))
    return pages.parts.get(snapshot, f"trend since {first}", lambda: _made(snapshot, period), of_log=True)


def _made(snapshot: Snapshot, period: Period) -> list[Column]:
    reading = snapshot.reading
    store = reading.store
    if not isinstance(store, KeepsHistory):
        return []
    until = min(period.end, snapshot.basis.at)
    found = period_history(reading.app, store, store.history, period.start, until, reading.decides)
    # Up to the end of the last day, so that each planned observation is one day: nothing was recorded after `until`.
    found = replace(found, end=period.end)
    names = {check for check, _ in found.first}
    if not names:
        return []
    view = period_view(period, found, snapshot.assessment, checks=names)
    return list(daily_series(view.checks, period.start, period.end))
