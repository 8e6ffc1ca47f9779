"""The gates of security groups and network ACLs: whom they let in to a TCP port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws._exposure.sources import Sources, Space, everybody, just, space_of, untold
from connectors.aws._exposure.verdict import Gate
from connectors.aws.ec2.address_space import interval
from connectors.aws.ec2.openings import PrefixLists, Rule, rules_of
from connectors.aws.ec2.resources.network import SecurityGroup
from connectors.aws.ec2.resources.prefix_lists import ManagedPrefixList
from connectors.aws.ec2.resources.routing import NetworkAcl, NetworkAclEntry, Subnet

_TCP = ("tcp", "any")
_TCP_OR_ALL = frozenset({"6", "-1"})
_PORTS = range(65_536)


class _NotAsked:
    """Prefix lists that a check does not ask for: whom a rule lets in by one cannot be told."""

    def __iter__(self) -> Iterator[ManagedPrefixList]:
        raise Unread("prefix lists are no part of this question")


def tcp_rules(group: SecurityGroup) -> list[Rule]:
    """Return the rules of a group that let addresses in by TCP. Another group as source is not the internet."""
    return [rule for rule in rules_of(group.ip_permissions, PrefixLists(_NotAsked())) if rule.protocol in _TCP]


def group_gate(
    names: Sequence[str],
    groups: Sequence[SecurityGroup],
    rules: Sequence[Sequence[Rule]],
    version: int,
    port: int,
) -> Gate:
    """Return whom security groups let in to a port together. `rules` are the TCP rules of each of `groups`.

    A group that is in `names` and not among `groups` was not seen: everybody may come by it.
    """
    missing = [name for name in names if name not in {group.group_id for group in groups}]
    surely = possibly = Space(version)
    doubts = [f"the rules of {first_few(missing)} could not be read"] if missing else []
    letting = []
    for group, rules_of_group in zip(groups, rules, strict=True):
        covering = [rule for rule in rules_of_group if port in rule.ports]
        space = space_of(version, (each for rule in covering for each in rule.intervals))
        surely |= space
        unclear = [why for rule in covering for why in rule.unclear]
        doubts += [f"{group.group_id}: {why}" for why in unclear]
        possibly |= everybody(version) if unclear else space
        if space.share.part:
            letting.append(group.group_id)
    if missing:
        possibly = everybody(version)
    step = f"{first_few(letting or names, 4)}: tcp {port} from {surely}" if surely.ranges else first_few(names, 4)
    closed = f"{first_few(names, 4)} lets in {surely} by tcp"
    return Gate(Sources(surely, possibly), step, closed, tuple(dict.fromkeys(doubts)))


def acl_gate(subnet: Subnet, acls: Iterable[NetworkAcl], version: int, port: int) -> Gate:
    """Return whom the network ACL of a subnet lets in to a port, and out to again at any port that a client may have.

    https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
    """
    acl = next((acl for acl in acls if any(each.subnet_id == subnet.subnet_id for each in acl.associations)), None)
    if acl is None:
        doubt = f"the network ACL of {subnet.subnet_id} is not among those that could be read"
        return Gate(untold(version), "", doubts=(doubt,))
    inward, outward = _entries(acl, version, egress=False), _entries(acl, version, egress=True)
    back = Space(version)
    for client in _starts(outward):
        back |= _let_through(outward, version, client)
    sources = just(_let_through(inward, version, port) & back)
    return Gate(sources, "", f"{acl.network_acl_id} of {subnet.subnet_id} lets in {sources.surely} by tcp")


def let_in_by_acl(acl: NetworkAcl, version: int, port: int) -> Space:
    """Return whom a network ACL lets in to a TCP port, whatever it lets out again."""
    return _let_through(_entries(acl, version, egress=False), version, port)


def acl_edges(acls: Iterable[NetworkAcl]) -> set[int]:
    """Return each port at which what an ACL lets in may change."""
    return {port for acl in acls for version in (4, 6) for port in _starts(_entries(acl, version, egress=False))}


def _entries(acl: NetworkAcl, version: int, *, egress: bool) -> list[NetworkAclEntry]:
    """Return the entries of a direction and family that are about TCP, the deciding ones first."""
    fitting = (
        entry
        for entry in acl.entries
        if entry.egress is egress and entry.protocol in _TCP_OR_ALL and _cidr(entry, version) is not None
    )
    return sorted(fitting, key=lambda entry: entry.rule_number)


def _cidr(entry: NetworkAclEntry, version: int) -> str | None:
    return entry.cidr_block if version == 4 else entry.ipv6_cidr_block  # noqa: PLR2004  the version


def _ports(entry: NetworkAclEntry) -> range:
    ports = entry.port_range
    if entry.protocol == "-1" or ports is None or ports.from_ is None or ports.to is None:
        return _PORTS
    return range(ports.from_, ports.to + 1)


def _starts(entries: Iterable[NetworkAclEntry]) -> set[int]:
    edges = {edge for entry in entries for edge in (_ports(entry).start, _ports(entry).stop)}
    return {0} | {edge for edge in edges if edge in _PORTS}


def _let_through(entries: Iterable[NetworkAclEntry], version: int, port: int) -> Space:
    left, allowed = everybody(version), Space(version)
    for entry in entries:
        cidr = interval(_cidr(entry, version) or "")
        if cidr is None or port not in _ports(entry):
            continue
        here = left & space_of(version, [cidr])
        left -= here
        if entry.rule_action == "allow":
            allowed |= here
    return allowed
