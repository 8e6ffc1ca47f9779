"""Rules of VPC firewalls and of firewall policies as one: what each lets in or keeps out, and whom it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_PROTOCOLS = {"6": "tcp", "17": "udp"}
_LAST_PORT = 65535


@dataclass(frozen=True)
class Rule:
    """One rule for what comes in.

    `ranges` are the sources of the internet, None where nothing narrows them; `also` says whom it is about besides,
    which is not evaluated here. `is_for_all`: no tag or account narrows the instances that it is for.
    """

    name: str
    priority: int
    action: str  # allow, deny, goto_next; apply_security_profile_group lets through what it finds harmless
    ranges: tuple[str, ...] | None
    is_for_all: bool
    layers: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]  # a protocol and its ports; none: all ports
    also: tuple[str, ...] = ()

    def covers(self, protocol: str, port: int) -> bool:
        """Whether the rule is about a port."""
        return any(
            each in {"all", protocol} and (not ports or any(first <= port <= last for first, last in ports))
            for each, ports in self.layers
        )


def vpc_rules(firewalls: Iterable[dict[str, Any]]) -> Iterator[Rule]:
    """Yield the enabled rules of a VPC firewall for what comes in, in order; a denial comes before what it equals."""
    found = [_vpc_rule(each) for each in firewalls if each.get("direction") == "INGRESS" and not each.get("disabled")]
    yield from sorted(found, key=lambda rule: (rule.priority, rule.action != "deny"))


def _vpc_rule(firewall: dict[str, Any]) -> Rule:
    denied = firewall.get("denied")
    ranges = firewall.get("sourceRanges")
    by_identity = firewall.get("sourceTags") or firewall.get("sourceServiceAccounts")
    return Rule(
        name=firewall["name"],
        priority=firewall["priority"],
        action="deny" if denied else "allow",
        # A rule that names tags or accounts only lets in instances of the network; one without anything, everybody.
        ranges=tuple(ranges) if ranges else () if by_identity else None,
        is_for_all=not (
            firewall.get("targetTags") or firewall.get("targetServiceAccounts") or firewall.get("destinationRanges")
        ),
        layers=tuple(
            (_protocol(each["IPProtocol"]), tuple(map(_ports, each.get("ports", ()))))
            for each in denied or firewall.get("allowed", ())
        ),
    )


_MORE = {
    "srcAddressGroups": "address groups",
    "srcFqdns": "names of hosts",
    "srcRegionCodes": "countries",
    "srcThreatIntelligences": "lists of known attackers",
}
_INTERNET = frozenset({"", "INTERNET", "UNSPECIFIED"})


def policy_rules(policy: dict[str, Any]) -> Iterator[Rule]:
    """Yield the enabled rules of a firewall policy for what comes in, in order."""
    rules = [
        each for each in policy.get("rules", ()) if each.get("direction") == "INGRESS" and not each.get("disabled")
    ]
    for rule in sorted(rules, key=lambda each: int(each["priority"])):
        yield _policy_rule(policy, rule)


def _policy_rule(policy: dict[str, Any], rule: dict[str, Any]) -> Rule:
    match = rule.get("match", {})
    ranges = match.get("srcIpRanges")
    more = tuple(what for key, what in _MORE.items() if match.get(key))
    is_inside = bool(match.get("srcNetworks")) or not (
        {match.get("srcNetworkContext", ""), match.get("srcNetworkType", "")} <= _INTERNET
    )
    if is_inside:
        ranges, more = (), ()
    elif not ranges and (more or match.get("srcSecureTags")):
        ranges = ()  # a secure tag is of instances
    targets = ("targetResources", "targetSecureTags", "targetServiceAccounts", "targetForwardingRules")
    title = policy.get("displayName") or policy.get("shortName") or policy.get("name", "a policy")
    return Rule(
        name=f"{rule.get('ruleName') or rule['priority']} of {title}",
        priority=int(rule["priority"]),
        action=rule["action"],
        ranges=tuple(ranges) if ranges is not None else None,
        is_for_all=not any(rule.get(key) for key in targets)
        and not any(value for key, value in match.items() if key.startswith("dest")),
        layers=tuple(
            (_protocol(each["ipProtocol"]), tuple(map(_ports, each.get("ports", ()))))
            for each in match.get("layer4Configs", ())
        ),
        also=more,
    )


def _protocol(said: str) -> str:
    return _PROTOCOLS.get(said, said.lower())


def _ports(said: str) -> tuple[int, int]:
    first, _, last = str(said).partition("-")
    return int(first), int(last or first)
