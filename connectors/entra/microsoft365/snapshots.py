"""Settings of Exchange Online and Teams, by configuration snapshots that the company has Microsoft take.

Graph does not show these settings themselves. Tenant configuration management keeps snapshots of them, which somebody
with the right to write has to order or schedule; annexd reads the latest of each type of resource.
https://learn.microsoft.com/graph/api/resources/configurationmanagement
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import SNAPSHOT, SNAPSHOT_JOBS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

# By type, the properties that checks read: the others may be personal, and are not kept.
EXCHANGE = {
    "microsoft.exchange.adminauditlogconfig": ("UnifiedAuditLogIngestionEnabled",),
    "microsoft.exchange.atpbuiltinprotectionrule": (
        "ExceptIfRecipientDomainIs",
        "ExceptIfSentTo",
        "ExceptIfSentToMemberOf",
    ),
    "microsoft.exchange.hostedoutboundspamfilterpolicy": ("Identity", "AutoForwardingMode"),
    "microsoft.exchange.mailboxauditbypassassociation": ("AuditBypassEnabled",),
    "microsoft.exchange.malwarefilterpolicy": ("Identity", "EnableFileFilter", "ZapEnabled"),
    "microsoft.exchange.organizationconfig": ("AuditDisabled", "CustomerLockboxEnabled"),
    "microsoft.exchange.remotedomain": ("Identity", "DomainName", "AutoForwardEnabled"),
    "microsoft.exchange.reportsubmissionpolicy": (
        "EnableReportToMicrosoft",
        "ReportJunkToCustomizedAddress",
        "ReportPhishToCustomizedAddress",
    ),
    "microsoft.exchange.safeattachmentpolicy": ("Identity", "Enable", "Action"),
    "microsoft.exchange.safelinkspolicy": ("Identity", "EnableSafeLinksForEmail"),
    "microsoft.exchange.transportconfig": ("SmtpClientAuthenticationDisabled",),
    "microsoft.exchange.transportrule": (
        "Name",
        "State",
        "RedirectMessageTo",
        "CopyTo",
        "BlindCopyTo",
        "AddToRecipients",
    ),
}
TEAMS = {
    "microsoft.teams.federationconfiguration": (
        "AllowFederatedUsers",
        "AllowedDomains",
        "AllowTeamsConsumer",
        "AllowTeamsConsumerInbound",
    ),
    "microsoft.teams.meetingpolicy": (
        "Identity",
        "AllowAnonymousUsersToJoinMeeting",
        "AllowPSTNUsersToBypassLobby",
        "AutoAdmittedUsers",
    ),
}

_FINISHED = frozenset({"succeeded", "partiallysuccessful"})


class Setting(Struct, frozen=True, kw_only=True, rename="camel"):
    """A resource in a snapshot; `properties` are called as the cmdlets of PowerShell call them."""

    resource_type: str
    properties: dict[str, Any]

    def is_on(self, name: str) -> bool | None:
        """Return a property that is true or false; None where the snapshot does not have it as one."""
        value = self.properties.get(name)
        if isinstance(value, bool):
            return value
        return {"true": True, "false": False}.get(str(value).lower())

    @property
    def name(self) -> str:
        """What people call the resource."""
        return str(self.properties.get("Identity") or self.properties.get("Name") or self.resource_type)


class Taken(Struct, frozen=True, kw_only=True, rename="camel"):
    """The latest snapshot of a type of resources."""

    resource_type: str
    completed_date_time: datetime
    status: str  # succeeded, or partiallySuccessful: some resource may be missing


class Snapshot(Struct, frozen=True, kw_only=True):
    """The latest snapshots of the types that are read, and what is in them."""

    taken: tuple[Taken, ...]
    resources: tuple[Setting, ...]

    def of(self, type_: str) -> list[Setting]:
        """Return the resources of a type."""
        return [item for item in self.resources if item.resource_type.lower() == type_]

    def lacking(self, types: Iterable[str], now: datetime, oldest: timedelta) -> Verdict | None:
        """Return why types cannot be judged: in no snapshot, in half of one, or in one that is too old."""
        taken = {item.resource_type.lower(): item for item in self.taken}
        for type_ in types:
            if type_ not in taken:
                return unknown(
                    f"no configuration snapshot has {type_}; one that is scheduled with this type would decide it"
                )
            found = taken[type_]
            if found.status.lower() != "succeeded":
                return unknown(f"the latest configuration snapshot with {type_} is {found.status}")
            if now - found.completed_date_time > oldest:
                days = (now - found.completed_date_time).days
                return unknown(
                    f"the latest configuration snapshot with {type_} is {days} days old; {oldest.days} are allowed"
                )
        return None


_ADDRESSES = tuple(
    f"resources.properties.{name}"
    for name in (
        "RedirectMessageTo",
        "CopyTo",
        "BlindCopyTo",
        "AddToRecipients",
        "ExceptIfSentTo",
        "ReportJunkToCustomizedAddress",
        "ReportPhishToCustomizedAddress",
    )
)


@resource("m365.exchange.settings", redact=_ADDRESSES[:5])
class ExchangeSettings(Snapshot, frozen=True, kw_only=True):
    """Settings of Exchange Online in the latest snapshots."""


@resource("m365.teams.settings")
class TeamsSettings(Snapshot, frozen=True, kw_only=True):
    """Settings of Teams in the latest snapshots."""


@entra.collects(
    ExchangeSettings,
    at="tenant",
    call=(SNAPSHOT_JOBS, SNAPSHOT),
    permissions=permissions(SNAPSHOT_JOBS, SNAPSHOT),
)
def exchange_settings(client: Graph) -> Iterator[Body]:
    yield _latest(client, EXCHANGE)


@entra.collects(
    TeamsSettings,
    at="tenant",
    call=(SNAPSHOT_JOBS, SNAPSHOT),
    permissions=permissions(SNAPSHOT_JOBS, SNAPSHOT),
)
def teams_settings(client: Graph) -> Iterator[Body]:
    yield _latest(client, TEAMS)


def _latest(client: Graph, wanted: Mapping[str, tuple[str, ...]]) -> Body:
    taken: list[Body] = []
    resources: list[Body] = []
    for type_, job in sorted(_latest_jobs(client, wanted).items()):
        taken.append({"resourceType": type_, "completedDateTime": job["completedDateTime"], "status": job["status"]})
        for item in _resources(client, job):
            if item["resourceType"].lower() == type_:
                properties = item.get("properties") or {}
                kept = {name: properties[name] for name in wanted[type_] if name in properties}
                resources.append({"resourceType": type_, "properties": kept})
    return {"taken": taken, "resources": resources}


def _latest_jobs(client: Graph, wanted: Iterable[str]) -> dict[str, Body]:
    jobs = client.pages(SNAPSHOT_JOBS, lambda graph: graph.admin.configuration_management.configuration_snapshot_jobs)
    found: dict[str, Body] = {}
    for job in jobs:
        if str(job["status"]).lower() not in _FINISHED:
            continue
        for type_ in {name.lower() for name in job["resources"]} & {*wanted}:
            if type_ not in found or found[type_]["completedDateTime"] < job["completedDateTime"]:
                found[type_] = job
    return found


def _resources(client: Graph, job: Body) -> list[Body]:
    """Return what is in the snapshot of a job; its id is at the end of the address that the job names."""
    name = job["resourceLocation"].rstrip("/').").rpartition("/")[2].rpartition("('")[2]

    def build(graph: Any) -> Any:
        return graph.admin.configuration_management.configuration_snapshots.by_configuration_baseline_id(name)

    found: Body = client.once.get(f"snapshot {name}", lambda: client.get(SNAPSHOT, build, having="resources"))
    listed: list[Body] = found["resources"]
    return listed
