"""Checks of clusters."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.gcp._network.space import space_of
from connectors.gcp.gke.clusters import AuthorizedNetworks, Cluster


@check(
    "gcp_gke_cluster_private_control_plane",
    title="GKE control plane is restricted",
    severity="high",
    fix="Turn off the public endpoint, or enable authorized networks for the company's own addresses; keep external"
    " traffic from the DNS endpoint",
)
def private_control_plane(
    cluster: Cluster, *, max_public_share: float = 0.0001, accept_dns_endpoint: bool = False
) -> Verdict:
    endpoints = cluster.control_plane_endpoints_config
    if endpoints is not None and endpoints.dns_endpoint_config.allow_external_traffic and not accept_dns_endpoint:
        return failed(f"the control plane of {cluster.name} is reached by its name from everywhere; only IAM keeps out")
    return _by_address(cluster, max_public_share)


def _by_address(cluster: Cluster, max_public_share: float) -> Verdict:
    is_public, networks = _public_endpoint(cluster)
    if is_public is False:
        return passed(f"{cluster.name} has no public address")
    if networks is None or not networks.enabled:
        if is_public:
            return failed(f"the control plane of {cluster.name} is reached from everywhere")
        return unknown(f"whether the control plane of {cluster.name} has a public address is not said")
    try:
        ranges = [block.cidr_block for block in networks.cidr_blocks]
        widest = max(space_of(version, ranges).public_part for version in (4, 6))
    except ValueError as error:
        return unknown(f"{cluster.name}: {error}")
    if widest > max_public_share:
        return failed(f"the authorized networks of {cluster.name} are {widest:.2%} of the internet")
    if networks.gcp_public_cidrs_access_enabled:
        return failed(f"every machine of Google Cloud reaches the control plane of {cluster.name}, whoever has it")
    if networks.gcp_public_cidrs_access_enabled is None:
        return unknown(f"whether machines of Google Cloud reach the control plane of {cluster.name} is not said")
    return passed(f"{len(ranges)} networks reach the control plane of {cluster.name}")


def _public_endpoint(cluster: Cluster) -> tuple[bool | None, AuthorizedNetworks | None]:
    """Return whether a cluster has a public address, None where Google does not say, and who may reach it."""
    endpoints = cluster.control_plane_endpoints_config
    private = cluster.private_cluster_config
    is_private = private is not None and private.enable_private_endpoint
    if endpoints is not None and endpoints.ip_endpoints_config is not None:
        ip = endpoints.ip_endpoints_config
        networks = ip.authorized_networks_config or cluster.master_authorized_networks_config
        if ip.enabled is False or ip.enable_public_endpoint is False:
            return False, networks
        # Where the newer form does not say, the older one may: Google fills in both for clusters that were made by it.
        return (False if ip.enable_public_endpoint is None and is_private else ip.enable_public_endpoint), networks
    # Without that a cluster has a public address: https://cloud.google.com/kubernetes-engine/docs/concepts/network-isolation
    return not is_private, cluster.master_authorized_networks_config


@check(
    "gcp_gke_cluster_hardened",
    title="GKE clusters use workload identity, shielded nodes and auto-upgrade",
    severity="medium",
    fix="Turn on workload identity, shielded nodes and auto-upgrade, and choose a release channel",
)
def hardened(cluster: Cluster) -> Verdict:
    if cluster.autopilot.enabled:
        return passed(f"{cluster.name} is an Autopilot cluster, where these are always on")
    missing = [
        what
        for what, is_there in (
            ("workload identity", bool(cluster.workload_identity_config.workload_pool)),
            ("shielded nodes", cluster.shielded_nodes.enabled),
            ("a release channel", cluster.release_channel.channel != "UNSPECIFIED"),
        )
        if not is_there
    ]
    missing += [f"auto-upgrade of {pool.name}" for pool in cluster.node_pools if not pool.management.auto_upgrade]
    # Where the metadata server of GKE does not run on a pool, its workloads act as the service account of the node.
    missing += [
        f"workload identity of {pool.name}"
        for pool in cluster.node_pools
        if pool.config.workload_metadata_config.mode != "GKE_METADATA"
    ]
    return failed(f"{cluster.name} is without {', '.join(missing)}") if missing else passed()
