"""The verdict on how long alerts have been open, by limits for each severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from collector.core.checks import Verdict, failed, passed

_MAX_NAMED = 5


@dataclass(frozen=True)
class OpenAlert:
    """An open alert, its severity and its age."""

    name: str
    severity: str
    age: timedelta


def age_verdict(alerts: Iterable[OpenAlert], limits: Mapping[str, timedelta]) -> Verdict:
    """Return fail where an open alert is older than the limit of its severity; a severity without a limit passes."""
    open_alerts = list(alerts)
    late = [alert for alert in open_alerts if alert.severity in limits and alert.age > limits[alert.severity]]
    if not late:
        return passed(f"{len(open_alerts)} open alerts, none past its limit")
    late.sort(key=lambda alert: limits[alert.severity] - alert.age)
    details = ", ".join(
        f"{alert.name} ({alert.severity}) is {alert.age.days} days old, {limits[alert.severity].days} are allowed"
        for alert in late[:_MAX_NAMED]
    )
    rest = f", and {len(late) - _MAX_NAMED} more" if len(late) > _MAX_NAMED else ""
    return failed(f"{len(late)} of {len(open_alerts)} open alerts are late: {details}{rest}")
