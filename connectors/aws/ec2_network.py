"""EC2 networks: what the internet can reach, and whether traffic leaves a trace."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed
from collector.core.resources import Body, resource
from connectors.aws.client import Account
from connectors.aws.connector import aws

_EVERY_PORT = range(65_536)
_PROTOCOLS_WITH_PORTS = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}
_ICMP = frozenset({"icmp", "1", "icmpv6", "58"})


class IpRange(Struct, frozen=True, kw_only=True, rename="pascal"):
    """IPv4 addresses."""

    cidr_ip: str


class Ipv6Range(Struct, frozen=True, kw_only=True, rename="pascal"):
    """IPv6 addresses."""

    cidr_ipv6: str


class Permission(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One rule, of a protocol and a range of ports, with all that it lets in."""

    ip_protocol: str  # "-1" is every protocol
    from_port: int | None = None  # None: the protocol has no ports, or every one is meant
    to_port: int | None = None  # likewise
    ip_ranges: tuple[IpRange, ...] = ()  # AWS leaves empty lists out of some answers
    ipv6_ranges: tuple[Ipv6Range, ...] = ()  # likewise


@resource("aws.vpc.security_group", key="GroupId")
class SecurityGroup(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One security group with its rules in both directions."""

    group_id: str
    group_name: str
    ip_permissions: tuple[Permission, ...]
    ip_permissions_egress: tuple[Permission, ...]


@resource("aws.vpc.vpc", key="VpcId")
class Vpc(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One network."""

    vpc_id: str


@resource("aws.vpc.flow_log", key="FlowLogId")
class FlowLog(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One flow log, of a network, a subnet or an interface."""

    flow_log_id: str
    flow_log_status: str
    resource_id: str
    traffic_type: str | None = None  # None: of a transit gateway, which logs all there is
    deliver_logs_status: str | None = None  # None: nothing was delivered yet


@aws.collects(SecurityGroup, at="region", call="ec2:DescribeSecurityGroups", needs="ec2:DescribeSecurityGroups")
def security_groups(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", MaxResults=1000)


@aws.collects(Vpc, at="region", call="ec2:DescribeVpcs", needs="ec2:DescribeVpcs")
def vpcs(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeVpcs", "Vpcs", MaxResults=1000)


@aws.collects(FlowLog, at="region", call="ec2:DescribeFlowLogs", needs="ec2:DescribeFlowLogs")
def flow_logs(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeFlowLogs", "FlowLogs", MaxResults=1000)


class Opening(NamedTuple):
    """Ports that a rule opens to everybody."""

    protocol: str
    ports: range
    source: str

    def __str__(self) -> str:
        if len(self.ports) == len(_EVERY_PORT):
            return f"every {self.protocol} port from {self.source}"
        first, last = self.ports[0], self.ports[-1]
        return f"{self.protocol} {first if first == last else f'{first}-{last}'} from {self.source}"


def openings(permissions: Iterable[Permission]) -> Iterator[Opening]:
    """Yield what rules open to the whole internet, by IPv4 or IPv6. ICMP has no ports and is left out."""
    for rule in permissions:
        if rule.ip_protocol in _ICMP:
            continue
        cidrs = [one.cidr_ip for one in rule.ip_ranges] + [one.cidr_ipv6 for one in rule.ipv6_ranges]
        for cidr in cidrs:
            if _everybody(cidr):
                protocol = _PROTOCOLS_WITH_PORTS.get(rule.ip_protocol)
                if protocol is None or rule.from_port is None or rule.to_port is None or rule.from_port < 0:
                    yield Opening("(any)" if protocol is None else protocol, _EVERY_PORT, cidr)
                else:
                    yield Opening(protocol, range(rule.from_port, rule.to_port + 1), cidr)


def _everybody(cidr: str) -> bool:
    # Half of all addresses is no narrower in effect: two such rules make the whole.
    return ipaddress.ip_network(cidr, strict=False).prefixlen <= 1


def _open_ports(group: SecurityGroup, ports: Iterable[int]) -> Verdict:
    closed = sorted(set(ports))
    found = [
        f"{one} (covers {', '.join(str(port) for port in hit)})"
        for one in openings(group.ip_permissions)
        if (hit := [port for port in closed if port in one.ports])
    ]
    name = f"{group.group_id} ({group.group_name})"
    return failed(f"{name} opens {'; '.join(found)}") if found else passed()


@check(
    "aws_vpc_security_group_no_admin_ports_open",
    title="No port of administration is open to the internet",
    severity="critical",
    fix="Let in your own networks only, or administer through Session Manager and close the port",
)
def no_admin_ports_open(
    group: SecurityGroup, *, admin_ports: tuple[int, ...] = (22, 3389, 5985, 5986, 445, 135)
) -> Verdict:
    return _open_ports(group, admin_ports)


@check(
    "aws_vpc_security_group_no_db_ports_open",
    title="No port of a data store is open to the internet",
    severity="critical",
    fix="Name the security group of the application as source, in place of every address",
)
def no_db_ports_open(
    group: SecurityGroup,
    *,
    db_ports: tuple[int, ...] = (1433, 1521, 3306, 5432, 6379, 9042, 9200, 11211, 27017),
) -> Verdict:
    return _open_ports(group, db_ports)


@check(
    "aws_vpc_security_group_only_approved_internet_ports",
    title="Only approved ports are open to the internet",
    severity="high",
    fix="Close the ports named, or have them approved and listed",
)
def only_approved_internet_ports(
    group: SecurityGroup, *, approved_public_ports: tuple[int, ...] = (80, 443)
) -> Verdict:
    approved = set(approved_public_ports)
    found = [str(one) for one in openings(group.ip_permissions) if not set(one.ports) <= approved]
    if found:
        return failed(f"{group.group_id} ({group.group_name}) opens {'; '.join(found)}")
    return passed()


@check(
    "aws_vpc_default_security_group_closed",
    title="The default security group lets nothing in or out",
    severity="medium",
    fix="Take all rules out of the default group and give resources groups of their own",
    over="region",
)
def default_security_group_closed(groups: All[SecurityGroup]) -> Verdict:
    defaults = [group for group in groups if group.group_name == "default"]
    rules = {group.group_id: len(group.ip_permissions) + len(group.ip_permissions_egress) for group in defaults}
    found = [f"{group} has {count} rules" for group, count in rules.items() if count]
    if found:
        return failed("; ".join(found))
    return passed(f"all {len(defaults)} default groups are without rules")


@check(
    "aws_vpc_flow_logs_enabled",
    title="Traffic in the network is logged",
    severity="medium",
    fix="Create a flow log for the network that takes all traffic, or at least what is rejected",
)
def flow_logs_enabled(vpc: Vpc, logs: All[FlowLog]) -> Verdict:
    lacking = []
    for log in logs:
        if log.resource_id != vpc.vpc_id:
            continue
        if log.flow_log_status != "ACTIVE":
            lacking.append(f"{log.flow_log_id} is {log.flow_log_status}")
        elif log.traffic_type not in ("ALL", "REJECT"):
            lacking.append(f"{log.flow_log_id} takes {log.traffic_type} only")
        elif log.deliver_logs_status == "FAILED":
            lacking.append(f"{log.flow_log_id} does not deliver")
        else:
            return passed(f"{log.flow_log_id} takes {log.traffic_type}")
    return failed(f"{vpc.vpc_id}: {'; '.join(lacking)}" if lacking else f"{vpc.vpc_id} has no flow log")
