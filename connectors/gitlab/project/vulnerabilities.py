"""Vulnerabilities that scans found on the default branch and that are neither resolved nor dismissed (Ultimate)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.errors import Denied, Unexpected
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import DEVELOPER, GRAPHQL
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab.project.secret_push import SECURITY, security_settings

OPEN = """query($path: ID!, $after: String) {
  project(fullPath: $path) { vulnerabilities(state: [DETECTED, CONFIRMED], first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id title state severity reportType detectedAt webUrl }
  } }
}"""


@resource("gitlab.project.vulnerability", key="id")
class Vulnerability(Struct, frozen=True, kw_only=True):
    """An open vulnerability. Its description and the code that it is in are not read."""

    id: str
    title: str | None  # None: the scan gave none
    severity: str | None  # None: GitLab has none for it
    detected_at: datetime = field(name="detectedAt")


@gitlab.collects(Vulnerability, at="project", call=(GRAPHQL, SECURITY), permissions=DEVELOPER)
def vulnerabilities(client: GitLab) -> Iterator[Body]:
    # The query answers with an empty list where the plan has no vulnerabilities, or the role may not see them; these
    # settings are shown to the same roles, on the same plan, and refused otherwise.
    security_settings(client)
    after: str | None = None
    seen: set[str] = set()
    while True:
        data = client.project_in(client.graphql(OPEN, {"path": client.project_path, "after": after}))
        page: Any = data.get("vulnerabilities")
        if not isinstance(page, dict):
            raise Denied(f"GitLab shows no vulnerabilities of {client.project_path} to this token", code="graphql")
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
        if after is None or after in seen:
            raise Unexpected("GitLab repeated a page of vulnerabilities")
        seen.add(after)


@check(
    "gitlab_project_vulnerabilities_within_sla",
    title="Vulnerabilities are fixed within the SLA",
    severity="high",
    fix="Fix the vulnerability, or dismiss it with a reason",
)
def within_sla(
    found: Vulnerability,
    *,
    now: datetime,
    critical: timedelta = timedelta(days=7),
    high: timedelta = timedelta(days=30),
    medium: timedelta = timedelta(days=90),
) -> Verdict:
    severity = (found.severity or "unknown").lower()
    name = f"{found.title or found.id} ({severity})"
    limits = {"critical": critical, "high": high, "medium": medium}
    if severity in {"low", "info"}:
        return passed(f"{name}: no time limit is set for it")
    if severity not in limits:
        return unknown(f"{name}: GitLab does not say how severe it is")
    days, allowed = (now - found.detected_at).days, limits[severity].days
    text = f"{name} was found {days} days ago"
    return passed(text) if now - found.detected_at <= limits[severity] else failed(f"{text}; {allowed} are allowed")
