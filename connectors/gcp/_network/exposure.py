"""Which part of the internet reaches a port of a network's instances: rules in Google's order, the first one decides.

https://cloud.google.com/firewall/docs/firewall-policies-overview#rule-evaluation: policies of the organization and of
folders first, then VPC rules and network policies in the order that the network says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.gcp._network.rules import Rule, policy_rules, vpc_rules
from connectors.gcp._network.space import Space, everybody, space_of

_VPC_FIRST = "AFTER_CLASSIC_FIREWALL"
_ABOVE = frozenset({"HIERARCHY", "SYSTEM"})
_NETWORK = frozenset({"NETWORK", "NETWORK_REGIONAL", "SYSTEM_GLOBAL", "SYSTEM_REGIONAL"})
_VERSIONS = (4, 6)

Level = Sequence[Rule]
"""The rules of one policy, or of the VPC, in order."""


@dataclass(frozen=True)
class Opening:
    """What a rule lets in at a port, as parts of the public internet.

    `reached` is what no earlier rule keeps out for all instances; `reached_surely` leaves out what one keeps out for
    some.
    """

    rule: str
    reached: Space
    reached_surely: Space
    also: tuple[str, ...]

    @property
    def possibly(self) -> float:
        """The part of the public internet that the rule may let in."""
        return self.reached.public_part

    @property
    def surely(self) -> float:
        """The part that nothing keeps out."""
        return self.reached_surely.public_part


def levels_of(effective: dict[str, Any], order: str) -> list[Level]:
    """Return the rules of a network by level, in the order in which Google asks them.

    Raises ValueError for a policy of a type that is not known.
    """
    above: list[Level] = []
    network: list[Level] = []
    for policy in sorted(effective.get("firewallPolicys", ()), key=lambda each: int(each.get("priority", 0))):
        kind = policy.get("type", "")
        if kind not in _ABOVE | _NETWORK:
            message = f"a firewall policy of the type {kind!r} is not known"
            raise ValueError(message)
        (above if kind in _ABOVE else network).append(list(policy_rules(policy)))
    own = list(vpc_rules(effective.get("firewalls", ())))
    return [*above, own, *network] if order == _VPC_FIRST else [*above, *network, own]


def together(found: Iterable[Opening]) -> Iterator[Opening]:
    """Yield what several rules let in at a port together, by version of IP; each by itself may be narrow."""
    for version in _VERSIONS:
        mine = [each for each in found if each.reached.version == version]
        if len(mine) > 1:
            reached = surely = Space(version, ())
            for each in mine:
                reached, surely = reached | each.reached, surely | each.reached_surely
            yield Opening(f"{len(mine)} rules together", reached, surely, ())


def openings(levels: Sequence[Level], protocol: str, port: int) -> Iterator[Opening]:
    """Yield what rules let in at a port. Raises ValueError for a range that cannot be read."""
    for version in _VERSIONS:
        coming = everybody(version)
        doubtful = Space(version, ())
        for level in levels:
            here, sent_on = coming, Space(version, ())
            for rule in level:
                if not rule.covers(protocol, port):
                    continue
                named = everybody(version) if rule.ranges is None else space_of(version, rule.ranges)
                reached = here & named
                match rule.action:
                    case "deny" if rule.is_for_all:
                        here = here - named
                    case "deny":
                        doubtful = doubtful | reached
                    case "goto_next":
                        sent_on = sent_on | reached
                        here = here - named if rule.is_for_all else here
                    case _:
                        if reached.public_part or rule.also:
                            yield Opening(rule.name, reached, reached - doubtful, rule.also)
                        here = here - named if rule.is_for_all else here
            coming = here | sent_on
