"""The checks of networks: what the internet can reach, and whether traffic leaves a trace."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors.aws.ec2.checks.network import (
    default_security_group_closed,
    flow_logs_enabled,
    no_admin_ports_open,
    no_db_ports_open,
    only_approved_internet_ports,
)
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    UNREAD,
    all_of,
    not_seen,
    verdict,
)
from tests.connectors.aws.regional_builders import a_flow_log, a_group_of, a_network, a_prefix_list


def lets(cidr: str = "0.0.0.0/0", first: int | None = 22, last: int | None = None, protocol: str = "tcp") -> Any:
    """A rule that lets addresses in; one port, where no last one is named."""
    ports = {} if first is None else {"FromPort": first, "ToPort": first if last is None else last}
    family = ipaddress.ip_network(cidr, strict=False).version
    source = {"Ipv6Ranges": [{"CidrIpv6": cidr}]} if family == 6 else {"IpRanges": [{"CidrIp": cidr}]}
    return {"IpProtocol": protocol, **ports, **source}


def by_list(port: int) -> Any:
    """A rule that lets in what stands in a prefix list."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "PrefixListIds": [{"PrefixListId": "pl-1"}]}


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (lets(), FAIL),
        (lets(first=3389), FAIL),
        (lets(first=21), PASS),
        (lets(first=20, last=22), FAIL),
        (lets(first=22, last=80), FAIL),
        (lets(first=23, last=134), PASS),
        (lets(first=0, last=65535), FAIL),
        (lets(first=80, last=443), FAIL),  # 135 and 445 lie on both sides of 443
        (lets(protocol="6"), FAIL),
        (lets(first=3389, protocol="udp"), FAIL),
        (lets(first=3389, protocol="17"), FAIL),
        (lets(first=None, protocol="-1"), FAIL),
        (lets(first=-1, protocol="-1"), FAIL),
        # Ports that make no sense are taken for all of them, not for none.
        (lets(first=None), FAIL),
        (lets(first=-1, last=-1), FAIL),
        (lets(first=0, last=-1), FAIL),
        (lets(first=443, last=80), FAIL),
        # ICMP has types where others have ports; protocols without ports open none.
        (lets(first=8, last=-1, protocol="icmp"), PASS),
        (lets(first=-1, protocol="icmpv6", cidr="::/0"), PASS),
        (lets(first=None, protocol="58", cidr="::/0"), PASS),
        (lets(first=None, protocol="50"), PASS),
        (lets(first=22, protocol="50"), PASS),
    ],
)
def test_admin_ports(rule: Any, status: Status) -> None:
    """Each way in which a rule can be written opens the same door."""
    assert verdict(no_admin_ports_open, a_group_of(rule)).status is status


@pytest.mark.parametrize(
    ("cidr", "status"),
    [
        ("0.0.0.0/0", FAIL),
        ("0.0.0.0/1", FAIL),
        ("128.0.0.0/1", FAIL),
        ("64.0.0.0/2", FAIL),
        ("1.2.3.4/0", FAIL),
        ("10.0.0.0/8", PASS),
        ("203.0.113.7/32", PASS),
        ("::/0", FAIL),
        ("::/1", FAIL),
        ("8000::/1", PASS),  # no address there is in use
        ("2000::/3", FAIL),
        ("2000::/4", FAIL),
        ("2000::/5", FAIL),
        ("fc00::/7", PASS),
        ("2001:db8::/32", PASS),
    ],
)
def test_everybody(cidr: str, status: Status) -> None:
    """The whole internet can be written in more ways than with a zero, and in two families."""
    assert verdict(no_admin_ports_open, a_group_of(lets(cidr))).status is status


@given(first=st.integers(0, 65535), length=st.integers(0, 65535), ports=st.sets(st.integers(0, 65535), max_size=5))
def test_a_range_opens_exactly_its_ports(first: int, length: int, ports: set[int]) -> None:
    """Both ends of a range belong to it."""
    last = min(first + length, 65535)

    result = verdict(no_db_ports_open, a_group_of(lets(first=first, last=last)), db_ports=tuple(ports))

    assert result.status is (FAIL if any(first <= port <= last for port in ports) else PASS)


def test_the_source_of_a_rule_counts_one_by_one() -> None:
    """One rule may let in the office and everybody."""
    rule = {**lets("10.0.0.0/8"), "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}

    result = verdict(no_admin_ports_open, a_group_of(rule))

    assert result.status is FAIL
    assert re.findall(r"sg-\d|tcp|\b22\b|::/0|10\.0", result.reason) == ["sg-1", "22", "tcp", "22", "10.0", "::/0"]


def test_nothing_open() -> None:
    """No rule, or one for other groups only, opens nothing to the internet."""
    inside = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-2"}]}

    for check in (no_admin_ports_open, no_db_ports_open, only_approved_internet_ports):
        assert verdict(check, a_group_of()).status is PASS
        assert verdict(check, a_group_of(inside)).status is PASS


@pytest.mark.parametrize(
    ("lists", "status"),
    [
        ([a_prefix_list("198.51.100.0/24", "44.213.9.0/28")], PASS),
        ([a_prefix_list()], PASS),
        ([a_prefix_list("10.0.0.0/8")], PASS),
        ([a_prefix_list("0.0.0.0/0")], FAIL),
        ([a_prefix_list(*(f"{first}.0.0.0/8" for first in range(11, 100)))], FAIL),
        ([a_prefix_list("::/0")], FAIL),
        # As many as CloudFront sends from, in as many pieces.
        ([a_prefix_list(*(f"{first}.64.0.0/18" for first in range(20, 30)))], PASS),
        ([a_prefix_list("somewhere")], UNKNOWN),
        ([a_prefix_list(Entries=UNREAD)], UNKNOWN),
        ([a_prefix_list("0.0.0.0/0", PrefixListId="pl-2")], UNKNOWN),
        ([a_prefix_list("10.0.0.0/8"), a_prefix_list(PrefixListId="pl-2", Entries=UNREAD)], PASS),
    ],
)
def test_a_prefix_list_is_its_addresses(lists: list[Any], status: Status) -> None:
    """Whoever made it: the company, another account that shares it, or AWS."""
    assert verdict(no_admin_ports_open, a_group_of(by_list(22)), all_of(*lists)).status is status
    assert verdict(only_approved_internet_ports, a_group_of(by_list(8080)), all_of(*lists)).status is status


def test_the_addresses_of_a_prefix_list_count_together_with_others() -> None:
    """Half of the internet in a list, and the other half beside it."""
    rule = {**by_list(22), "IpRanges": [{"CidrIp": "128.0.0.0/1"}]}
    lists = all_of(a_prefix_list("0.0.0.0/1"))

    assert verdict(no_admin_ports_open, a_group_of(rule), lists, max_public_share=0.99).status is FAIL
    assert verdict(no_admin_ports_open, a_group_of(by_list(22)), lists, max_public_share=0.99).status is PASS


def test_a_prefix_list_was_not_looked_into() -> None:
    """It may hold the office, and it may hold everybody; only a proven opening is worse."""
    assert verdict(no_admin_ports_open, a_group_of(by_list(22))).status is UNKNOWN
    assert verdict(no_admin_ports_open, a_group_of(by_list(443))).status is PASS
    assert verdict(no_admin_ports_open, a_group_of(by_list(22), lets(first=3389))).status is FAIL
    assert verdict(no_db_ports_open, a_group_of(by_list(5432))).status is UNKNOWN
    assert verdict(only_approved_internet_ports, a_group_of(by_list(443))).status is PASS
    assert verdict(only_approved_internet_ports, a_group_of(by_list(8080))).status is UNKNOWN
    assert "pl-1" in verdict(no_admin_ports_open, a_group_of(by_list(22))).reason


@pytest.mark.parametrize(
    ("port", "protocol", "status"),
    [(5432, "tcp", FAIL), (5433, "tcp", PASS), (11211, "udp", FAIL), (27017, "tcp", FAIL), (27018, "tcp", PASS)],
)
def test_data_stores(port: int, protocol: str, status: Status) -> None:
    """A data store on the internet is found within hours."""
    assert verdict(no_db_ports_open, a_group_of(lets(first=port, protocol=protocol))).status is status


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (lets(first=443), PASS),
        (lets(first=80), PASS),
        (lets(first=443, protocol="udp"), PASS),
        (lets(first=8080), FAIL),
        (lets(first=80, last=81), FAIL),
        (lets(first=79, last=80), FAIL),
        (lets(first=80, last=443), FAIL),
        (lets(first=None, protocol="-1"), FAIL),
        (lets(first=None, protocol="47"), FAIL),
        (lets(first=-1, protocol="icmp"), PASS),
        (lets(first=8080, cidr="10.0.0.0/8"), PASS),
    ],
)
def test_only_approved_ports(rule: Any, status: Status) -> None:
    """A range is approved only where each of its ports is, and a protocol without ports never is."""
    assert verdict(only_approved_internet_ports, a_group_of(rule)).status is status


def test_which_ports_count_is_a_limit() -> None:
    """Each company has its own list."""
    https, odd = a_group_of(lets(first=443)), a_group_of(lets(first=2222))

    assert verdict(no_admin_ports_open, odd, admin_ports=(2222,)).status is FAIL
    assert verdict(no_db_ports_open, odd, db_ports=(2222,)).status is FAIL
    assert verdict(only_approved_internet_ports, odd, approved_public_ports=(2222,)).status is PASS
    assert verdict(only_approved_internet_ports, https, approved_public_ports=()).status is FAIL


def test_the_default_group() -> None:
    """Whatever is put nowhere ends up in it; rules in either direction are rules."""
    empty, named = a_group_of(GroupName="default"), a_group_of(lets())
    inward = a_group_of({"IpProtocol": "-1"}, GroupName="default", GroupId="sg-2")
    outward = a_group_of(GroupName="default", GroupId="sg-3", IpPermissionsEgress=[{"IpProtocol": "-1"}])

    assert verdict(default_security_group_closed, all_of(empty, named)).status is PASS
    assert verdict(default_security_group_closed, all_of(empty, inward)).status is FAIL
    assert verdict(default_security_group_closed, all_of(empty, outward)).status is FAIL
    assert re.findall(r"sg-\d", verdict(default_security_group_closed, all_of(empty, outward)).reason) == ["sg-3"]
    assert verdict(default_security_group_closed, all_of(named)).status is NOTHING
    assert verdict(default_security_group_closed, all_of()).status is NOTHING
    assert verdict(default_security_group_closed, not_seen()).status is UNKNOWN


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({}, PASS),
        ({"TrafficType": "REJECT"}, PASS),
        ({"TrafficType": "ACCEPT"}, FAIL),
        ({"TrafficType": None}, FAIL),
        ({"FlowLogStatus": "INACTIVE"}, FAIL),
        ({"DeliverLogsStatus": "SUCCESS"}, PASS),
        ({"DeliverLogsStatus": "FAILED"}, FAIL),
        ({"ResourceId": "vpc-2"}, FAIL),
        ({"ResourceId": "subnet-1"}, FAIL),
    ],
)
def test_flow_logs(but: dict[str, Any], status: Status) -> None:
    """A log that is off, that lets through what was refused, or that never arrives, shows no attack."""
    assert verdict(flow_logs_enabled, a_network(), all_of(a_flow_log(**but))).status is status


def test_one_good_flow_log_is_enough() -> None:
    """An old one that was left behind takes nothing away."""
    old, other = a_flow_log(FlowLogStatus="INACTIVE"), a_flow_log(TrafficType="ACCEPT", FlowLogId="fl-2")

    assert verdict(flow_logs_enabled, a_network(), all_of(old, a_flow_log())).status is PASS
    lacking = verdict(flow_logs_enabled, a_network(), all_of(old, other))
    assert lacking.status is FAIL
    assert re.findall(r"vpc-\d|fl-\d|[A-Z]{2,}", lacking.reason) == ["vpc-1", "fl-1", "INACTIVE", "fl-2", "ACCEPT"]
    assert verdict(flow_logs_enabled, a_network(), all_of()).status is FAIL
    assert verdict(flow_logs_enabled, a_network(), not_seen()).status is UNKNOWN


def test_quarters_of_the_internet_are_the_internet() -> None:
    """A rule of four ranges lets in whom a rule of one lets in."""
    quarters = [{"CidrIp": f"{first}.0.0.0/2"} for first in (0, 64, 128, 192)]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}

    assert verdict(no_admin_ports_open, a_group_of({**rule, "IpRanges": quarters})).status is FAIL
    half = verdict(no_admin_ports_open, a_group_of({**rule, "IpRanges": quarters[::2]}))
    assert half.status is FAIL
    assert "57.1 of every 100 public IPv4 addresses" in half.reason
