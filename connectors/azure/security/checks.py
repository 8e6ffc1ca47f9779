"""Checks of Defender for Cloud: plans for what is used, whom it mails, and what is done about what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.azure.compute.resources import VirtualMachine
from connectors.azure.containers.resources import AksCluster, Registry
from connectors.azure.keyvault.resources import Vault
from connectors.azure.security.resources import (
    Alert,
    Assessment,
    Contact,
    Pricing,
    SubAssessment,
)
from connectors.azure.sql.resources import SqlServer
from connectors.azure.storage.resources import StorageAccount
from connectors.azure.web.resources import Site

_ON = "Standard"
_WITH_HIGH = ("High", "Medium", "Low")
"""Severities from which on alerts are mailed, each of which takes in those of high severity."""


def lacks(pricing: Pricing | None, extensions: Iterable[str]) -> str:
    """Return why a plan that is needed does not cover what there is; empty where it does."""
    if pricing is None:
        return "is not on"
    plan = pricing.properties
    if plan.pricing_tier != _ON:
        return f"is {plan.pricing_tier}"
    if plan.resources_coverage_status in ("PartiallyCovered", "NotCovered"):
        return f"is on for the subscription, and {plan.resources_coverage_status} for what is in it"
    parts = {part.name.lower(): part.is_enabled for part in plan.extensions or ()}
    wanted = [name for plan_name, _, name in (each.partition("/") for each in extensions) if plan_name == pricing.name]
    off = [name for name in wanted if parts.get(name.lower(), "").lower() != "true"]
    return f"is on without {first_few(off)}" if off else ""


@check(
    "azure_defender_plans_enabled",
    title="Defender plans are on for used services",
    severity="high",
    fix="Turn the plans on in the environment settings of Defender for Cloud, with the parts that the company wants",
)
def plans_enabled(  # noqa: PLR0913, PLR0917  the services that plans are for
    pricings: All[Pricing],
    machines: All[VirtualMachine],
    accounts: All[StorageAccount],
    servers: All[SqlServer],
    clusters: All[AksCluster],
    registries: All[Registry],
    vaults: All[Vault],
    sites: All[Site],
    *,
    plans: tuple[str, ...] = (
        "VirtualMachines", "StorageAccounts", "SqlServers", "Containers", "KeyVaults", "Arm", "AppServices",
    ),
    extensions: tuple[str, ...] = (),
) -> Verdict:  # fmt: skip
    """What is not used needs no plan; of what is used is asked only where the plan is off.

    `extensions` are parts that have to be on as well, such as StorageAccounts/OnUploadMalwareScanning.
    """
    uses: Mapping[str, tuple[Any, ...]] = {
        "VirtualMachines": (machines,),
        "StorageAccounts": (accounts,),
        "SqlServers": (servers,),
        "Containers": (clusters, registries),
        "KeyVaults": (vaults,),
        "AppServices": (sites,),
    }
    by_name = {pricing.name: pricing for pricing in pricings}
    lacking: list[str] = []
    doubts: list[str] = []
    for plan in plans:
        pricing = by_name.get(plan)
        why = lacks(pricing, extensions)
        # Whoever uses Azure uses Resource Manager. Of a plan that is not in the table nobody can say who needs it.
        if not why or (plan in uses and not any(_any_of(used) for used in uses[plan])):
            continue
        if pricing is None and by_name:
            doubts.append(f"Azure lists no plan {plan} here")
        else:
            lacking.append(f"{plan} {why}")
    if lacking:
        return failed(f"of what the subscription uses: {first_few(lacking)}")
    return unknown(first_few(doubts)) if doubts else passed()


def _any_of(used: Iterable[Any]) -> bool:
    return next(iter(used), None) is not None


@check(
    "azure_defender_security_contact_set",
    title="Security contact gets high-severity alerts",
    severity="medium",
    fix="Name an address in the email notifications of Defender for Cloud, and have alerts of high severity mailed",
)
def contact_set(contacts: All[Contact]) -> Verdict:
    reached: list[str] = []
    why: list[str] = []
    for contact in contacts:
        said = contact.properties
        sources = said.notifications_sources or ()
        mails = [source for source in sources if source.source_type == "Alert"]
        if said.is_enabled is False:
            why.append(f"{contact.name} is switched off")
        elif not any(source.minimal_severity in _WITH_HIGH for source in mails):
            why.append(f"{contact.name} is not mailed alerts of high severity")
        elif said.emails:
            reached.append(contact.name)
        elif said.notifications_by_role is not None and said.notifications_by_role.state == "On":
            why.append(
                f"{contact.name} has no address, only {first_few(said.notifications_by_role.roles or ())} by role"
            )
        else:
            why.append(f"{contact.name} has no address")
    if reached:
        return passed()
    return failed(first_few(why) if why else "the subscription has no security contact")


@check(
    "azure_defender_high_alerts_handled",
    title="High-severity alerts are handled in time",
    severity="high",
    fix="Look at the alert, act on it, and set it to in progress, resolved or dismissed",
)
def high_alerts_handled(
    alerts: All[Alert], pricings: All[Pricing], *, now: datetime, max_open: timedelta = timedelta(days=7)
) -> Verdict:
    """Where no plan is on nothing raises an alert, so that none says nothing."""
    late: list[str] = []
    for alert in alerts:
        said = alert.properties
        age = now - (said.time_generated_utc or said.start_time_utc)
        if said.severity == "High" and said.status == "Active" and age > max_open:
            late.append(f"{said.alert_display_name!r} for {age.days} days")
    if late:
        return failed(f"nobody has looked at {first_few(late)}; {max_open.days} days are allowed")
    if not any(pricing.properties.pricing_tier == _ON for pricing in pricings):
        return unknown(
            "no plan of Defender is on, so that nothing raises alerts here: evidence of another tool is needed"
        )
    return passed()


_NO_MACHINE = not_applicable("the subscription has no virtual machine")


def state_of(
    machine: VirtualMachine, assessed: Mapping[str, list[Assessment]], keys: Iterable[str]
) -> list[Assessment]:
    """Return the assessments of a machine that have one of these keys."""
    wanted = frozenset(key.lower() for key in keys)
    return [each for each in assessed.get(machine.id.lower(), ()) if each.name.lower() in wanted]


def _by_target(assessments: Iterable[Assessment]) -> dict[str, list[Assessment]]:
    found: dict[str, list[Assessment]] = {}
    for assessment in assessments:
        found.setdefault(assessment.target, []).append(assessment)
    return found


def _each_machine_healthy(
    machines: Iterable[VirtualMachine],
    assessments: Iterable[Assessment],
    keys: tuple[str, ...],
    bad: str,
) -> Verdict:
    """Return whether one of some recommendations is met by each machine, and none of them is not met by any."""
    assessed: dict[str, list[Assessment]] | None = None
    failing: list[str] = []
    unseen: list[str] = []
    for machine in machines:
        assessed = _by_target(assessments) if assessed is None else assessed
        codes = {each.properties.status.code for each in state_of(machine, assessed, keys)}
        if "Unhealthy" in codes:
            failing.append(machine.name)
        elif "Healthy" not in codes:
            unseen.append(machine.name)
    if failing:
        return failed(f"{bad}: {first_few(failing)}")
    if unseen:
        return unknown(
            f"Defender for Cloud says nothing of {first_few(unseen)}: with a plan for servers it assesses machines"
        )
    return _NO_MACHINE if assessed is None else passed()


@check(
    "azure_defender_system_updates_applied",
    title="Machines have no missing system updates",
    severity="high",
    fix="Install the missing updates, and let Azure Update Manager assess machines by itself",
)
def system_updates(
    machines: All[VirtualMachine],
    assessments: All[Assessment],
    *,
    # "System updates should be installed on your machines", by Update Manager and by the older agent.
    # https://learn.microsoft.com/azure/defender-for-cloud/recommendations-reference-compute
    recommendations: tuple[str, ...] = (
        "e1145ab1-eb4f-43d8-911b-36ddf771d13f", "4ab6e3c5-74dd-8b35-9ab9-f61b30875b27",
    ),
) -> Verdict:  # fmt: skip
    return _each_machine_healthy(machines, assessments, recommendations, "updates are missing on")


@check(
    "azure_defender_endpoint_protection_installed",
    title="Machines have endpoint protection",
    severity="high",
    fix="Install an endpoint detection and response solution that Defender for Cloud knows",
)
def endpoint_protection(
    machines: All[VirtualMachine],
    assessments: All[Assessment],
    *,
    # "EDR solution should be installed on Virtual Machines", and the retired "Install endpoint protection solution".
    # https://learn.microsoft.com/azure/defender-for-cloud/recommendations-reference-compute
    recommendations: tuple[str, ...] = (
        "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c", "83f577bd-a1b6-b7e1-0891-12ca19d1e6df",
    ),
) -> Verdict:  # fmt: skip
    return _each_machine_healthy(machines, assessments, recommendations, "endpoint protection is missing on")


@check(
    "azure_defender_vulnerabilities_within_sla",
    title="Vulnerability assessments are fixed within the SLA",
    severity="high",
    fix="Patch what is vulnerable, or exempt the finding with a reason",
)
def vulnerabilities_within_sla(
    machines: All[VirtualMachine],
    assessments: All[Assessment],
    findings: All[SubAssessment],
    *,
    now: datetime,
    high: timedelta = timedelta(days=30),
    medium: timedelta = timedelta(days=90),
    # "Machines should have vulnerability findings resolved"
    recommendations: tuple[str, ...] = ("1195afff-c881-495e-9bc5-1486211ae03f",),
) -> Verdict:
    """A finding has been there since it was reported, at least, and no longer than its assessment is not healthy."""
    since = {
        each.id.lower(): each.properties.status.status_change_date
        for each in assessments
        if each.properties.status.code == "Unhealthy"
    }
    late: list[str] = []
    undated: list[str] = []
    for finding in findings:
        said = finding.properties
        severity = (said.status.severity or "").lower()
        if said.status.code != "Unhealthy" or severity in _MINOR or not _is_vulnerability(finding):
            continue
        # What is critical, or of a severity that is not said, may not wait for longer than what is high.
        limit = medium if severity == "medium" else high
        began = since.get(finding.assessment)
        age = now - said.time_generated
        if age > limit:
            late.append(f"{said.display_name!r} for {age.days} days")
        elif began is None or now - began > limit:
            undated.append(said.display_name)
    if late:
        return failed(f"open for longer than allowed: {first_few(late)}")
    if undated:
        return unknown(
            f"since when {plural(len(undated), 'open vulnerability')} of high or medium severity is there is not told: "
            "the scanner gives the time of its latest report only"
        )
    # No finding says nothing of a machine that nothing looks at.
    return _scanned(machines, assessments, recommendations)


_MINOR = frozenset({"low", "informational"})


def _is_vulnerability(finding: SubAssessment) -> bool:
    details = finding.properties.additional_data
    return details is not None and bool(details.cve or details.vulnerability_details)


def _scanned(machines: Iterable[VirtualMachine], assessments: Iterable[Assessment], keys: tuple[str, ...]) -> Verdict:
    """Return whether every machine is looked at by a scanner of vulnerabilities."""
    assessed: dict[str, list[Assessment]] | None = None
    unseen: list[str] = []
    for machine in machines:
        assessed = _by_target(assessments) if assessed is None else assessed
        codes = {each.properties.status.code for each in state_of(machine, assessed, keys)}
        if codes.isdisjoint({"Healthy", "Unhealthy"}):
            unseen.append(machine.name)
    if unseen:
        return unknown(f"no scanner that Defender for Cloud knows looks at {first_few(unseen)}")
    return _NO_MACHINE if assessed is None else passed()
