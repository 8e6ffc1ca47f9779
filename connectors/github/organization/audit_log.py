"""The audit log of the organization, and the streams by which an enterprise copies it to another place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed
from collector.core.errors import Unexpected
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from collector.core.spans import show_span
from connectors.github._sdk.client import CLOCK, GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.settings import Settings

LOOKBACK = timedelta(days=2)
"""How far back the log is read: twice the time between two runs, so that a late run misses no entry."""

_LOG = "GET /orgs/{org}/audit-log"


@resource(
    "github.org.audit_log",
    key="_document_id",
    redact=(
        Redact("actor_ip"),
        Redact("actor_location"),
        Redact("openssh_public_key"),
        Redact("external_identity_nameid"),
    ),
)
class AuditEvent(Struct, frozen=True, kw_only=True):
    """An entry of the audit log, without git traffic."""

    action: str | None = None  # GitHub leaves out what an entry does not have


@resource("github.org.audit_stream", key="id", redact=("stream_details",), volatile=("updated_at",))
class AuditStream(Struct, frozen=True, kw_only=True):
    """A stream of the enterprise's audit log to a place outside of GitHub."""

    id: int
    stream_type: str
    enabled: bool


def _names_enterprise(settings: Settings) -> bool:
    return settings.enterprise is not None


@github.collects(AuditEvent, at="organization", call=(_LOG, CLOCK), permissions="Organization Administration: read")
def audit_log(client: GitHub) -> Iterator[Body]:
    # GitHub does not count it; its Date header is what the window is counted from.
    client.request(CLOCK, having="resources")
    since = (client.now() - LOOKBACK).strftime("%Y-%m-%dT%H:%M:%SZ")
    for event in client.pages(_LOG, query={"phrase": f"created:>={since}", "include": "web"}):
        if "_document_id" not in event:
            raise Unexpected("an entry of the audit log has no id")
        yield event


@github.collects(
    AuditStream,
    at="organization",
    call="GET /enterprises/{enterprise}/audit-log/streams",
    permissions="read:audit_log of the enterprise",
    when=_names_enterprise,
)
def audit_streams(client: GitHub) -> Iterator[Body]:
    yield from client.items("GET /enterprises/{enterprise}/audit-log/streams")


@check(
    "github_org_audit_log_streamed",
    title="The audit log is kept outside of GitHub",
    severity="medium",
    fix="Stream the audit log of the enterprise, or let annexd read it at least once within the limit",
)
def audit_log_streamed(
    events: All[AuditEvent], streams: All[AuditStream], *, max_gap: timedelta = timedelta(hours=24)
) -> Verdict:
    # All[AuditEvent] raises unless the log was read completely and lately; annexd's own evidence is then a copy of it.
    count = sum(1 for _ in events)
    if max_gap <= LOOKBACK:
        return passed(f"annexd read {count} entries, the last {show_span(LOOKBACK)} of the log")
    enabled = [stream.stream_type for stream in streams if stream.enabled]
    if enabled:
        return passed(f"the log is streamed to {', '.join(enabled)}")
    return failed("no stream is enabled")
