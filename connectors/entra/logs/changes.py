"""Changes of the directory in the window of the source: policies, roles, consents, and who made them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import DIRECTORY_AUDITS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_CATEGORIES = ("ApplicationManagement", "AuthorizationPolicy", "Policy", "RoleManagement")
_MOST_A_PAGE = 999


@resource(
    "entra.audit.directory_audit",
    key="id",
    event_time="activityDateTime",
    redact=("initiatedBy.user.ipAddress", Redact("initiatedBy.user.displayName")),
)
class DirectoryChange(Struct, frozen=True, kw_only=True, rename="camel"):
    """A change, or an attempt at one."""

    id: str
    activity_date_time: datetime
    activity_display_name: str
    category: str
    result: str | None  # null: Microsoft does not say


@entra.collects(
    DirectoryChange, at="tenant", call=DIRECTORY_AUDITS, permissions=permissions(DIRECTORY_AUDITS), eventual=True
)
def directory_changes(client: Graph) -> Iterator[Body]:
    since = (datetime.now(UTC) - client.settings.window).strftime("%Y-%m-%dT%H:%M:%SZ")
    wanted = " or ".join(f"category eq '{category}'" for category in _CATEGORIES)
    options = {"filter": f"activityDateTime ge {since} and ({wanted})", "top": _MOST_A_PAGE}
    return client.pages(DIRECTORY_AUDITS, lambda graph: graph.audit_logs.directory_audits, options)
