"""Which alerts a route takes, and whether it may send now."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.report.findings.finding_filter import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import Route

_ALWAYS = frozenset({"baseline", "test"})


def takes(route: Route, alert: Alert) -> bool:
    """Return whether an alert goes to a route. What has no owner, framework or source of its own goes to all."""
    if alert.kind in _ALWAYS:
        return True
    return (
        SEVERITIES.index(alert.severity) <= SEVERITIES.index(route.severity)
        and (not route.kinds or alert.kind in route.kinds)
        and _is_among(alert.owner, route.owners)
        and _is_among(alert.source, route.sources)
        and (not route.frameworks or not alert.frameworks or bool(set(route.frameworks) & set(alert.frameworks)))
        and (route.over or not alert.over)
    )


def _is_among(value: str, wanted: tuple[str, ...]) -> bool:
    # Not to know whose it is must not mean that nobody hears of it.
    return not wanted or not value or value in wanted


def sendable(route: Route, alerts: Iterable[Alert], now: datetime) -> list[Alert]:
    """Return those that may be sent now: outside of quiet hours, and with a digest those from before its last slot."""
    quiet, digest = is_quiet(route, now), route.digests
    found = []
    for alert in alerts:
        if digest is not None and next(digest.after(alert.at), now) > now:
            continue
        if not quiet or alert.severity == "critical":
            found.append(alert)
    return found


def is_quiet(route: Route, now: datetime) -> bool:
    """Return whether a moment is in the quiet hours of a route, which may go over midnight."""
    hours = route.quiet_hours
    if hours is None:
        return False
    begin, end = hours
    moment = now.astimezone(ZoneInfo(route.time_zone)).time()
    return begin <= moment < end if begin <= end else moment >= begin or moment < end
