"""How a directory on premises is synchronized with the tenant."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import SYNCHRONIZATION, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra.directory.tenant import Organization


class Features(Struct, frozen=True, kw_only=True, rename="camel"):
    """What synchronization may do."""

    block_soft_match_enabled: bool
    block_cloud_object_takeover_through_hard_match_enabled: bool


@resource("entra.directory.on_premises_sync", key="id")
class Synchronization(Struct, frozen=True, kw_only=True):
    """The settings of synchronization."""

    id: str
    features: Features


@entra.collects(Synchronization, at="tenant", call=SYNCHRONIZATION, permissions=permissions(SYNCHRONIZATION))
def synchronization(client: Graph) -> Iterator[Body]:
    return client.pages(SYNCHRONIZATION, lambda graph: graph.directory.on_premises_synchronization)


@check(
    "entra_directory_sync_takeover_blocked",
    title="Directory synchronisation blocks account take-over",
    severity="medium",
    fix="Block soft match, and the takeover of cloud objects by hard match, in the settings of synchronization",
)
def sync_takeover_blocked(organization: Organization, settings: All[Synchronization]) -> Verdict:
    if not organization.on_premises_sync_enabled:
        return not_applicable("no directory is synchronized with the tenant")
    found = list(settings)
    if not found:
        return unknown("a directory is synchronized with the tenant, and Microsoft shows no settings of it")
    wrong = []
    if not all(item.features.block_soft_match_enabled for item in found):
        wrong.append("by equal addresses")
    if not all(item.features.block_cloud_object_takeover_through_hard_match_enabled for item in found):
        wrong.append("by equal anchors")
    if wrong:
        return failed(f"an account on premises can take over one of the cloud {' and '.join(wrong)}")
    return passed("no account on premises can take over one of the cloud")
