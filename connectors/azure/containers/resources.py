"""Clusters and registries. Credentials of both are operations of their own, which are never called."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation

CLUSTERS = operation(
    "GET /subscriptions/{subscription}/providers/Microsoft.ContainerService/managedClusters", "2024-05-01"
)
# The latest stable versions leave out whether anybody may pull (anonymousPullEnabled): only previews have it.
# https://learn.microsoft.com/azure/templates/microsoft.containerregistry/change-log/registries
REGISTRIES = operation(
    "GET /subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/registries", "2023-11-01-preview"
)


class AadProfile(Struct, frozen=True, kw_only=True):
    """Sign-in by Entra."""

    managed: bool | None = None  # left out: the retired form, by applications of one's own


class ApiServerAccess(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who reaches the API of a cluster; what was never set is left out or null."""

    enable_private_cluster: bool | None = None
    authorized_ip_ranges: tuple[str, ...] | None = field(name="authorizedIPRanges", default=None)


class AutoUpgrade(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which versions a cluster goes to by itself. Left out: none."""

    upgrade_channel: str | None = None  # none, patch, stable, rapid, node-image
    node_os_upgrade_channel: str | None = field(name="nodeOSUpgradeChannel", default=None)  # None, Unmanaged, ...


class ClusterProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of a cluster; a profile is left out or null where it was never set."""

    enable_rbac: bool | None = field(name="enableRBAC", default=None)
    aad_profile: AadProfile | None = None
    disable_local_accounts: bool | None = None  # false where left out
    api_server_access_profile: ApiServerAccess | None = None
    public_network_access: str | None = None
    auto_upgrade_profile: AutoUpgrade | None = None


@resource(
    "azure.aks.cluster",
    key="id",
    redact=(
        *MAKERS,
        "properties.servicePrincipalProfile.secret",
        "properties.windowsProfile.adminPassword",
        "properties.windowsProfile.adminUsername",
        "properties.linuxProfile.adminUsername",
        "properties.aadProfile.serverAppSecret",
    ),
)
class AksCluster(Struct, frozen=True, kw_only=True):
    """A managed cluster of Kubernetes."""

    id: str
    name: str
    properties: ClusterProperties


@azure.collects(
    AksCluster, at="subscription", call=CLUSTERS, permissions="Microsoft.ContainerService/managedClusters/read"
)
def clusters(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(CLUSTERS)


class RegistryProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who signs in to a registry, and whether anybody has to."""

    admin_user_enabled: bool
    anonymous_pull_enabled: bool | None = None  # null or left out in answers of some registries: not told


@resource("azure.acr.registry", key="id", redact=MAKERS)
class Registry(Struct, frozen=True, kw_only=True):
    """A container registry."""

    id: str
    name: str
    properties: RegistryProperties


@azure.collects(Registry, at="subscription", call=REGISTRIES, permissions="Microsoft.ContainerRegistry/registries/read")
def registries(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(REGISTRIES)
