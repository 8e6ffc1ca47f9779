"""After how long a session in the browser ends that nobody uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import ACTIVITY_TIMEOUT, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_EVERY_OTHER = "default"
"""What a policy calls all applications that it does not name.

https://learn.microsoft.com/graph/api/resources/activitybasedtimeoutpolicy"""


@resource("entra.policy.activity_timeout", key="id")
class ActivityTimeout(Struct, frozen=True, kw_only=True, rename="camel"):
    """A policy of idle sessions; `definition` is JSON as text."""

    id: str
    is_organization_default: bool | None  # null: not the default
    definition: tuple[str, ...]


@entra.collects(ActivityTimeout, at="tenant", call=ACTIVITY_TIMEOUT, permissions=permissions(ACTIVITY_TIMEOUT))
def activity_timeouts(client: Graph) -> Iterator[Body]:
    return client.pages(ACTIVITY_TIMEOUT, lambda graph: graph.policies.activity_based_timeout_policies)


@check(
    "entra_admin_session_idle_timeout",
    title="Web sessions have an idle timeout",
    severity="low",
    fix="Set an idle session timeout for Microsoft 365 in the admin center",
)
def session_idle_timeout(policies: All[ActivityTimeout], *, longest: timedelta = timedelta(minutes=60)) -> Verdict:
    found = [item for policy in policies if policy.is_organization_default for item in _spans(policy)]
    if not found:
        return failed("no session ends because nobody uses it")
    if any(span is None for _, span in found):
        return unknown("after how long sessions end that nobody uses is written in a way that is not known")
    worst = max(span for _, span in found if span is not None)
    minutes = f"{worst.total_seconds() / 60:.0f} minutes; {longest.total_seconds() / 60:.0f} are allowed"
    said = f"sessions that nobody uses end after {minutes}"
    if worst > longest:
        return failed(said)
    names = {name for name, _ in found}
    if _EVERY_OTHER not in names:
        return unknown(f"{said}, at these applications alone: {', '.join(sorted(names))}")
    return passed(said)


def _spans(policy: ActivityTimeout) -> Iterator[tuple[str, timedelta | None]]:
    """Yield each application that a policy is about with its span; None for one that cannot be read."""
    for text in policy.definition:
        try:
            found: Any = json.loads(text)["ActivityBasedTimeoutPolicy"]["ApplicationPolicies"]
            for item in found:
                yield str(item["ApplicationId"]).lower(), _span(str(item["WebSessionIdleTimeout"]))
        except (ValueError, LookupError, TypeError):
            yield "", None


def _span(text: str) -> timedelta:
    """Return the span of `dd.hh:mm:ss`, of which days are left out where there are none. Raises ValueError."""
    hours, minutes, seconds = text.split(":")
    days, _, hours = hours.rpartition(".")
    return timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=int(seconds))
