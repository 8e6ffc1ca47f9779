"""Checks of who reaches the instances of a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.gcp._network.exposure import Opening, levels_of, openings, together
from connectors.gcp._sdk.links import last_of
from connectors.gcp.compute.networks import Network, Subnet

_NAMED = 5
_WITHOUT_FLOW_LOGS = frozenset(
    {
        "GLOBAL_MANAGED_PROXY",
        "INTERNAL_HTTPS_LOAD_BALANCER",
        "PEER_MIGRATION",
        "PRIVATE_NAT",
        "PRIVATE_SERVICE_CONNECT",
        "REGIONAL_MANAGED_PROXY",
    }
)
"""Purposes of subnets that hold no instances. https://cloud.google.com/vpc/docs/subnets#purpose"""


def _judge(network: Network, ports: Iterable[int], max_public_share: float) -> Verdict:
    try:
        levels = levels_of(network.effective, network.network_firewall_policy_enforcement_order)
        found = [(port, each) for port in ports for each in openings(levels, "tcp", port)]
        regional = [
            (port, each)
            for policy in network.regional
            for port in ports
            for each in openings(levels_of({"firewallPolicys": [{**policy, "type": "NETWORK"}]}, ""), "tcp", port)
        ]
    except (ValueError, KeyError, TypeError) as error:
        return unknown(f"the rules of {network.name} could not be evaluated: {error}")
    at_ports = {port: [each for at, each in found if at == port] for port in ports}
    found += [(port, each) for port, some in at_ports.items() for each in _narrow_alone(some, max_public_share)]
    open_ = [_said(port, each) for port, each in found if each.surely > max_public_share]
    if open_:
        return failed(f"{network.name}: {_several(open_)}")
    unclear = [
        f"{_said(port, each)}{f', and {each.also[0]}' if each.also else ', unless another rule keeps it out'}"
        for port, each in found
        if each.possibly > max_public_share or each.also
    ]
    unclear += [
        f"{_said(port, each)}, in a region" for port, each in regional if each.possibly > max_public_share or each.also
    ]
    if unclear:
        return unknown(f"{network.name}: {_several(unclear)}")
    return passed(f"no rule of {network.name} lets the internet in at these ports")


def _narrow_alone(found: list[Opening], max_public_share: float) -> Iterator[Opening]:
    """Yield what rules let in together where none of them is too wide by itself."""
    if all(each.possibly <= max_public_share for each in found):
        yield from together(found)


def _said(port: int, opening: Opening) -> str:
    return f"{opening.rule} lets {opening.possibly:.2%} of the internet in at tcp/{port}"


def _several(said: list[str]) -> str:
    more = f"; and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return "; ".join(said[:_NAMED]) + more


@check(
    "gcp_compute_firewall_no_admin_ports_open",
    title="No firewall rule opens admin ports to the internet",
    severity="critical",
    fix="Allow only the ranges of Identity-Aware Proxy (35.235.240.0/20) or of a VPN",
)
def no_admin_ports_open(
    network: Network, *, admin_ports: tuple[int, ...] = (22, 3389, 5985, 5986), max_public_share: float = 0.0001
) -> Verdict:
    return _judge(network, admin_ports, max_public_share)


@check(
    "gcp_compute_firewall_no_db_ports_open",
    title="No firewall rule opens database ports to the internet",
    severity="critical",
    fix="Allow only the ranges that the database is for",
)
def no_db_ports_open(
    network: Network,
    *,
    db_ports: tuple[int, ...] = (1433, 3306, 5432, 6379, 9200, 27017),
    max_public_share: float = 0.0001,
) -> Verdict:
    return _judge(network, db_ports, max_public_share)


@check(
    "gcp_compute_subnet_flow_logs_enabled",
    title="Subnets have flow logs",
    severity="medium",
    fix="Enable VPC flow logs for the subnet",
)
def flow_logs_enabled(subnet: Subnet) -> Verdict:
    logs = subnet.log_config
    if logs.enable or subnet.enable_flow_logs:
        # Subnetworks, logConfig: with a sampling of 0.0 no logs are reported.
        if logs.flow_sampling <= 0:
            return failed(f"{subnet.name} in {last_of(subnet.region)} has flow logs of 0 % of what flows")
        if logs.filter_expr.strip() not in {"", "true"}:
            return unknown(f"{subnet.name} logs only what its filter takes: {logs.filter_expr[:120]}")
        return passed()
    if subnet.purpose in _WITHOUT_FLOW_LOGS:
        return not_applicable(f"{subnet.name} is for {subnet.purpose}, and holds no instances")
    return failed(f"{subnet.name} in {last_of(subnet.region)} has no flow logs")


@check(
    "gcp_compute_default_network_absent",
    title="Default network does not exist",
    severity="medium",
    fix="Move what uses it to a network of your own, and delete it",
)
def default_network_absent(network: Network) -> Verdict:
    if network.name == "default":
        return failed("there is a network named default")
    return passed()
