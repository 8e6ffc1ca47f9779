"""Checks of what stands at the edge: web application firewalls, Azure Firewalls, subnets, watchers."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.network.gateways import ApplicationGateway, AzureFirewall, FirewallPolicy, WafPolicy
from connectors.azure.network.resources import VirtualNetwork, Watcher

_PREVENTION = "Prevention"


@check(
    "azure_network_gateway_waf_enabled",
    title="Application gateways have WAF in prevention mode",
    severity="medium",
    fix="Attach a policy of the web application firewall to the gateway, enabled and in prevention mode",
)
def gateway_waf_enabled(gateway: ApplicationGateway, policies: All[WafPolicy]) -> Verdict:
    """The policy of a listener takes the place of that of the gateway, and one of a path that of the listener.

    https://learn.microsoft.com/azure/web-application-firewall/ag/per-site-policies
    """
    said = gateway.properties
    if said.frontend_ip_configurations and not any(
        front.properties.public_ip for front in said.frontend_ip_configurations
    ):
        return not_applicable(f"{gateway.name} has no public address")
    own = said.web_application_firewall_configuration
    in_use = [listener.properties.firewall_policy or said.firewall_policy for listener in said.http_listeners]
    in_use = in_use or [said.firewall_policy]
    rules = (rule for each in said.url_path_maps for rule in each.properties.path_rules)
    in_use += [rule.properties.firewall_policy for rule in rules if rule.properties.firewall_policy is not None]
    wrong: list[str] = []
    ids = {policy.id.lower() for policy in in_use if policy is not None}
    known = {policy.id.lower(): policy for policy in policies} if ids else {}
    missing = sorted(ids - known.keys())
    for id_ in sorted(ids & known.keys()):
        settings = known[id_].properties.policy_settings
        if settings.state != "Enabled" or settings.mode != _PREVENTION:
            wrong.append(f"{known[id_].name} is {settings.state}, {settings.mode}")
    if None in in_use:
        if own is None or not own.enabled:
            wrong.append("it has no web application firewall")
        elif own.firewall_mode != _PREVENTION:
            wrong.append(f"its web application firewall is in mode {own.firewall_mode}")
    if wrong:
        return failed(f"{gateway.name}: {first_few(wrong)}")
    if missing:
        return unknown(f"{gateway.name} is filtered by {first_few(missing)}, which is in another subscription")
    return passed()


@check(
    "azure_network_firewall_threat_intel",
    title="Azure Firewall blocks known malicious destinations",
    severity="low",
    fix="Set threat intelligence of the firewall or its policy to alert and deny",
)
def firewall_threat_intel(firewall: AzureFirewall, policies: All[FirewallPolicy]) -> Verdict:
    """A policy decides where there is one, and may be no weaker than the one above it."""
    policy = firewall.properties.firewall_policy
    if policy is None:
        mode = firewall.properties.threat_intel_mode
        return passed() if mode == "Deny" else failed(f"{firewall.name} has threat intelligence {mode}")
    known = {each.id.lower(): each for each in policies}
    seen: set[str] = set()
    modes: list[str] = []
    id_: str | None = policy.id.lower()
    while id_ is not None and id_ not in seen:
        seen.add(id_)
        if id_ not in known:
            return unknown(f"the policy {id_} of {firewall.name} is in another subscription")
        said = known[id_].properties
        if said.threat_intel_mode == "Deny":
            return passed()
        modes.append(f"{known[id_].name} has {said.threat_intel_mode}")
        id_ = said.base_policy.id.lower() if said.base_policy is not None else None
    return failed(f"{firewall.name}: {first_few(modes)}")


# Names that Azure reserves, of subnets that take no security group, or have one of Microsoft's own.
# https://learn.microsoft.com/azure/virtual-network/virtual-network-for-azure-services
_RESERVED = frozenset(
    {
        "gatewaysubnet",
        "azurefirewallsubnet",
        "azurefirewallmanagementsubnet",
        "azurebastionsubnet",
        "routeserversubnet",
    }
)


@check(
    "azure_network_subnet_has_nsg",
    title="Subnets have a network security group",
    severity="medium",
    fix="Associate a network security group with the subnet",
)
def subnet_has_nsg(network: VirtualNetwork) -> Verdict:
    bare: list[str] = []
    delegated: list[str] = []
    for subnet in network.properties.subnets or ():
        if subnet.properties.network_security_group is not None or subnet.name.lower() in _RESERVED:
            continue
        services = [each.properties.service_name or each.name for each in subnet.properties.delegations or ()]
        if services:
            delegated.append(f"{subnet.name} ({first_few(services)})")
        else:
            bare.append(subnet.name)
    if bare:
        return failed(f"{network.name}: nothing filters {first_few(bare)}")
    if delegated:
        return unknown(f"{network.name}: whether the services in {first_few(delegated)} take a group is not told")
    return passed()


@check(
    "azure_network_watcher_enabled",
    title="Network Watcher exists in used regions",
    severity="low",
    fix="Enable Network Watcher in the region",
)
def watcher_enabled(networks: All[VirtualNetwork], watchers: All[Watcher]) -> Verdict:
    used = {_region(network.location) for network in networks}
    if not used:
        return not_applicable("the subscription has no virtual network")
    missing = sorted(used - {_region(watcher.location) for watcher in watchers})
    return failed(f"without a watcher: {first_few(missing)}") if missing else passed()


def _region(location: str) -> str:
    return location.replace(" ", "").lower()
