"""Whether an alarm goes off by one event that a metric filter counts, and tells somebody.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from collector.core.errors import Unread
from collector.core.scopes import Scope
from connectors.aws._policy import truth
from connectors.aws._policy.truth import Truth
from connectors.aws.cloudwatch.resources import Alarm, CompositeAlarm
from connectors.aws.logs.resources import MetricTransformation
from connectors.aws.sns.resources import Topic

_SNS = "sns"
_ARN_FIELDS = 6
_OWN_CONDITIONS = frozenset({"aws:sourceowner", "aws:sourceaccount"})
_LOOKS_FOR_METRICS = re.compile(r"\b(SEARCH|SELECT)\b", re.IGNORECASE)


def goes_off(alarm: Alarm, metric: MetricTransformation) -> Truth:
    """Return whether one event that is counted sets an alarm off; MAYBE where it depends on more than that."""
    if alarm.metrics:
        return _may_be_in(alarm.metrics, metric)
    if (alarm.namespace, alarm.metric_name) != (metric.metric_namespace, metric.metric_name):
        return Truth.NO
    if bool(alarm.dimensions) != bool(metric.dimensions):
        return Truth.NO  # a metric with dimensions is another one
    if alarm.dimensions:
        return Truth.MAYBE
    return Truth.YES if _by_one(alarm, metric) else Truth.MAYBE


def _may_be_in(queries: Iterable[Mapping[str, Any]], metric: MetricTransformation) -> Truth:
    for query in queries:
        about = query.get("MetricStat", {}).get("Metric", {})
        is_named = (about.get("Namespace"), about.get("MetricName")) == (metric.metric_namespace, metric.metric_name)
        if is_named or _LOOKS_FOR_METRICS.search(query.get("Expression") or ""):
            return Truth.MAYBE
    return Truth.NO


def _by_one(alarm: Alarm, metric: MetricTransformation) -> bool:
    """Whether a period with one event is over the threshold, and a period without one is not."""
    try:
        value = float(metric.metric_value)
    except ValueError:
        return False  # a number out of the event
    if alarm.threshold is None or value <= 0 or metric.default_value not in (None, 0):
        return False
    if alarm.statistic == "SampleCount" and metric.default_value is None:
        value = 1  # what is written without an event would be counted too
    elif alarm.statistic not in {"Sum", "Maximum"}:
        return False
    if alarm.comparison_operator == "GreaterThanOrEqualToThreshold":
        is_over = 0 < alarm.threshold <= value
    elif alarm.comparison_operator == "GreaterThanThreshold":
        is_over = 0 <= alarm.threshold < value
    else:
        is_over = False
    # People are told when the state changes: an alarm that stays on for want of data is heard once.
    goes_back = alarm.treat_missing_data in {"missing", "notBreaching"}
    return is_over and goes_back and (alarm.datapoints_to_alarm or alarm.evaluation_periods) == 1


def tells(
    alarm: Alarm, composites: Iterable[CompositeAlarm], topics: Mapping[str, Topic], listed: Collection[Scope]
) -> Truth:
    """Return whether somebody is told when an alarm goes off; `listed` is where all topics are known."""
    by_others = truth.some(
        Truth.MAYBE if alarm.alarm_name in composite.alarm_rule else Truth.NO for composite in composites
    )
    if not alarm.actions_enabled:
        return by_others
    return truth.some([by_others, *(_reaches(action, topics, listed) for action in alarm.alarm_actions)])


def _reaches(action: str, topics: Mapping[str, Topic], listed: Collection[Scope]) -> Truth:
    parts = action.split(":")
    if len(parts) != _ARN_FIELDS or parts[2] != _SNS:
        return Truth.MAYBE  # who hears of what else an alarm can do is not read
    topic = topics.get(action)
    if topic is None:
        return Truth.NO if (parts[4], parts[3]) in listed else Truth.MAYBE
    try:
        attributes = topic.attributes
    except Unread:
        return Truth.MAYBE
    if attributes.subscriptions_confirmed is None:
        return Truth.MAYBE
    if attributes.subscriptions_confirmed == "0":
        return Truth.NO
    # The policy of a key, which has to let CloudWatch in too, is not looked at.
    lets_in = not attributes.kms_master_key_id and _lets_alarms_in(attributes.policy, parts[4])
    return Truth.YES if lets_in else Truth.MAYBE


def _lets_alarms_in(policy: str, account: str) -> bool:
    """Whether a policy plainly lets alarms of the account publish: by a statement of its own, and none that denies."""
    try:
        statements = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError):
        return False
    statements = statements if isinstance(statements, list) else [statements]
    if any(statement.get("Effect") != "Allow" for statement in statements):
        return False
    return any(_is_for_alarms(statement, account) for statement in statements)


def _is_for_alarms(statement: Mapping[str, Any], account: str) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        named = [*_listed(principal.get("AWS")), *_listed(principal.get("Service"))]
    else:
        named = _listed(principal)
    actions = {str(action).lower() for action in _listed(statement.get("Action"))}
    conditions = statement.get("Condition") or {}
    are_own = all(
        operator in {"StringEquals", "StringLike"} and name.lower() in _OWN_CONDITIONS and _listed(values) == [account]
        for operator, asked in conditions.items()
        for name, values in asked.items()
    )
    return (
        bool({"*", "cloudwatch.amazonaws.com"} & set(named))
        and bool({"*", "sns:*", "sns:publish"} & actions)
        and are_own
    )


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
