"""Checks of EC2 networks: ports that are open to the internet, default security groups, flow logs."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws.ec2.resources.network import EVERY_PORT, FlowLog, IpPermission, Opening, SecurityGroup, Vpc

_NO_PORT = range(0)


_EVERY_PROTOCOL = "-1"


_PROTOCOLS_WITH_PORTS = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}


_ICMP = frozenset({"icmp", "1", "icmpv6", "58"})


_IPV6_IN_USE = ipaddress.ip_network("2000::/3")


def internet_openings(permissions: Iterable[IpPermission]) -> Iterator[Opening]:
    """Yield what rules open to the whole internet, by IPv4 or IPv6. ICMP, which has no ports, is left out."""
    for rule in permissions:
        if rule.ip_protocol not in _ICMP:
            cidrs = [ip_range.cidr_ip for ip_range in rule.ip_ranges] + [
                ip_range.cidr_ipv6 for ip_range in rule.ipv6_ranges
            ]
            yield from (Opening(*_ports(rule), cidr) for cidr in _collapsed(cidrs) if _is_whole_internet(cidr))


def _openings_to_prefix_lists(permissions: Iterable[IpPermission]) -> Iterator[Opening]:
    """Yield what rules open to prefix lists, whose addresses annexd does not read."""
    for rule in permissions:
        if rule.ip_protocol not in _ICMP:
            yield from (Opening(*_ports(rule), prefix_list.prefix_list_id) for prefix_list in rule.prefix_list_ids)


def _ports(rule: IpPermission) -> tuple[str, range]:
    if rule.ip_protocol == _EVERY_PROTOCOL:
        return "(any)", EVERY_PORT
    protocol = _PROTOCOLS_WITH_PORTS.get(rule.ip_protocol)
    if protocol is None:
        return rule.ip_protocol, _NO_PORT
    first, last = rule.from_port, rule.to_port
    if first is None or last is None or not 0 <= first <= last:
        return protocol, EVERY_PORT
    return protocol, range(first, last + 1)


def _collapsed(cidrs: Iterable[str]) -> Iterator[str]:
    """Yield address ranges joined to as few as possible: four quarters of the internet become one range."""
    networks = [ipaddress.ip_network(cidr, strict=False) for cidr in cidrs]
    yield from map(
        str, ipaddress.collapse_addresses(network for network in networks if isinstance(network, ipaddress.IPv4Network))
    )
    yield from map(
        str, ipaddress.collapse_addresses(network for network in networks if isinstance(network, ipaddress.IPv6Network))
    )


def _is_whole_internet(cidr: str) -> bool:
    # Half of all addresses counts as all: two such rules in two groups make the whole. Of IPv6 only 2000::/3 is in use,
    # and the addresses assigned so far lie in its first half.
    network = ipaddress.ip_network(cidr, strict=False)
    if isinstance(network, ipaddress.IPv6Network):
        return network.prefixlen <= _IPV6_IN_USE.prefixlen + 1 and network.overlaps(_IPV6_IN_USE)
    return network.prefixlen <= 1


def _judge(group: SecurityGroup, problem_of: Callable[[Opening], str | None]) -> Verdict:
    """Return fail for a problem that is open to the internet, unknown for one that is open to a prefix list."""
    name = f"{group.group_id} ({group.group_name})"
    problems = [
        problem for opening in internet_openings(group.ip_permissions) if (problem := problem_of(opening)) is not None
    ]
    if problems:
        return failed(f"{name} opens {'; '.join(problems)}")
    unclear = [
        problem
        for opening in _openings_to_prefix_lists(group.ip_permissions)
        if (problem := problem_of(opening)) is not None
    ]
    if unclear:
        return unknown(f"{name} opens {'; '.join(unclear)}; what is in a prefix list is not read")
    return passed()


def _closed_port_problem(ports: Iterable[int]) -> Callable[[Opening], str | None]:
    closed_ports = sorted(set(ports))

    def problem_of(opening: Opening) -> str | None:
        open_ports = [str(port) for port in closed_ports if port in opening.ports]
        return f"{opening} (covers {', '.join(open_ports)})" if open_ports else None

    return problem_of


@check(
    "aws_vpc_security_group_no_admin_ports_open",
    title="No port of administration is open to the internet",
    severity="critical",
    fix="Let in your own networks only, or administer through Session Manager and close the port",
)
def no_admin_ports_open(
    group: SecurityGroup, *, admin_ports: tuple[int, ...] = (22, 3389, 5985, 5986, 445, 135)
) -> Verdict:
    return _judge(group, _closed_port_problem(admin_ports))


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
    return _judge(group, _closed_port_problem(db_ports))


@check(
    "aws_vpc_security_group_only_approved_internet_ports",
    title="Only approved ports are open to the internet",
    severity="high",
    fix="Close the ports named, or have them approved and listed",
)
def only_approved_internet_ports(
    group: SecurityGroup, *, approved_public_ports: tuple[int, ...] = (80, 443)
) -> Verdict:
    approved = frozenset(approved_public_ports)

    def problem_of(opening: Opening) -> str | None:
        return None if opening.ports and all(port in approved for port in opening.ports) else str(opening)

    return _judge(group, problem_of)


@check(
    "aws_vpc_default_security_group_closed",
    title="The default security group lets nothing in or out",
    severity="medium",
    fix="Take all rules out of the default group and give resources groups of their own",
    over="region",
)
def default_security_group_closed(groups: All[SecurityGroup]) -> Verdict:
    defaults = [group for group in groups if group.group_name == "default"]
    if not defaults:
        return not_applicable("there is no network, and so no default group (0 of a complete list)")
    rules = {group.group_id: len(group.ip_permissions) + len(group.ip_permissions_egress) for group in defaults}
    problems = [f"{group} has {count} rules" for group, count in rules.items() if count]
    if problems:
        return failed("; ".join(problems))
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
