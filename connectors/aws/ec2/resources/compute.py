"""EC2 machines: instances, and the images that the account owns."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.detectors import find_secrets
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import in_batches, only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PACKED = b"\x1f\x8b"
_LONGEST = 1 << 20  # of what is unpacked; AWS takes 16 KiB of packed user data
_AMAZON = "amazon"
_BATCH = 200
"""The values that a filter of EC2 takes."""


class InstanceState(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What an instance is doing: pending, running, stopping, stopped, shutting-down, terminated."""

    name: str


class MetadataOptions(Struct, frozen=True, kw_only=True, rename="pascal"):
    """How the instance metadata service answers."""

    http_tokens: str  # required: session tokens (IMDSv2) only; optional: requests without one, too
    http_endpoint: str  # enabled or disabled
    state: str = "applied"  # pending: a change is being applied


class PublicAddress(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The public IPv4 address of a network interface."""

    public_ip: str


class GroupIdentifier(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A security group of a network interface."""

    group_id: str


class Ipv6Address(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An IPv6 address of a network interface."""

    ipv6_address: str = field(name="Ipv6Address")


class PrivateAddress(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An IPv4 address of a network interface within its network; each may have a public one."""

    association: PublicAddress | None = None  # None: no public IPv4 address


class NetworkInterface(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One network interface of an instance."""

    subnet_id: str = ""  # AWS leaves it out of an instance that is terminated
    association: PublicAddress | None = None  # None: no public IPv4 address
    private_ip_addresses: tuple[PrivateAddress, ...] = ()
    ipv6_addresses: tuple[Ipv6Address, ...] = ()
    groups: tuple[GroupIdentifier, ...]

    @property
    def public_addresses(self) -> tuple[str, ...]:
        """Its addresses that are known on the internet; those of IPv6 are, unless they are of a private range."""
        associations = [self.association, *(each.association for each in self.private_ip_addresses)]
        ipv4 = [each.public_ip for each in associations if each is not None]
        return tuple(dict.fromkeys([*ipv4, *(each.ipv6_address for each in self.ipv6_addresses)]))


class InstanceProfile(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What gives the machine the keys of a role."""

    arn: str


class UserData(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a machine is given at its start (ec2:DescribeInstanceAttribute): its length, and what looks like secrets.

    The text itself is not kept.
    """

    length: int
    suspects: tuple[str, ...]  # the kinds of what looks like a secret


@resource("aws.ec2.instance", key="InstanceId")
class Instance(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One instance."""

    instance_id: str
    state: InstanceState
    metadata_options: MetadataOptions
    network_interfaces: tuple[NetworkInterface, ...] = ()  # AWS leaves them out of an instance that is terminated
    iam_instance_profile: InstanceProfile | None = None  # None: it has none
    image_id: str = ""  # AWS documents it as optional
    launch_time: datetime | None = None  # None: AWS documents it as optional
    user_data: UserData | None = None  # None: evidence from before it was read

    @property
    def is_gone(self) -> bool:
        """Whether it is terminated, which nothing takes back; AWS lists it for about an hour more."""
        return self.state.name in ("shutting-down", "terminated")


@resource("aws.ec2.image", key="ImageId")
class Image(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One machine image that the account owns."""

    image_id: str
    public: bool


@resource("aws.ec2.source_image", key="ImageId")
class SourceImage(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An image that an instance was started from, whoever owns it; those that AWS lists no more are not here."""

    image_id: str
    creation_date: datetime | None = None  # None: AWS documents it as optional
    source_image_id: str | None = None  # None: AWS knows no image that it was made from
    source_instance_id: str | None = None  # None: it was not made from a machine
    image_owner_alias: str | None = None  # None: it is of a customer

    @property
    def is_copy(self) -> bool:
        """Whether it is another image as it was: its date is the one of the copy.

        Amazon copies its own images to each region when it publishes them.
        """
        if self.image_owner_alias == _AMAZON:
            return False
        return self.source_image_id is not None and self.source_instance_id is None


@aws.collects(Instance, at="region", call="ec2:DescribeInstances", permissions="ec2:DescribeInstances")
def instances(account: Account) -> Iterator[Body]:
    for reservation in account.pages("ec2", "DescribeInstances", "Reservations", MaxResults=1000):
        yield from reservation["Instances"]


@aws.part(Instance, "UserData", call="ec2:DescribeInstanceAttribute", permissions="ec2:DescribeInstanceAttribute")
def user_data(account: Account, instance: Body) -> Any:
    answer = account.call(
        "ec2",
        "DescribeInstanceAttribute",
        having="InstanceId",
        InstanceId=instance["InstanceId"],
        Attribute="userData",
    )
    encoded = answer.get("UserData", {}).get("Value", "")
    if not encoded:
        return {"Length": 0, "Suspects": []}
    found = find_secrets(encoded) or find_secrets(_decoded(encoded))
    return {"Length": len(encoded), "Suspects": sorted({secret.kind for secret in found})}


def _decoded(text: str) -> str:
    """Return what a text in base64 says, packed or not. Raises Unexpected where it is no such text."""
    try:
        plain = base64.b64decode(text, validate=True)
        if plain[:2] == _PACKED:
            unpacker = zlib.decompressobj(wbits=31)
            plain = unpacker.decompress(plain, _LONGEST)
    except (ValueError, zlib.error) as error:
        raise Unexpected(f"the user data of the instance cannot be read: {error}") from error
    return plain[:_LONGEST].decode("utf-8", "replace")


@aws.collects(Image, at="region", call="ec2:DescribeImages", permissions="ec2:DescribeImages")
def images(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeImages", "Images", Owners=["self"], MaxResults=1000)


@aws.collects(
    SourceImage,
    at="region",
    call=("ec2:DescribeInstances", "ec2:DescribeImages"),
    permissions=("ec2:DescribeInstances", "ec2:DescribeImages"),
)
def source_images(account: Account) -> Iterator[Body]:
    # By ids AWS refuses the whole list where one of them is gone; by a filter it lists the others.
    reservations = account.pages("ec2", "DescribeInstances", "Reservations", MaxResults=1000)
    used = dict.fromkeys(each["ImageId"] for item in reservations for each in item["Instances"] if each.get("ImageId"))
    for batch in in_batches(used, _BATCH):
        listed = account.pages(
            "ec2",
            "DescribeImages",
            "Images",
            Filters=[{"Name": "image-id", "Values": batch}],
            IncludeDeprecated=True,
            MaxResults=1000,
        )
        kept = ("ImageId", "OwnerId", "CreationDate", "DeprecationTime", "SourceImageId", "SourceInstanceId",
                "ImageOwnerAlias")  # fmt: skip
        yield from (only(image, *kept) for image in listed)
