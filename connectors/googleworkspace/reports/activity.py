"""Changes by administrators in the Admin console and by its APIs: a population of changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from collector.core.change_summary import ChangeSummary
from collector.core.connectors import Listed
from collector.core.errors import Unexpected
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import AUDIT

LIST = "reports.activities.list"


def admin_change_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return the summary of an entry: what was done, and by whom. Google knows no approver of it."""
    events, actor = body.get("events"), body.get("actor")
    names = [str(event.get("name", "")) for event in events or () if isinstance(event, Mapping)]
    author = actor.get("email") or actor.get("key") or "" if isinstance(actor, Mapping) else ""
    return ChangeSummary(title=", ".join(name.replace("_", " ").lower() for name in names), author=str(author))


@resource(
    "googleworkspace.reports.activity",
    key=("time", "qualifier"),
    volatile=("etag",),
    redact=("ipAddress", "networkInfo"),
    event_time="time",
    summary=admin_change_summary,
)
class AdminActivity(Struct, frozen=True, kw_only=True):
    """An entry of the log of administrators: one or several events, by one person, at one time."""

    time: str
    qualifier: str


@googleworkspace.collects(AdminActivity, at="customer", call=LIST, permissions=AUDIT)
def admin_activities(client: Workspace) -> Listed:
    of_admins: dict[str, Any] = {"userKey": "all", "applicationName": "admin", "customerId": client.customer}
    start = client.clock(LIST, **of_admins, maxResults=1) - client.settings.window
    entries = client.pages(LIST, key="items", **of_admins, maxResults=1000, startTime=f"{start:%Y-%m-%dT%H:%M:%SZ}")
    for entry in entries:
        if not isinstance(entry.get("id"), dict) or not {"time", "uniqueQualifier"} <= entry["id"].keys():
            raise Unexpected("an entry of the log of administrators has no id")
        yield {**entry, "time": entry["id"]["time"], "qualifier": entry["id"]["uniqueQualifier"]}
