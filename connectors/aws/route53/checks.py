"""Checks of Route 53: domains stay the company's, and networks do not ask for names that are blocked."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.ec2.resources.network import Vpc
from connectors.aws.route53.resources import DnsFirewall, Domain


@check(
    "aws_route53_domain_transfer_lock",
    title="The registered domain is locked against transfer, and renewed by itself",
    severity="medium",
    fix="Turn on transfer lock and automatic renewal of the domain",
)
def domain_transfer_lock(domain: Domain, *, domains_without_lock: tuple[str, ...] = ()) -> Verdict:
    name = domain.domain_name
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
    network: Vpc, firewalls: All[DnsFirewall], *, networks_filtered_elsewhere: tuple[str, ...] = ()
) -> Verdict:
    name = network.vpc_id
    if name in networks_filtered_elsewhere:
        return not_applicable(f"{name} is listed in networks_filtered_elsewhere")
    doubts: list[str] = []
    watching: list[str] = []
    for firewall in firewalls:
        if firewall.vpc_id != name:
            continue
        group = firewall.firewall_rule_group_id
        try:
            blocks = any(rule.action == "BLOCK" for rule in firewall.rules)
        except Unread as reason:
            doubts.append(f"{group}: {reason}")
            continue
        if blocks and firewall.status == "COMPLETE":
            return passed(f"{group} blocks names that {name} asks for")
        if blocks:
            doubts.append(f"{group} is {firewall.status}")
        else:
            watching.append(group)
    if doubts:
        return unknown(f"{name}: {first_few(doubts, between='; ')}")
    if watching:
        return failed(f"{first_few(watching)} of {name} blocks nothing")
    return failed(f"{name} has no rule group of DNS Firewall")
