"""Vulnerabilities that the agent of VM Manager has found on each instance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud, in_every_place
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import last_of
from connectors.gcp._sdk.unused import off
from connectors.gcp.compute.instances import INSTANCES

REPORTS = Operation("osconfig", "v1", "osconfig.projects.locations.instances.vulnerabilityReports.list")
_NAMED = 5


class Details(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is known of a vulnerability. Google leaves out what it does not know."""

    cve: str = ""
    severity: str = "SEVERITY_UNSPECIFIED"


class Vulnerability(Struct, frozen=True, kw_only=True, rename="camel"):
    """A vulnerability of an instance, with the moment at which the agent first saw it."""

    details: Details
    create_time: datetime


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the agent has reported last. Google leaves the list out where it is empty."""

    update_time: datetime
    vulnerabilities: tuple[Vulnerability, ...] = ()


@resource("gcp.osconfig.vulnerability", key="id")
class InstanceReport(Struct, frozen=True, kw_only=True, rename="camel"):
    """An instance, with the report of its agent."""

    id: str
    name: str
    status: str
    report: Report | None  # None: no agent has reported for it


@gcp.collects(
    InstanceReport,
    at="project",
    call=(INSTANCES.id, REPORTS.id),
    permissions=("compute.instances.list", "osconfig.vulnerabilityReports.list"),
    unused=off("compute.googleapis.com"),
)
def instance_reports(client: GoogleCloud) -> Iterator[Body]:
    by_zone: dict[str, list[Body]] = {}
    items = in_every_place("instances")
    for instance in client.google.pages(INSTANCES, key=items, project=client.project, maxResults=500):
        by_zone.setdefault(last_of(instance["zone"]), []).append(instance)
    for zone, instances in by_zone.items():
        parent = f"{client.name}/locations/{zone}/instances/-"
        # An API that is off reports nothing, and says nothing of vulnerabilities.
        listed = client.whatever.pages(REPORTS, key="vulnerabilityReports", parent=parent, pageSize=100)
        reports = {_instance_of(report): report for report in listed}
        for instance in instances:
            report = reports.get(instance["id"], reports.get(instance["name"]))
            yield {**{key: instance[key] for key in ("id", "name", "zone", "status")}, "report": report}


def _instance_of(report: Body) -> str:
    """Return the instance of a report: projects/P/locations/Z/instances/I/vulnerabilityReport, by id or by name."""
    parts: list[str] = str(report["name"]).split("/")
    return parts[parts.index("instances") + 1]


@check(
    "gcp_osconfig_vulnerabilities_within_sla",
    title="Vulnerabilities of instances are fixed in time",
    severity="high",
    fix="Install the updates with a patch job of VM Manager",
)
def within_sla(
    instance: InstanceReport,
    *,
    now: datetime,
    critical_days: int = 7,
    high_days: int = 30,
    medium_days: int = 90,
    report_max_days: int = 7,
) -> Verdict:
    if instance.report is None:
        return unknown(f"no agent has reported for {instance.name}, which is {instance.status}")
    allowed: dict[str, Any] = {"CRITICAL": critical_days, "HIGH": high_days, "MEDIUM": medium_days}
    late = [
        f"{found.details.cve or 'without a number'} ({found.details.severity}, {(now - found.create_time).days} days)"
        for found in instance.report.vulnerabilities
        if (now - found.create_time).days > allowed.get(found.details.severity, float("inf"))
    ]
    if late:
        more = f"; and {len(late) - _NAMED} more" if len(late) > _NAMED else ""
        return failed(f"{instance.name} has {'; '.join(sorted(late)[:_NAMED])}{more}")
    age = (now - instance.report.update_time).days
    if age > report_max_days:
        return unknown(f"the agent of {instance.name} reported {age} days ago; {report_max_days} are taken for current")
    unrated = sum(found.details.severity == "SEVERITY_UNSPECIFIED" for found in instance.report.vulnerabilities)
    if unrated:
        return unknown(f"{instance.name} has {unrated} vulnerabilities that nobody has rated")
    return passed(f"{len(instance.report.vulnerabilities)} vulnerabilities of {instance.name}, none for too long")
