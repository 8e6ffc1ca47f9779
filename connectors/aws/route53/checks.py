"""Checks of Route 53: domains stay the company's, and networks do not ask for names that are blocked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.ec2.resources.network import DhcpOptions, Vpc
from connectors.aws.route53.resources import DnsFirewall, Domain

# What a network may call Route 53 Resolver, which alone asks the firewall.
# https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
_RESOLVER = frozenset({"AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253"})


@check(
    "aws_route53_domain_transfer_lock",
    title="The registered domain is locked against transfer, and renewed by itself",
    severity="medium",
    fix="Turn on transfer lock and automatic renewal of the domain",
)
def domain_transfer_lock(domain: Domain, *, now: datetime, domains_without_lock: tuple[str, ...] = ()) -> Verdict:
    name = domain.domain_name
    if domain.expiry is not None and domain.expiry <= now:
        return failed(f"{name} expired on {domain.expiry:%Y-%m-%d}, and was not renewed")
    if domain.auto_renew is None or domain.transfer_lock is None:
        return unknown(f"AWS does not say whether {name} is locked and renewed")
    lacking = [] if domain.auto_renew else ["is not renewed by itself"]
    if not domain.transfer_lock and name not in domains_without_lock:
        lacking.append("is not locked against transfer")
    if lacking:
        return failed(f"{name} {' and '.join(lacking)}")
    locked = "locked against transfer" if domain.transfer_lock else "listed in domains_without_lock"
    return passed(f"{name} is renewed by itself, and {locked}")


@check(
    "aws_route53_dns_firewall_enabled",
    title="A DNS firewall blocks names that the network asks for",
    severity="low",
    fix="Associate a rule group that blocks AWS's lists of bad domains with the network",
)
def dns_firewall_enabled(
    network: Vpc,
    firewalls: All[DnsFirewall],
    options: All[DhcpOptions],
    *,
    networks_filtered_elsewhere: tuple[str, ...] = (),
) -> Verdict:
    name = network.vpc_id
    if name in networks_filtered_elsewhere:
        return not_applicable(f"{name} is listed in networks_filtered_elsewhere")
    doubts: list[str] = []
    watching: list[str] = []
    blocking = _blocking((each for each in firewalls if each.vpc_id == name), doubts, watching)
    if blocking is not None:
        elsewhere = _asked_elsewhere(network, options)
        return passed(f"{blocking} blocks names that {name} asks for") if elsewhere is None else unknown(elsewhere)
    if doubts:
        return unknown(f"{name}: {first_few(doubts, between='; ')}")
    if watching:
        return failed(f"{first_few(watching)} of {name} blocks nothing")
    return failed(f"{name} has no rule group of DNS Firewall")


def _blocking(firewalls: Iterable[DnsFirewall], doubts: list[str], watching: list[str]) -> str | None:
    """Return the rule group that surely blocks, or None; add to the doubts, and to those that block nothing.

    The first rule that a name meets decides: what comes after one that allows may never be asked.
    """
    before: str | None = None
    for firewall in sorted(firewalls, key=lambda each: _place(each.priority)):
        group = firewall.firewall_rule_group_id
        try:
            rules = sorted(firewall.rules, key=lambda rule: (_place(rule.priority), rule.action))
        except Unread as reason:
            doubts.append(f"{group}: {reason}")
            before = group
            continue
        decisive = [rule.action for rule in rules if rule.decides]
        if "BLOCK" not in decisive:
            watching.append(group)
        elif firewall.status != "COMPLETE":
            doubts.append(f"{group} is {firewall.status}")
        elif decisive[0] == "BLOCK" and before is None:
            return group
        else:
            first = group if decisive[0] == "ALLOW" else before
            doubts.append(f"{group} blocks names, after a rule of {first} that may allow all of them")
        if "ALLOW" in decisive:
            before = group
    return None


def _place(priority: int | None) -> int:
    """Return the place in an order; what has none may come first."""
    return -1 if priority is None else priority


def _asked_elsewhere(network: Vpc, options: Iterable[DhcpOptions]) -> str | None:
    """Return why it is not known that the machines of a network ask Route 53 Resolver; None where they are told to."""
    told = next((each for each in options if each.dhcp_options_id == network.dhcp_options_id), None)
    if told is None:
        return f"whom the machines of {network.vpc_id} ask for names is not among the DHCP options that could be read"
    servers = told.values_of("domain-name-servers")
    if not servers:
        return f"the DHCP options of {network.vpc_id} name no server of names, so that each image decides whom it asks"
    others = [server for server in servers if server not in _RESOLVER]
    if others:
        return f"machines of {network.vpc_id} ask {first_few(others)} for names; whether that asks Route 53 is not seen"
    return None
