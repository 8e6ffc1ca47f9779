"""Resources with their labels, as Cloud Asset Inventory knows them: its index may lag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import last_of
from connectors.gcp.resourcemanager.resources import Project

RESOURCES = Operation("cloudasset", "v1", "cloudasset.searchAllResources")
_TYPES = (
    "bigquery.googleapis.com/Dataset",
    "compute.googleapis.com/Disk",
    "compute.googleapis.com/Instance",
    "sqladmin.googleapis.com/Instance",
    "storage.googleapis.com/Bucket",
)
_READ = "name,assetType,labels,location,project"


@resource("gcp.cloudasset.resource", key="name")
class LabelledResource(Struct, frozen=True, kw_only=True, rename="camel"):
    """A resource that can have labels. Google leaves out what is empty."""

    name: str
    asset_type: str
    labels: Mapping[str, str] = {}


@gcp.collects(
    LabelledResource,
    at="project",
    call=RESOURCES.id,
    permissions="cloudasset.assets.searchAllResources",
    eventual=True,
)
def labelled_resources(client: GoogleCloud) -> Iterator[Body]:
    query = {"scope": client.name, "assetTypes": list(_TYPES), "readMask": _READ, "pageSize": 500}
    yield from client.whatever.pages(RESOURCES, key="results", **query)


@check(
    "gcp_labels_owner_present",
    title="Resources carry the owner label",
    severity="low",
    fix="Label the resource",
)
def owner_present(found: LabelledResource, *, required_labels: tuple[str, ...] = ("owner",)) -> Verdict:
    missing = [label for label in required_labels if not found.labels.get(label)]
    if missing:
        return failed(f"{last_of(found.name)} ({found.asset_type}) has no label {', '.join(missing)}")
    return passed()


@check(
    "gcp_cloudasset_inventory_enabled",
    title="Cloud Asset Inventory is enabled",
    severity="low",
    fix="Enable cloudasset.googleapis.com in the project",
)
def inventory_enabled(project: Project) -> Verdict:
    if project.state != "ACTIVE":
        return not_applicable(f"{project.project_id} is {project.state}, and its APIs do nothing any more")
    if "cloudasset.googleapis.com" in project.services:
        return passed()
    return failed(f"cloudasset.googleapis.com is not enabled in {project.project_id}")
