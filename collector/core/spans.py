"""Spans of time as people write them: 90d, 24h, 30m, 12mo."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SPAN = re.compile(r"^(\d+)\s*(s|m|h|d|w)$")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_span(text: str) -> timedelta:
    """Return the span that `text` names, such as "24h" or "90d". Raises ValueError that says what would do."""
    found = _SPAN.match(text.strip())
    if found is None:
        message = f"{text!r} is not a span of time; write a whole number and s, m, h, d or w, such as 24h or 90d"
        raise ValueError(message)
    try:
        return timedelta(**{_UNIT[found[2]]: int(found[1])})
    except OverflowError as error:
        message = f"{text!r} is longer than can be counted"
        raise ValueError(message) from error


def show_span(span: timedelta) -> str:
    """Write a span the way parse_span reads it, in its largest whole unit."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def show_time(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with a Z, to the microsecond only where there are any."""
    text = moment.astimezone(UTC).isoformat()
    return text.removesuffix("+00:00") + "Z"
