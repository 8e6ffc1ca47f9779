"""Checks of EC2 networks: ports that are open to the internet, default security groups, flow logs."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.ec2.address_space import Share
from connectors.aws.ec2.openings import Opening, PrefixLists, openings_at, openings_but, rules_of
from connectors.aws.ec2.resources.network import FlowLog, SecurityGroup, Vpc
from connectors.aws.ec2.resources.prefix_lists import ManagedPrefixList


def _judge(group: SecurityGroup, openings: Iterable[Opening], max_public_share: float) -> Verdict:
    """Return fail where more of the internet is let in than the limit allows, unknown where sources cannot be told."""
    problems: list[str] = []
    doubts: list[str] = []
    largest = Share(0.0, 4)
    for opening in openings:
        share = opening.share
        text = f"{opening.what} to {share} ({opening.by()})"
        if share.part > max_public_share:
            problems.append(text)
        elif opening.unclear:
            doubts.append(f"{opening.what} by {opening.by()}: {first_few(opening.unclear, 4)}")
        largest = max(largest, share)
    name = f"{group.group_id} ({group.group_name})"
    if problems:
        allowed = "" if largest.part == 1 else f"; max_public_share is {max_public_share:g}"
        return failed(f"{name} opens {first_few(problems, 4, '; ')}{allowed}")
    if doubts:
        return unknown(f"{name} opens {first_few(doubts, 4, '; ')}")
    return passed(f"{name} lets in {largest} at most" if largest.part else "")


@check(
    "aws_vpc_security_group_no_admin_ports_open",
    title="No port of administration is open to the internet",
    severity="critical",
    fix="Let in your own networks only, or administer through Session Manager and close the port",
)
def no_admin_ports_open(
    group: SecurityGroup,
    prefix_lists: All[ManagedPrefixList],
    *,
    admin_ports: tuple[int, ...] = (22, 3389, 5985, 5986, 445, 135),
    max_public_share: float = 0.0001,
) -> Verdict:
    return _judge(
        group, openings_at(rules_of(group.ip_permissions, PrefixLists(prefix_lists)), admin_ports), max_public_share
    )


@check(
    "aws_vpc_security_group_no_db_ports_open",
    title="No port of a data store is open to the internet",
    severity="critical",
    fix="Name the security group of the application as source, in place of every address",
)
def no_db_ports_open(
    group: SecurityGroup,
    prefix_lists: All[ManagedPrefixList],
    *,
    db_ports: tuple[int, ...] = (1433, 1521, 3306, 5432, 6379, 9042, 9200, 11211, 27017),
    max_public_share: float = 0.0001,
) -> Verdict:
    return _judge(
        group, openings_at(rules_of(group.ip_permissions, PrefixLists(prefix_lists)), db_ports), max_public_share
    )


@check(
    "aws_vpc_security_group_only_approved_internet_ports",
    title="Only approved ports are open to the internet",
    severity="high",
    fix="Close the ports named, or have them approved and listed",
)
def only_approved_internet_ports(
    group: SecurityGroup,
    prefix_lists: All[ManagedPrefixList],
    *,
    approved_public_ports: tuple[int, ...] = (80, 443),
    max_public_share: float = 0.0001,
) -> Verdict:
    openings = openings_but(rules_of(group.ip_permissions, PrefixLists(prefix_lists)), frozenset(approved_public_ports))
    return _judge(group, openings, max_public_share)


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
        return failed(first_few(problems, between="; "))
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
    return failed(f"{vpc.vpc_id}: {first_few(lacking, between='; ')}" if lacking else f"{vpc.vpc_id} has no flow log")
