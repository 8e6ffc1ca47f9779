"""The audit events of the group (Premium)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import OWN_ROLE, OWNER, USER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.roles import OWNER as OWNER_LEVEL

LOOKBACK = timedelta(days=2)
"""How far back events are read: twice the time between two runs, so that a late run misses none."""

_EVENTS = "GET /api/v4/groups/{group}/audit_events"


@resource(
    "gitlab.group.audit_event",
    key="id",
    event_time="created_at",
    redact=(
        Redact("ip_address"),
        Redact("details.ip_address"),
        Redact("details.author_email", keep="domain"),
    ),
)
class AuditEvent(Struct, frozen=True, kw_only=True):
    """An audit event of the group; those of its projects are lists of their own, which are not read."""

    id: int
    author_id: int
    created_at: datetime


@gitlab.collects(AuditEvent, at="group", call=(_EVENTS, USER, OWN_ROLE), permissions=OWNER)
def audit_events(client: GitLab) -> Iterator[Body]:
    client.require_role(OWNER_LEVEL, "GitLab then lists one's own audit events only")
    since = (client.now() - LOOKBACK).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield from client.paid(client.keyset(_EVENTS, {"created_after": since}))
