"""Changes of access by the log of admin activity, where the company lets it be read (`changes`).

Google keeps this log for 400 days. Whoever may read it may read every entry of every log of the project, which is why
nothing of it is read by default. An entry names the one who made the change, and says of a policy what was changed;
requests and answers, addresses and devices are not kept.
https://cloud.google.com/logging/docs/audit/understanding-audit-logs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.change_summary import ChangeSummary
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.powers import READ_ENTRIES
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.settings import LOG_ENTRIES
from connectors.gcp.resourcemanager.resources import GET_ORGANIZATION, GET_PROJECT

ENTRIES = Operation("logging", "v2", LOG_ENTRIES)
MOST_PAGES = 100
"""The pages of 1000 entries that are read of a project in one run."""

_A_PAGE = 1000
_ACTIVITY = 'log_id("cloudaudit.googleapis.com/activity")'
OF_ACCESS = (
    '(protoPayload.methodName:("SetIamPolic" OR "setIamPermissions")'
    ' OR protoPayload.serviceName=("iam.googleapis.com" OR "orgpolicy.googleapis.com"'
    ' OR "accesscontextmanager.googleapis.com"))'
)
"""Policies of resources, and what changes them by itself: roles, accounts and keys, deny policies, constraints."""

OF_KEYS = (
    'protoPayload.serviceName="iam.googleapis.com"'
    ' AND protoPayload.methodName:("CreateServiceAccountKey" OR "UploadServiceAccountKey")'
)
"""Keys of service accounts, those that were deleted since too."""

_KEPT = ("timestamp", "insertId", "logName", "severity", "resource")
_KEPT_OF_PAYLOAD = ("serviceName", "methodName", "resourceName", "status")


def change_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return what a sampling sheet says of a change. Google knows no approver of it."""
    done = body.get("protoPayload") or {}
    refused = (done.get("status") or {}).get("code")
    return ChangeSummary(
        title=f"{done.get('methodName', '')} on {done.get('resourceName', '')}",
        author=str((done.get("authenticationInfo") or {}).get("principalEmail") or ""),
        notes=(f"Google refused it: code {refused}",) if refused else (),
    )


class LogEntry(Struct, frozen=True, kw_only=True, rename="camel"):
    """An entry of the log of admin activity."""

    logged_at: datetime = field(name="timestamp")
    insert_id: str


@resource("gcp.logging.access_change", key=("timestamp", "insertId"), event_time="timestamp", summary=change_summary)
class AccessChange(LogEntry, frozen=True, kw_only=True):
    """A change in a project of who may do what."""


@resource(
    "gcp.logging.inherited_access_change",
    key=("logName", "timestamp", "insertId"),
    event_time="timestamp",
    summary=change_summary,
)
class InheritedAccessChange(LogEntry, frozen=True, kw_only=True):
    """A change in the organization itself of who may do what; everything below inherits it."""


@resource("gcp.logging.key_creation", key=("timestamp", "insertId"), event_time="timestamp", summary=change_summary)
class KeyCreation(LogEntry, frozen=True, kw_only=True):
    """The making of a key of a service account of a project."""


@gcp.collects(
    AccessChange,
    at="project",
    call=(GET_PROJECT.id, ENTRIES.id),
    permissions=("resourcemanager.projects.get", READ_ENTRIES),
    when=lambda settings: "access" in settings.changes,
)
def access_changes(client: GoogleCloud) -> Iterator[Body]:
    yield from _entries(client, GET_PROJECT, client.name, OF_ACCESS)


@gcp.collects(
    KeyCreation,
    at="project",
    call=(GET_PROJECT.id, ENTRIES.id),
    permissions=("resourcemanager.projects.get", READ_ENTRIES),
    when=lambda settings: "keys" in settings.changes,
)
def key_creations(client: GoogleCloud) -> Iterator[Body]:
    yield from _entries(client, GET_PROJECT, client.name, OF_KEYS)


@gcp.collects(
    InheritedAccessChange,
    at="source",
    call=(GET_ORGANIZATION.id, ENTRIES.id),
    permissions=("resourcemanager.organizations.get", READ_ENTRIES),
    when=lambda settings: "access" in settings.changes and settings.organization is not None,
)
def inherited_access_changes(source: GoogleCloud) -> Iterator[Body]:
    yield from _entries(source, GET_ORGANIZATION, f"organizations/{source.settings.organization}", OF_ACCESS)


def _entries(client: GoogleCloud, dated: Operation, parent: str, wanted: str) -> Iterator[Body]:
    """Yield the entries of the window. Raises Unexpected after so many pages, with what there was by then."""
    end = client.clock(dated, name=parent)
    start = end - client.settings.changes_window
    body: dict[str, Any] = {
        "resourceNames": [parent],
        "filter": f'{_ACTIVITY} AND timestamp>="{_at(start)}" AND timestamp<"{_at(end)}" AND {wanted}',
        "orderBy": "timestamp asc",
        "pageSize": _A_PAGE,
    }
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        answer = client.whatever.ask(ENTRIES, body=body)
        yield from map(_kept, answer.get("entries", []))  # Google leaves an empty list out, before the last page too
        token = answer.get("nextPageToken")
        if not token:
            return
        if token in seen:
            raise Unexpected(f"{ENTRIES} gave the same next page twice")
        seen.add(token)
        body = {**body, "pageToken": token}
    raise Unexpected(
        f"the log of {parent} was cut after {MOST_PAGES} pages", mend="scan more often with a shorter changes_window"
    )


def _kept(entry: Body) -> Body:
    """Return what is kept of an entry: what was done, by whom and on what, and what became of a policy by it."""
    payload = entry["protoPayload"]
    who = payload.get("authenticationInfo", {})
    kept = {name: payload[name] for name in _KEPT_OF_PAYLOAD if name in payload}
    kept["authenticationInfo"] = {name: who[name] for name in ("principalEmail", "principalSubject") if name in who}
    delta = payload.get("serviceData", {}).get("policyDelta")
    if delta is not None:
        kept["serviceData"] = {"policyDelta": delta}
    return {**{name: entry[name] for name in _KEPT if name in entry}, "protoPayload": kept}


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
