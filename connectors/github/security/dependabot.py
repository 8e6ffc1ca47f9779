"""Dependabot: whether it reports known vulnerabilities of dependencies, and its alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.security.alert_limits import OpenAlert, age_verdict

_ADMIN = "Repository Administration: read"


class AlertsState(Struct, frozen=True, kw_only=True):
    """Whether Dependabot alerts are enabled."""

    enabled: bool


@resource("github.repo.vulnerability_alerts")
class VulnerabilityAlerts(Struct, frozen=True, kw_only=True):
    """Whether Dependabot alerts and security updates are enabled for a repository."""

    full_name: str
    archived: bool
    alerts: AlertsState | None  # None: GitHub says that alerts are off
    security_fixes: AlertsState


class Vulnerability(Struct, frozen=True, kw_only=True):
    """The vulnerability that an alert is about."""

    severity: str


# The advisory beside the alert changes every day, so it is volatile and makes no new version of the alert.
@resource("github.repo.dependabot_alert", key="number", volatile=("security_advisory", "updated_at"))
class DependabotAlert(Struct, frozen=True, kw_only=True):
    """A Dependabot alert, open or not."""

    number: int
    state: str
    created_at: datetime
    security_vulnerability: Vulnerability


@github.collects(VulnerabilityAlerts, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def vulnerability_alerts(client: GitHub) -> Iterator[Body]:
    repository = client.repository_details()
    yield {"full_name": repository["full_name"], "archived": repository["archived"]}


# A credential without the permission gets a 404 as well, with another message.
@github.part(
    VulnerabilityAlerts,
    "alerts",
    call="GET /repos/{owner}/{repo}/vulnerability-alerts",
    permissions=_ADMIN,
    absent="404 Vulnerability alerts are disabled.",
)
def alerts_state(client: GitHub, _body: Body) -> Any:
    if client.request("GET /repos/{owner}/{repo}/vulnerability-alerts") is not None:
        raise Unexpected("GitHub answers without content where dependency alerts are on, and answered with some")
    return {"enabled": True}


@github.part(
    VulnerabilityAlerts,
    "security_fixes",
    call="GET /repos/{owner}/{repo}/automated-security-fixes",
    permissions=_ADMIN,
)
def security_fixes(client: GitHub, _body: Body) -> Any:
    return client.request("GET /repos/{owner}/{repo}/automated-security-fixes", having="enabled")


@github.collects(
    DependabotAlert,
    at="repository",
    call="GET /repos/{owner}/{repo}/dependabot/alerts",
    permissions="Repository Dependabot alerts: read",
)
def dependabot_alerts(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/dependabot/alerts")


@check(
    "github_repo_dependabot_alerts_enabled",
    title="GitHub reports known weaknesses of dependencies",
    severity="high",
    fix="Turn on Dependabot alerts for the repository, best by a security configuration",
)
def alerts_enabled(settings: VulnerabilityAlerts) -> Verdict:
    if settings.archived:
        return not_applicable(
            f"{settings.full_name} is archived; GitHub has no dependency alerts for archived repositories"
        )
    if settings.alerts is None:
        return failed(f"dependency alerts of {settings.full_name} are off")
    return passed()


@check(
    "github_repo_dependabot_alerts_within_sla",
    title="No dependency alert is open for longer than its severity allows",
    severity="high",
    fix="Upgrade the dependency, or dismiss the alert with the reason",
)
def alerts_in_time(
    alerts: All[DependabotAlert],
    *,
    now: datetime,
    critical: timedelta = timedelta(days=7),
    high: timedelta = timedelta(days=30),
    medium: timedelta = timedelta(days=90),
) -> Verdict:
    limits = {"critical": critical, "high": high, "medium": medium}
    late = [
        OpenAlert(f"alert {alert.number}", alert.security_vulnerability.severity, now - alert.created_at)
        for alert in alerts
        if alert.state == "open"
    ]
    return age_verdict(late, limits)
