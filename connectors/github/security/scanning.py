"""Code scanning and secret scanning: the latest analysis, and alerts of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Status, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.errors import SWITCHED_OFF
from connectors.github._sdk.generic_secrets import GENERIC_PATTERNS
from connectors.github.security.alert_limits import OpenAlert, age_verdict

_CODE = "Repository Code scanning alerts: read"
_ANALYSES = "GET /repos/{owner}/{repo}/code-scanning/analyses"
_SECRETS = "GET /repos/{owner}/{repo}/secret-scanning/alerts"
_MAX_ANALYSES = 100
"""How many analyses of the default branch are read, the newest ones."""


class Tool(Struct, frozen=True, kw_only=True):
    """What made an analysis; GitHub documents the name as optional."""

    name: str | None = None


class Analysis(Struct, frozen=True, kw_only=True):
    """One analysis of code scanning. `error` is empty where it succeeded; None where an earlier version left it out."""

    created_at: datetime
    tool: Tool = Tool()
    error: str | None = None


@resource("github.repo.code_scanning", volatile=("latest",))
class CodeScanning(Struct, frozen=True, kw_only=True):
    """The latest analyses of the default branch by code scanning, newest first, and at most _MAX_ANALYSES."""

    full_name: str
    archived: bool
    latest: tuple[Analysis, ...] | None  # None: GitHub says that there is no analysis, or that scanning is off


class ScanRule(Struct, frozen=True, kw_only=True):
    """The rule of an alert. A tool need not say how severe its findings are for security, though they are about it."""

    security_severity_level: str | None = None  # null or left out: the tool does not say
    tags: tuple[str, ...] | None = None  # null: none

    @property
    def lacks_severity(self) -> bool:
        """Whether the rule is about security, and does not say how severe it is.

        https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
        """
        return self.security_severity_level is None and "security" in (self.tags or ())


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


@resource(
    "github.repo.generic_secret_alert",
    key="number",
    volatile=("updated_at", "first_location_detected", "has_more_locations"),
    redact=(Redact("secret"),),
)
class GenericSecretAlert(Struct, frozen=True, kw_only=True):
    """An alert of secret scanning for a generic pattern, such as a password or a private key."""

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
    call=_ANALYSES,
    permissions=_CODE,
    absent=("404 no analysis found", SWITCHED_OFF),
)
def latest_analysis(client: GitHub, _body: Body) -> Any:
    ref = f"refs/heads/{client.repository_details()['default_branch']}"
    analyses = islice(client.pages(_ANALYSES, query={"ref": ref, "per_page": _MAX_ANALYSES}), _MAX_ANALYSES)
    return [{name: analysis[name] for name in ("created_at", "tool", "error")} for analysis in analyses]


@github.collects(
    CodeScanningAlert, at="repository", call="GET /repos/{owner}/{repo}/code-scanning/alerts", permissions=_CODE
)
def code_scanning_alerts(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/code-scanning/alerts")


@github.collects(
    SecretScanningAlert,
    at="repository",
    call=_SECRETS,
    permissions="Repository Secret scanning alerts: read",
)
def secret_scanning_alerts(client: GitHub) -> Iterator[Body]:
    yield from client.pages(_SECRETS, query={"hide_secret": "true"})


@github.collects(
    GenericSecretAlert, at="repository", call=_SECRETS, permissions="Repository Secret scanning alerts: read"
)
def generic_secret_alerts(client: GitHub) -> Iterator[Body]:
    yield from client.pages(_SECRETS, query={"hide_secret": "true", "secret_type": GENERIC_PATTERNS})


@check(
    "github_repo_code_scanning_active",
    title="Code scanning looked at the default branch lately",
    severity="medium",
    fix="Set up code scanning, on every push to the default branch and at least weekly",
)
def scanning_active(  # noqa: PLR0911  one for each thing that may be missing
    scanning: CodeScanning,
    *,
    now: datetime,
    max_age: timedelta = timedelta(days=30),
    scanners: tuple[str, ...] = ("CodeQL", "Semgrep", "SonarQube", "Snyk", "Checkmarx", "Veracode", "Coverity"),
    not_scanners: tuple[str, ...] = ("Scorecard",),
) -> Verdict:
    name = scanning.full_name
    if scanning.archived:
        return not_applicable(f"{name} is archived: nothing can be pushed to it")
    if scanning.latest is None:
        return failed(f"code scanning of {name} is off, or has no analysis of the default branch")
    counted = [analysis for analysis in scanning.latest if not _is_one_of(analysis.tool, not_scanners)]
    if not counted:
        return failed(f"nothing that looks at code analysed the default branch of {name}{_others(scanning.latest)}")
    recent = [analysis for analysis in counted if now - analysis.created_at <= max_age]
    succeeded = [analysis for analysis in recent if analysis.error == ""]
    if good := [analysis for analysis in succeeded if _is_one_of(analysis.tool, scanners)]:
        return passed(f"{name} was last analysed {(now - good[0].created_at).days} days ago, by {good[0].tool.name}")
    if succeeded:
        tools = ", ".join(sorted({analysis.tool.name or "a tool without a name" for analysis in succeeded}))
        return unknown(f"{name} was analysed by {tools}; whether that scans code is said by the limit scanners")
    if any(analysis.error is None for analysis in recent):
        return unknown(f"whether the analyses of {name} ended with an error was not kept by the version that read them")
    if len(scanning.latest) >= _MAX_ANALYSES and now - scanning.latest[-1].created_at <= max_age:
        return unknown(f"only the latest {len(scanning.latest)} analyses of {name} were read, and none of them counts")
    if recent:
        return failed(f"all {len(recent)} analyses of {name} in the last {max_age.days} days ended with an error")
    age = now - counted[0].created_at
    return failed(f"{name} was last analysed {age.days} days ago; {max_age.days} are allowed")


def _is_one_of(tool: Tool, names: tuple[str, ...]) -> bool:
    """Whether a tool has one of the names, or one of them and a word more, as `Semgrep OSS` and `Semgrep PRO` have."""
    given = (tool.name or "").casefold()
    return any(given == name.casefold() or given.startswith(f"{name.casefold()} ") for name in names)


def _others(analyses: tuple[Analysis, ...]) -> str:
    tools = sorted({analysis.tool.name or "a tool without a name" for analysis in analyses})
    return f" ({', '.join(tools)} looks at other things)" if tools else ""


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
    open_alerts: list[OpenAlert] = []
    unclear: list[str] = []
    for alert in alerts:
        if alert.state != "open":
            continue
        name, age = f"alert {alert.number}", now - alert.created_at
        open_alerts.append(OpenAlert(name, alert.rule.security_severity_level or "none", age))
        if alert.rule.lacks_severity and age > min(critical, high):
            unclear.append(name)
    verdict = age_verdict(open_alerts, {"critical": critical, "high": high})
    if unclear and verdict.status is not Status.FAIL:
        return unknown(f"{first_few(unclear)}: the tool does not say how severe they are for security")
    return verdict


@check(
    "github_repo_secret_alerts_resolved",
    title="Secrets found in the repository are dealt with in time",
    severity="critical",
    fix="Revoke the secret where it is valid, then close the alert as revoked",
)
def secrets_resolved(
    alerts: All[SecretScanningAlert],
    generic: All[GenericSecretAlert],
    *,
    now: datetime,
    max_open: timedelta = timedelta(days=3),
) -> Verdict:
    def open_ones(listed: Iterable[SecretScanningAlert | GenericSecretAlert]) -> list[OpenAlert]:
        return [
            OpenAlert(f"alert {alert.number}", alert.secret_type_display_name, now - alert.created_at)
            for alert in listed
            if alert.state == "open"
        ]

    ordinary = open_ones(alerts)
    verdict = age_verdict(ordinary, {alert.severity: max_open for alert in ordinary})
    if verdict.status is Status.FAIL:
        return verdict  # whatever is known of generic patterns
    both = ordinary + open_ones(generic)
    return age_verdict(both, {alert.severity: max_open for alert in both})
