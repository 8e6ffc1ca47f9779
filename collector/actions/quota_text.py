"""What a run says about quotas before it starts: whether it fits, and how long it takes if not."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from collector.core.plain_text import plural
from collector.core.spans import show_span

if TYPE_CHECKING:
    from collector.engine.forecast import Forecast

_LONG = 120
"""Minutes past which hours are counted."""


def quota_line(forecast: Forecast) -> str:
    """Return what a run needs of one quota, and over which time it spreads itself if that is too much."""
    least = "at least " if forecast.guessed else ""
    one = forecast.requests == 1
    unit = f"{forecast.unit.removesuffix('s')} that counts" if one else f"{forecast.unit} that count"
    of = f" {forecast.bucket}" if forecast.bucket else ""
    needs = f"{', '.join(forecast.sources)}: {least}{forecast.requests} {unit}"
    later = f"{forecast.allowed_each} every {show_span(forecast.span)}"
    may = f"the share of the quota{of} allows {forecast.allowed_now} now and {later}"
    if not forecast.exceeds:
        return f"{needs}; {may}, so nothing has to wait"
    return f"{needs}; {may}, so the run spreads itself over {least or 'about '}{_round(forecast.takes)}"


def _round(span: timedelta) -> str:
    minutes = ceil(span / timedelta(minutes=1))
    return plural(minutes, "minute") if minutes <= _LONG else plural(ceil(minutes / 60), "hour")
