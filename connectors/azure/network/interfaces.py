"""Network interfaces of machines, and load balancers: the ways by which the internet comes to a port of a machine."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation
from connectors.azure.network.resources import Reference

_AT = "GET /subscriptions/{subscription}/providers/Microsoft.Network"
_VERSION = "2023-11-01"

INTERFACES = operation(f"{_AT}/networkInterfaces", _VERSION)
LOAD_BALANCERS = operation(f"{_AT}/loadBalancers", _VERSION)


class AddressProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where an interface stands, and what leads to it; Azure leaves out what there is not."""

    subnet: Reference | None = None
    public_ip: Reference | None = field(name="publicIPAddress", default=None)
    load_balancer_backend_address_pools: tuple[Reference, ...] | None = None
    load_balancer_inbound_nat_rules: tuple[Reference, ...] | None = None


class Address(Struct, frozen=True, kw_only=True):
    """An address of an interface."""

    properties: AddressProperties


class InterfaceProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The addresses of an interface, and the security group of its own."""

    ip_configurations: tuple[Address, ...] | None = None
    network_security_group: Reference | None = None


@resource("azure.network.interface", key="id", volatile=("etag",), redact=MAKERS)
class Interface(Struct, frozen=True, kw_only=True):
    """A network interface. Those of scale sets are in a list of each scale set, and are not here."""

    id: str
    name: str
    properties: InterfaceProperties


@azure.collects(Interface, at="subscription", call=INTERFACES, permissions="Microsoft.Network/networkInterfaces/read")
def interfaces(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(INTERFACES)


class FrontProperties(Struct, frozen=True, kw_only=True):
    """The address of a load balancer. Left out: a private one."""

    public_ip: Reference | None = field(name="publicIPAddress", default=None)


class Front(Struct, frozen=True, kw_only=True):
    """Where a load balancer is reached."""

    id: str
    properties: FrontProperties


class ForwardProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """From which port of which address to which port of what; port 0 of a rule is every port."""

    frontend_port: int
    backend_port: int
    frontend: Reference | None = field(name="frontendIPConfiguration", default=None)
    backend_address_pool: Reference | None = None
    backend_address_pools: tuple[Reference, ...] | None = None


class Forward(Struct, frozen=True, kw_only=True):
    """A rule that forwards: to a pool, or (inbound NAT) to what names the rule."""

    id: str
    name: str
    properties: ForwardProperties

    @property
    def targets(self) -> frozenset[str]:
        """The ids by which an interface says that it is meant, in lower case."""
        pools = (self.properties.backend_address_pool, *(self.properties.backend_address_pools or ()))
        return frozenset((self.id.lower(), *(pool.id.lower() for pool in pools if pool is not None)))


class BalancerProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a load balancer forwards."""

    frontend_ip_configurations: tuple[Front, ...] | None = field(name="frontendIPConfigurations", default=None)
    load_balancing_rules: tuple[Forward, ...] | None = None
    inbound_nat_rules: tuple[Forward, ...] | None = None


@resource("azure.network.load_balancer", key="id", volatile=("etag",), redact=MAKERS)
class LoadBalancer(Struct, frozen=True, kw_only=True):
    """A load balancer."""

    id: str
    name: str
    properties: BalancerProperties


@azure.collects(
    LoadBalancer, at="subscription", call=LOAD_BALANCERS, permissions="Microsoft.Network/loadBalancers/read"
)
def load_balancers(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(LOAD_BALANCERS)
