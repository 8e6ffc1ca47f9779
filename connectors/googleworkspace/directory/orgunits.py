"""Organizational units: the tree along which settings are inherited."""

from __future__ import annotations

from msgspec import Struct, field

from collector.core.connectors import Listed
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import ORG_UNITS

LIST = "directory.orgunits.list"


@resource("googleworkspace.directory.orgunit", key="orgUnitId", volatile=("etag",))
class OrgUnit(Struct, frozen=True, kw_only=True):
    """A unit."""

    id: str = field(name="orgUnitId")
    path: str = field(name="orgUnitPath")
    parent_id: str | None = field(name="parentOrgUnitId", default=None)  # left out: it is the root
    parent_path: str | None = field(name="parentOrgUnitPath", default=None)  # left out: it is the root


@googleworkspace.collects(OrgUnit, at="customer", call=LIST, permissions=ORG_UNITS)
def org_units(client: Workspace) -> Listed:
    # Without this type the root is left out, and with it the id by which policies name the whole company.
    yield from client.one_page(
        LIST, key="organizationUnits", never_empty=True, customerId=client.customer, type="allIncludingParent"
    )
