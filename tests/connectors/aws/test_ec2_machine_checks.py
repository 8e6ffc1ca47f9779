"""Checks of EC2 machines and of what a region sets for them."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.settings import Settings
from connectors.aws.ec2.checks.machines import (
    image_age_within_limit,
    instance_no_public_ip,
    instance_user_data_no_secrets,
    instance_uses_role,
)
from connectors.aws.ec2.checks.region import allowed_images_enforced, serial_console_disabled
from connectors.aws.ec2.resources.compute import SourceImage, user_data
from connectors.aws.ssm.checks import instance_managed
from tests.connectors.aws.answers import Answers
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    OWN,
    PASS,
    UNKNOWN,
    UNREAD,
    a,
    a_role,
    all_of,
    not_seen,
    verdict,
)
from tests.connectors.aws.protection_builders import ago, patched
from tests.connectors.aws.regional_builders import the_region
from tests.connectors.aws.service_builders import an_instance, described


def an_interface(public: str | None = None, second: str | None = None, *ipv6: str) -> dict[str, Any]:
    """A network interface, with public addresses of its first and second address."""
    given = [None if address is None else {"PublicIp": address} for address in (public, second)]
    addresses = [{} if each is None else {"Association": each} for each in given]
    return {
        "SubnetId": "subnet-1",
        "Groups": [],
        "PrivateIpAddresses": addresses,
        "Ipv6Addresses": [{"Ipv6Address": address} for address in ipv6],
        **({} if given[0] is None else {"Association": given[0]}),
    }


@pytest.mark.parametrize(
    ("instance", "approved", "status"),
    [
        (an_instance(NetworkInterfaces=[an_interface()]), (), PASS),
        (an_instance(NetworkInterfaces=[an_interface("198.51.100.7")]), (), FAIL),
        (an_instance(NetworkInterfaces=[an_interface(None, "198.51.100.8")]), (), FAIL),
        (an_instance(NetworkInterfaces=[an_interface(), an_interface("198.51.100.7")]), (), FAIL),
        (an_instance(NetworkInterfaces=[an_interface(None, None, "2a05:d014::1")]), (), FAIL),
        (an_instance(NetworkInterfaces=[an_interface(None, None, "fd12::1")]), (), PASS),
        (an_instance(NetworkInterfaces=[an_interface("198.51.100.7")]), ("i-1",), PASS),
        (an_instance("stopped", NetworkInterfaces=[an_interface("198.51.100.7")]), (), FAIL),
        # AWS takes the address back at the stop, and gives another one at the start.
        (an_instance("stopped", NetworkInterfaces=[an_interface()]), (), UNKNOWN),
        (an_instance("stopping", NetworkInterfaces=[an_interface()]), (), UNKNOWN),
        (an_instance("pending", NetworkInterfaces=[an_interface()]), (), PASS),
        (an_instance("terminated", NetworkInterfaces=[]), (), NOTHING),
        (an_instance(NetworkInterfaces=UNREAD), (), UNKNOWN),
    ],
)
def test_public_addresses(instance: Any, approved: tuple[str, ...], status: Status) -> None:
    """A second address of an interface is one, and so is one of IPv6."""
    assert verdict(instance_no_public_ip, instance, approved_public_instances=approved).status is status


PROFILE = {"Arn": f"arn:aws:iam::{OWN}:instance-profile/web", "Id": "AIPAEXAMPLE"}
OTHER_PROFILE = {"Arn": f"arn:aws:iam::{OWN}:instance-profile/jobs"}
HELD = a_role(InstanceProfileList=[{"Arn": PROFILE["Arn"]}])


@pytest.mark.parametrize(
    ("instance", "roles", "status"),
    [
        (an_instance(IamInstanceProfile=PROFILE), all_of(HELD), PASS),
        (an_instance(), all_of(HELD), FAIL),
        (an_instance("stopped"), all_of(HELD), NOTHING),
        (an_instance(IamInstanceProfile=UNREAD), all_of(HELD), UNKNOWN),
        # A profile without a role gives no keys.
        (an_instance(IamInstanceProfile=PROFILE), all_of(a_role()), FAIL),
        (an_instance(IamInstanceProfile=PROFILE), all_of(a_role(InstanceProfileList=[OTHER_PROFILE])), FAIL),
        (an_instance(IamInstanceProfile=PROFILE), not_seen(), UNKNOWN),
        (an_instance(), not_seen(), FAIL),
    ],
)
def test_instance_profiles(instance: Any, roles: Any, status: Status) -> None:
    """Without one, keys that do not expire would have to lie on the machine."""
    assert verdict(instance_uses_role, instance, roles).status is status


def an_image(**but: Any) -> SourceImage:
    """An image that machines are started from."""
    body = {"ImageId": "ami-1", "OwnerId": "amazon", **but}
    return a(SourceImage, described("ec2:DescribeImages", "Images", body))


COPY = an_image(CreationDate=ago(days=1), SourceImageId="ami-0", SourceImageRegion="eu-west-1")
PUBLISHED = an_image(CreationDate=ago(days=1), SourceImageId="ami-0", ImageOwnerAlias="amazon")
MADE = an_image(CreationDate=ago(days=1), SourceImageId="ami-0", SourceInstanceId="i-9")
OLD, YOUNG = an_image(CreationDate=ago(days=181)), an_image(CreationDate=ago(days=179))


@pytest.mark.parametrize(
    ("instance", "images", "status"),
    [
        (an_instance(ImageId="ami-1"), all_of(YOUNG), PASS),
        (an_instance(ImageId="ami-1"), all_of(OLD), FAIL),
        # A copy has the date of the copy; what was made from a machine is made anew.
        (an_instance(ImageId="ami-1"), all_of(COPY), UNKNOWN),
        (an_instance(ImageId="ami-1"), all_of(MADE), PASS),
        (an_instance(ImageId="ami-1"), all_of(PUBLISHED), PASS),
        (an_instance(ImageId="ami-2"), all_of(YOUNG), UNKNOWN),
        (an_instance(ImageId="ami-1"), all_of(an_image()), UNKNOWN),
        (an_instance(ImageId="ami-1"), not_seen(), UNKNOWN),
        (an_instance("terminated", ImageId="ami-1"), all_of(OLD), NOTHING),
    ],
)
def test_ages_of_images(instance: Any, images: Any, status: Status) -> None:
    """An image that AWS lists no more may be of any age."""
    assert verdict(image_age_within_limit, instance, images).status is status


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"Length": 0, "Suspects": []}, PASS),
        ({"Length": 400, "Suspects": []}, UNKNOWN),
        ({"Length": 400, "Suspects": ["assignment"]}, FAIL),
        (None, UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_user_data(data: Any, status: Status) -> None:
    """What looks like no secret may be one all the same."""
    assert verdict(instance_user_data_no_secrets, an_instance(data=data)).status is status


SETTINGS = Settings(regions=("eu-central-1",))
SCRIPT = "#!/bin/sh\nexport DB_PASSWORD=correct-horse-battery\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SCRIPT.encode(), True),
        (gzip.compress(SCRIPT.encode(), mtime=0), True),
        (b"#!/bin/sh\nyum -y update\n", False),
    ],
)
def test_user_data_is_looked_at_and_not_kept(text: bytes, found: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packed or not; of what was found only the kind is kept."""
    encoded = base64.b64encode(text).decode()
    answers = Answers({"ec2:DescribeInstanceAttribute": {"InstanceId": "i-1", "UserData": {"Value": encoded}}})
    account: Account = answers.install(monkeypatch, SETTINGS)

    kept = user_data(account, {"InstanceId": "i-1"})

    assert bool(kept["Suspects"]) is found
    assert set(kept) == {"Length", "Suspects"}
    assert kept["Length"] == len(encoded)
    assert "correct-horse" not in str(kept)


@pytest.mark.parametrize(
    ("instance", "managed", "limits", "status"),
    [
        (an_instance(LaunchTime=ago(days=9)), all_of(patched()), {}, PASS),
        (an_instance(LaunchTime=ago(days=9)), all_of(), {}, FAIL),
        (an_instance(LaunchTime=ago(hours=20)), all_of(), {}, UNKNOWN),
        (an_instance(), all_of(), {}, UNKNOWN),
        (an_instance(LaunchTime=ago(days=9)), all_of(patched(ping="ConnectionLost")), {}, FAIL),
        (an_instance(LaunchTime=ago(days=9)), all_of(), {"unmanaged_instances": ("i-1",)}, NOTHING),
        (an_instance("stopped"), all_of(), {}, NOTHING),
        (an_instance(LaunchTime=ago(days=9)), not_seen(), {}, UNKNOWN),
    ],
)
def test_managed_machines(instance: Any, managed: Any, limits: dict[str, Any], status: Status) -> None:
    """A machine that runs, and that nothing reaches, gets no patches."""
    assert verdict(instance_managed, instance, managed, **limits).status is status


@pytest.mark.parametrize(
    ("console", "status"),
    [
        ({"SerialConsoleAccessEnabled": False}, PASS),
        ({"SerialConsoleAccessEnabled": True}, FAIL),
        (None, UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_serial_consoles(console: Any, status: Status) -> None:
    """They lead past every network rule."""
    assert verdict(serial_console_disabled, the_region(SerialConsole=console)).status is status


@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        ({"State": "enabled", "ImageCriteria": [{"ImageProviders": ["amazon"]}]}, PASS),
        ({"State": "enabled", "ImageCriteria": [{"ImageProviders": ["none"]}]}, PASS),
        ({"State": "enabled", "ImageCriteria": [{"ImageNames": ["golden-*"]}]}, UNKNOWN),
        ({"State": "enabled"}, UNKNOWN),
        ({"State": "audit-mode", "ImageCriteria": [{"ImageProviders": ["amazon"]}]}, FAIL),
        ({"State": "disabled"}, FAIL),
        ({"State": "something-new"}, UNKNOWN),
        (None, UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_allowed_images(allowed: Any, status: Status) -> None:
    """A setting that only marks what it would forbid forbids nothing."""
    assert verdict(allowed_images_enforced, the_region(AllowedImages=allowed)).status is status
