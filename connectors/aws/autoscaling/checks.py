"""Checks of groups of machines: more than one zone, and room to grow."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.aws.autoscaling.resources import Group, ScalingPolicy


@check(
    "aws_autoscaling_group_multi_az",
    title="The group of machines spreads over more than one zone",
    severity="medium",
    fix="Give the group subnets in another zone",
)
def group_multi_az(group: Group, *, single_zone_groups: tuple[str, ...] = ()) -> Verdict:
    zones = sorted(set(group.availability_zones))
    said = f"{group.name} may use {first_few(zones) or 'no zone'}"
    if group.max_size == 0:
        return not_applicable(f"{group.name} may have no machine")
    if len(zones) > 1 and group.max_size > 1:
        return passed(said)
    if len(zones) > 1:
        said = f"{group.name} has one machine at most, which stands in one zone"
        if group.name not in single_zone_groups:
            return failed(said)
    if group.name in single_zone_groups:
        return passed(f"{said} only, and is listed in single_zone_groups")
    return failed(f"{said} only")


@check(
    "aws_autoscaling_group_has_headroom",
    title="The group of machines grows by itself, and is not at its limit",
    severity="low",
    fix="Raise the maximum of the group, and give it a policy that follows its load",
)
def group_has_headroom(group: Group, policies: All[ScalingPolicy], *, fixed_groups: tuple[str, ...] = ()) -> Verdict:
    name, room = group.name, group.max_size - group.desired_capacity
    if name in fixed_groups:
        return not_applicable(f"{name} is listed in fixed_groups")
    if room <= 0:
        return failed(f"{name} is at its maximum of {plural(group.max_size, 'machine')}")
    if group.suspends("Launch"):
        return failed(f"{name} starts no machine: the process Launch is suspended")
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
    deaf = group.suspends("AlarmNotification")
    own = [
        policy
        for policy in policies
        if policy.group == name and policy.enabled and policy.grows and (policy.is_by_forecast or not deaf)
    ]
    said = f"{name} may grow by {plural(room, 'machine')}"
    if own:
        return passed(f"{said}, by {plural(len(own), 'policy', 'policies')}")
    return unknown(f"{said}, and no policy of its own does it; whether something else does is not seen")
