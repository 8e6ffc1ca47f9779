"""EC2 Auto Scaling: groups of machines, and the policies that change how many there are."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 100


@resource("aws.autoscaling.group", key="AutoScalingGroupARN", volatile=("DesiredCapacity",))
class Group(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A group of machines."""

    name: str = field(name="AutoScalingGroupName")
    arn: str = field(name="AutoScalingGroupARN")
    max_size: int
    desired_capacity: int
    availability_zones: tuple[str, ...]


@resource("aws.autoscaling.policy", key="PolicyARN")
class ScalingPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A policy that changes the size of a group by itself."""

    group: str = field(name="AutoScalingGroupName")
    arn: str = field(name="PolicyARN")
    policy_type: str = ""  # AWS documents it as optional
    enabled: bool = True  # AWS's own default


@aws.collects(
    Group,
    at="region",
    call="autoscaling:DescribeAutoScalingGroups",
    permissions="autoscaling:DescribeAutoScalingGroups",
)
def groups(account: Account) -> Iterator[Body]:
    kept = ("AutoScalingGroupName", "AutoScalingGroupARN", "MinSize", "MaxSize", "DesiredCapacity", "AvailabilityZones")
    listed = account.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", MaxRecords=_PAGE_SIZE)
    yield from (only(group, *kept) for group in listed)


@aws.collects(
    ScalingPolicy, at="region", call="autoscaling:DescribePolicies", permissions="autoscaling:DescribePolicies"
)
def policies(account: Account) -> Iterator[Body]:
    kept = ("AutoScalingGroupName", "PolicyARN", "PolicyName", "PolicyType", "Enabled")
    listed = account.pages("autoscaling", "DescribePolicies", "ScalingPolicies", MaxRecords=_PAGE_SIZE)
    yield from (only(policy, *kept) for policy in listed)
