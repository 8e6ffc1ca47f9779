"""Changes of who may do what in a subscription, by its activity log: the population of a review of access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.change_summary import ChangeSummary
from collector.core.errors import Unexpected
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.operations import operation
from connectors.azure.authorization.resources import ASSIGNMENTS, READ_ASSIGNMENTS

EVENTS = operation(
    "GET /subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values", "2015-04-01"
)

# Azure keeps events for 90 days, and refuses a filter that begins before.
# https://learn.microsoft.com/azure/azure-monitor/platform/activity-log#retention-period
_KEPT = timedelta(days=89)
_PROVIDER = "Microsoft.Authorization"
_OF_ACCESS = ("microsoft.authorization/roleassignments/", "microsoft.authorization/roledefinitions/")
_ELEVATED = "microsoft.authorization/elevateaccess/action"


class Word(Struct, frozen=True, kw_only=True):
    """A word of the platform's; the localized one beside it is for people."""

    value: str


class Asked(Struct, frozen=True, kw_only=True):
    """What was asked for, and where."""

    action: str | None = None
    scope: str | None = None


def change_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return what a sampling sheet says of a change; who made it is redacted but for the domain."""
    asked = body.get("authorization") or {}
    name = (body.get("operationName") or {}).get("value", "")
    status = (body.get("status") or {}).get("value", "")
    scope = asked.get("scope") or body.get("resourceId") or ""
    return ChangeSummary(title=f"{name} ({status}) at {scope}", author=str(body.get("caller") or ""))


@resource(
    "azure.monitor.access_change",
    key="eventDataId",
    event_time="eventTimestamp",
    redact=(
        Redact("caller", keep="domain"),
        "claims.*",
        "httpRequest.clientIpAddress",
        "properties.requestbody",
        "properties.responseBody",
    ),
    summary=change_summary,
)
class AccessChange(Struct, frozen=True, kw_only=True, rename="camel"):
    """An event in which a role was given, taken away or changed; of one change there are several, by status."""

    event_data_id: str
    event_timestamp: datetime
    operation_name: Word
    status: Word
    authorization: Asked | None = None  # left out where nobody had to be asked


def is_of_access(body: Body) -> bool:
    """Whether an event is of roles: the provider has events of policies and locks, too."""
    name = str((body.get("operationName") or {}).get("value", "")).lower()
    return name.startswith(_OF_ACCESS) or name == _ELEVATED


@azure.collects(
    AccessChange,
    at="subscription",
    call=(ASSIGNMENTS, EVENTS),
    permissions=(READ_ASSIGNMENTS, "Microsoft.Insights/eventtypes/values/read"),
)
def access_changes(subscription: Azure) -> Iterator[Body]:
    """Those of the time for which Azure keeps them, until the time at which it answered with the assignments."""
    for _ in subscription.pages(ASSIGNMENTS):
        pass
    now = subscription.date
    if now is None:
        raise Unexpected(f"{ASSIGNMENTS} was answered without a date, from which the window of events is counted")
    begin, end = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now - _KEPT, now))
    span = f"eventTimestamp ge '{begin}' and eventTimestamp le '{end}'"
    for body in subscription.pages(EVENTS, query={"$filter": f"{span} and resourceProvider eq '{_PROVIDER}'"}):
        if is_of_access(body):
            yield body
