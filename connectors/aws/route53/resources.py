"""Route 53: domains that are registered with it, and the rule groups of DNS Firewall that networks use.

Contacts of domains are never asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import Settings

_HOME_OF_DOMAINS = "us-east-1"


@resource("aws.route53.domain", key="DomainName")
class Domain(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A domain that is registered by the account (route53domains:ListDomains)."""

    domain_name: str
    auto_renew: bool | None = None  # None: AWS documents it as optional
    transfer_lock: bool | None = None  # None: likewise
    expiry: datetime | None = None  # None: likewise


class FirewallRule(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What is done with names of a list."""

    action: str  # ALLOW, BLOCK or ALERT
    priority: int | None = None  # the lowest number comes first; None: AWS documents it as optional
    status: str = ""  # AWS leaves it out of most; CREATION_FAILED: it does nothing

    @property
    def decides(self) -> bool:
        """Whether it ends the way of a query."""
        return self.action in ("ALLOW", "BLOCK") and self.status != "CREATION_FAILED"


@resource("aws.route53.dns_firewall", key="Id")
class DnsFirewall(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A rule group of DNS Firewall that is associated with a network."""

    id: str
    vpc_id: str
    firewall_rule_group_id: str
    status: str  # COMPLETE, UPDATING or DELETING
    priority: int | None = None  # the lowest number comes first; None: AWS documents it as optional
    rules: tuple[FirewallRule, ...]


def _registers(settings: Settings) -> bool:
    """Whether the partition registers domains."""
    return settings.partition == "aws"


@aws.collects(
    Domain, at="account", call="route53domains:ListDomains", permissions="route53domains:ListDomains", when=_registers
)
def domains(account: Account) -> Iterator[Body]:
    yield from account.pages("route53domains", "ListDomains", "Domains", region=_HOME_OF_DOMAINS, MaxItems=100)


@aws.collects(
    DnsFirewall,
    at="region",
    call="route53resolver:ListFirewallRuleGroupAssociations",
    permissions="route53resolver:ListFirewallRuleGroupAssociations",
)
def dns_firewalls(account: Account) -> Iterator[Body]:
    kept = ("Id", "VpcId", "FirewallRuleGroupId", "Status", "Priority")
    listed = account.pages(
        "route53resolver", "ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations", MaxResults=100
    )
    yield from (only(association, *kept) for association in listed)


@aws.part(
    DnsFirewall,
    "Rules",
    call="route53resolver:ListFirewallRules",
    permissions="route53resolver:ListFirewallRules",
)
def firewall_rules(account: Account, association: Body) -> Any:
    listed = account.pages(
        "route53resolver",
        "ListFirewallRules",
        "FirewallRules",
        FirewallRuleGroupId=association["FirewallRuleGroupId"],
        MaxResults=100,
    )
    return [only(rule, "Action", "Priority", "Status") for rule in listed]
