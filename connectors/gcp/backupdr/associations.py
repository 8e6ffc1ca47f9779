"""What Backup and DR protects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.unused import off

ASSOCIATIONS = Operation("backupdr", "v1", "backupdr.projects.locations.backupPlanAssociations.list")


class RuleConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """When a rule of a plan has last made a backup. Google leaves it out before the first one."""

    last_successful_backup_consistency_time: datetime | None = None


@resource("gcp.backupdr.plan_association", key="name", volatile=("updateTime", "rulesConfigInfo"))
class PlanAssociation(Struct, frozen=True, kw_only=True, rename="camel"):
    """A resource with the backup plan that protects it."""

    name: str
    resource: str
    state: str
    rules_config_info: tuple[RuleConfig, ...] = ()  # left out before the first backup


@gcp.collects(
    PlanAssociation,
    at="project",
    call=ASSOCIATIONS.id,
    permissions="backupdr.backupPlanAssociations.list",
    unused=off("backupdr.googleapis.com"),
)
def plan_associations(client: GoogleCloud) -> Iterator[Body]:
    parent = f"{client.name}/locations/-"
    yield from client.google.pages(ASSOCIATIONS, key="backupPlanAssociations", parent=parent, pageSize=100)
