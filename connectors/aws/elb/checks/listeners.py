"""Checks of load balancers: what they take from the internet without encryption."""

from __future__ import annotations

from collections.abc import Sequence

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._exposure.network import Endpoint, Network, network, reach
from connectors.aws._policy.truth import Truth, of
from connectors.aws.ec2.resources.network import SecurityGroup
from connectors.aws.ec2.resources.routing import NetworkAcl, RouteTable, Subnet
from connectors.aws.elb.resources import ClassicLoadBalancer, Listener, LoadBalancer

_FIX = "Redirect each HTTP listener to HTTPS by its default action, and take away rules that serve HTTP"
_PASSING = frozenset({"TCP", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE"})
_ENCRYPTED = frozenset({"HTTPS", "TLS", "SSL"})


@check(
    "aws_elb_https_listeners_only",
    title="A load balancer on the internet serves HTTPS or redirects to it",
    severity="high",
    fix=_FIX,
)
def https_listeners_only(
    balancer: LoadBalancer,
    subnets: All[Subnet],
    tables: All[RouteTable],
    acls: All[NetworkAcl],
    groups: All[SecurityGroup],
) -> Verdict:
    if balancer.type == "gateway" or balancer.scheme == "internal":
        return not_applicable(f"{balancer.name} has no address on the internet")
    listeners = balancer.listeners
    serving = {listener.port: why for listener in listeners if (why := _serves(listener))}
    if not serving:
        return _otherwise(balancer.name, [(each.protocol, each.port) for each in listeners])
    endpoint = Endpoint(
        balancer.name,
        subnets=tuple(zone.subnet_id for zone in balancer.zones),
        groups=balancer.security_groups or None,
        ports=tuple(serving),
        public={
            4: of(balancer.ip_address_type != "dualstack-without-public-ipv4"),
            6: of(balancer.ip_address_type.startswith("dualstack")),
        },
    )
    return _failed(endpoint, list(serving.values()), network(subnets, tables, acls, groups))


def _serves(listener: Listener) -> str:
    """Return what a listener does with HTTP but to redirect or refuse it; empty where nothing."""
    if listener.protocol != "HTTP":
        return ""
    rules = [f"rule {rule.priority}: {rule.serves}" for rule in listener.rules if rule.serves]
    if not listener.rules:
        return f"HTTP at port {listener.port} (AWS names no rule of it)"
    return f"HTTP at port {listener.port} ({first_few(rules, 4, '; ')})" if rules else ""


@check(
    "aws_elb_classic_https_listeners_only",
    title="A classic load balancer on the internet serves HTTPS only",
    severity="high",
    fix="Move to an application load balancer, which can redirect, or take away the HTTP listener",
)
def classic_https_listeners_only(
    balancer: ClassicLoadBalancer,
    subnets: All[Subnet],
    tables: All[RouteTable],
    acls: All[NetworkAcl],
    groups: All[SecurityGroup],
) -> Verdict:
    if balancer.scheme == "internal":
        return not_applicable(f"{balancer.name} has no address on the internet")
    listeners = [each.listener for each in balancer.listener_descriptions]
    serving = [each.load_balancer_port for each in listeners if each.protocol.upper() == "HTTP"]
    if not serving:
        return _otherwise(balancer.name, [(each.protocol.upper(), each.load_balancer_port) for each in listeners])
    endpoint = Endpoint(
        balancer.name,
        subnets=balancer.subnets,
        groups=balancer.security_groups or None,
        ports=tuple(serving),
        public={4: Truth.YES},
    )
    what = [f"HTTP at port {port}, which a classic load balancer cannot redirect" for port in serving]
    return _failed(endpoint, what, network(subnets, tables, acls, groups))


def _failed(endpoint: Endpoint, serving: Sequence[str], seen: Network) -> Verdict:
    exposure = reach(endpoint, seen)
    return failed(f"{endpoint.name} serves {first_few(serving, 4, '; ')}; {exposure}")


def _otherwise(name: str, listeners: Sequence[tuple[str, int]]) -> Verdict:
    """Return the verdict on a load balancer that serves no HTTP."""
    if not listeners:
        return not_applicable(f"{name} has no listener")
    strange = [f"{protocol} at port {port}" for protocol, port in listeners if protocol not in _known()]
    if strange:
        return unknown(f"{name} takes {first_few(strange)}, of which annexd does not know whether it is encrypted")
    passing = [f"{protocol} {port}" for protocol, port in listeners if protocol in _PASSING]
    if passing:
        return not_applicable(
            f"{name} passes on {first_few(passing)} as it comes: whether it is encrypted is decided behind it"
        )
    ports = [f"{protocol} {port}" for protocol, port in listeners if protocol in _ENCRYPTED]
    return passed(f"{name} serves {first_few(ports)}" if ports else f"{name} redirects or refuses HTTP")


def _known() -> frozenset[str]:
    return _PASSING | _ENCRYPTED | {"HTTP"}
