"""CloudWatch: alarms on metrics, and alarms that are made of others. The values of metrics are not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_STATE = (
    "StateValue",
    "StateReason",
    "StateReasonData",
    "StateUpdatedTimestamp",
    "StateTransitionedTimestamp",
    "EvaluationState",
    "ActionsSuppressedBy",
    "ActionsSuppressedReason",
)


@resource("aws.cloudwatch.alarm", key="AlarmName")
class Alarm(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An alarm on a metric, or on an expression of several. AWS leaves out what is not of its way of judging."""

    alarm_name: str
    actions_enabled: bool
    alarm_actions: tuple[str, ...] = ()
    metric_name: str | None = None  # None: it is on an expression, in `metrics`
    namespace: str | None = None  # None: likewise
    statistic: str | None = None  # None: a percentile, or an expression
    dimensions: tuple[dict[str, str], ...] = ()
    evaluation_periods: int = 1
    datapoints_to_alarm: int | None = None  # None: all of the periods
    threshold: float | None = None  # None: a band of anomalies
    comparison_operator: str = ""
    treat_missing_data: str = "missing"  # AWS's own default
    metrics: tuple[dict[str, Any], ...] = ()


@resource("aws.cloudwatch.composite_alarm", key="AlarmName")
class CompositeAlarm(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An alarm on the states of other alarms."""

    alarm_name: str
    actions_enabled: bool
    alarm_rule: str


@aws.collects(Alarm, at="region", call="cloudwatch:DescribeAlarms", permissions="cloudwatch:DescribeAlarms")
def alarms(account: Account) -> Iterator[Body]:
    yield from _without_state(account, "MetricAlarm")


@aws.collects(CompositeAlarm, at="region", call="cloudwatch:DescribeAlarms", permissions="cloudwatch:DescribeAlarms")
def composite_alarms(account: Account) -> Iterator[Body]:
    yield from _without_state(account, "CompositeAlarm")


def _without_state(account: Account, kind: str) -> Iterator[Body]:
    """Yield the alarms of a kind as they are set up; what they say at the moment is not evidence of that."""
    for alarm in account.pages("cloudwatch", "DescribeAlarms", f"{kind}s", AlarmTypes=[kind]):
        yield {name: value for name, value in alarm.items() if name not in _STATE}
