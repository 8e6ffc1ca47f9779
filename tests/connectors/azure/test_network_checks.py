"""What security groups let in: by priority, by address space, by destination; and flow logs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors.azure.network import checks, gateway_checks
from connectors.azure.network.address_space import EVERYBODY, Space, of_prefix, of_range
from connectors.azure.network.gateways import ApplicationGateway, AzureFirewall, FirewallPolicy, WafPolicy
from connectors.azure.network.inbound import openings
from connectors.azure.network.interfaces import Interface, LoadBalancer
from connectors.azure.network.resources import FlowLog, SecurityGroup, VirtualNetwork, Watcher
from tests.connectors.azure.estate import DEFAULT_RULES, a_rule
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    a_resource,
    made,
    status,
    unread,
    verdict,
)


def a_group(*rules: dict[str, Any], **but: Any) -> SecurityGroup:
    """A security group with Azure's own rules below these."""
    properties = {"securityRules": list(rules), "defaultSecurityRules": DEFAULT_RULES, **but}
    return made(
        SecurityGroup, a_resource(HERE, "Microsoft.Network/networkSecurityGroups", "nsg", properties=properties)
    )


ANY = {"sourceAddressPrefix": "*"}
NOBODY = (CompleteSet(), CompleteSet())
"""No interface, and no load balancer."""


def admin(group: SecurityGroup) -> Status:
    """The verdict on ports of administration."""
    return status(checks.no_admin_ports_open, group, *NOBODY)


def data(group: SecurityGroup) -> Status:
    """The verdict on ports of databases."""
    return status(checks.no_db_ports_open, group, *NOBODY)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], PASS),
        ([a_rule("office")], PASS),
        ([a_rule("all", **ANY)], FAIL),
        ([a_rule("all", sourceAddressPrefix="Internet")], FAIL),
        ([a_rule("all", sourceAddressPrefix="0.0.0.0/0")], FAIL),
        ([a_rule("all", sourceAddressPrefix="::/0")], FAIL),
        ([a_rule("all", sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8", "Internet"])], FAIL),
        ([a_rule("plural", **ANY, destinationPortRange=None, destinationPortRanges=["443", "3389"])], FAIL),
        ([a_rule("range", **ANY, destinationPortRange="20-25")], FAIL),
        ([a_rule("every port", **ANY, destinationPortRange="*")], FAIL),
        ([a_rule("web", **ANY, destinationPortRange="443")], PASS),
        ([a_rule("every protocol", **ANY, protocol="*")], FAIL),
        ([a_rule("udp", **ANY, protocol="Udp")], PASS),
        ([a_rule("out", **ANY, direction="Outbound")], PASS),
        ([a_rule("halves", sourceAddressPrefix=None, sourceAddressPrefixes=["0.0.0.0/1", "128.0.0.0/1"])], FAIL),
        ([a_rule("private", sourceAddressPrefix="10.0.0.0/8")], PASS),
        ([a_rule("network", sourceAddressPrefix="VirtualNetwork")], PASS),
        ([a_rule("probes", sourceAddressPrefix="AzureLoadBalancer")], PASS),
        ([a_rule("tag", sourceAddressPrefix="AzureCloud")], UNKNOWN),
        ([a_rule("tag", sourceAddressPrefix="Storage.WestEurope")], UNKNOWN),
        ([a_rule("members", sourceAddressPrefix=None, sourceApplicationSecurityGroups=[{"id": "/asg"}])], PASS),
        ([a_rule("odd ports", **ANY, destinationPortRange="ssh")], FAIL),
    ],
)
def test_what_a_rule_lets_in(rules: list[Any], expected: Status) -> None:
    """However the addresses, ports and protocols of everybody are written."""
    assert admin(a_group(*rules)) is expected


def _deny(**but: Any) -> dict[str, Any]:
    return a_rule("deny", access="Deny", **{"sourceAddressPrefix": "*", "priority": 90, **but})


ALLOW = a_rule("allow", **ANY, priority=200)


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        (_deny(), PASS),
        (_deny(priority=300), FAIL),
        (_deny(protocol="*", destinationPortRange="*"), PASS),
        (_deny(protocol="Udp"), FAIL),
        (_deny(destinationPortRange="23"), FAIL),
        (_deny(sourceAddressPrefix="Internet"), PASS),
        (_deny(sourceAddressPrefix="1.0.0.0/8"), FAIL),
        (_deny(sourceAddressPrefix="0.0.0.0/0"), FAIL),  # everybody by IPv6
        (_deny(sourceAddressPrefix="AzureCloud"), UNKNOWN),
        (_deny(sourcePortRange="1024-65535"), UNKNOWN),
        (_deny(destinationAddressPrefix="10.0.0.4"), FAIL),
        (_deny(destinationAddressPrefix="10.0.0.0/16"), UNKNOWN),
        (_deny(destinationAddressPrefix="VirtualNetwork"), PASS),
        (_deny(destinationPortRange="ssh"), FAIL),
    ],
)
def test_a_denial_above_decides_for_whom_it_is(deny: dict[str, Any], expected: Status) -> None:
    """A denial of part of the addresses, ports or machines is not one of all."""
    assert admin(a_group(deny, ALLOW)) is expected


def test_a_rule_for_one_machine_opens_that_machine() -> None:
    """Whatever is denied to others."""
    one = a_rule("one", **ANY, destinationAddressPrefix="10.0.0.4", priority=100)

    assert admin(a_group(one)) is FAIL
    assert admin(a_group(one, _deny())) is PASS
    assert admin(a_group(one, _deny(destinationAddressPrefix="10.0.0.0/24"))) is PASS
    assert admin(a_group(one, _deny(destinationAddressPrefix="10.0.1.0/24"))) is FAIL


def test_members_of_an_application_security_group_are_opened() -> None:
    """Where a denial names addresses, whether it is for the same machines is not told."""
    group = {"destinationAddressPrefix": None, "destinationApplicationSecurityGroups": [{"id": "/asg"}]}
    opened = a_rule("members", **ANY, **group, priority=100)

    assert admin(a_group(opened)) is FAIL
    assert admin(a_group(opened, _deny(**group))) is PASS
    assert admin(a_group(opened, _deny(destinationAddressPrefix="10.0.0.0/8"))) is UNKNOWN


def test_the_reason_names_rule_port_and_whom() -> None:
    """So that somebody finds it."""
    subnet = {"id": "/x/subnets/front"}
    found = verdict(checks.no_admin_ports_open, a_group(a_rule("AllowSSH", **ANY), subnets=[subnet]), *NOBODY).reason

    assert all(word in found for word in ("nsg", "front", "tcp 22", "the whole internet", "AllowSSH (priority 100)"))


GROUP_ID = a_group().id
FRONT, INSIDE = "/lb/front", "/lb/inside"
POOL: dict[str, Any] = {"loadBalancerBackendAddressPools": [{"id": "/LB/pool"}]}


def an_interface(name: str = "nic", group: str | None = None, **address: Any) -> Interface:
    """An interface in the subnet that the group filters."""
    own = {} if group is None else {"networkSecurityGroup": {"id": group}}
    stands = {"subnet": {"id": "/x/subnets/FRONT"}, **address}
    properties = {"ipConfigurations": [{"properties": stands}], **own}
    return made(Interface, {"id": f"/nic/{name}", "name": name, "properties": properties})


def a_balancer(front: str = FRONT, back: int = 22, *, nat: bool = False) -> LoadBalancer:
    """A load balancer with a public and a private address, which forwards from one of them."""
    ports = {"frontendPort": 2222, "backendPort": back, "frontendIPConfiguration": {"id": front}}
    to_pool = {"id": "/lb/rule", "name": "r", "properties": {**ports, "backendAddressPool": {"id": "/lb/pool"}}}
    to_one = {"id": "/lb/nat", "name": "nat", "properties": ports}
    properties = {
        "frontendIPConfigurations": [
            {"id": FRONT, "properties": {"publicIPAddress": {"id": "/pip"}}},
            {"id": INSIDE, "properties": {}},
        ],
        "loadBalancingRules": [] if nat else [to_pool],
        "inboundNatRules": [to_one] if nat else [],
    }
    return made(LoadBalancer, {"id": "/lb", "name": "lb", "properties": properties})


@pytest.mark.parametrize(
    ("interfaces", "balancers", "way"),
    [
        ([an_interface(publicIPAddress={"id": "/pip"})], [], "nic has a public address"),
        ([an_interface(**POOL)], [a_balancer()], "lb forwards port 2222 as 22 to nic"),
        ([an_interface(**POOL)], [a_balancer(back=0)], "lb forwards every port to nic"),
        ([an_interface(loadBalancerInboundNatRules=[{"id": "/lb/NAT"}])], [a_balancer(nat=True)],
         "lb forwards port 2222 as 22 to nic"),
        ([an_interface(**POOL)], [a_balancer(back=443)], "no public address and no load balancer leads there now"),
        ([an_interface(**POOL)], [a_balancer(INSIDE)], "no public address and no load balancer leads there now"),
        ([an_interface(subnet={"id": "/other"}, publicIPAddress={"id": "/pip"})], [], "leads there now"),
        ([an_interface(group=GROUP_ID.upper(), subnet={"id": "/other"}, publicIPAddress={"id": "/pip"})], [],
         "nic has a public address"),
        (None, [], "by which ways it is reached is not read"),
        ([], None, "load balancers are not read"),
    ],
)  # fmt: skip
def test_the_way_is_in_the_reason(interfaces: Any, balancers: Any, way: str) -> None:
    """An open group fails with or without a way; a load balancer opens the port behind it."""
    group = a_group(a_rule("AllowSSH", **ANY), subnets=[{"id": "/x/subnets/front"}])
    sets = [UnreadSet() if each is None else CompleteSet(*each) for each in (interfaces, balancers)]

    found = verdict(checks.no_admin_ports_open, group, *sets)

    assert found.status is FAIL
    assert way in found.reason


def test_a_closed_group_needs_no_way() -> None:
    """What was not read of interfaces decides nothing."""
    assert status(checks.no_admin_ports_open, a_group(), UnreadSet(), UnreadSet()) is PASS


@pytest.mark.parametrize(
    ("ports", "expected"), [("5432", FAIL), ("1000-2000", FAIL), ("443", PASS), ("27018-30000", PASS)]
)
def test_ports_of_databases(ports: str, expected: Status) -> None:
    """Another list of ports, the same rule."""
    assert data(a_group(a_rule("r", **ANY, destinationPortRange=ports))) is expected


def test_what_was_not_read_opens_and_closes_nothing() -> None:
    """A group that was refused is unknown."""
    assert admin(unread(SecurityGroup)) is UNKNOWN
    assert data(a_group(a_rule("tag", sourceAddressPrefix="Sql", destinationPortRange="*"))) is (UNKNOWN)
    assert status(checks.flow_logs_enabled, a_network(), UnreadSet()) is UNKNOWN


SOURCES = st.sampled_from(
    ["*", "Internet", "8.8.8.8", "10.0.0.0/8", "0.0.0.0/1", "AzureCloud", "VirtualNetwork", "1.0.0.0/8"]
)
TARGETS = st.sampled_from(["*", "10.0.0.4", "10.0.0.0/24", "VirtualNetwork"])
RULES = st.builds(
    lambda source, target, access, priority: a_rule(
        f"r{priority}", sourceAddressPrefix=source, destinationAddressPrefix=target, access=access, priority=priority
    ),
    SOURCES, TARGETS, st.sampled_from(["Allow", "Deny"]), st.integers(100, 4096),
)  # fmt: skip


def _open(*rules: dict[str, Any]) -> Any:
    return next(iter(openings(a_group(*rules), [22])))


@given(rules=st.lists(RULES, max_size=5, unique_by=lambda rule: rule["properties"]["priority"]))
def test_surely_is_a_part_of_possibly(rules: list[Any]) -> None:
    """What is surely let in is also possibly let in."""
    found = _open(*rules)

    assert (found.surely - found.possibly) == Space()


@given(rules=st.lists(RULES, max_size=4, unique_by=lambda rule: rule["properties"]["priority"]), target=TARGETS)
def test_a_denial_on_top_never_opens(rules: list[Any], target: str) -> None:
    """Whatever is denied first, no address more is let in."""
    before = _open(*rules)
    after = _open(_deny(destinationAddressPrefix=target), *rules)

    assert (after.surely - before.surely) == Space()
    assert (after.possibly - before.possibly) == Space()


@given(rules=st.lists(RULES, max_size=4, unique_by=lambda rule: rule["properties"]["priority"]), source=SOURCES)
def test_one_who_is_let_in_last_never_closes(rules: list[Any], source: str) -> None:
    """A rule below all others decides only for those who are left."""
    before = _open(*rules)
    after = _open(*rules, a_rule("last", sourceAddressPrefix=source, priority=5000))

    assert (before.surely - after.surely) == Space()
    assert (before.possibly - after.possibly) == Space()


PREFIXES = st.sampled_from(["0.0.0.0/0", "8.0.0.0/8", "8.8.0.0/16", "2000::/3", "10.0.0.0/8", "8.8.8.8"])


@given(first=PREFIXES, second=PREFIXES)
def test_spaces_are_sets(first: str, second: str) -> None:
    """Union, common part and difference agree with each other."""
    a, b = of_prefix(first), of_prefix(second)
    assert a is not None
    assert b is not None

    assert (a - b) | (a & b) == a
    assert (a | b) - b == a - b
    assert 0 <= (a & b).public_share <= a.public_share <= (a | b).public_share <= 1


def test_shares_of_the_internet() -> None:
    """Private addresses are none of it; texts that name no addresses are not taken for any."""
    assert EVERYBODY.public_share == 1
    assert (EVERYBODY - (of_prefix("10.0.0.0/8") or EVERYBODY)).public_share == 1
    assert Space().public_share == 0
    assert of_prefix("the office") is None
    assert of_range("8.8.8.9", "8.8.8.8") is None
    assert of_range("8.8.8.8", "::1") is None
    assert of_range("1.0.0.0", "9.255.255.255") == of_prefix("1.0.0.0/8") | of_prefix("2.0.0.0/7") | of_prefix(  # type: ignore[operator]
        "4.0.0.0/6"
    ) | of_prefix("8.0.0.0/7")
    assert str(of_prefix("10.0.0.0/8")) == "no public address"


NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"/subscriptions/{HERE}/resourceGroups/rg/providers/{NETWORK}/net/subnets/front"


def a_network(*subnets: str, group: str | None = None) -> VirtualNetwork:
    """A network with subnets, which have one security group."""
    filtered = {} if group is None else {"networkSecurityGroup": {"id": group}}
    listed = [{"id": f"{SUBNET}{name}", "name": name, "properties": filtered} for name in subnets]
    return made(VirtualNetwork, a_resource(HERE, NETWORK, "net", properties={"subnets": listed}))


def a_log(target: str, **but: Any) -> FlowLog:
    """A flow log that is kept for long enough."""
    properties = {"targetResourceId": target, "enabled": True, "retentionPolicy": {"days": 90, "enabled": True}, **but}
    return made(
        FlowLog, a_resource(HERE, "Microsoft.Network/networkWatchers/flowLogs", "w", "log", properties=properties)
    )


WHOLE = f"/subscriptions/{HERE}/resourceGroups/rg/providers/{NETWORK}/net"
ANALYSED = {"flowAnalyticsConfiguration": {"networkWatcherFlowAnalyticsConfiguration": {"enabled": True}}}


@pytest.mark.parametrize(
    ("network", "logs", "expected"),
    [
        (a_network("a"), [a_log(WHOLE)], PASS),
        (a_network("a"), [a_log(WHOLE.upper())], PASS),
        (a_network("a"), [a_log(WHOLE, enabled=False)], FAIL),
        (a_network("a"), [a_log(WHOLE, retentionPolicy={"days": 89, "enabled": True})], FAIL),
        (a_network("a"), [a_log(WHOLE, retentionPolicy={"days": 0, "enabled": True})], PASS),
        (a_network("a"), [a_log(WHOLE, retentionPolicy={"days": 1, "enabled": False})], PASS),
        (a_network("a"), [a_log(WHOLE, retentionPolicy={"days": 7, "enabled": True}, **ANALYSED)], PASS),
        (a_network("a", "b"), [a_log(f"{SUBNET}a")], FAIL),
        (a_network("a", "b"), [a_log(f"{SUBNET}a"), a_log(f"{SUBNET}b")], PASS),
        (a_network("a", "b", group="/nsg"), [a_log("/NSG")], PASS),
        (a_network("a"), [], FAIL),
        (a_network(), [], PASS),
    ],
)
def test_flows_are_logged(network: VirtualNetwork, logs: list[FlowLog], expected: Status) -> None:
    """By a log of the network, of each subnet, or of the group of each."""
    assert status(checks.flow_logs_enabled, network, CompleteSet(*logs)) is expected


PUBLIC_FRONT = [{"properties": {"publicIPAddress": {"id": "/pip"}}}]


def a_gateway(**but: Any) -> ApplicationGateway:
    """A gateway on the internet with one listener."""
    properties = {"frontendIPConfigurations": PUBLIC_FRONT, "httpListeners": [{"name": "l", "properties": {}}]}
    body = a_resource(HERE, "Microsoft.Network/applicationGateways", "gw", properties=properties)
    return made(ApplicationGateway, body, properties=but)


def a_waf(name: str, state: str = "Enabled", mode: str = "Prevention") -> WafPolicy:
    """A policy of the web application firewall."""
    settings = {"policySettings": {"state": state, "mode": mode}}
    return made(WafPolicy, {"id": f"/waf/{name}", "name": name, "properties": settings})


WAFS = CompleteSet(a_waf("strict"), a_waf("watching", mode="Detection"), a_waf("off", state="Disabled"))


def _by(name: str) -> dict[str, Any]:
    return {"firewallPolicy": {"id": f"/WAF/{name}"}}


@pytest.mark.parametrize(
    ("but", "policies", "expected"),
    [
        (_by("strict"), WAFS, PASS),
        (_by("watching"), WAFS, FAIL),
        (_by("off"), WAFS, FAIL),
        (_by("elsewhere"), WAFS, UNKNOWN),
        (_by("strict"), UnreadSet(), UNKNOWN),
        ({}, WAFS, FAIL),
        ({}, UnreadSet(), FAIL),
        ({"webApplicationFirewallConfiguration": {"enabled": True, "firewallMode": "Prevention"}}, WAFS, PASS),
        ({"webApplicationFirewallConfiguration": {"enabled": True, "firewallMode": "Detection"}}, WAFS, FAIL),
        ({"webApplicationFirewallConfiguration": {"enabled": False, "firewallMode": "Prevention"}}, WAFS, FAIL),
        ({**_by("strict"), "httpListeners": [{"name": "l", "properties": _by("watching")}]}, WAFS, FAIL),
        ({"httpListeners": [{"name": "l", "properties": _by("strict")}]}, WAFS, PASS),
        ({"httpListeners": [{"name": "l", "properties": _by("strict")}, {"name": "m", "properties": {}}]}, WAFS, FAIL),
        ({"frontendIPConfigurations": [{"properties": {}}]}, WAFS, NOTHING),
    ],
)
def test_gateways_block_attacks(but: dict[str, Any], policies: Any, expected: Status) -> None:
    """A listener's own policy takes the place of the gateway's."""
    assert status(gateway_checks.gateway_waf_enabled, a_gateway(**but), policies) is expected


def a_firewall(mode: str | None = None, policy: str | None = None) -> AzureFirewall:
    """A firewall with a mode of its own, or a policy."""
    properties = {"threatIntelMode": mode} | ({"firewallPolicy": {"id": f"/P/{policy}"}} if policy else {})
    return made(AzureFirewall, {"id": "/fw", "name": "fw", "properties": properties})


def a_firewall_policy(name: str, mode: str, base: str | None = None) -> FirewallPolicy:
    """A policy, which may have one above it."""
    properties = {"threatIntelMode": mode} | ({"basePolicy": {"id": f"/p/{base}"}} if base else {})
    return made(FirewallPolicy, {"id": f"/p/{name}", "name": name, "properties": properties})


FIREWALL_POLICIES = CompleteSet(
    a_firewall_policy("deny", "Deny"), a_firewall_policy("alert", "Alert"), a_firewall_policy("child", "Alert", "deny"),
    a_firewall_policy("orphan", "Alert", "elsewhere"), a_firewall_policy("a", "Off", "b"),
    a_firewall_policy("b", "Off", "a"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("firewall", "expected"),
    [
        (a_firewall("Deny"), PASS),
        (a_firewall("Alert"), FAIL),
        (a_firewall(None), FAIL),
        (a_firewall("Alert", "deny"), PASS),
        (a_firewall("Deny", "alert"), FAIL),
        (a_firewall(None, "child"), PASS),
        (a_firewall(None, "orphan"), UNKNOWN),
        (a_firewall(None, "elsewhere"), UNKNOWN),
        (a_firewall(None, "a"), FAIL),
    ],
)
def test_firewalls_block_what_is_known(firewall: AzureFirewall, expected: Status) -> None:
    """A policy decides, and may be no weaker than the one above it."""
    assert status(gateway_checks.firewall_threat_intel, firewall, FIREWALL_POLICIES) is expected


def _with_subnets(*subnets: tuple[str, dict[str, Any]]) -> VirtualNetwork:
    listed = [{"id": f"{SUBNET}{name}", "name": name, "properties": properties} for name, properties in subnets]
    return made(VirtualNetwork, a_resource(HERE, NETWORK, "net", properties={"subnets": listed}))


FILTERED = {"networkSecurityGroup": {"id": "/nsg"}}
GIVEN = {"delegations": [{"name": "d", "properties": {"serviceName": "Microsoft.NetApp/volumes"}}]}


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (_with_subnets(("a", FILTERED)), PASS),
        (_with_subnets(("a", FILTERED), ("b", {})), FAIL),
        (_with_subnets(("GatewaySubnet", {}), ("AzureFirewallSubnet", {})), PASS),
        (_with_subnets(("a", GIVEN)), UNKNOWN),
        (_with_subnets(("a", {**GIVEN, **FILTERED})), PASS),
        (_with_subnets(), PASS),
        (unread(VirtualNetwork), UNKNOWN),
    ],
)
def test_subnets_are_filtered(network: VirtualNetwork, expected: Status) -> None:
    """But for those whose names Azure reserves."""
    assert status(gateway_checks.subnet_has_nsg, network) is expected


def _watcher(region: str) -> Watcher:
    return made(Watcher, {"id": f"/w/{region}", "name": region, "location": region})


@pytest.mark.parametrize(
    ("networks", "watchers", "expected"),
    [
        ([a_network()], CompleteSet(_watcher("West Europe")), PASS),
        ([a_network()], CompleteSet(_watcher("northeurope")), FAIL),
        ([a_network()], CompleteSet(), FAIL),
        ([a_network()], UnreadSet(), UNKNOWN),
        ([], CompleteSet(), NOTHING),
    ],
)
def test_regions_are_watched(networks: list[Any], watchers: Any, expected: Status) -> None:
    """Regions are written in two ways."""
    assert status(gateway_checks.watcher_enabled, CompleteSet(*networks), watchers) is expected


def test_edges_that_were_not_read_are_unknown() -> None:
    """What could not be looked at is neither good nor bad."""
    assert status(gateway_checks.gateway_waf_enabled, unread(ApplicationGateway), WAFS) is UNKNOWN
    assert status(gateway_checks.firewall_threat_intel, unread(AzureFirewall), FIREWALL_POLICIES) is UNKNOWN
