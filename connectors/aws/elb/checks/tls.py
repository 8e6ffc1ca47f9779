"""Checks of load balancers: which versions of TLS they take."""

from __future__ import annotations

import re
from collections.abc import Iterable

from collector.core.checks import The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.elb.resources import ClassicLoadBalancer, LoadBalancer, PolicyDescription, TlsPolicies

_FIX = "Choose a TLS policy that takes TLS 1.2 and 1.3 only"
_SSL_POLICY_TYPE = "SSLNegotiationPolicyType"
_PROTOCOL = "Protocol-"
_VERSION = re.compile(r"(SSL|TLS)v(\d+)(?:\.(\d+))?", re.IGNORECASE)


@check(
    "aws_elb_strong_tls_policy",
    title="A load balancer takes no TLS older than allowed",
    severity="high",
    fix=_FIX,
)
def strong_tls_policy(balancer: LoadBalancer, region: The[TlsPolicies], *, min_tls: str = "TLSv1.2") -> Verdict:
    listeners = [each for each in balancer.listeners if each.protocol in ("HTTPS", "TLS")]
    if not listeners:
        return not_applicable(f"{balancer.name} ends no TLS")
    used = {each.ssl_policy for each in listeners if each.ssl_policy is not None}
    taking = {policy.name: policy.ssl_protocols for policy in region.policies if policy.name in used}
    problems: list[str] = []
    doubts: list[str] = []
    for listener in listeners:
        name = listener.ssl_policy
        if name is None or name not in taking:
            doubts.append(f"port {listener.port}: AWS does not say what the policy {name} takes")
            continue
        _sort(f"port {listener.port} by {name}", taking[name], min_tls, problems, doubts)
    return _verdict(balancer.name, problems, doubts, f"{balancer.name} uses {first_few(sorted(used))}")


@check(
    "aws_elb_classic_strong_tls_policy",
    title="A classic load balancer takes no TLS older than allowed",
    severity="high",
    fix=_FIX,
)
def classic_strong_tls_policy(balancer: ClassicLoadBalancer, *, min_tls: str = "TLSv1.2") -> Verdict:
    listeners = [each for each in balancer.listener_descriptions if each.listener.protocol.upper() in ("HTTPS", "SSL")]
    if not listeners:
        return not_applicable(f"{balancer.name} ends no TLS")
    policies = {each.policy_name: each for each in balancer.policies_of_listeners}
    problems: list[str] = []
    doubts: list[str] = []
    for each in listeners:
        where = f"port {each.listener.load_balancer_port}"
        named = [policies[name] for name in each.policy_names if name in policies]
        deciding = [policy for policy in named if policy.policy_type_name == _SSL_POLICY_TYPE]
        taken = [protocol for policy in deciding for protocol in _protocols(policy)]
        if not taken:
            doubts.append(f"{where}: AWS does not say which protocols its policy takes")
            continue
        _sort(f"{where} by {first_few(policy.policy_name for policy in deciding)}", taken, min_tls, problems, doubts)
    return _verdict(balancer.name, problems, doubts, f"{balancer.name} takes {min_tls} and newer")


def _protocols(policy: PolicyDescription) -> list[str]:
    return [
        each.attribute_name.removeprefix(_PROTOCOL)
        for each in policy.attributes
        if each.attribute_name.startswith(_PROTOCOL) and each.attribute_value.casefold() == "true"
    ]


def _sort(where: str, protocols: Iterable[str], min_tls: str, problems: list[str], doubts: list[str]) -> None:
    """Add what is older than allowed to the problems, and what is no version to the doubts."""
    wanted = _version(min_tls)
    every = list(protocols)
    older = [each for each in every if (version := _version(each)) is not None and wanted and version < wanted]
    strange = [each for each in every if _version(each) is None]
    if older:
        problems.append(f"{where} takes {first_few(older)}")
    elif wanted is None or strange or not every:
        doubts.append(f"{where} takes {first_few(every) or 'nothing'}, which cannot be compared with {min_tls}")


def _version(protocol: str) -> tuple[bool, int, int] | None:
    """Return a protocol so that newer ones are greater; None for a text that is none."""
    found = _VERSION.fullmatch(protocol)
    if found is None:
        return None
    return found[1].upper() == "TLS", int(found[2]), int(found[3] or 0)


def _verdict(name: str, problems: list[str], doubts: list[str], good: str) -> Verdict:
    if problems:
        return failed(f"{name}: {first_few(problems, 4, '; ')}")
    return unknown(f"{name}: {first_few(doubts, 4, '; ')}") if doubts else passed(good)
