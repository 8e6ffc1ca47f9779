"""How long alerts may stay open, by severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from collector.core.checks import Verdict, failed, passed

_NAMED = 5


@dataclass(frozen=True)
class Late:
    """An open alert and its age."""

    name: str
    severity: str
    age: timedelta


def verdict_of(alerts: Iterable[Late], limits: Mapping[str, timedelta]) -> Verdict:
    """Fail where an open alert is older than the limit of its severity; a severity without limit has none."""
    some = list(alerts)
    late = [one for one in some if one.severity in limits and one.age > limits[one.severity]]
    if not late:
        return passed(f"{len(some)} open alerts, none past its limit")
    late.sort(key=lambda one: limits[one.severity] - one.age)
    named = ", ".join(
        f"{one.name} ({one.severity}) is {one.age.days} days old, {limits[one.severity].days} are allowed"
        for one in late[:_NAMED]
    )
    more = f", and {len(late) - _NAMED} more" if len(late) > _NAMED else ""
    return failed(f"{len(late)} of {len(some)} open alerts are late: {named}{more}")
