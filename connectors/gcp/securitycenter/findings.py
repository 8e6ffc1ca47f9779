"""Findings of Security Command Center that are open and severe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp

FINDINGS = Operation("securitycenter", "v1", "securitycenter.organizations.sources.findings.list")
_OPEN = 'state="ACTIVE" AND -mute="MUTED" AND (severity="HIGH" OR severity="CRITICAL")'


@resource("gcp.securitycenter.finding", key="name", volatile=("eventTime",), redact=("sourceProperties.*",))
class SecurityFinding(Struct, frozen=True, kw_only=True, rename="camel"):
    """An open finding of a high severity that nobody has muted."""

    name: str
    category: str
    severity: str
    resource_name: str
    create_time: datetime


@gcp.collects(
    SecurityFinding,
    at="source",
    call=FINDINGS.id,
    permissions="securitycenter.findings.list",
    when=lambda settings: settings.organization is not None,
)
def findings(source: GoogleCloud) -> Iterator[Body]:
    parent = f"organizations/{source.settings.organization}/sources/-"
    query = {"parent": parent, "filter": _OPEN, "pageSize": 1000}
    for result in source.google.pages(FINDINGS, key="listFindingsResults", **query):
        yield result["finding"]


@check(
    "gcp_securitycenter_high_findings_handled",
    title="High and critical findings are handled in time",
    severity="high",
    fix="Mend what the finding is about, or mute it with a reason",
)
def handled(finding: SecurityFinding, *, now: datetime, max_open: timedelta = timedelta(days=30)) -> Verdict:
    age = now - finding.create_time
    said = f"{finding.category} ({finding.severity}) of {finding.resource_name} has been open for {age.days} days"
    return passed(said) if age <= max_open else failed(f"{said}; {max_open.days} are allowed")
