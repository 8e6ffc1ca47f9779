"""What the rules of a security group open together: at which ports, and to how much of the public internet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.ec2.address_space import Interval, Share, interval, public_share
from connectors.aws.ec2.resources.network import EVERY_PORT, IpPermission
from connectors.aws.ec2.resources.prefix_lists import ManagedPrefixList

_NO_PORT = range(0)
_EVERY_PROTOCOL = "-1"
_ANY = "any"
_PROTOCOLS_WITH_PORTS = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}
_ICMP = frozenset({"icmp", "1", "icmpv6", "58"})


@dataclass(frozen=True)
class Rule:
    """One rule of a group as far as it may let in the internet; `ports` is empty for a protocol without ports.

    `unclear` says which of its sources cannot be told: prefix lists that were not read, and texts that are no range.
    """

    protocol: str
    ports: range
    sources: tuple[str, ...]
    intervals: tuple[Interval, ...]
    unclear: tuple[str, ...]

    def __str__(self) -> str:
        if not self.ports:
            what = f"protocol {self.protocol}"
        elif len(self.ports) == len(EVERY_PORT):
            what = "every port" if self.protocol == _ANY else f"every {self.protocol} port"
        else:
            what = f"{self.protocol} {_span(self.ports)}"
        return f"{what} from {first_few(self.sources, 4)}"


@dataclass(frozen=True)
class Opening:
    """What rules open at ports that the same ones cover, or for a protocol without ports."""

    what: str
    rules: tuple[Rule, ...]

    @property
    def share(self) -> Share:
        """The share of the public addresses that the rules let in together."""
        return public_share(each for rule in self.rules for each in rule.intervals)

    @property
    def unclear(self) -> tuple[str, ...]:
        """Which sources cannot be told."""
        return tuple(dict.fromkeys(why for rule in self.rules for why in rule.unclear))

    def by(self) -> str:
        """Return the rules as text."""
        return first_few(dict.fromkeys(map(str, self.rules)), 4, "; ")


@dataclass
class PrefixLists:
    """The prefix lists of a region, which are read only where a rule names one."""

    listed: Iterable[ManagedPrefixList]
    _by_id: dict[str, ManagedPrefixList] | None = field(default=None, init=False)

    def cidrs(self, id_: str) -> list[str]:
        """Return the ranges in a prefix list. Raises Unread where it, or the list of them, was not read."""
        if self._by_id is None:
            self._by_id = {each.prefix_list_id: each for each in self.listed}
        if id_ not in self._by_id:
            raise Unread("it is not among those that the account can see, as one that is not shared with it any more")
        return [entry.cidr for entry in self._by_id[id_].entries]


def rules_of(permissions: Iterable[IpPermission], lists: PrefixLists) -> list[Rule]:
    """Return the rules that name addresses or prefix lists. ICMP, which has no ports, is left out.

    Other security groups as sources are not the internet.
    """
    rules = (_rule(permission, lists) for permission in permissions)
    return [rule for rule in rules if rule.sources and rule.protocol not in _ICMP]


def openings_at(rules: Sequence[Rule], ports: Iterable[int]) -> Iterator[Opening]:
    """Yield what rules open at each of some ports; ports that the same rules cover are in one opening."""
    by_rules: dict[tuple[Rule, ...], list[int]] = {}
    for port in sorted(set(ports)):
        if covering := tuple(rule for rule in rules if port in rule.ports):
            by_rules.setdefault(covering, []).append(port)
    for covering, covered in by_rules.items():
        yield Opening(first_few(map(str, covered)), covering)


def openings_but(rules: Sequence[Rule], approved: frozenset[int]) -> Iterator[Opening]:
    """Yield what rules open besides approved ports, each protocol without ports included."""
    edges = {edge for rule in rules if rule.ports for edge in (rule.ports.start, rule.ports.stop)}
    edges |= {edge for port in approved for edge in (port, port + 1)}
    spans: dict[tuple[Rule, ...], list[str]] = {}
    for start, end in pairwise(sorted(edges)):
        covering = tuple(rule for rule in rules if start in rule.ports)
        if covering and start not in approved:
            spans.setdefault(covering, []).append(_span(range(start, end)))
    for covering, covered in spans.items():
        yield Opening(first_few(covered), covering)
    for protocol in dict.fromkeys(rule.protocol for rule in rules if not rule.ports):
        yield Opening(f"protocol {protocol}", tuple(rule for rule in rules if rule.protocol in (protocol, _ANY)))


def _rule(permission: IpPermission, lists: PrefixLists) -> Rule:
    cidrs = [each.cidr_ip for each in permission.ip_ranges] + [each.cidr_ipv6 for each in permission.ipv6_ranges]
    ids = [each.prefix_list_id for each in permission.prefix_list_ids]
    protocol, ports = _ports(permission)
    unclear: list[str] = []
    listed: list[str] = []
    for id_ in ids if protocol not in _ICMP else ():
        try:
            listed += lists.cidrs(id_)
        except Unread as reason:
            unclear.append(f"what is in the prefix list {id_} is not read: {reason}")
    intervals = {cidr: interval(cidr) for cidr in (*cidrs, *listed)}
    return Rule(
        protocol,
        ports,
        sources=(*(repr(cidr) if intervals[cidr] is None else cidr for cidr in cidrs), *ids),
        intervals=tuple(each for each in intervals.values() if each is not None),
        unclear=(
            *(f"{cidr!r} is no range of addresses" for cidr, each in intervals.items() if each is None),
            *unclear,
        ),
    )


def _ports(permission: IpPermission) -> tuple[str, range]:
    if permission.ip_protocol == _EVERY_PROTOCOL:
        return _ANY, EVERY_PORT
    protocol = _PROTOCOLS_WITH_PORTS.get(permission.ip_protocol)
    if protocol is None:
        return permission.ip_protocol, _NO_PORT
    first, last = permission.from_port, permission.to_port
    if first is None or last is None or not 0 <= first <= last:
        return protocol, EVERY_PORT
    return protocol, range(first, last + 1)


def _span(ports: range) -> str:
    first, last = ports[0], ports[-1]
    return str(first) if first == last else f"{first}-{last}"
