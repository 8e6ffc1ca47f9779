"""Checks of networks: what security groups let in, and whether flows are logged."""

from __future__ import annotations

from datetime import timedelta

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.network.address_space import MAX_PUBLIC_SHARE
from connectors.azure.network.inbound import openings
from connectors.azure.network.interfaces import Interface, LoadBalancer
from connectors.azure.network.resources import FlowLog, SecurityGroup, Subnet, VirtualNetwork
from connectors.azure.network.ways_in import ways_in

_RETENTION_UNLIMITED = 0


def _let_in(
    group: SecurityGroup,
    interfaces: All[Interface],
    balancers: All[LoadBalancer],
    ports: tuple[int, ...],
    max_public_share: float,
) -> Verdict:
    """Return whether a group lets in more of the internet than is allowed, at any of some ports."""
    opened: dict[int, str] = {}
    doubts: list[str] = []
    for opening in openings(group, ports):
        if opening.surely.public_share > max_public_share:
            opened[opening.port] = f"tcp {opening.port} to {opening.surely} by {first_few(opening.rules, 3)}"
        elif opening.possibly.public_share > max_public_share:
            doubts.append(f"tcp {opening.port}: {first_few(opening.doubts, 3)}")
    filtered = [*(group.properties.subnets or ()), *(group.properties.network_interfaces or ())]
    where = (
        f"in front of {first_few([each.id.rpartition('/')[2] for each in filtered], 3)}"
        if filtered
        else "associated with nothing that Azure lists with it"
    )
    if opened:
        ways = ways_in(group, opened, interfaces, balancers)
        return failed(f"{group.name}, {where}, opens {first_few(opened.values())}; {ways}")
    return unknown(f"{group.name}, {where}: {first_few(doubts)}") if doubts else passed()


@check(
    "azure_network_nsg_no_admin_ports_open",
    title="No NSG opens admin ports to the internet",
    severity="critical",
    fix="Reach machines by Azure Bastion, a VPN or just-in-time access, and take the rule out",
)
def no_admin_ports_open(
    group: SecurityGroup,
    interfaces: All[Interface],
    balancers: All[LoadBalancer],
    *,
    ports: tuple[int, ...] = (22, 3389, 5985, 5986),
    max_public_share: float = MAX_PUBLIC_SHARE,
) -> Verdict:
    return _let_in(group, interfaces, balancers, ports, max_public_share)


@check(
    "azure_network_nsg_no_db_ports_open",
    title="No NSG opens database ports to the internet",
    severity="critical",
    fix="Let in only the networks of the applications that use the database",
)
def no_db_ports_open(
    group: SecurityGroup,
    interfaces: All[Interface],
    balancers: All[LoadBalancer],
    *,
    ports: tuple[int, ...] = (1433, 3306, 5432, 6379, 9200, 27017),
    max_public_share: float = MAX_PUBLIC_SHARE,
) -> Verdict:
    return _let_in(group, interfaces, balancers, ports, max_public_share)


@check(
    "azure_network_flow_logs_enabled",
    title="Network flow logs are captured and kept",
    severity="medium",
    fix="Make a flow log of the virtual network, and keep it, or send it to traffic analytics",
)
def flow_logs_enabled(
    network: VirtualNetwork, logs: All[FlowLog], *, min_retention: timedelta = timedelta(days=90)
) -> Verdict:
    """A log of the network covers it; so do logs of each subnet, or of the security group of each."""
    targets: dict[str, list[FlowLog]] = {}
    for log in logs:
        if log.properties.enabled:
            targets.setdefault(log.properties.target_resource_id.lower(), []).append(log)
    whole = targets.get(network.id.lower(), [])
    if any(_is_kept(log, min_retention) for log in whole):
        return passed()
    uncovered: list[str] = []
    short = [log.name for log in whole]
    subnets = network.properties.subnets or ()
    for subnet in subnets:
        own = [log for id_ in _filters(subnet) for log in targets.get(id_, ())]
        if not any(_is_kept(log, min_retention) for log in own):
            uncovered.append(subnet.name)
            short += [log.name for log in own]
    if subnets and not uncovered:
        return passed()
    days = min_retention.days
    if short:
        return failed(f"{network.name}: {first_few(dict.fromkeys(short))} is kept for less than {days} days")
    if not subnets:
        return passed(f"{network.name} has no subnet, in which there could be flows")
    return failed(f"{network.name} has no flow log for {first_few(uncovered)}")


def _filters(subnet: Subnet) -> list[str]:
    group = subnet.properties.network_security_group
    return [subnet.id.lower(), *([group.id.lower()] if group is not None else [])]


def _is_kept(log: FlowLog, min_retention: timedelta) -> bool:
    """Whether a log is kept for long enough: in its account, or by a workspace, which has a rule of its own."""
    analytics = log.properties.flow_analytics_configuration
    if analytics is not None and analytics.configuration is not None and analytics.configuration.enabled:
        return True
    kept = log.properties.retention_policy
    return kept is None or not kept.enabled or kept.days == _RETENTION_UNLIMITED or kept.days >= min_retention.days
