"""Clusters of Kubernetes Engine."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.unused import off

CLUSTERS = Operation("container", "v1", "container.projects.locations.clusters.list")


class CidrBlock(Struct, frozen=True, kw_only=True, rename="camel"):
    """A range that may reach the control plane."""

    cidr_block: str


class AuthorizedNetworks(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who may reach the control plane's address. Google leaves out what is false or empty."""

    enabled: bool = False
    cidr_blocks: tuple[CidrBlock, ...] = ()
    gcp_public_cidrs_access_enabled: bool | None = None  # left out: Google does not say, or it is not set


class PrivateCluster(Struct, frozen=True, kw_only=True, rename="camel"):
    """Older form of what the endpoints are. Google leaves out what is false."""

    enable_private_endpoint: bool = False


class IpEndpoints(Struct, frozen=True, kw_only=True, rename="camel"):
    """The control plane's addresses. Google leaves out what is false."""

    enabled: bool | None = None
    enable_public_endpoint: bool | None = None
    authorized_networks_config: AuthorizedNetworks | None = None


class DnsEndpoint(Struct, frozen=True, kw_only=True, rename="camel"):
    """The control plane's name, which asks for IAM with each request. Google leaves out what is false."""

    allow_external_traffic: bool = False


class Endpoints(Struct, frozen=True, kw_only=True, rename="camel"):
    """All ways to the control plane."""

    ip_endpoints_config: IpEndpoints | None = None
    dns_endpoint_config: DnsEndpoint = DnsEndpoint()


class Switch(Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that is on or off. Google leaves out what is false."""

    enabled: bool = False


class WorkloadIdentity(Struct, frozen=True, kw_only=True, rename="camel"):
    """Workload identity: on where a pool is named."""

    workload_pool: str = ""


class Channel(Struct, frozen=True, kw_only=True, rename="camel"):
    """The release channel."""

    channel: str = "UNSPECIFIED"


class Management(Struct, frozen=True, kw_only=True, rename="camel"):
    """What Google does to nodes by itself. Google leaves out what is false."""

    auto_upgrade: bool = False


class MetadataConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """What workloads see of the machine's metadata; GKE_METADATA keeps its service account from them."""

    mode: str = "MODE_UNSPECIFIED"


class NodeConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """How the nodes of a pool are made."""

    workload_metadata_config: MetadataConfig = MetadataConfig()


class NodePool(Struct, frozen=True, kw_only=True, rename="camel"):
    """A pool of nodes."""

    name: str
    management: Management = Management()
    config: NodeConfig = NodeConfig()


class ImageAdmission(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether the project's policy of Binary Authorization is asked. Google leaves out what is off."""

    evaluation_mode: str = "EVALUATION_MODE_UNSPECIFIED"
    enabled: bool = False  # the older form, which counts where the newer one says nothing

    @property
    def is_enforced(self) -> bool:
        """Whether images are admitted by the project's policy."""
        if self.evaluation_mode in {"EVALUATION_MODE_UNSPECIFIED", ""}:
            return self.enabled
        return "PROJECT_SINGLETON_POLICY_ENFORCE" in self.evaluation_mode


@resource(
    "gcp.gke.cluster",
    key=("location", "name"),
    volatile=("etag", "currentNodeCount"),
    redact=("masterAuth.clientKey", "masterAuth.clientCertificate", "masterAuth.password", "masterAuth.username"),
)
class Cluster(Struct, frozen=True, kw_only=True, rename="camel"):
    """A cluster. Google leaves out what nobody has configured."""

    name: str
    location: str
    control_plane_endpoints_config: Endpoints | None = None
    master_authorized_networks_config: AuthorizedNetworks | None = None
    private_cluster_config: PrivateCluster | None = None
    autopilot: Switch = Switch()
    shielded_nodes: Switch = Switch()
    workload_identity_config: WorkloadIdentity = WorkloadIdentity()
    release_channel: Channel = Channel()
    node_pools: tuple[NodePool, ...] = ()
    binary_authorization: ImageAdmission = ImageAdmission()


@gcp.collects(
    Cluster,
    at="project",
    call=CLUSTERS.id,
    permissions="container.clusters.list",
    unused=off("container.googleapis.com"),
)
def clusters(client: GoogleCloud) -> Iterator[Body]:
    yield from client.google.pages(CLUSTERS, key="clusters", parent=f"{client.name}/locations/-")
