"""The gate of the route tables: to whom a subnet's answers go through an internet gateway.

A public address is reached from whom its answers find the way back to: the most specific route decides.
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.aws._exposure.sources import Sources, Space, everybody, just, space_of, untold
from connectors.aws._exposure.verdict import Gate
from connectors.aws.ec2.address_space import Interval, interval
from connectors.aws.ec2.resources.routing import Route, RouteTable, Subnet

_GATEWAY = "igw-"
_MIDDLEBOX = "vpce-"


def route_gate(subnet: Subnet, tables: Sequence[RouteTable], version: int) -> Gate:
    """Return whom the routes of a subnet let through. An egress-only gateway lets nobody in from the internet."""
    mode = subnet.block_public_access_states.internet_gateway_block_mode
    if mode != "off":
        closed = f"VPC Block Public Access is {mode} for {subnet.subnet_id}"
        return Gate(just(Space(version)), subnet.subnet_id, closed)
    table = _table_of(subnet, tables)
    if table is None:
        doubt = f"no route table of {subnet.vpc_id} that is for {subnet.subnet_id} is among those that could be read"
        return Gate(untold(version), subnet.subnet_id, doubts=(doubt,))
    watched = any(
        (association.gateway_id or "").startswith(_GATEWAY)
        for other in tables
        if other.vpc_id == subnet.vpc_id
        for association in other.associations
    )
    sources, gateways, doubts = _by_routes(table, version, watched=watched)
    via = " and ".join(dict.fromkeys(gateways))
    step = f"{via} -> {table.route_table_id} -> {subnet.subnet_id}" if via else subnet.subnet_id
    closed = f"{table.route_table_id} of {subnet.subnet_id} has no IPv{version} route to an internet gateway"
    return Gate(sources, step, closed, doubts)


def _table_of(subnet: Subnet, tables: Iterable[RouteTable]) -> RouteTable | None:
    """Return the table of a subnet's own, else the main one of its VPC; None where neither is among them."""
    main = None
    for table in tables:
        for association in table.associations:
            if association.subnet_id == subnet.subnet_id:
                return table
            if association.main and table.vpc_id == subnet.vpc_id:
                main = table
    return main


def _by_routes(table: RouteTable, version: int, *, watched: bool) -> tuple[Sources, list[str], tuple[str, ...]]:
    """Return who is routed to internet gateways, which these are, and what is not known.

    `watched`: a gateway of the VPC has a route table, so that what comes in may pass through an appliance.
    """
    surely, possibly = Space(version), Space(version)
    gateways: list[str] = []
    doubts: list[str] = []
    # From the least specific to the most: each takes its addresses from those before.
    for route in sorted(table.routes, key=lambda route: _size(route, version), reverse=True):
        each = _destination(route, version)
        if each is None:
            continue
        here = space_of(version, [each])
        surely, possibly = surely - here, possibly - here
        gateway = route.gateway_id or ""
        if route.state != "active":
            continue
        if gateway.startswith(_GATEWAY):
            surely, possibly = surely | here, possibly | here
            gateways.append(gateway)
        elif watched and (gateway.startswith(_MIDDLEBOX) or route.network_interface_id):
            possibly |= here
            doubts.append(f"what the appliance behind {table.route_table_id} lets through is not read")
    for route in table.routes:
        if route.destination_prefix_list_id and route.state == "active" and _is_gateway(route):
            possibly = everybody(version)
            gateways.append(route.gateway_id or "")
            doubts.append(f"what is in the prefix list {route.destination_prefix_list_id} is not read")
    return Sources(surely, possibly), gateways, tuple(dict.fromkeys(doubts))


def _size(route: Route, version: int) -> int:
    """Return how many addresses a route is for; 0 where it is for none of this version."""
    each = _destination(route, version)
    return 0 if each is None else each.last - each.first + 1


def _is_gateway(route: Route) -> bool:
    return (route.gateway_id or "").startswith(_GATEWAY)


def _destination(route: Route, version: int) -> Interval | None:
    cidr = route.destination_cidr_block if version == 4 else route.destination_ipv6_cidr_block  # noqa: PLR2004  the version
    return None if cidr is None else interval(cidr)
