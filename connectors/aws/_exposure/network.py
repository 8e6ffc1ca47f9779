"""The evaluator: public address x route x network ACL x security groups, for an endpoint in a VPC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from collector.core.checks import All
from collector.core.errors import Unread
from connectors.aws._exposure.filters import acl_edges, acl_gate, group_gate, tcp_rules
from connectors.aws._exposure.routes import route_gate
from connectors.aws._exposure.sources import Sources, Space, everybody, just, untold
from connectors.aws._exposure.verdict import Exposure, Gate, one_of, through, widest
from connectors.aws._policy.truth import Truth
from connectors.aws.ec2.resources.network import SecurityGroup
from connectors.aws.ec2.resources.routing import NetworkAcl, RouteTable, Subnet

MAX_PUBLIC_SHARE = 0.0001
"""The share of the public internet from which on something counts as open to it. docs/adr/0027"""

V = TypeVar("V")


@dataclass(frozen=True)
class Network:
    """The networks of a region as far as they could be read; `unread` says by part why one could not."""

    subnets: Sequence[Subnet] = ()
    tables: Sequence[RouteTable] = ()
    acls: Sequence[NetworkAcl] = ()
    groups: Sequence[SecurityGroup] = ()
    unread: tuple[str, ...] = ()


def network(
    subnets: All[Subnet], tables: All[RouteTable], acls: All[NetworkAcl], groups: All[SecurityGroup]
) -> Network:
    """Return the networks of a region. What could not be read is left out, and makes what it decides untold."""
    unread: list[str] = []
    return Network(
        _read(subnets, unread), _read(tables, unread), _read(acls, unread), _read(groups, unread), tuple(unread)
    )


def _read(views: Iterable[V], unread: list[str]) -> Sequence[V]:
    try:
        return tuple(views)
    except Unread as reason:
        unread.append(str(reason))
        return ()


@dataclass(frozen=True)
class Endpoint:
    """What may be reached: its name, its public addresses, where it stands, and what filters it.

    `public` says by family whether it has a public address. `subnets` are those in which it has one, or of which it is
    in one (`in_one`). `groups` are its security groups; None where none apply, so that everything passes. `ports` are
    the TCP ports; None: any.
    """

    name: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...] | None
    ports: tuple[int, ...] | None
    public: dict[int, Truth] = field(default_factory=dict)
    in_one: bool = False


def reach(endpoint: Endpoint, seen: Network, max_public_share: float = MAX_PUBLIC_SHARE) -> Exposure:
    """Return whether the internet reaches an endpoint by TCP at a public address of its own."""
    versions = [version for version, has in sorted(endpoint.public.items()) if has is not Truth.NO]
    if not versions:
        gate = Gate(just(Space(4)), "", "it has no public address")
        return through(endpoint.name, [gate], max_public_share)
    if not endpoint.subnets:
        gate = Gate(untold(versions[0]), "", doubts=("AWS does not say in which subnets it is",))
        return through(endpoint.name, [gate], max_public_share)
    by_subnet = [widest(_ways(endpoint, subnet, versions, seen, max_public_share)) for subnet in endpoint.subnets]
    if endpoint.in_one:
        return one_of(by_subnet, f"in which of its {len(by_subnet)} subnets it is would decide it")
    return widest(by_subnet)


def _ways(
    endpoint: Endpoint, name: str, versions: Sequence[int], seen: Network, max_public_share: float
) -> Iterator[Exposure]:
    """Yield what holds of an endpoint in one subnet, by family and port."""
    subnet = next((subnet for subnet in seen.subnets if subnet.subnet_id == name), None)
    groups = [group for group in seen.groups if group.group_id in (endpoint.groups or ())]
    rules = [tcp_rules(group) for group in groups]
    edges = {rule.ports.start for of_group in rules for rule in of_group if rule.ports}
    ports = endpoint.ports if endpoint.ports is not None else sorted({0} | edges | acl_edges(seen.acls))
    for version in versions:
        gates = [_address_gate(endpoint, version), *_route_gates(subnet, name, seen, version)]
        for port in ports:
            filters = [] if subnet is None else [_told(acl_gate(subnet, seen.acls, version, port), seen)]
            if endpoint.groups is not None:
                filters.append(_told(group_gate(endpoint.groups, groups, rules, version, port), seen))
            yield through(endpoint.name, [*gates, *filters], max_public_share)


def _address_gate(endpoint: Endpoint, version: int) -> Gate:
    has = endpoint.public[version]
    all_ = everybody(version)
    doubt = f"whether it has a public IPv{version} address is not said"
    return Gate(just(all_), "") if has is Truth.YES else Gate(Sources(Space(version), all_), "", doubts=(doubt,))


def _route_gates(subnet: Subnet | None, name: str, seen: Network, version: int) -> list[Gate]:
    if subnet is None:
        doubts = seen.unread or (f"{name} is not among the subnets that could be read",)
        return [Gate(untold(version), name, doubts=doubts)]
    return [_told(route_gate(subnet, seen.tables, version), seen)]


def _told(gate: Gate, seen: Network) -> Gate:
    """Return a gate whose doubts, where some part of the networks could not be read, say why."""
    return Gate(gate.sources, gate.step, gate.closed, (*gate.doubts, *seen.unread)) if gate.doubts else gate
