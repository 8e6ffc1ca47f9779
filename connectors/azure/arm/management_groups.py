"""Management groups, each with its path from the root and the subscriptions that lie directly in it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.operations import operation

_VERSION = "2020-05-01"

GROUPS = operation("GET /providers/Microsoft.Management/managementGroups", _VERSION)
GROUP = operation("GET /providers/Microsoft.Management/managementGroups/{group}?$expand=path", _VERSION)
GROUP_SUBSCRIPTIONS = operation("GET /providers/Microsoft.Management/managementGroups/{group}/subscriptions", _VERSION)

READ_GROUPS = "Microsoft.Management/managementGroups/read"


@resource("azure.arm.management_group", key="name")
class ManagementGroup(Struct, frozen=True, kw_only=True):
    """A management group: evidence for people, of where roles and policies are inherited from."""

    id: str
    name: str


@azure.collects(ManagementGroup, at="source", call=GROUPS, permissions=READ_GROUPS)
def management_groups(tenant: Azure) -> Iterator[Body]:
    return tenant.pages(GROUPS)


@azure.part(ManagementGroup, "details", call=GROUP, permissions=READ_GROUPS)
def details(tenant: Azure, body: Body) -> Body:
    """With the path from the root down to it."""
    return tenant.get(GROUP, group=body["name"])


@azure.part(
    ManagementGroup,
    "subscriptions",
    call=GROUP_SUBSCRIPTIONS,
    permissions="Microsoft.Management/managementGroups/subscriptions/read",
)
def group_subscriptions(tenant: Azure, body: Body) -> list[Body]:
    return tenant.items(GROUP_SUBSCRIPTIONS, group=body["name"])
