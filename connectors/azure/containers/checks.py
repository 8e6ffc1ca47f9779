"""Checks of clusters and registries."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.containers.resources import AksCluster, ClusterProperties, Registry
from connectors.azure.network.address_space import MAX_PUBLIC_SHARE, Space, of_prefix


@check(
    "azure_aks_cluster_hardened",
    title="AKS uses RBAC, Entra, no local accounts and restricted API",
    severity="high",
    fix="Turn on Entra with Kubernetes RBAC, turn off local accounts, and make the API private or name its ranges",
)
def hardened(cluster: AksCluster, *, max_public_share: float = MAX_PUBLIC_SHARE) -> Verdict:
    said = cluster.properties
    wrong: list[str] = []
    untold: list[str] = []
    if said.enable_rbac is None:
        untold.append("Azure does not say whether it uses RBAC")
    elif not said.enable_rbac:
        wrong.append("it does without RBAC")
    if said.aad_profile is None or not said.aad_profile.managed:
        wrong.append("people do not sign in by Entra as AKS manages it")
    if not said.disable_local_accounts:
        wrong.append("its local accounts are on")
    opened, odd = _open(said, max_public_share)
    wrong += opened
    untold += odd
    if wrong:
        return failed(f"{cluster.name}: {first_few(wrong)}")
    return unknown(f"{cluster.name}: {first_few(untold)}") if untold else passed()


def _open(said: ClusterProperties, max_public_share: float) -> tuple[list[str], list[str]]:
    """Return how the API of a cluster is open, and what cannot be told of that. A private one can name no ranges."""
    access = said.api_server_access_profile
    if said.public_network_access == "Disabled" or (access is not None and access.enable_private_cluster):
        return [], []
    named = (access.authorized_ip_ranges if access is not None else None) or ()
    ranges = [text for text in named if text.strip()]  # an empty text is how ranges are taken back
    if not ranges:
        return ["its API is open to every address"], []
    let_in, odd = Space(), []
    for text in ranges:
        space = of_prefix(text)
        let_in |= space or Space()
        odd += [f"{text} is no range of addresses"] if space is None else []
    return ([f"its API lets in {let_in}"], []) if let_in.public_share > max_public_share else ([], odd)


@check(
    "azure_acr_admin_user_disabled",
    title="Container registries have no admin user and no anonymous pull",
    severity="high",
    fix="Turn off the admin user and anonymous pull, and let people and clusters sign in by Entra",
)
def admin_user_disabled(registry: Registry) -> Verdict:
    said = registry.properties
    wrong = []
    if said.admin_user_enabled:
        wrong.append("its admin user is on")
    if said.anonymous_pull_enabled:
        wrong.append("anybody may pull from it")
    if wrong:
        return failed(f"{registry.name}: {' and '.join(wrong)}")
    if said.anonymous_pull_enabled is None:
        return unknown(f"Azure does not say whether anybody may pull from {registry.name}")
    return passed()


_NO_CHANNEL = frozenset({"none", ""})
_NODES_ONLY = "node-image"
"""The channel of the cluster that leaves the version of Kubernetes as it is.

https://learn.microsoft.com/azure/aks/auto-upgrade-cluster"""
_BY_THE_SYSTEM = "unmanaged"
"""Linux patches itself and is not restarted, Windows does not: https://learn.microsoft.com/azure/aks/auto-upgrade-node-image"""


@check(
    "azure_aks_cluster_auto_upgrade",
    title="AKS clusters upgrade automatically",
    severity="medium",
    fix="Set channels for the upgrade of the cluster and of its nodes, with a window of maintenance",
)
def auto_upgrade(cluster: AksCluster) -> Verdict:
    """Two channels: for Kubernetes, where nothing is said there is none; and for the nodes' system."""
    profile = cluster.properties.auto_upgrade_profile
    channel = (profile.upgrade_channel or "" if profile is not None else "").lower()
    nodes = None if profile is None else profile.node_os_upgrade_channel
    wrong = []
    if channel in _NO_CHANNEL or channel == _NODES_ONLY:
        wrong.append("Kubernetes is not upgraded by itself")
    if nodes is not None and nodes.lower() in _NO_CHANNEL:
        wrong.append("the system of its nodes is not upgraded by itself")
    if wrong:
        return failed(f"{cluster.name}: {' and '.join(wrong)}")
    if nodes is not None and nodes.lower() == _BY_THE_SYSTEM:
        return unknown(f"nodes of {cluster.name} are left to what their system does by itself, which is not read")
    # The default differs by the age of the cluster: https://learn.microsoft.com/azure/aks/auto-upgrade-node-os-image
    return passed() if nodes is not None else unknown(f"Azure does not say how nodes of {cluster.name} are upgraded")
