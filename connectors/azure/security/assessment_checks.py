"""Checks of what Defender for Cloud finds at machines: updates, endpoint protection, vulnerabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.azure.compute.resources import VirtualMachine
from connectors.azure.security.resources import Assessment, SubAssessment

_NO_MACHINE = not_applicable("the subscription has no virtual machine")


def _state_of(
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
        codes = {each.properties.status.code for each in _state_of(machine, assessed, keys)}
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
        codes = {each.properties.status.code for each in _state_of(machine, assessed, keys)}
        if codes.isdisjoint({"Healthy", "Unhealthy"}):
            unseen.append(machine.name)
    if unseen:
        return unknown(f"no scanner that Defender for Cloud knows looks at {first_few(unseen)}")
    return _NO_MACHINE if assessed is None else passed()
