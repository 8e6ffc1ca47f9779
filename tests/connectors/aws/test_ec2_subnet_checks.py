"""Checks of networks as such: public addresses by default, network ACLs, and the source of the time."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.ec2.checks.subnets import acl_no_admin_ports_open, subnet_no_auto_public_ip, time_source_approved
from connectors.aws.ec2.resources.network import DhcpOptions, Vpc
from connectors.aws.ec2.resources.routing import NetworkAcl, Subnet
from tests.connectors.aws.builders import FAIL, NOTHING, OWN, PASS, UNKNOWN, UNREAD, a, all_of, not_seen, verdict
from tests.connectors.aws.service_builders import described


def a_subnet(**but: Any) -> Subnet:
    """A subnet of the account."""
    usual = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": OWN, "MapPublicIpOnLaunch": False}
    return a(Subnet, described("ec2:DescribeSubnets", "Subnets", {**usual, **but}))


@pytest.mark.parametrize(
    ("subnet", "approved", "status"),
    [
        (a_subnet(), (), PASS),
        (a_subnet(MapPublicIpOnLaunch=True), (), FAIL),
        (a_subnet(MapPublicIpOnLaunch=True), ("subnet-1",), PASS),
        (a_subnet(AssignIpv6AddressOnCreation=True), (), FAIL),
        (a_subnet(MapPublicIpOnLaunch=UNREAD), (), UNKNOWN),
        (a(Subnet, {"SubnetId": "subnet-1", "VpcId": "vpc-1"}), (), UNKNOWN),
    ],
)
def test_public_addresses_by_default(subnet: Any, approved: tuple[str, ...], status: Status) -> None:
    """Of IPv6 as of IPv4."""
    assert verdict(subnet_no_auto_public_ip, subnet, approved_public_subnets=approved).status is status


def an_entry(number: int, action: str, ports: tuple[int, int] | None, **but: Any) -> dict[str, Any]:
    """An entry of a network ACL for what comes in by TCP from anywhere."""
    ranges = {} if ports is None else {"PortRange": {"From": ports[0], "To": ports[1]}}
    usual = {"RuleNumber": number, "RuleAction": action, "Egress": False, "Protocol": "6", "CidrBlock": "0.0.0.0/0"}
    return {**usual, **ranges, **but}


REST = an_entry(32767, "deny", None, Protocol="-1")


def an_acl(*entries: Any, attached: bool = True) -> NetworkAcl:
    """A network ACL of a subnet."""
    associations = [{"SubnetId": "subnet-1"}] if attached else []
    body = {"NetworkAclId": "acl-1", "Associations": associations, "Entries": [*entries, REST]}
    return a(NetworkAcl, described("ec2:DescribeNetworkAcls", "NetworkAcls", body))


@pytest.mark.parametrize(
    ("acl", "status"),
    [
        (an_acl(), PASS),
        (an_acl(an_entry(100, "allow", None, Protocol="-1")), FAIL),
        (an_acl(an_entry(100, "allow", (0, 65535))), FAIL),
        (an_acl(an_entry(100, "allow", (443, 443))), PASS),
        (an_acl(an_entry(100, "allow", (3380, 3390))), FAIL),
        (
            an_acl(an_entry(90, "deny", (22, 22)), an_entry(91, "deny", (3389, 3389)), an_entry(100, "allow", None)),
            PASS,
        ),
        (an_acl(an_entry(110, "deny", (22, 22)), an_entry(100, "allow", (22, 22))), FAIL),
        (an_acl(an_entry(100, "allow", (22, 22), CidrBlock="10.0.0.0/8")), PASS),
        # Two halves are the whole.
        (
            an_acl(
                an_entry(100, "allow", (22, 22), CidrBlock="0.0.0.0/1"),
                an_entry(101, "allow", (22, 22), CidrBlock="128.0.0.0/1"),
            ),
            FAIL,
        ),
        (an_acl(an_entry(100, "allow", (22, 22), CidrBlock="10.0.0.0/8", Ipv6CidrBlock="::/0")), FAIL),
        (an_acl(an_entry(100, "allow", (22, 22), Protocol="17")), PASS),
        (an_acl(an_entry(100, "allow", (22, 22), Egress=True)), PASS),
        (an_acl(an_entry(100, "allow", None, Protocol="-1"), attached=False), NOTHING),
        (
            a(NetworkAcl, {"NetworkAclId": "acl-1", "Associations": [{"SubnetId": "subnet-1"}], "Entries": UNREAD}),
            UNKNOWN,
        ),
    ],
)
def test_network_acls(acl: Any, status: Status) -> None:
    """The first entry that fits decides, for each address and port by itself."""
    assert verdict(acl_no_admin_ports_open, acl).status is status


def options(*servers: str) -> DhcpOptions:
    """DHCP options that name these time sources, beside another option."""
    told = [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]
    told += [{"Key": "ntp-servers", "Values": [{"Value": server} for server in servers]}] if servers else []
    body = {"DhcpOptionsId": "dopt-1", "DhcpConfigurations": told}
    return a(DhcpOptions, described("ec2:DescribeDhcpOptions", "DhcpOptions", body))


def a_network(chosen: Any = "dopt-1") -> Vpc:
    """A network with DHCP options."""
    return a(Vpc, {"VpcId": "vpc-1", "DhcpOptionsId": chosen})


@pytest.mark.parametrize(
    ("network", "seen", "limits", "status"),
    [
        (a_network(), all_of(options("169.254.169.123")), {}, PASS),
        (a_network(), all_of(options("169.254.169.123", "fd00:ec2::123")), {}, PASS),
        (a_network(), all_of(options("169.254.169.123", "198.51.100.9")), {}, FAIL),
        (a_network(), all_of(options("10.0.0.9")), {"approved_ntp": ("10.0.0.9",)}, PASS),
        (a_network(), all_of(options()), {}, UNKNOWN),
        (a_network("default"), all_of(), {}, UNKNOWN),
        (a_network("dopt-2"), all_of(options("169.254.169.123")), {}, UNKNOWN),
        (a_network(), not_seen(), {}, UNKNOWN),
        (a_network(UNREAD), all_of(), {}, UNKNOWN),
    ],
)
def test_time_sources(network: Any, seen: Any, limits: dict[str, Any], status: Status) -> None:
    """Where no source is named, each image asks where it likes."""
    assert verdict(time_source_approved, network, seen, **limits).status is status
