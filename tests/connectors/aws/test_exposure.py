"""The model of what the internet reaches: every part of the way decides, and what was not read never closes."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.aws._exposure.network import Network, network, reach
from connectors.aws._exposure.sources import Space, everybody, space_of
from connectors.aws._policy.truth import Truth
from connectors.aws.ec2.address_space import interval
from tests.connectors.aws.builders import all_of, not_seen
from tests.connectors.aws.exposure_builders import (
    ALL_4,
    ALL_6,
    OPEN_4,
    OPEN_6,
    OPEN_ACL,
    a_group,
    a_subnet,
    a_table,
    an_acl,
    at,
    entry,
    letting,
    route,
    seen,
)

YES, MAYBE, NO = Truth.YES, Truth.MAYBE, Truth.NO
BY_LIST = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "PrefixListIds": [{"PrefixListId": "pl-1"}]}
EGRESS_ONLY = {"DestinationIpv6CidrBlock": ALL_6, "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"}
TO_FIREWALL = route(ALL_4, "vpce-1")
OF_GATEWAY = a_table(route("10.0.0.0/24", "vpce-1"), name="rtb-9", gateway="igw-1")
EPHEMERAL, LOW = {"From": 1024, "To": 65535}, {"From": 0, "To": 22}
IPV6 = {"public": {6: YES}}


def test_a_way_that_is_open_is_named_step_by_step() -> None:
    """Whoever has to close it wants to know where."""
    exposure = reach(at(), seen())

    assert exposure.truth is YES
    assert exposure.path == (
        "internet",
        "igw-1 -> rtb-1 -> subnet-1",
        "sg-1: tcp 5432 from all of IPv4",
        "db-1",
    )
    assert str(exposure) == "internet -> igw-1 -> rtb-1 -> subnet-1 -> sg-1: tcp 5432 from all of IPv4 -> db-1"


@pytest.mark.parametrize(
    ("endpoint", "network_seen", "truth"),
    [
        ({"public": {}}, {}, NO),
        ({"public": {4: NO, 6: NO}}, {}, NO),
        ({"public": {4: MAYBE}}, {}, MAYBE),
        (IPV6, {}, YES),
        # Routes.
        ({}, {"tables": (a_table(),)}, NO),
        ({}, {"tables": (a_table(OPEN_6),)}, NO),
        (IPV6, {"tables": (a_table(OPEN_4),)}, NO),
        (IPV6, {"tables": (a_table(OPEN_4, EGRESS_ONLY),)}, NO),
        ({}, {"tables": (a_table(route(ALL_4, NatGatewayId="nat-1")),)}, NO),
        ({}, {"tables": (a_table(route(ALL_4, TransitGatewayId="tgw-1")),)}, NO),
        ({}, {"tables": (a_table(route(ALL_4, "vgw-1")),)}, NO),
        ({}, {"tables": (a_table({**OPEN_4, "State": "blackhole"}),)}, NO),
        ({}, {"tables": (a_table(route("0.0.0.0/1", "igw-1"), route("128.0.0.0/1", "igw-1")),)}, YES),
        ({}, {"tables": (a_table(OPEN_4, route("0.0.0.0/1", "vgw-1"), route("128.0.0.0/1", "vgw-1")),)}, NO),
        ({}, {"tables": (a_table(route("203.0.113.0/24", "igw-1")),)}, NO),
        ({}, {"tables": (a_table(route("pl-1", "igw-1")),)}, MAYBE),
        ({}, {"tables": (a_table(route("pl-1", "vpce-1")),)}, NO),
        ({}, {"tables": (a_table(OPEN_4), a_table(name="rtb-2", subnet="subnet-1"))}, NO),
        ({}, {"tables": (a_table(name="rtb-2", subnet="subnet-1"), a_table(OPEN_4))}, NO),
        ({}, {"tables": (a_table(), a_table(OPEN_4, name="rtb-2", subnet="subnet-1"))}, YES),
        ({}, {"tables": (a_table(), a_table(OPEN_4, name="rtb-2", subnet="subnet-2"))}, NO),
        ({}, {"tables": (a_table(OPEN_4, name="rtb-2", subnet="subnet-2"),)}, MAYBE),
        # An appliance on the way decides, where what comes in is led to it.
        ({}, {"tables": (a_table(TO_FIREWALL), OF_GATEWAY)}, MAYBE),
        ({}, {"tables": (a_table(TO_FIREWALL),)}, NO),
        ({}, {"tables": (a_table(route(ALL_4, NetworkInterfaceId="eni-1")), OF_GATEWAY)}, MAYBE),
        ({}, {"tables": (a_table(route(ALL_4, NatGatewayId="nat-1")), OF_GATEWAY)}, NO),
        # VPC Block Public Access.
        ({}, {"subnets": (a_subnet(block="block-ingress"),)}, NO),
        ({}, {"subnets": (a_subnet(block="block-bidirectional"),)}, NO),
        ({}, {"subnets": (a_subnet(block=None),)}, YES),
        # Network ACLs: the lowest number decides, in the order of numbers.
        ({}, {"acls": (an_acl(),)}, NO),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny")),)}, NO),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(500, "deny")),)}, YES),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny", egress=True)),)}, NO),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny", ALL_6)),)}, YES),
        (IPV6, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny", ALL_6)),)}, NO),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny", Protocol="17")),)}, YES),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny", Protocol="6", PortRange={"From": 5432, "To": 5432})),)}, NO),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny", Protocol="6", PortRange={"From": 22, "To": 23})),)}, YES),
        ({}, {"acls": (an_acl(entry(1), entry(1, egress=True, Protocol="6", PortRange=EPHEMERAL)),)}, YES),
        ({}, {"acls": (an_acl(*OPEN_ACL, entry(50, "deny", "0.0.0.0/1"), entry(51, "deny", "128.0.0.0/1")),)}, NO),
        ({}, {"acls": (an_acl(*OPEN_ACL, subnets=("subnet-2",)),)}, MAYBE),
        # Security groups.
        ({}, {"groups": (a_group(),)}, NO),
        ({}, {"groups": (a_group(letting("10.0.0.0/8")),)}, NO),
        ({}, {"groups": (a_group(letting("0.0.0.0/1", "128.0.0.0/1")),)}, YES),
        ({}, {"groups": (a_group(letting(ALL_6)),)}, NO),
        ({}, {"groups": (a_group(letting(ALL_4, port=22)),)}, NO),
        ({}, {"groups": (a_group(letting(ALL_4, protocol="udp")),)}, NO),
        ({}, {"groups": (a_group(letting(ALL_4, protocol="-1")),)}, YES),
        ({}, {"groups": (a_group(letting(ALL_4, port=0, last=65535)),)}, YES),
        ({}, {"groups": (a_group({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-2"}]}),)}, NO),
        ({}, {"groups": (a_group(BY_LIST),)}, MAYBE),
        ({}, {"groups": (a_group(BY_LIST, letting(ALL_4)),)}, YES),
        ({"groups": ("sg-1", "sg-2")}, {}, YES),
        ({"groups": ("sg-1", "sg-2")}, {"groups": (a_group(),)}, MAYBE),
        ({"groups": ("sg-2",)}, {}, MAYBE),
        ({"groups": None}, {"groups": ()}, YES),
        ({"groups": ()}, {}, NO),
        # Each lets in a half, and together nobody comes through.
        ({}, {"groups": (a_group(letting("0.0.0.0/1")),), "tables": (a_table(route("128.0.0.0/1", "igw-1")),)}, NO),
        # Any port.
        ({"ports": None}, {"groups": (a_group(letting(ALL_4, port=8080)),)}, YES),
        ({"ports": None}, {"groups": (a_group(letting("10.0.0.0/8", port=8080)),)}, NO),
        ({"ports": None}, {"acls": (an_acl(*OPEN_ACL, entry(9, "deny", Protocol="6", PortRange=LOW)),)}, YES),
        # Subnets.
        ({"subnets": ()}, {}, MAYBE),
        ({"subnets": ("subnet-2",)}, {}, MAYBE),
        ({"subnets": ("subnet-1", "subnet-2")}, {}, YES),
        ({"subnets": ("subnet-1", "subnet-2"), "in_one": True}, {}, MAYBE),
    ],
)  # fmt: skip
def test_each_part_of_the_way(endpoint: dict[str, Any], network_seen: dict[str, Any], truth: Truth) -> None:
    """A public address alone is no way, and neither is any other part."""
    exposure = reach(at(**endpoint), seen(**network_seen))

    assert exposure.truth is truth
    assert bool(exposure.because) is (truth is not YES)


def test_an_address_in_one_of_several_subnets() -> None:
    """It is closed only where each of them is."""
    subnets = (a_subnet(), a_subnet("subnet-2"))
    both = an_acl(*OPEN_ACL, subnets=("subnet-1", "subnet-2"))
    one_open = seen(subnets=subnets, acls=(both,), tables=(a_table(), a_table(OPEN_4, name="rtb-2", subnet="subnet-2")))
    none_open = seen(subnets=subnets, acls=(both,), tables=(a_table(),))
    endpoint = at(subnets=("subnet-1", "subnet-2"), in_one=True)

    assert reach(endpoint, one_open).truth is MAYBE
    assert "in which of its 2 subnets" in str(reach(endpoint, one_open))
    assert reach(endpoint, none_open).truth is NO
    assert reach(at(subnets=("subnet-1", "subnet-2")), one_open).truth is YES


@pytest.mark.parametrize("unread", range(4))
def test_what_was_not_read_never_closes(unread: int) -> None:
    """A right that is missing must not make a database look shut; the reason says which."""
    whole = seen()
    sets: list[Any] = [all_of(*whole.subnets), all_of(*whole.tables), all_of(*whole.acls), all_of(*whole.groups)]
    sets[unread] = not_seen()

    exposure = reach(at(), network(*sets))

    assert exposure.truth is MAYBE
    assert "the list was refused" in str(exposure)


@pytest.mark.parametrize("unread", range(4))
def test_what_surely_closes_needs_nothing_else(unread: int) -> None:
    """Where one part is shut, the others decide nothing."""
    sets: list[Any] = [all_of(a_subnet()), all_of(a_table()), all_of(an_acl()), all_of(a_group())]
    sets[unread] = not_seen()

    # Without the subnet nobody knows which table is its own.
    assert reach(at(), network(*sets)).truth is NO


def test_a_limit_of_the_public_share() -> None:
    """The same share as of security groups decides."""
    narrow = seen(groups=(a_group(letting("8.0.0.0/8")),))

    assert reach(at(), narrow).truth is YES
    assert reach(at(), narrow, 0.01).truth is NO


def test_the_reason_names_what_closes() -> None:
    """A way that is shut twice says both."""
    shut = seen(tables=(a_table(),), groups=(a_group(letting("10.0.0.0/8")),))

    assert str(reach(at(), shut)) == (
        "the internet does not reach db-1: rtb-1 of subnet-1 has no IPv4 route to an internet gateway; "
        "sg-1 lets in no public IPv4 address by tcp"
    )


def test_nothing_seen_at_all() -> None:
    """An empty network is no network without openings."""
    assert reach(at(), Network()).truth is MAYBE


@pytest.mark.parametrize("version", [4, 6])
def test_sets_of_addresses(version: int) -> None:
    """What is taken away is gone, and what touches is one."""
    halves = ("0.0.0.0/1", "128.0.0.0/1") if version == 4 else ("::/1", "8000::/1")
    low, high = (space_of(version, [each for each in [interval(half)] if each]) for half in halves)

    assert low | high == everybody(version)
    assert everybody(version) - low == high
    assert low & high == Space(version)
    assert low.rest == high
    assert everybody(version).rest == Space(version)
