"""How much of the internet a security group lets in, over all its rules and however they are written."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors.aws.ec2.address_space import interval, public_share
from connectors.aws.ec2.checks.network import no_admin_ports_open, no_db_ports_open, only_approved_internet_ports
from tests.connectors.aws.builders import FAIL, PASS, UNKNOWN, all_of, verdict
from tests.connectors.aws.regional_builders import a_group_of

QUARTERS = ("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2")
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
REGISTRIES = ("2400::/12", "2600::/12", "2800::/12", "2a00::/12", "2c00::/12")
ORDER = {UNKNOWN: 1, FAIL: 2}


def lets(*cidrs: str, first: int | None = 22, last: int | None = None, protocol: str = "tcp", **more: Any) -> Any:
    """A rule that lets addresses of either family in."""
    ports = {} if first is None else {"FromPort": first, "ToPort": first if last is None else last}
    ranges = {
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs if ":" not in cidr],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in cidrs if ":" in cidr],
    }
    return {"IpProtocol": protocol, **ports, **ranges, **more}


def all_but(*cidrs: str) -> list[str]:
    """The ranges of IPv4 without some others, as somebody writes them who means the internet."""
    rest = [ipaddress.IPv4Network("0.0.0.0/0")]
    for hole in map(ipaddress.IPv4Network, cidrs):
        rest = [
            piece
            for network in rest
            for piece in (network.address_exclude(hole) if hole.subnet_of(network) else [network])
        ]
    return list(map(str, rest))


def test_everybody_but_private_addresses() -> None:
    """Whoever leaves out what never comes from the internet lets in all of it."""
    ranges = all_but(*PRIVATE)

    together = verdict(no_admin_ports_open, a_group_of(lets(*ranges)))
    apart = verdict(no_admin_ports_open, a_group_of(*(lets(cidr) for cidr in ranges)))

    assert len(ranges) == 31
    assert (together.status, apart.status) == (FAIL, FAIL)
    assert "all of IPv4" in together.reason
    assert "more" in together.reason
    assert len(together.reason) < 400


def test_quarters_in_rules_of_different_ports() -> None:
    """Each rule alone covers a quarter, and 3389 is open to all four."""
    spans = ((3389, 3389), (3388, 3389), (3389, 3390), (3387, 3389))
    rules = [lets(cidr, first=first, last=last) for cidr, (first, last) in zip(QUARTERS, spans, strict=True)]

    result = verdict(no_admin_ports_open, a_group_of(*rules), max_public_share=0.99)

    assert result.status is FAIL
    assert verdict(no_admin_ports_open, a_group_of(*rules[:3]), max_public_share=0.99).status is PASS
    assert "3389" in result.reason
    assert "all of IPv4" in result.reason


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        # Two halves of the internet by two protocols, one of them "every".
        ([lets("0.0.0.0/1"), lets("128.0.0.0/1", first=None, protocol="-1")], FAIL),
        # The blocks of all five registries are the IPv6 internet, and a small part of 2000::/3.
        ([lets(*REGISTRIES)], FAIL),
        # An own block of IPv6, a provider's of IPv4 and the office are no internet.
        ([lets("2a01:4f8::/32", "198.51.100.0/24", "17.0.0.0/16")], PASS),
        # A company that owns a whole /8.
        ([lets("53.0.0.0/8")], PASS),
        # Ranges one after the other, without a single large one.
        ([lets(*(f"{number}.0.0.0/8" for number in (1, 3, 5)))], FAIL),
        ([lets(*PRIVATE, "100.64.0.0/10", "fd00::/8", "224.0.0.0/4")], PASS),
    ],
)
def test_more_ways_to_write_everybody(rules: list[Any], status: Status) -> None:
    """Not the longest prefix decides, but how many addresses there are that others have."""
    assert verdict(no_admin_ports_open, a_group_of(*rules), max_public_share=0.01).status is status


@pytest.mark.parametrize("text", ["", " ", "0.0.0.0/33", "everyone", "1.2.3/8", "::/129"])
def test_a_text_that_is_no_range(text: str) -> None:
    """It is unknown for that rule, and what the others open stays open."""
    unclear = lets(first=22)
    unclear["IpRanges"] = [{"CidrIp": text}]
    elsewhere = {**unclear, "FromPort": 443, "ToPort": 443}

    result = verdict(no_admin_ports_open, a_group_of(unclear))

    assert result.status is UNKNOWN
    assert repr(text) in result.reason
    assert verdict(no_admin_ports_open, a_group_of(elsewhere)).status is PASS
    assert verdict(no_admin_ports_open, a_group_of(unclear, lets("0.0.0.0/0"))).status is FAIL
    assert verdict(only_approved_internet_ports, a_group_of(unclear)).status is UNKNOWN
    assert verdict(no_db_ports_open, a_group_of({**unclear, "IpRanges": [{}]})).status is PASS


def test_the_share_that_is_allowed_is_a_limit() -> None:
    """A company may let in a block of its provider, and another one nothing but its own addresses."""
    group = a_group_of(lets("3.0.0.0/8", first=5432))

    assert verdict(no_db_ports_open, group).status is FAIL
    assert verdict(no_db_ports_open, group, max_public_share=0.01).status is PASS
    assert verdict(no_db_ports_open, group, max_public_share=0).status is FAIL
    assert verdict(no_db_ports_open, a_group_of(lets("10.0.0.0/8", first=5432)), max_public_share=0).status is PASS
    assert "0.5 of every 100 public IPv4 addresses" in verdict(no_db_ports_open, group).reason
    assert verdict(no_db_ports_open, a_group_of(lets("3.0.0.0/14", first=5432))).status is PASS
    many = a_group_of(lets("3.0.0.0/13", first=5432))
    assert verdict(no_db_ports_open, many).status is FAIL
    assert re.search(r"1 of every 7,\d\d\d public IPv4 addresses", verdict(no_db_ports_open, many).reason)


def test_protocols_without_ports_add_up() -> None:
    """Half by the protocol itself, and half by a rule for every one."""
    halves = (lets("0.0.0.0/1", first=None, protocol="47"), lets("128.0.0.0/1", first=None, protocol="-1"))

    result = verdict(only_approved_internet_ports, a_group_of(*halves), max_public_share=0.9)

    assert result.status is FAIL
    assert "protocol 47" in result.reason
    assert verdict(only_approved_internet_ports, a_group_of(halves[0]), max_public_share=0.9).status is PASS


NETWORKS = st.one_of(
    st.builds(
        lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda address, length: str(ipaddress.ip_network((address + (2 << 124), length), strict=False)),
        st.integers(0, 2**125 - 1),
        st.integers(1, 64),
    ),
)
RULES = st.lists(
    st.builds(
        lambda cidrs, first, length, protocol: lets(*cidrs, first=first, last=first + length, protocol=protocol),
        st.lists(NETWORKS, max_size=4),
        st.integers(0, 60),
        st.integers(0, 10),
        st.sampled_from(["tcp", "udp", "-1", "50", "icmp"]),
    ),
    max_size=5,
)


def statuses(rules: Sequence[Any]) -> list[Status]:
    """The verdicts of the checks about ports."""
    group = a_group_of(*rules)
    lists: Any = all_of()
    closed = no_admin_ports_open(group, lists, admin_ports=(22, 30, 41))
    return [closed.status, only_approved_internet_ports(group, lists, approved_public_ports=(25, 26)).status]


@given(rules=RULES, more=RULES)
def test_another_rule_never_closes(rules: list[Any], more: list[Any]) -> None:
    """Rules of security groups only allow."""
    for before, after in zip(statuses(rules), statuses([*rules, *more]), strict=True):
        assert ORDER.get(after, 0) >= ORDER.get(before, 0)


@given(rules=RULES, cidrs=st.lists(NETWORKS, min_size=1, max_size=3), length=st.integers(1, 3))
def test_how_a_range_is_written_changes_nothing(rules: list[Any], cidrs: list[str], length: int) -> None:
    """In pieces, in rules of their own or in one: the addresses are the same."""
    pieces = [
        str(piece)
        for cidr in cidrs
        for network in [ipaddress.ip_network(cidr)]
        for piece in network.subnets(new_prefix=min(network.prefixlen + length, network.max_prefixlen))
    ]

    whole = statuses([*rules, lets(*cidrs)])

    assert statuses([*rules, lets(*pieces)]) == whole
    assert statuses([*rules, *(lets(piece) for piece in pieces)]) == whole


@given(cidrs=st.lists(NETWORKS, max_size=6))
def test_a_share_is_between_nothing_and_all(cidrs: list[str]) -> None:
    """Ranges that overlap are not counted twice."""
    intervals = [each for cidr in cidrs if (each := interval(cidr)) is not None]

    share = public_share(intervals)

    assert 0 <= share.part <= 1
    assert public_share([*intervals, *intervals]) == share
