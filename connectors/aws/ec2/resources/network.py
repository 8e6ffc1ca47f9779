"""EC2 networks: security groups, VPCs and flow logs."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

EVERY_PORT = range(65_536)


class IpRange(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A range of IPv4 addresses."""

    cidr_ip: str = ""  # one that is left out or empty cannot be judged, and the other rules can


class Ipv6Range(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A range of IPv6 addresses."""

    cidr_ipv6: str = ""  # likewise


class PrefixList(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A reference to a managed prefix list."""

    prefix_list_id: str


class IpPermission(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One rule of a security group (IpPermission in the EC2 API): protocol, ports and the sources it allows."""

    ip_protocol: str  # "-1" is every protocol
    from_port: int | None = None  # None: the protocol has no ports, or every one is meant
    to_port: int | None = None  # likewise
    ip_ranges: tuple[IpRange, ...] = ()  # AWS leaves empty lists out of some answers
    ipv6_ranges: tuple[Ipv6Range, ...] = ()  # likewise
    prefix_list_ids: tuple[PrefixList, ...] = ()  # likewise


@resource("aws.vpc.security_group", key="GroupId")
class SecurityGroup(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One security group with its rules in both directions."""

    group_id: str
    group_name: str
    ip_permissions: tuple[IpPermission, ...]
    ip_permissions_egress: tuple[IpPermission, ...]


@resource("aws.vpc.vpc", key="VpcId")
class Vpc(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One VPC that the account owns."""

    vpc_id: str
    dhcp_options_id: str = ""  # AWS documents it as optional; "default": it has none


class DhcpValue(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A value of a DHCP option."""

    value: str = ""


class DhcpConfiguration(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A DHCP option, such as `ntp-servers`."""

    key: str
    values: tuple[DhcpValue, ...] = ()


@resource("aws.vpc.dhcp_options", key="DhcpOptionsId")
class DhcpOptions(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What the machines of some VPCs are told by DHCP."""

    dhcp_options_id: str
    dhcp_configurations: tuple[DhcpConfiguration, ...] = ()

    def values_of(self, option: str) -> tuple[str, ...]:
        """Return the values of an option; none where it is not set."""
        return tuple(value.value for each in self.dhcp_configurations if each.key == option for value in each.values)


@resource("aws.vpc.flow_log", key="FlowLogId")
class FlowLog(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One flow log, of a VPC, a subnet or a network interface."""

    flow_log_id: str
    flow_log_status: str
    resource_id: str
    traffic_type: str | None = None  # None: of a transit gateway, which logs all there is
    deliver_logs_status: str | None = None  # None: nothing was delivered yet


@aws.collects(SecurityGroup, at="region", call="ec2:DescribeSecurityGroups", permissions="ec2:DescribeSecurityGroups")
def security_groups(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", MaxResults=1000)


@aws.collects(Vpc, at="region", call="ec2:DescribeVpcs", permissions="ec2:DescribeVpcs")
def vpcs(account: Account) -> Iterator[Body]:
    # AWS also lists VPCs that another account shares; their flow logs are visible in that account only.
    listed = account.pages("ec2", "DescribeVpcs", "Vpcs", MaxResults=1000)
    yield from (vpc for vpc in listed if vpc["OwnerId"] == account.id)


@aws.collects(DhcpOptions, at="region", call="ec2:DescribeDhcpOptions", permissions="ec2:DescribeDhcpOptions")
def dhcp_options(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeDhcpOptions", "DhcpOptions", MaxResults=1000)


@aws.collects(FlowLog, at="region", call="ec2:DescribeFlowLogs", permissions="ec2:DescribeFlowLogs")
def flow_logs(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeFlowLogs", "FlowLogs", MaxResults=1000)
