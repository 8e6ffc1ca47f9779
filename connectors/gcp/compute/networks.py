"""Networks with all firewall rules that count in them, and subnets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud, compute, in_every_place, of_kind
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import placed
from connectors.gcp._sdk.unused import off

NETWORKS = compute("networks.list")
SUBNETS = compute("subnetworks.aggregatedList")
POLICIES = compute("networkFirewallPolicies.aggregatedList")
EFFECTIVE = Operation("compute", "v1", "compute.networks.getEffectiveFirewalls")
COMPUTE_OFF = off("compute.googleapis.com")


class Association(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a firewall policy is in force."""

    attachment_target: str


@resource("gcp.compute.network", key="name")
class Network(Struct, frozen=True, kw_only=True, rename="camel"):
    """A VPC network with what decides who reaches its instances.

    `effective` is what Google itself says is in force: the policies of the organization, of folders and of the network,
    and its VPC rules. `regional` are the policies of regions that are attached to it, which that answer leaves out.
    """

    name: str
    self_link: str
    effective: dict[str, Any]
    regional: tuple[dict[str, Any], ...]
    network_firewall_policy_enforcement_order: str = "AFTER_CLASSIC_FIREWALL"  # Google's default, where it is left out


@gcp.collects(Network, at="project", call=NETWORKS.id, permissions="compute.networks.list", unused=COMPUTE_OFF)
def networks(client: GoogleCloud) -> Iterator[Body]:
    yield from client.google.pages(NETWORKS, key=of_kind(), project=client.project, maxResults=500)


@gcp.part(
    Network,
    "effective",
    call=EFFECTIVE.id,
    permissions="compute.networks.getEffectiveFirewalls",
)
def effective_firewalls(client: GoogleCloud, network: Body) -> Any:
    return client.google.ask(EFFECTIVE, project=client.project, network=network["name"])


@gcp.part(
    Network,
    "regional",
    call=POLICIES.id,
    permissions=("compute.firewallPolicies.list", "compute.regionFirewallPolicies.list"),
)
def regional_policies(client: GoogleCloud, network: Body) -> Any:
    listed = client.google.pages(
        POLICIES, key=in_every_place("firewallPolicies"), project=client.project, maxResults=500
    )
    return [
        policy
        for policy in listed
        if "region" in policy
        and any(each.get("attachmentTarget") == network["selfLink"] for each in policy.get("associations", ()))
    ]


class FlowLogs(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a subnet logs what flows. Google leaves out what is false."""

    enable: bool = False
    flow_sampling: float = 0.5  # Google's default, where it is left out
    filter_expr: str = ""  # left out where everything is logged


@resource("gcp.compute.subnet", key="place", volatile=("fingerprint",))
class Subnet(Struct, frozen=True, kw_only=True, rename="camel"):
    """A subnet."""

    place: str
    name: str
    region: str
    purpose: str = "PRIVATE"  # Google's default, where it is left out
    log_config: FlowLogs = FlowLogs()  # left out where nobody has configured it
    enable_flow_logs: bool = False  # the older name of the same


@gcp.collects(Subnet, at="project", call=SUBNETS.id, permissions="compute.subnetworks.list", unused=COMPUTE_OFF)
def subnets(client: GoogleCloud) -> Iterator[Body]:
    items = in_every_place("subnetworks")
    yield from placed(client.google.pages(SUBNETS, key=items, project=client.project, maxResults=500))
