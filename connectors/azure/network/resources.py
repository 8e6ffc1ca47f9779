"""Networks of a subscription: security groups, virtual networks, public addresses, watchers and their flow logs."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure, below
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation, places_of

_AT = "GET /subscriptions/{subscription}/providers/Microsoft.Network"
_IN_GROUP = "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network"
_VERSION = "2023-11-01"

SECURITY_GROUPS = operation(f"{_AT}/networkSecurityGroups", _VERSION)
VIRTUAL_NETWORKS = operation(f"{_AT}/virtualNetworks", _VERSION)
PUBLIC_IPS = operation(f"{_AT}/publicIPAddresses", _VERSION)
WATCHERS = operation(f"{_AT}/networkWatchers", _VERSION)
FLOW_LOGS = operation(f"{_IN_GROUP}/networkWatchers/{{watcher}}/flowLogs", _VERSION)


class Reference(Struct, frozen=True, kw_only=True):
    """Another resource, by its id."""

    id: str


class RuleProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a rule of a security group says. Of a field and its plural one is left out, null or empty."""

    access: str  # Allow, Deny
    direction: str  # Inbound, Outbound
    priority: int
    protocol: str  # Tcp, Udp, Icmp, Esp, Ah, *
    source_port_range: str | None = None
    source_port_ranges: tuple[str, ...] | None = None
    destination_port_range: str | None = None
    destination_port_ranges: tuple[str, ...] | None = None
    source_address_prefix: str | None = None
    source_address_prefixes: tuple[str, ...] | None = None
    source_application_security_groups: tuple[Reference, ...] | None = None
    destination_address_prefix: str | None = None
    destination_address_prefixes: tuple[str, ...] | None = None
    destination_application_security_groups: tuple[Reference, ...] | None = None


class SecurityRule(Struct, frozen=True, kw_only=True):
    """A rule of a security group."""

    name: str
    properties: RuleProperties


class GroupProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The rules of a security group, and what it filters. Azure leaves a list out where it is empty."""

    security_rules: tuple[SecurityRule, ...] | None = None
    default_security_rules: tuple[SecurityRule, ...] | None = None
    subnets: tuple[Reference, ...] | None = None
    network_interfaces: tuple[Reference, ...] | None = None


@resource("azure.network.security_group", key="id", volatile=("etag",), redact=MAKERS)
class SecurityGroup(Struct, frozen=True, kw_only=True):
    """A network security group (NSG)."""

    id: str
    name: str
    properties: GroupProperties


@azure.collects(
    SecurityGroup,
    at="subscription",
    call=SECURITY_GROUPS,
    permissions="Microsoft.Network/networkSecurityGroups/read",
)
def security_groups(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(SECURITY_GROUPS)


class Delegated(Struct, frozen=True, kw_only=True, rename="camel"):
    """The service that a subnet is for."""

    service_name: str | None = None


class Delegation(Struct, frozen=True, kw_only=True):
    """A subnet given to a service."""

    name: str
    properties: Delegated


class SubnetProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What filters a subnet, and what is in it. Azure leaves out what there is not."""

    network_security_group: Reference | None = None
    delegations: tuple[Delegation, ...] | None = None


class Subnet(Struct, frozen=True, kw_only=True):
    """A subnet."""

    id: str
    name: str
    properties: SubnetProperties


class NetworkProperties(Struct, frozen=True, kw_only=True):
    """The subnets of a network."""

    subnets: tuple[Subnet, ...] | None = None  # left out where there are none


@resource("azure.network.virtual_network", key="id", volatile=("etag",), redact=MAKERS)
class VirtualNetwork(Struct, frozen=True, kw_only=True):
    """A virtual network with its subnets."""

    id: str
    name: str
    location: str
    properties: NetworkProperties


@azure.collects(
    VirtualNetwork, at="subscription", call=VIRTUAL_NETWORKS, permissions="Microsoft.Network/virtualNetworks/read"
)
def virtual_networks(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(VIRTUAL_NETWORKS)


@resource("azure.network.public_ip", key="id", volatile=("etag",), redact=MAKERS)
class PublicIp(Struct, frozen=True, kw_only=True):
    """A public address: evidence for people."""

    id: str
    name: str


@azure.collects(PublicIp, at="subscription", call=PUBLIC_IPS, permissions="Microsoft.Network/publicIPAddresses/read")
def public_ips(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(PUBLIC_IPS)


@resource("azure.network.watcher", key="id", volatile=("etag",), redact=MAKERS)
class Watcher(Struct, frozen=True, kw_only=True):
    """A network watcher, of which there is one in a region at most."""

    id: str
    name: str
    location: str


@azure.collects(Watcher, at="subscription", call=WATCHERS, permissions="Microsoft.Network/networkWatchers/read")
def watchers(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(WATCHERS)


class Retention(Struct, frozen=True, kw_only=True):
    """How long flow logs stay in their storage account; 0 days: for ever."""

    days: int
    enabled: bool


class Analytics(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a workspace gets them too."""

    enabled: bool = False
    workspace_resource_id: str | None = None


class FlowAnalytics(Struct, frozen=True, kw_only=True, rename="camel"):
    """Traffic analytics. Left out: there is none."""

    configuration: Analytics | None = field(name="networkWatcherFlowAnalyticsConfiguration", default=None)


class FlowLogProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is logged, and whether it is."""

    target_resource_id: str
    enabled: bool = False  # left out in answers of logs that were never switched on
    retention_policy: Retention | None = None  # left out: kept until somebody deletes it
    flow_analytics_configuration: FlowAnalytics | None = None


@resource("azure.network.flow_log", key="id", volatile=("etag",), redact=MAKERS)
class FlowLog(Struct, frozen=True, kw_only=True):
    """A log of the flows through a network, a subnet, an interface or (until it is retired) a security group."""

    id: str
    name: str
    properties: FlowLogProperties


@azure.collects(
    FlowLog,
    at="subscription",
    call=(WATCHERS, FLOW_LOGS),
    permissions=("Microsoft.Network/networkWatchers/read", "Microsoft.Network/networkWatchers/flowLogs/read"),
)
def flow_logs(subscription: Azure) -> Iterator[Body]:
    return below(
        subscription.pages(WATCHERS),
        lambda watcher: subscription.pages(FLOW_LOGS, **places_of(watcher["id"], "watcher")),
    )
