"""The checks of machines and images."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.ec2.checks.compute import image_not_public, instance_imdsv2_required
from tests.connectors.aws.builders import FAIL, NOTHING, PASS, UNKNOWN, UNREAD, all_of, not_seen, verdict
from tests.connectors.aws.exposure_builders import ALL_4, OPEN_ACL, a_group, a_subnet, a_table, an_acl, letting, seen
from tests.connectors.aws.service_builders import an_image, an_instance

OPTIONAL = {"HttpTokens": "optional"}


def parts(**but: Any) -> tuple[Any, ...]:
    """The parts of an open network as sets."""
    whole = seen(**but)
    return all_of(*whole.subnets), all_of(*whole.tables), all_of(*whole.acls), all_of(*whole.groups)


UNSEEN = (not_seen(), not_seen(), not_seen(), not_seen())


@pytest.mark.parametrize(
    ("state", "options", "status"),
    [
        ("running", {}, PASS),
        ("stopped", {}, PASS),
        ("running", OPTIONAL, FAIL),
        ("stopped", OPTIONAL, FAIL),
        ("pending", OPTIONAL, FAIL),
        ("running", {**OPTIONAL, "HttpEndpoint": "disabled"}, PASS),
        ("running", {"State": "pending"}, UNKNOWN),
        ("running", {"State": "pending", **OPTIONAL}, UNKNOWN),
        ("running", {"HttpTokens": "something-new"}, UNKNOWN),
        ("terminated", OPTIONAL, NOTHING),
        ("shutting-down", OPTIONAL, NOTHING),
    ],
)
def test_session_tokens(state: str, options: dict[str, str], status: Status) -> None:
    """A stopped machine starts again as it is, one that is terminated does not."""
    assert verdict(instance_imdsv2_required, an_instance(state, options=options), *UNSEEN).status is status


def test_options_that_are_not_said() -> None:
    """Without them nobody knows what the service answers."""
    instance = an_instance(MetadataOptions=UNREAD)

    assert verdict(instance_imdsv2_required, instance, *UNSEEN).status is UNKNOWN


def test_whether_the_internet_reaches_it_is_said() -> None:
    """It makes no other verdict, and another haste."""
    interface = {"SubnetId": "subnet-1", "Groups": [{"GroupId": "sg-1", "GroupName": "sg-1"}]}
    public = an_instance(options=OPTIONAL, NetworkInterfaces=[{**interface, "Association": {"PublicIp": "3.0.0.1"}}])
    six = an_instance(
        options=OPTIONAL, NetworkInterfaces=[{**interface, "Ipv6Addresses": [{"Ipv6Address": "2a05::1"}]}]
    )
    open_ = parts(groups=(a_group(letting(ALL_4, port=8080)),))

    reasons = [
        verdict(instance_imdsv2_required, public, *open_),
        verdict(instance_imdsv2_required, six, *open_),
        verdict(instance_imdsv2_required, public, *UNSEEN),
        verdict(instance_imdsv2_required, an_instance(options=OPTIONAL), *open_),
    ]

    assert {each.status for each in reasons} == {FAIL}
    assert "internet -> igw-1 -> rtb-1 -> subnet-1 -> sg-1: tcp 8080 from all of IPv4 -> i-1" in reasons[0].reason
    assert "does not reach" in reasons[1].reason
    assert "cannot be told" in reasons[2].reason
    assert "no public address" in reasons[3].reason


def test_the_second_interface_counts() -> None:
    """A machine may stand in two networks."""
    group = [{"GroupId": "sg-1", "GroupName": "sg-1"}]
    both = [
        {"SubnetId": "subnet-9", "Groups": group},
        {"SubnetId": "subnet-1", "Groups": group, "Association": {"PublicIp": "3.0.0.1"}},
    ]
    network = parts(subnets=(a_subnet(),), tables=(a_table({"DestinationCidrBlock": ALL_4, "GatewayId": "igw-7"}),))

    found = verdict(instance_imdsv2_required, an_instance(options=OPTIONAL, NetworkInterfaces=both), *network)

    assert "igw-7" in found.reason


@pytest.mark.parametrize(("public", "status"), [(False, PASS), (True, FAIL), (UNREAD, UNKNOWN)])
def test_images(public: Any, status: Status) -> None:
    """An image holds a disk."""
    assert verdict(image_not_public, an_image(public=public)).status is status


def test_an_acl_that_is_shut_is_said() -> None:
    """An address alone is no way."""
    public = [{"SubnetId": "subnet-1", "Groups": [], "Association": {"PublicIp": "3.0.0.1"}}]
    instance = an_instance(options=OPTIONAL, NetworkInterfaces=public)

    found = verdict(instance_imdsv2_required, instance, *parts(acls=(an_acl(*OPEN_ACL[:1]),)))

    assert found.status is FAIL
    assert "acl-1" in found.reason
