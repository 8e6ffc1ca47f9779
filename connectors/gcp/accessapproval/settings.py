"""Whether Google asks before its people look at what is in a project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import NO_CALL, GoogleCloud
from connectors.gcp._sdk.connector import gcp

SETTINGS = Operation("accessapproval", "v1", "accessapproval.projects.getAccessApprovalSettings")
OF_ORGANIZATION = Operation("accessapproval", "v1", "accessapproval.organizations.getAccessApprovalSettings")
_EVERYTHING = frozenset({"all", "GA"})
_READS = "accessapproval.settings.get"


class Approval(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is enrolled, by the project itself or above it. Google leaves out what is false or empty."""

    enrolled_services: tuple[dict[str, str], ...] = ()
    enrolled_ancestor: bool = False


@resource("gcp.accessapproval.settings", key="name", redact=(Redact("settings.notificationEmails", keep="domain"),))
class AccessApproval(Struct, frozen=True, kw_only=True):
    """A project with its settings of Access Approval."""

    name: str
    settings: Approval | None  # None: Google says that there are none


@gcp.collects(AccessApproval, at="project", call=NO_CALL, permissions=_READS)
def access_approval(client: GoogleCloud) -> Iterator[Body]:
    yield {"name": client.name}


@gcp.part(AccessApproval, "settings", call=SETTINGS.id, permissions=_READS, absent=("NOT_FOUND", "notFound"))
def approval_settings(client: GoogleCloud, project: Body) -> Any:
    return _settings(client, SETTINGS, project["name"])


@resource("gcp.accessapproval.organization", key="name", redact=(Redact("settings.notificationEmails", keep="domain"),))
class OrganizationApproval(Struct, frozen=True, kw_only=True):
    """The organization with its settings, which may be for some services only; a folder or project has all or none."""

    name: str
    settings: Approval | None  # None: Google says that there are none


@gcp.collects(
    OrganizationApproval,
    at="source",
    call=NO_CALL,
    permissions=_READS,
    when=lambda settings: settings.organization is not None,
)
def organization_approval(source: GoogleCloud) -> Iterator[Body]:
    yield {"name": f"organizations/{source.settings.organization}"}


@gcp.part(
    OrganizationApproval, "settings", call=OF_ORGANIZATION.id, permissions=_READS, absent=("NOT_FOUND", "notFound")
)
def organization_settings(source: GoogleCloud, organization: Body) -> Any:
    return _settings(source, OF_ORGANIZATION, organization["name"])


def _settings(client: GoogleCloud, operation: Operation, name: str) -> Any:
    found = client.whatever.ask(operation, name=f"{name}/accessApprovalSettings")
    found["name"]  # an answer without it is one to something else
    return found


@check(
    "gcp_accessapproval_enabled",
    title="Provider staff access needs approval",
    severity="low",
    fix="Enrol the organization in Access Approval",
)
def enabled(project: AccessApproval, organization: All[OrganizationApproval]) -> Verdict:
    settings = project.settings
    if settings is None or not (settings.enrolled_services or settings.enrolled_ancestor):
        return failed(f"{project.name} is not enrolled, and neither is anything above it")
    if settings.enrolled_services:
        return passed(f"{project.name} is enrolled")
    for above in organization:
        products = (
            {each.get("cloudProduct", "") for each in above.settings.enrolled_services} if above.settings else set()
        )
        if products and not products & _EVERYTHING:
            return unknown(f"{above.name} is enrolled for some services only: {', '.join(sorted(products))}")
    return passed("enrolled above the project")
