"""Incidents of Microsoft Defender."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import INCIDENTS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_MOST_A_PAGE = 50


@resource(
    "m365.security.incident",
    key="id",
    redact=(
        Redact("assignedTo", keep="domain"),
        Redact("lastModifiedBy", keep="domain"),
        "comments.comment",
        "comments.createdByDisplayName",
        "description",
        "resolvingComment",
        "summary",
    ),
)
class Incident(Struct, frozen=True, kw_only=True, rename="camel"):
    """An incident of high severity."""

    id: str
    display_name: str | None  # null: it has no name
    severity: str
    status: str
    created_date_time: datetime


@entra.collects(Incident, at="tenant", call=INCIDENTS, permissions=permissions(INCIDENTS))
def incidents(client: Graph) -> Iterator[Body]:
    options = {"filter": "severity eq 'high'", "top": _MOST_A_PAGE}
    return client.pages(INCIDENTS, lambda graph: graph.security.incidents, options)


@check(
    "m365_high_incidents_handled",
    title="High-severity incidents are handled in time",
    severity="high",
    fix="Take the incident up, assign it, and resolve it",
)
def incidents_handled(incident: Incident, *, now: datetime, longest_open: timedelta = timedelta(days=7)) -> Verdict:
    name = incident.display_name or incident.id
    if incident.severity != "high":
        return not_applicable(f"{name} is of {incident.severity} severity")
    age = now - incident.created_date_time
    match incident.status:
        case "resolved" | "redirected" | "inProgress":
            return passed(f"{name} is {incident.status}")
        case "active" | "awaitingAction" if age > longest_open:
            return failed(f"{name} has been {incident.status} for {age.days} days; {longest_open.days} are allowed")
        case "active" | "awaitingAction":
            return passed(f"{name} has been {incident.status} for {age.days} days; {longest_open.days} are allowed")
        case other:
            return unknown(f"{name} is in a state that is not known: {other}")
