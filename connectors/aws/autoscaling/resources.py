"""EC2 Auto Scaling: groups of machines, and the policies that change how many there are."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 100


class SuspendedProcess(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What the group does not do for now, such as Launch."""

    process_name: str = ""


@resource("aws.autoscaling.group", key="AutoScalingGroupARN", volatile=("DesiredCapacity",))
class Group(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A group of machines."""

    name: str = field(name="AutoScalingGroupName")
    arn: str = field(name="AutoScalingGroupARN")
    max_size: int
    desired_capacity: int
    availability_zones: tuple[str, ...]
    suspended_processes: tuple[SuspendedProcess, ...] = ()

    def suspends(self, process: str) -> bool:
        """Whether it does not do something for now."""
        return any(each.process_name == process for each in self.suspended_processes)


class StepAdjustment(Struct, frozen=True, kw_only=True, rename="pascal"):
    """How many machines a step adds, or takes away where the number is negative."""

    scaling_adjustment: int = 0


class Prediction(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What is done with a forecast: ForecastAndScale or ForecastOnly."""

    mode: str = "ForecastOnly"  # AWS's own default


class Alarm(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What sets a policy off."""

    alarm_name: str = ""


@resource("aws.autoscaling.policy", key="PolicyARN")
class ScalingPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A policy that changes the size of a group by itself."""

    group: str = field(name="AutoScalingGroupName")
    arn: str = field(name="PolicyARN")
    policy_type: str = ""  # AWS documents it as optional
    enabled: bool = True  # AWS's own default
    adjustment_type: str = ""  # of simple and step scaling
    scaling_adjustment: int | None = None  # of simple scaling
    step_adjustments: tuple[StepAdjustment, ...] = ()  # of step scaling
    prediction: Prediction = field(name="PredictiveScalingConfiguration", default=Prediction())  # of predictive scaling
    alarms: tuple[Alarm, ...] = ()  # empty: somebody has to set it off

    @property
    def is_by_forecast(self) -> bool:
        """Whether it goes by a forecast, and not by an alarm."""
        return self.policy_type == "PredictiveScaling"

    @property
    def grows(self) -> bool:
        """Whether it is known to make the group larger without anybody's doing."""
        if self.policy_type == "TargetTrackingScaling":
            return True
        if self.is_by_forecast:
            return self.prediction.mode == "ForecastAndScale"
        # An exact number of machines may be more or less than there are.
        if not self.alarms or self.adjustment_type == "ExactCapacity":
            return False
        return any(number > 0 for number in (self.scaling_adjustment or 0, *self._steps()))

    def _steps(self) -> Iterator[int]:
        return (step.scaling_adjustment for step in self.step_adjustments)


@aws.collects(
    Group,
    at="region",
    call="autoscaling:DescribeAutoScalingGroups",
    permissions="autoscaling:DescribeAutoScalingGroups",
)
def groups(account: Account) -> Iterator[Body]:
    kept = ("AutoScalingGroupName", "AutoScalingGroupARN", "MinSize", "MaxSize", "DesiredCapacity", "AvailabilityZones",
            "SuspendedProcesses")  # fmt: skip
    listed = account.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", MaxRecords=_PAGE_SIZE)
    yield from (only(group, *kept) for group in listed)


@aws.collects(
    ScalingPolicy, at="region", call="autoscaling:DescribePolicies", permissions="autoscaling:DescribePolicies"
)
def policies(account: Account) -> Iterator[Body]:
    kept = ("AutoScalingGroupName", "PolicyARN", "PolicyName", "PolicyType", "Enabled", "AdjustmentType",
            "ScalingAdjustment", "StepAdjustments", "Alarms")  # fmt: skip
    listed = account.pages("autoscaling", "DescribePolicies", "ScalingPolicies", MaxRecords=_PAGE_SIZE)
    for policy in listed:
        forecast = policy.get("PredictiveScalingConfiguration")
        mode = {} if forecast is None else {"PredictiveScalingConfiguration": only(forecast, "Mode")}
        yield {**only(policy, *kept), **mode}
