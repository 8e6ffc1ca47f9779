"""EC2 networks: what lies between the internet and a resource: subnets, route tables, network ACLs."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class PublicAccessBlock(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What VPC Block Public Access does to a subnet."""

    internet_gateway_block_mode: str = "off"  # off, block-bidirectional or block-ingress


@resource("aws.vpc.subnet", key="SubnetId", volatile=("AvailableIpAddressCount",))
class Subnet(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One subnet, of the account or shared with it."""

    subnet_id: str
    vpc_id: str
    availability_zone: str = ""
    owner_id: str = ""  # AWS documents it as optional; of a shared subnet another account
    map_public_ip_on_launch: bool | None = None  # None: AWS documents it as optional
    assign_ipv6_address_on_creation: bool = False  # AWS's own default
    block_public_access_states: PublicAccessBlock = PublicAccessBlock()  # older answers do not have it


class Route(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One route: a destination, of three kinds, and a target, of many; a gateway is named `igw-`, `vgw-` or `vpce-`."""

    destination_cidr_block: str | None = None
    destination_ipv6_cidr_block: str | None = None
    destination_prefix_list_id: str | None = None
    gateway_id: str | None = None  # None: another kind of target, such as a NAT or an egress-only gateway
    network_interface_id: str | None = None  # None: no instance is the target
    state: str = "active"  # blackhole: the target is gone


class RouteTableAssociation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a route table is for: a subnet, a gateway, or every subnet of the VPC without a table of its own."""

    main: bool = False
    subnet_id: str | None = None
    gateway_id: str | None = None


@resource("aws.vpc.route_table", key="RouteTableId")
class RouteTable(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One route table with its routes."""

    route_table_id: str
    vpc_id: str
    associations: tuple[RouteTableAssociation, ...]
    routes: tuple[Route, ...]


class PortRange(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Ports of an entry, both included."""

    from_: int | None = field(name="From", default=None)  # None: every port, as for a protocol without ports
    to: int | None = None  # likewise


class NetworkAclEntry(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One rule of a network ACL; of those that fit the one with the lowest number decides."""

    rule_number: int
    rule_action: str  # allow or deny
    egress: bool
    protocol: str  # a number; "-1" is every protocol
    cidr_block: str | None = None
    ipv6_cidr_block: str | None = None
    port_range: PortRange | None = None  # None: every port


class NetworkAclAssociation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A subnet that a network ACL is for."""

    subnet_id: str


@resource("aws.vpc.network_acl", key="NetworkAclId")
class NetworkAcl(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One network ACL with its rules in both directions."""

    network_acl_id: str
    associations: tuple[NetworkAclAssociation, ...]
    entries: tuple[NetworkAclEntry, ...]


@aws.collects(Subnet, at="region", call="ec2:DescribeSubnets", permissions="ec2:DescribeSubnets")
def subnets(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeSubnets", "Subnets", MaxResults=1000)


@aws.collects(RouteTable, at="region", call="ec2:DescribeRouteTables", permissions="ec2:DescribeRouteTables")
def route_tables(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeRouteTables", "RouteTables", MaxResults=100)


@aws.collects(NetworkAcl, at="region", call="ec2:DescribeNetworkAcls", permissions="ec2:DescribeNetworkAcls")
def network_acls(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeNetworkAcls", "NetworkAcls", MaxResults=1000)
