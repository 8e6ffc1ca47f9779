"""Code scanning and secret scanning: the latest analysis, and alerts of both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.security.alert_limits import OpenAlert, age_verdict

_CODE = "Repository Code scanning alerts: read"
_SWITCHED_OFF_CODE = (
    "403 Code scanning is not enabled for this repository. Please enable code scanning in the repository settings."
)


class Analysis(Struct, frozen=True, kw_only=True):
    """One analysis of code scanning."""

    created_at: datetime


@resource("github.repo.code_scanning", volatile=("latest",))
class CodeScanning(Struct, frozen=True, kw_only=True):
    """The latest analysis of the default branch by code scanning."""

    full_name: str
    archived: bool
    latest: tuple[Analysis, ...] | None  # None: GitHub says that there is no analysis, or that scanning is off


class ScanRule(Struct, frozen=True, kw_only=True):
    """The rule of an alert."""

    security_severity_level: str | None = None  # null or left out: the rule is not about security


@resource(
    "github.repo.code_scanning_alert",
    key="number",
    volatile=("most_recent_instance", "updated_at"),
    redact=(Redact("most_recent_instance.message.text"),),
)
class CodeScanningAlert(Struct, frozen=True, kw_only=True):
    """An alert of code scanning, open or not."""

    number: int
    state: str | None  # null: the default branch was not analysed yet
    created_at: datetime
    rule: ScanRule


@resource(
    "github.repo.secret_scanning_alert",
    key="number",
    volatile=("updated_at", "first_location_detected", "has_more_locations"),
    redact=(Redact("secret"),),
)
class SecretScanningAlert(Struct, frozen=True, kw_only=True):
    """An alert of secret scanning. The secret itself is not requested, and redacted where GitHub sends it."""

    number: int
    state: str
    secret_type_display_name: str
    created_at: datetime


@github.collects(CodeScanning, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def code_scanning(client: GitHub) -> Iterator[Body]:
    repository = client.repository_details()
    yield {"full_name": repository["full_name"], "archived": repository["archived"]}


@github.part(
    CodeScanning,
    "latest",
    call="GET /repos/{owner}/{repo}/code-scanning/analyses",
    permissions=_CODE,
    absent=("404 no analysis found", _SWITCHED_OFF_CODE),
)
def latest_analysis(client: GitHub, _body: Body) -> Any:
    ref = f"refs/heads/{client.repository_details()['default_branch']}"
    analyses = client.items("GET /repos/{owner}/{repo}/code-scanning/analyses", query={"ref": ref, "per_page": 1})
    return [{"created_at": analysis["created_at"], "tool": analysis["tool"]} for analysis in analyses[:1]]


@github.collects(
    CodeScanningAlert, at="repository", call="GET /repos/{owner}/{repo}/code-scanning/alerts", permissions=_CODE
)
def code_scanning_alerts(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/code-scanning/alerts")


@github.collects(
    SecretScanningAlert,
    at="repository",
    call="GET /repos/{owner}/{repo}/secret-scanning/alerts",
    permissions="Repository Secret scanning alerts: read",
)
def secret_scanning_alerts(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/secret-scanning/alerts", query={"hide_secret": "true"})


@check(
    "github_repo_code_scanning_active",
    title="Code scanning looked at the default branch lately",
    severity="medium",
    fix="Set up code scanning, on every push to the default branch and at least weekly",
)
def scanning_active(scanning: CodeScanning, *, now: datetime, max_age: timedelta = timedelta(days=30)) -> Verdict:
    if scanning.archived:
        return not_applicable(f"{scanning.full_name} is archived: nothing can be pushed to it")
    if not scanning.latest:
        return failed(f"GitHub has no analysis of the default branch of {scanning.full_name}")
    age = now - scanning.latest[0].created_at
    age_text = f"{scanning.full_name} was last analysed {age.days} days ago"
    return passed(age_text) if age <= max_age else failed(f"{age_text}; {max_age.days} are allowed")


@check(
    "github_repo_code_scanning_alerts_within_sla",
    title="No finding of code scanning is open for longer than its severity allows",
    severity="medium",
    fix="Mend the code, or dismiss the alert with the reason",
)
def code_alerts_in_time(
    alerts: All[CodeScanningAlert],
    *,
    now: datetime,
    critical: timedelta = timedelta(days=14),
    high: timedelta = timedelta(days=30),
) -> Verdict:
    open_alerts = [
        OpenAlert(f"alert {alert.number}", alert.rule.security_severity_level or "none", now - alert.created_at)
        for alert in alerts
        if alert.state == "open"
    ]
    return age_verdict(open_alerts, {"critical": critical, "high": high})


@check(
    "github_repo_secret_alerts_resolved",
    title="Secrets found in the repository are dealt with in time",
    severity="critical",
    fix="Revoke the secret where it is valid, then close the alert as revoked",
)
def secrets_resolved(
    alerts: All[SecretScanningAlert], *, now: datetime, max_open: timedelta = timedelta(days=3)
) -> Verdict:
    open_alerts = [
        OpenAlert(f"alert {alert.number}", alert.secret_type_display_name, now - alert.created_at)
        for alert in alerts
        if alert.state == "open"
    ]
    return age_verdict(open_alerts, {alert.severity: max_open for alert in open_alerts})
