"""Checks of load balancers: their logs, the zones that they stand in, and what filters requests."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.elb.resources import ClassicLoadBalancer, LoadBalancer

_LOGS, _BUCKET = "access_logs.s3.enabled", "access_logs.s3.bucket"
_LOG_FIX = "Switch on access logs to a bucket that lets the load balancer write"
_ZONES_FIX = "Add a subnet in another zone to the load balancer"


@check(
    "aws_elb_access_logging_enabled",
    title="The load balancer logs requests",
    severity="medium",
    fix=_LOG_FIX,
)
def access_logging_enabled(balancer: LoadBalancer) -> Verdict:
    name = balancer.name
    if balancer.type == "gateway":
        return not_applicable(f"{name} is a gateway load balancer, which has no access logs")
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
    if balancer.type == "network" and not any(each.protocol == "TLS" for each in balancer.listeners):
        return not_applicable(
            f"{name} is a network load balancer without a TLS listener, of which there is no access log"
        )
    logs = balancer.attribute(_LOGS)
    if logs is None:
        return unknown(f"AWS does not say whether {name} logs requests")
    if balancer.type == "network" and logs != "true":
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-logs.html
        return unknown(f"{name} does not log to a bucket; what CloudWatch delivers for it is not looked at")
    return _logged(name, on=logs == "true", bucket=balancer.attribute(_BUCKET))


@check(
    "aws_elb_classic_access_logging_enabled",
    title="The classic load balancer logs requests",
    severity="medium",
    fix=_LOG_FIX,
)
def classic_access_logging_enabled(balancer: ClassicLoadBalancer) -> Verdict:
    if balancer.attributes is None:
        return unknown(f"whether {balancer.name} logs requests was not read")
    log = balancer.attributes.access_log
    return _logged(balancer.name, on=log.enabled, bucket=log.bucket)


def _logged(name: str, *, on: bool, bucket: str | None) -> Verdict:
    return passed(f"{name} logs to {bucket or 'a bucket'}") if on else failed(f"{name} does not log requests")


@check(
    "aws_elb_multi_az",
    title="The load balancer stands in more than one zone",
    severity="medium",
    fix=_ZONES_FIX,
)
def multi_az(balancer: LoadBalancer) -> Verdict:
    if not all(zone.zone_name for zone in balancer.zones):
        return unknown(f"AWS does not name the zones of {balancer.name}")
    return _spread(balancer.name, (zone.zone_name for zone in balancer.zones))


@check(
    "aws_elb_classic_multi_az",
    title="The classic load balancer stands in more than one zone",
    severity="medium",
    fix=_ZONES_FIX,
)
def classic_multi_az(balancer: ClassicLoadBalancer) -> Verdict:
    return _spread(balancer.name, balancer.zones)


def _spread(name: str, zones: Iterable[str]) -> Verdict:
    named = sorted(set(zones))
    if not named:
        return unknown(f"AWS names no zone of {name}")
    said = f"{name} stands in {first_few(named)}"
    return passed(said) if len(named) > 1 else failed(f"{said} only")


@check(
    "aws_elb_public_alb_has_waf",
    title="A web ACL filters what an application load balancer takes from the internet",
    severity="medium",
    fix="Associate a web ACL with the load balancer, or list it in filtered_elsewhere where another filter is in front",
)
def public_alb_has_waf(balancer: LoadBalancer, *, filtered_elsewhere: tuple[str, ...] = ()) -> Verdict:
    name = balancer.name
    if balancer.type != "application":
        return not_applicable(f"{name} is a {balancer.type} load balancer, which takes no web ACL")
    if balancer.scheme != "internet-facing":
        return not_applicable(f"{name} is not on the internet")
    if balancer.web_filter is None:
        return unknown(f"whether a web ACL filters what {name} takes was not read")
    web_acl = balancer.web_filter.web_acl
    if web_acl is not None and web_acl.stops:
        return passed(f"{web_acl.name} filters what {name} takes")
    said = "no web ACL" if web_acl is None else f"a web ACL that stops no request: {web_acl.name}"
    if name in filtered_elsewhere:
        return passed(f"{name} is listed in filtered_elsewhere")
    if web_acl is not None and web_acl.stops is None:
        return unknown(f"what {web_acl.name} does with requests to {name} was not read")
    return failed(f"{name} is on the internet and has {said}")
