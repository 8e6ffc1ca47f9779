"""By which ways the internet comes to what a security group filters, for the reason of a verdict.

A group that lets the internet in is open whether or not there is a way today: the next public address makes one. A load
balancer keeps the address of the sender, so that the group decides for what it forwards as well, at the port behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from collector.core.checks import All
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.azure.network.interfaces import AddressProperties, Forward, Interface, LoadBalancer
from connectors.azure.network.resources import SecurityGroup

_EVERY_PORT = 0
_SHOWN = 3


def ways_in(
    group: SecurityGroup, ports: Collection[int], interfaces: All[Interface], balancers: All[LoadBalancer]
) -> str:
    """Return in words by which ways these ports of what is behind a group are reached, as far as that was read."""
    try:
        behind = [(interface.name, address) for interface in interfaces for address in _filtered(interface, group)]
    except Unread:
        return "by which ways it is reached is not read"
    found = [f"{name} has a public address" for name, address in behind if address.public_ip is not None]
    try:
        found += [way for balancer in balancers for way in _forwarded(balancer, ports, behind)]
    except Unread:
        found.append("load balancers are not read")
    if not found:
        return "no public address and no load balancer leads there now"
    return f"reached: {first_few(dict.fromkeys(found), _SHOWN, '; ')}"


def _filtered(interface: Interface, group: SecurityGroup) -> list[AddressProperties]:
    """Return the addresses of an interface that a group filters: by the interface, or by the subnet."""
    own = interface.properties.network_security_group
    subnets = {subnet.id.lower() for subnet in group.properties.subnets or ()}
    is_own = own is not None and own.id.lower() == group.id.lower()
    addresses = [address.properties for address in interface.properties.ip_configurations or ()]
    return [
        address
        for address in addresses
        if is_own or (address.subnet is not None and address.subnet.id.lower() in subnets)
    ]


def _forwarded(
    balancer: LoadBalancer, ports: Collection[int], behind: Iterable[tuple[str, AddressProperties]]
) -> list[str]:
    said = balancer.properties
    public = {
        front.id.lower() for front in said.frontend_ip_configurations or () if front.properties.public_ip is not None
    }
    forwards = [
        forward
        for forward in (*(said.load_balancing_rules or ()), *(said.inbound_nat_rules or ()))
        if _leads_to(forward, ports)
        and forward.properties.frontend is not None
        and forward.properties.frontend.id.lower() in public
    ]
    return [
        f"{balancer.name} forwards {_ports(forward)} to {name}"
        for name, address in behind
        for forward in forwards
        if not forward.targets.isdisjoint(_names(address))
    ]


def _leads_to(forward: Forward, ports: Collection[int]) -> bool:
    return forward.properties.backend_port == _EVERY_PORT or forward.properties.backend_port in ports


def _names(address: AddressProperties) -> set[str]:
    """Return the ids of pools and rules that an address says it belongs to, in lower case."""
    named = (
        *(address.load_balancer_backend_address_pools or ()),
        *(address.load_balancer_inbound_nat_rules or ()),
    )
    return {each.id.lower() for each in named}


def _ports(forward: Forward) -> str:
    if forward.properties.backend_port == _EVERY_PORT:
        return "every port"
    return f"port {forward.properties.frontend_port} as {forward.properties.backend_port}"
