"""EC2 machines: instances, and the images that the account owns."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


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


class NetworkInterface(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One network interface of an instance."""

    subnet_id: str = ""  # AWS leaves it out of an instance that is terminated
    association: PublicAddress | None = None  # None: no public IPv4 address
    ipv6_addresses: tuple[Ipv6Address, ...] = ()
    groups: tuple[GroupIdentifier, ...]


@resource("aws.ec2.instance", key="InstanceId")
class Instance(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One instance."""

    instance_id: str
    state: InstanceState
    metadata_options: MetadataOptions
    network_interfaces: tuple[NetworkInterface, ...] = ()  # AWS leaves them out of an instance that is terminated

    @property
    def is_gone(self) -> bool:
        """Whether it is terminated, which nothing takes back; AWS lists it for about an hour more."""
        return self.state.name in ("shutting-down", "terminated")


@resource("aws.ec2.image", key="ImageId")
class Image(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One machine image that the account owns."""

    image_id: str
    public: bool


@aws.collects(Instance, at="region", call="ec2:DescribeInstances", permissions="ec2:DescribeInstances")
def instances(account: Account) -> Iterator[Body]:
    for reservation in account.pages("ec2", "DescribeInstances", "Reservations", MaxResults=1000):
        yield from reservation["Instances"]


@aws.collects(Image, at="region", call="ec2:DescribeImages", permissions="ec2:DescribeImages")
def images(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeImages", "Images", Owners=["self"], MaxResults=1000)
