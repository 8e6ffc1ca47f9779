"""Which part of the internet reaches a port: address space, priorities, levels, and what is for some instances only."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors._network.ranges import size
from connectors.gcp._network.space import Space, everybody, space_of
from connectors.gcp.compute import network_checks
from connectors.gcp.compute.networks import Network, Subnet
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json, firewall, firewall_policy, policy_rule
from tests.connectors.gcp.judging import seen
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, status, unread, verdict

WORLD: Json = {"sourceRanges": ["0.0.0.0/0"]}
HALVES: Json = {"sourceRanges": ["0.0.0.0/1", "128.0.0.0/1"]}


def a_network(
    firewalls: list[Json], policies: list[Json] | None = None, regional: list[Json] | None = None, **but: Any
) -> Network:
    """Return a network with what is in force in it."""
    effective = {"firewalls": firewalls, "firewallPolicys": policies or []}
    return seen(Network, bodies.network(**but), effective=effective, regional=regional or [])


def deny(**but: Any) -> Json:
    """Return a VPC rule that keeps everybody out."""
    return {**firewall("deny-all", **{**WORLD, **but}), "allowed": None, "denied": [{"IPProtocol": "all"}], **but}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], PASS),
        ([firewall()], PASS),
        ([firewall(**WORLD)], FAIL),
        ([firewall(**WORLD, disabled=True)], PASS),
        ([firewall(**WORLD, direction="EGRESS")], PASS),
        ([firewall(**HALVES)], FAIL),  # nobody has written 0.0.0.0/0
        ([firewall(sourceRanges=["::/0"])], FAIL),
        ([firewall(sourceRanges=["10.0.0.0/8"])], PASS),
        ([firewall(sourceRanges=["8.0.0.0/8"])], FAIL),
        ([firewall(sourceRanges=["203.0.113.0/24"])], PASS),
        ([firewall(**WORLD, ports=("443",))], PASS),
        ([firewall(**WORLD, ports=("20-25",))], FAIL),
        ([firewall(**WORLD, allowed=[{"IPProtocol": "all"}])], FAIL),
        ([firewall(**WORLD, allowed=[{"IPProtocol": "tcp"}])], FAIL),
        ([firewall(**WORLD, allowed=[{"IPProtocol": "6", "ports": ["22"]}])], FAIL),
        ([firewall(**WORLD, allowed=[{"IPProtocol": "udp", "ports": ["22"]}])], PASS),
        ([firewall(sourceRanges=[])], FAIL),  # neither ranges, tags nor accounts: everybody
        ([firewall(sourceRanges=[], sourceTags=["web"])], PASS),
        ([firewall(**WORLD, sourceTags=["web"])], FAIL),  # either is enough
        ([firewall(**WORLD, targetTags=["bastion"])], FAIL),
        ([firewall(**WORLD), deny(priority=900)], PASS),
        ([firewall(**WORLD), deny(priority=1000)], PASS),  # at one priority what keeps out comes first
        ([firewall(**WORLD), deny(priority=1001)], FAIL),
        ([firewall(**WORLD), deny(priority=900, sourceRanges=["0.0.0.0/1"])], FAIL),
        (
            [
                firewall(**WORLD),
                deny(priority=900, sourceRanges=["0.0.0.0/1"]),
                deny(priority=901, sourceRanges=["128.0.0.0/1"]),
            ],
            PASS,
        ),
        ([firewall(**WORLD), deny(priority=900, targetTags=["web"])], UNKNOWN),
        ([firewall(sourceRanges=["somewhere"])], UNKNOWN),
    ],
)
def test_vpc_rules_count_in_their_order(rules: list[Json], expected: Status) -> None:
    """By the addresses that they cover together, however these are written."""
    assert status(network_checks.no_admin_ports_open, a_network(rules)) is expected


SEND_ON = policy_rule("goto_next", 50)


@pytest.mark.parametrize(
    ("policies", "order", "expected"),
    [
        ([firewall_policy(policy_rule())], "AFTER_CLASSIC_FIREWALL", PASS),
        ([firewall_policy(SEND_ON, policy_rule())], "AFTER_CLASSIC_FIREWALL", FAIL),  # the first one decides
        ([firewall_policy(policy_rule(disabled=True))], "AFTER_CLASSIC_FIREWALL", FAIL),
        ([firewall_policy(policy_rule(targetServiceAccounts=["a"]))], "AFTER_CLASSIC_FIREWALL", UNKNOWN),
        ([firewall_policy(policy_rule(), kind="NETWORK")], "AFTER_CLASSIC_FIREWALL", FAIL),
        ([firewall_policy(policy_rule(), kind="NETWORK")], "BEFORE_CLASSIC_FIREWALL", PASS),
        ([firewall_policy(policy_rule(), kind="SOMETHING_NEW")], "AFTER_CLASSIC_FIREWALL", UNKNOWN),
        ([firewall_policy(policy_rule(priority="100"))], "AFTER_CLASSIC_FIREWALL", PASS),
        (
            [firewall_policy(SEND_ON, priority=1), firewall_policy(policy_rule(), priority=2)],
            "AFTER_CLASSIC_FIREWALL",
            PASS,
        ),
    ],
)
def test_policies_above_count_before(policies: list[Json], order: str, expected: Status) -> None:
    """A rule that would open a port opens nothing where the organization keeps everybody out."""
    network = a_network([firewall(**WORLD)], policies, networkFirewallPolicyEnforcementOrder=order)

    assert status(network_checks.no_admin_ports_open, network) is expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({}, FAIL),
        ({"srcIpRanges": ["10.0.0.0/8"]}, PASS),
        ({"srcIpRanges": None, "srcRegionCodes": ["RU"]}, UNKNOWN),
        ({"srcIpRanges": ["10.0.0.0/8"], "srcFqdns": ["a.example"]}, UNKNOWN),
        ({"srcIpRanges": None}, FAIL),
        ({"srcIpRanges": None, "srcSecureTags": [{"name": "tagValues/1"}]}, PASS),
        ({"srcNetworkContext": "INTRA_VPC"}, PASS),
        ({"srcNetworkType": "NON_INTERNET"}, PASS),
        ({"srcNetworkContext": "INTERNET"}, FAIL),
        ({"srcNetworks": ["main"]}, PASS),
    ],
)
def test_policies_open_ports_too(match: Json, expected: Status) -> None:
    """And what they ask for besides ranges is not evaluated here."""
    rule = policy_rule("allow")
    rule["match"] = {key: value for key, value in {**rule["match"], **match}.items() if value is not None}

    assert status(network_checks.no_admin_ports_open, a_network([], [firewall_policy(rule)])) is expected


def test_policies_of_regions_are_not_forgotten() -> None:
    """Google's answer to what is in force leaves them out."""
    opening, closed = policy_rule("allow"), policy_rule("deny")
    check = network_checks.no_admin_ports_open

    assert status(check, a_network([], regional=[firewall_policy(opening)])) is UNKNOWN
    assert status(check, a_network([], regional=[firewall_policy(closed)])) is PASS


def test_ports_of_databases() -> None:
    """The same rules for other ports."""
    check = network_checks.no_db_ports_open

    assert status(check, a_network([firewall(**WORLD, ports=("5432",))])) is FAIL
    assert status(check, a_network([firewall(**WORLD, ports=("22",))])) is PASS
    assert status(check, a_network([firewall(**WORLD, ports=("11211",))]), db_ports=(11211,)) is FAIL
    assert status(check, unread(Network)) is UNKNOWN
    assert status(network_checks.no_admin_ports_open, unread(Network)) is UNKNOWN


def test_a_share_of_the_internet_may_be_allowed() -> None:
    """A partner's /16 is what the company says it is."""
    network = a_network([firewall(sourceRanges=["8.8.0.0/16"])])

    assert status(network_checks.no_admin_ports_open, network) is PASS
    assert status(network_checks.no_admin_ports_open, network, max_public_share=0.0) is FAIL
    assert "allow-iap" in verdict(network_checks.no_admin_ports_open, network, max_public_share=0.0).reason


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"logConfig": {"enable": False}}, FAIL),
        ({"logConfig": {"flowSampling": 0.5}}, FAIL),
        ({"logConfig": {}, "enableFlowLogs": True}, PASS),
        ({"logConfig": {}, "purpose": "REGIONAL_MANAGED_PROXY"}, NOTHING),
        ({"logConfig": {}, "purpose": "A_NEW_ONE"}, FAIL),
    ],
)
def test_subnets_log_what_flows(but: Json, expected: Status) -> None:
    """But those that hold no instances."""
    assert status(network_checks.flow_logs_enabled, seen(Subnet, bodies.subnet(**but), place="p")) is expected
    assert status(network_checks.flow_logs_enabled, unread(Subnet)) is UNKNOWN


def test_the_default_network_is_gone() -> None:
    """By its name, which is what Google makes it by."""
    assert status(network_checks.default_network_absent, a_network([])) is PASS
    assert status(network_checks.default_network_absent, a_network([], name="default")) is FAIL
    assert status(network_checks.default_network_absent, unread(Network)) is UNKNOWN


RANGES = st.lists(
    st.ip_addresses(v=4).flatmap(lambda ip: st.integers(0, 32).map(lambda bits: f"{ip}/{bits}")), max_size=4
)


@given(RANGES, RANGES)
def test_spaces_are_sets(one: list[str], other: list[str]) -> None:
    """Whatever the ranges are."""
    a, b = space_of(4, one), space_of(4, other)

    assert size((a - b).intervals) + size((a & b).intervals) == size(a.intervals)
    assert size((a | b).intervals) == size(a.intervals) + size(b.intervals) - size((a & b).intervals)
    assert not ((a - b) & b)
    assert (a - Space(4, ())) == a
    assert not (a - everybody(4))


def test_what_is_public() -> None:
    """Private ranges are no part of the internet."""
    assert space_of(4, ["10.0.0.0/8", "192.168.0.0/16"]).public_part == 0
    assert everybody(4).public_part == 1
    assert everybody(6).public_part == 1
    assert 0.0039 < space_of(4, ["8.0.0.0/8"]).public_part < 0.0050
    assert (everybody(4) - space_of(4, ["10.0.0.0/8"])).public_part == 1
