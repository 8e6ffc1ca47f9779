"""What a run says of quotas before it starts: whether it fits into the share, and how long it takes otherwise."""

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


def quota_line(told: Forecast) -> str:
    """Say what a run asks of one quota, and over which time it spreads itself where that is more than the share."""
    least = "at least " if told.guessed else ""
    asks = f"{', '.join(told.sources)}: {least}{plural(told.requests, 'request')} that count"
    may = f"the share of the quota allows {told.allowed_now} now and {told.allowed_each} every {show_span(told.span)}"
    if not told.exceeds:
        return f"{asks}; {may}, so nothing has to wait"
    return f"{asks}; {may}, so the run spreads itself over {least or 'about '}{_round(told.takes)}"


def _round(span: timedelta) -> str:
    minutes = ceil(span / timedelta(minutes=1))
    return plural(minutes, "minute") if minutes <= _LONG else plural(ceil(minutes / 60), "hour")
