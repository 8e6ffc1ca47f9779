"""Checks of Defender for Cloud and of logs: the edge on both sides, nothing at all, not read."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.azure.compute.resources import VirtualMachine
from connectors.azure.monitor import checks as monitor
from connectors.azure.monitor.resources import LogWorkspace, SubscriptionDiagnostic
from connectors.azure.security import assessment_checks, checks
from connectors.azure.security.resources import Alert, Assessment, Contact, Pricing, SubAssessment
from tests.connectors.azure.estate import a_diagnostic
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    a_resource,
    ago,
    made,
    status,
    unread,
    verdict,
)

PLANS = (
    "VirtualMachines", "StorageAccounts", "SqlServers", "Containers", "KeyVaults", "Arm", "AppServices", "CosmosDbs",
    "OpenSourceRelationalDatabases",
)  # fmt: skip


def a_plan(name: str, **but: Any) -> Pricing:
    """A plan that is on."""
    properties = {"pricingTier": "Standard", "resourcesCoverageStatus": "FullyCovered"}
    return made(Pricing, {"name": name, "properties": properties}, properties=but)


def _plans(*others: Pricing) -> CompleteSet:
    changed = {plan.name: plan for plan in others}
    return CompleteSet(*(changed.get(name) or a_plan(name) for name in PLANS))


NONE, USED = CompleteSet(), CompleteSet("something")
OFF = {"pricingTier": "Free"}


KINDS = (
    "VirtualMachines", "StorageAccounts", "SqlServers", "Clusters", "Registries", "KeyVaults", "AppServices", "Cosmos",
    "PostgreSQL", "MySQL",
)  # fmt: skip


def _enabled(plans: Any, used: dict[str, Any] | None = None, **limits: Any) -> Status:
    sets = [(used or {}).get(name, USED) for name in KINDS]
    return status(checks.plans_enabled, plans, *sets, **limits)


@pytest.mark.parametrize(
    ("plans", "used", "limits", "expected"),
    [
        (_plans(), {}, {}, PASS),
        (_plans(a_plan("StorageAccounts", **OFF)), {}, {}, FAIL),
        (_plans(a_plan("StorageAccounts", **OFF)), {"StorageAccounts": NONE}, {}, PASS),
        (_plans(a_plan("StorageAccounts", **OFF)), {"StorageAccounts": UnreadSet()}, {}, UNKNOWN),
        (_plans(), {"StorageAccounts": UnreadSet()}, {}, PASS),
        (_plans(a_plan("Containers", **OFF)), {"Clusters": NONE}, {}, FAIL),
        (_plans(a_plan("Containers", **OFF)), {"Clusters": NONE, "Registries": NONE}, {}, PASS),
        (_plans(a_plan("Arm", **OFF)), {}, {}, FAIL),
        (_plans(a_plan("CosmosDbs", **OFF)), {}, {}, FAIL),
        (_plans(a_plan("CosmosDbs", **OFF)), {"Cosmos": NONE}, {}, PASS),
        (_plans(a_plan("OpenSourceRelationalDatabases", **OFF)), {"PostgreSQL": NONE}, {}, FAIL),
        (_plans(a_plan("OpenSourceRelationalDatabases", **OFF)), {"PostgreSQL": NONE, "MySQL": NONE}, {}, PASS),
        (_plans(a_plan("StorageAccounts", subPlan="PerTransaction")), {}, {}, PASS),
        (_plans(a_plan("VirtualMachines", resourcesCoverageStatus="PartiallyCovered")), {}, {}, FAIL),
        (_plans(a_plan("VirtualMachines", resourcesCoverageStatus=None)), {}, {}, PASS),
        (CompleteSet(*(a_plan(name) for name in PLANS if name != "KeyVaults")), {}, {}, UNKNOWN),
        (CompleteSet(), {}, {}, FAIL),
        (UnreadSet(), {}, {}, UNKNOWN),
        (_plans(), {}, {"extensions": ("StorageAccounts/OnUploadMalwareScanning",)}, FAIL),
        (
            _plans(a_plan("StorageAccounts", extensions=[{"name": "OnUploadMalwareScanning", "isEnabled": "False"}])),
            {},
            {"extensions": ("StorageAccounts/OnUploadMalwareScanning",)},
            FAIL,
        ),
        (
            _plans(a_plan("StorageAccounts", extensions=[{"name": "OnUploadMalwareScanning", "isEnabled": "True"}])),
            {},
            {"extensions": ("StorageAccounts/OnUploadMalwareScanning",)},
            PASS,
        ),
    ],
)
def test_plans_for_what_is_used(plans: Any, used: dict[str, Any], limits: dict[str, Any], expected: Status) -> None:
    """Of what is used is asked only where a plan is off; a plan that leaves resources out does not cover them."""
    assert _enabled(plans, used, **limits) is expected


CONTACT = {
    "isEnabled": True,
    "emails": "security@example.org",
    "notificationsByRole": {"state": "On", "roles": ["Owner"]},
    "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "High"}],
}


def a_contact(**but: Any) -> Contact:
    """A contact who is mailed alerts of high severity."""
    return made(Contact, {"name": "default", "properties": CONTACT}, properties=but)


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ([a_contact()], PASS),
        ([a_contact(notificationsSources=[{"sourceType": "Alert", "minimalSeverity": "Low"}])], PASS),
        ([a_contact(notificationsSources=[{"sourceType": "AttackPath", "minimalRiskLevel": "Low"}])], FAIL),
        ([a_contact(notificationsSources=None)], FAIL),
        ([a_contact(isEnabled=False)], FAIL),
        ([a_contact(emails="")], FAIL),
        ([a_contact(emails=..., notificationsByRole=...)], FAIL),
        ([a_contact(isEnabled=False), a_contact()], PASS),
        ([], FAIL),
    ],
)
def test_somebody_is_mailed(contacts: list[Contact], expected: Status) -> None:
    """An address, switched on, and alerts from a severity on that takes in those of high severity."""
    assert status(checks.contact_set, CompleteSet(*contacts)) is expected


def an_alert(days: float, **but: Any) -> Alert:
    """An alert of high severity that nobody has looked at for so many days."""
    properties = {
        "alertDisplayName": "A login from elsewhere", "severity": "High", "status": "Active",
        "startTimeUtc": ago(days), "timeGeneratedUtc": ago(days),
    }  # fmt: skip
    return made(Alert, {"id": "/a", "properties": properties}, properties=but)


@pytest.mark.parametrize(
    ("alerts", "plans", "expected"),
    [
        ([an_alert(6.9)], _plans(), PASS),
        ([an_alert(7.1)], _plans(), FAIL),
        ([an_alert(7.1, timeGeneratedUtc=None)], _plans(), FAIL),
        ([an_alert(90, status="Resolved"), an_alert(90, status="InProgress")], _plans(), PASS),
        ([an_alert(90, severity="Medium")], _plans(), PASS),
        ([], _plans(), PASS),
        ([], CompleteSet(a_plan("Arm", **OFF)), UNKNOWN),
        ([], CompleteSet(), UNKNOWN),
        ([an_alert(8)], UnreadSet(), FAIL),
        ([an_alert(1)], UnreadSet(), UNKNOWN),
    ],
)
def test_alerts_are_looked_at(alerts: list[Alert], plans: Any, expected: Status) -> None:
    """Where no plan is on, nothing raises alerts, and none says nothing."""
    assert status(checks.high_alerts_handled, CompleteSet(*alerts), plans) is expected


def a_machine(name: str = "web") -> VirtualMachine:
    """A machine."""
    properties = {"storageProfile": {"osDisk": {"osType": "Linux"}}}
    return made(VirtualMachine, a_resource(HERE, "Microsoft.Compute/virtualMachines", name, properties=properties))


UPDATES = ("e1145ab1-eb4f-43d8-911b-36ddf771d13f", "4ab6e3c5-74dd-8b35-9ab9-f61b30875b27")
PROTECTION = "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c"
VULNERABLE = "1195afff-c881-495e-9bc5-1486211ae03f"


def assessed(code: str, key: str = UPDATES[0], name: str = "web", since: float | None = None) -> Assessment:
    """What Defender says of a machine."""
    machine = a_machine(name).id.upper()
    said = {"code": code, "statusChangeDate": None if since is None else ago(since)}
    return made(
        Assessment,
        {
            "id": f"{machine}/providers/Microsoft.Security/assessments/{key}",
            "name": key,
            "properties": {"displayName": "d", "status": said, "resourceDetails": {"source": "Azure", "id": machine}},
        },
    )


@pytest.mark.parametrize(
    ("machines", "found", "expected"),
    [
        ([a_machine()], [assessed("Healthy")], PASS),
        ([a_machine()], [assessed("Healthy", UPDATES[1])], PASS),
        ([a_machine()], [assessed("Healthy"), assessed("Unhealthy", UPDATES[1])], FAIL),
        ([a_machine()], [assessed("NotApplicable")], UNKNOWN),
        ([a_machine()], [], UNKNOWN),
        ([a_machine()], [assessed("Healthy", "another")], UNKNOWN),
        ([a_machine(), a_machine("db")], [assessed("Healthy")], UNKNOWN),
        ([a_machine(), a_machine("db")], [assessed("Healthy"), assessed("Unhealthy", name="db")], FAIL),
        ([], [], NOTHING),
    ],
)
def test_machines_are_up_to_date(machines: list[Any], found: list[Any], expected: Status) -> None:
    """A machine of which Defender says nothing is not up to date for that."""
    assert status(assessment_checks.system_updates, CompleteSet(*machines), CompleteSet(*found)) is expected


@pytest.mark.parametrize(("code", "expected"), [("Healthy", PASS), ("Unhealthy", FAIL), ("NotApplicable", UNKNOWN)])
def test_machines_have_endpoint_protection(code: str, expected: Status) -> None:
    """By the recommendation of today or the retired one."""
    found = CompleteSet(assessed(code, PROTECTION))

    assert status(assessment_checks.endpoint_protection, CompleteSet(a_machine()), found) is expected


def a_finding(days: float, severity: str | None = "High", /, **but: Any) -> SubAssessment:
    """An open vulnerability of the machine, reported so many days ago."""
    properties = {
        "displayName": "CVE-2026-1", "status": {"code": "Unhealthy", "severity": severity}, "timeGenerated": ago(days),
        "additionalData": {"cve": [{"title": "CVE-2026-1"}]},
    }  # fmt: skip
    under = assessed("Unhealthy", VULNERABLE).id
    return made(SubAssessment, {"id": f"{under}/subAssessments/1", "properties": properties}, properties=but)


def within_sla(machines: CompleteSet, assessments: CompleteSet, findings: CompleteSet) -> Status:
    """The verdict on vulnerabilities."""
    return status(assessment_checks.vulnerabilities_within_sla, machines, assessments, findings)


NOT_A_VULNERABILITY: dict[str, Any] = {"additionalData": {"cve": ..., "benchmarks": []}}


@pytest.mark.parametrize(
    ("found", "since", "expected"),
    [
        ([], None, PASS),
        ([a_finding(31)], 100, FAIL),
        ([a_finding(1)], 29, PASS),
        ([a_finding(1)], 31, UNKNOWN),
        ([a_finding(1)], None, UNKNOWN),
        ([a_finding(31, "Medium")], 89, PASS),
        ([a_finding(91, "Medium")], 100, FAIL),
        ([a_finding(31, "Critical")], 100, FAIL),
        ([a_finding(31, None)], 100, FAIL),
        ([a_finding(900, "Low")], 900, PASS),
        ([a_finding(900, status={"code": "Healthy"})], 900, PASS),
        ([a_finding(900, **NOT_A_VULNERABILITY)], 900, PASS),
    ],
)
def test_vulnerabilities_are_fixed_in_time(found: list[Any], since: float | None, expected: Status) -> None:
    """The scanner's time is that of its latest report: what is younger may be older than it says."""
    parent = assessed("Unhealthy", VULNERABLE, since=since)

    assert (
        status(
            assessment_checks.vulnerabilities_within_sla,
            CompleteSet(a_machine()),
            CompleteSet(parent),
            CompleteSet(*found),
        )
        is expected
    )


def test_no_finding_says_nothing_of_a_machine_that_is_not_scanned() -> None:
    """An empty list of findings is what a missing scanner looks like."""
    nobody = status(
        assessment_checks.vulnerabilities_within_sla, CompleteSet(a_machine()), CompleteSet(), CompleteSet()
    )

    assert nobody is UNKNOWN
    assert status(assessment_checks.vulnerabilities_within_sla, CompleteSet(), CompleteSet(), CompleteSet()) is NOTHING


def a_setting(*categories: str, group: str = "", **but: Any) -> SubscriptionDiagnostic:
    """A diagnostic setting of the subscription."""
    logs = [{"category": category, "enabled": True} for category in categories]
    logs += [{"categoryGroup": group, "enabled": True}] if group else []
    return made(SubscriptionDiagnostic, a_diagnostic("s", "", logs=logs, **but))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([a_setting("Administrative", "Security", "Alert", "Policy")], PASS),
        ([a_setting("administrative", "SECURITY", "Alert", "Policy")], PASS),
        ([a_setting("Administrative", "Security"), a_setting("Alert", "Policy")], PASS),
        ([a_setting(group="allLogs")], PASS),
        ([a_setting(group="audit")], FAIL),
        ([a_setting("Administrative", "Security", "Alert")], FAIL),
        ([a_setting("Administrative", "Security", "Alert", "Policy", workspaceId="")], FAIL),
        ([made(SubscriptionDiagnostic, a_diagnostic("s", "Administrative"), properties={
            "logs": [{"category": "Administrative", "enabled": False}]})], FAIL),
        ([made(SubscriptionDiagnostic, a_diagnostic("s", "", logs=[
            {"category": name, "enabled": False} for name in ("Administrative", "Security", "Alert", "Policy")
        ]))], FAIL),
        ([], FAIL),
    ],
)  # fmt: skip
def test_the_activity_log_is_sent_on(settings: list[Any], expected: Status) -> None:
    """A setting that exists is not a setting that sends: categories, switched on, for somewhere."""
    assert status(monitor.activity_log_exported, CompleteSet(*settings)) is expected


def a_workspace(days: int | None = 365, **tables: int) -> LogWorkspace:
    """A workspace with tables, by the days that each keeps logs."""
    listed = [{"name": name, "properties": {"totalRetentionInDays": kept}} for name, kept in tables.items()]
    body = a_resource(HERE, "Microsoft.OperationalInsights/workspaces", "logs", tables=listed)
    return made(LogWorkspace, body, properties={"retentionInDays": days})


@pytest.mark.parametrize(
    ("workspace", "limits", "expected"),
    [
        (a_workspace(AzureActivity=365), {}, PASS),
        (a_workspace(364), {}, FAIL),
        (a_workspace(365, AzureActivity=364), {}, FAIL),
        (a_workspace(30, AzureActivity=730), {"tables": ("AzureActivity",)}, PASS),
        (a_workspace(365, AzureActivity=730, Perf=30), {"tables": ("azureactivity",)}, PASS),
        (a_workspace(365, AzureActivity=90), {"tables": ("AzureActivity",)}, FAIL),
        (a_workspace(-1, AzureActivity=-1), {}, PASS),
        (a_workspace(None), {}, UNKNOWN),
        (a_workspace(90, AzureActivity=90), {"retention_days": 90}, PASS),
    ],
)
def test_logs_are_kept(workspace: LogWorkspace, limits: dict[str, Any], expected: Status) -> None:
    """A table may keep logs for less than its workspace, and for longer in its archive."""
    assert status(monitor.workspace_retention, workspace, **limits) is expected


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (checks.contact_set, [UnreadSet()]),
        (checks.high_alerts_handled, [UnreadSet(), _plans()]),
        (assessment_checks.system_updates, [CompleteSet(a_machine()), UnreadSet()]),
        (assessment_checks.endpoint_protection, [UnreadSet(), CompleteSet()]),
        (assessment_checks.vulnerabilities_within_sla, [CompleteSet(), CompleteSet(), UnreadSet()]),
        (monitor.activity_log_exported, [UnreadSet()]),
        (monitor.workspace_retention, [unread(LogWorkspace)]),
    ],
)
def test_what_was_not_read_is_unknown(check: Check[...], evidence: list[Any]) -> None:
    """What could not be looked at is neither good nor bad."""
    assert status(check, *evidence) is UNKNOWN


def test_the_reason_names_plan_and_state() -> None:
    """So that somebody can turn it on."""
    sets = [USED] * len(KINDS)

    assert (
        "StorageAccounts is Free"
        in verdict(checks.plans_enabled, _plans(a_plan("StorageAccounts", **OFF)), *sets).reason
    )
