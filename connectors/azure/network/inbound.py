"""Whom a security group lets in: its rules by priority, each for whom it surely and possibly decides.

https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from connectors.azure.network.address_space import EVERYBODY, Space, of_prefix
from connectors.azure.network.resources import Reference, RuleProperties, SecurityGroup, SecurityRule

# https://learn.microsoft.com/azure/virtual-network/service-tags-overview
_EVERYBODY = frozenset({"*", "any", "internet"})
_NOT_THE_INTERNET = frozenset({"virtualnetwork", "azureloadbalancer"})
"""The network with what is connected to it, and the probes of a load balancer. Whom a load balancer forwards comes with
the address that it has on the internet, and is let in or not by that."""
_EVERY_ADDRESS = frozenset({"*", "any", "virtualnetwork", "0.0.0.0/0", "::/0"})

_TCP = frozenset({"tcp", "*", "any"})
_NOWHERE = Space()
_LAST_PORT = 65_535


@dataclass(frozen=True)
class Opening:
    """Whom a group lets in to a port: surely, possibly, by which rules, and what is not known of it."""

    port: int
    surely: Space = _NOWHERE
    possibly: Space = _NOWHERE
    rules: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Source:
    surely: Space
    possibly: Space
    unread: tuple[str, ...]


@dataclass
class _Way:
    """What is decided for one destination so far."""

    surely_left: Space = EVERYBODY
    possibly_left: Space = EVERYBODY
    surely: Space = _NOWHERE
    possibly: Space = _NOWHERE
    rules: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def openings(group: SecurityGroup, ports: Iterable[int]) -> Iterator[Opening]:
    """Yield whom a group lets in by TCP, port by port, to whichever machine behind it lets in most."""
    rules = sorted(
        (
            rule
            for rule in (*(group.properties.security_rules or ()), *(group.properties.default_security_rules or ()))
            if rule.properties.direction.lower() == "inbound" and rule.properties.protocol.lower() in _TCP
        ),
        key=lambda rule: rule.properties.priority,
    )
    for port in sorted(set(ports)):
        at_port = [rule for rule in rules if _has_port(rule.properties, port)]
        ways = [_decide(at_port, destination) for destination in _destinations(at_port)]
        surely, possibly = _NOWHERE, _NOWHERE
        for way in ways:
            surely |= way.surely
            possibly |= way.possibly
        yield Opening(
            port,
            surely,
            possibly,
            tuple(dict.fromkeys(name for way in ways for name in way.rules)),
            tuple(dict.fromkeys(doubt for way in ways for doubt in way.doubts)),
        )


def _decide(rules: Sequence[SecurityRule], destination: str) -> _Way:
    way = _Way()
    for rule in rules:
        applies = _applies(rule.properties, destination)
        if applies is False:
            continue
        source = _source(rule.properties)
        if rule.properties.access.lower() == "allow":
            # Whoever comes chooses the port that they come from, so that a rule for some of these lets everybody in.
            possible = way.possibly_left & source.possibly
            way.possibly |= possible
            if applies:
                opened = way.surely_left & source.surely
                way.surely |= opened
                if opened != _NOWHERE:
                    way.rules.append(f"{rule.name} (priority {rule.properties.priority})")
            if possible != _NOWHERE and (source.unread or not applies):
                way.doubts.append(_doubt(rule, source))
        elif source.unread and way.possibly_left != _NOWHERE:
            way.doubts.append(_doubt(rule, source))
        way.surely_left -= source.possibly
        if applies and _has_every_source_port(rule.properties):
            way.possibly_left -= source.surely
    return way


def _doubt(rule: SecurityRule, source: _Source) -> str:
    if source.unread:
        return f"whom {rule.name} means by {', '.join(source.unread)} is not read"
    return f"which machines {rule.name} is for is not told"


def _source(rule: RuleProperties) -> _Source:
    """Return whom a rule speaks of. Members of application security groups are machines of the network."""
    surely = possibly = _NOWHERE
    unread: list[str] = []
    for prefix in _texts(rule.source_address_prefix, rule.source_address_prefixes):
        word = prefix.strip().lower()
        space = EVERYBODY if word in _EVERYBODY else _NOWHERE if word in _NOT_THE_INTERNET else of_prefix(prefix)
        if space is None:
            # A service tag: a list of Microsoft's that changes each week. In many of them anybody can rent an address.
            unread.append(prefix)
            possibly = EVERYBODY
        else:
            surely |= space
            possibly |= space
    return _Source(surely, possibly, tuple(unread))


def _destinations(rules: Iterable[SecurityRule]) -> list[str]:
    """Return each destination that a rule names, and first "": every other machine behind the group."""
    named = (name for rule in rules for name in _named(rule.properties) if name not in _EVERY_ADDRESS)
    return ["", *dict.fromkeys(named)]


def _named(rule: RuleProperties) -> list[str]:
    prefixes = _texts(rule.destination_address_prefix, rule.destination_address_prefixes)
    groups: tuple[Reference, ...] = rule.destination_application_security_groups or ()
    return [*(prefix.strip().lower() for prefix in prefixes), *(group.id.lower() for group in groups)]


def _applies(rule: RuleProperties, destination: str) -> bool | None:
    """Return whether a rule is for a destination; None where that cannot be told."""
    names = _named(rule)
    if not names or not _EVERY_ADDRESS.isdisjoint(names) or destination in names:
        return True
    if destination == "":
        # Whether any machine is left beside what a rule names depends on how much that is.
        return None if rule.access.lower() == "deny" and any(not _is_one_address(name) for name in names) else False
    here = of_prefix(destination)
    found = False
    for name in names:
        there = of_prefix(name)
        if here is None or there is None:
            found = True  # a machine of an application security group may have any address
        elif here - there == _NOWHERE:
            return True
        elif here & there != _NOWHERE:
            found = True
    return None if found else False


def _is_one_address(name: str) -> bool:
    space = of_prefix(name)
    return space is not None and all(first == last for first, last in (*space.ipv4, *space.ipv6))


def _has_port(rule: RuleProperties, port: int) -> bool:
    ports = list(_ports(rule.destination_port_range, rule.destination_port_ranges))
    # Ports that cannot be read are all ports of a rule that lets in, and none of one that does not.
    return any(port in span for span in ports if span is not None) or (None in ports and rule.access.lower() == "allow")


def _has_every_source_port(rule: RuleProperties) -> bool:
    spans = _ports(rule.source_port_range, rule.source_port_ranges)
    return any(span is not None and len(span) >= _LAST_PORT for span in spans)


def _ports(one: str | None, several: tuple[str, ...] | None) -> Iterator[range | None]:
    for text in _texts(one, several):
        first, _, last = text.strip().partition("-")
        if first.lower() in ("*", "any"):
            yield range(_LAST_PORT + 1)
        else:
            is_readable = first.isdigit() and (last or first).isdigit()
            yield range(int(first), int(last or first) + 1) if is_readable else None


def _texts(one: str | None, several: tuple[str, ...] | None) -> list[str]:
    return [text for text in (one or "", *(several or ())) if text]
