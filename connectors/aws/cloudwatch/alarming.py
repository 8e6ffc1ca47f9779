"""Whether an alarm goes off by one event that a metric filter counts, and tells somebody.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.aws._policy.truth import Truth
from connectors.aws.cloudwatch.resources import Alarm, CompositeAlarm
from connectors.aws.cloudwatch.topic_access import Notified, TopicAccess, best_notified
from connectors.aws.logs.resources import MetricTransformation

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


def tells(alarm: Alarm, composites: Iterable[CompositeAlarm], topics: TopicAccess) -> Notified:
    """Return whether somebody is told when an alarm goes off, by an action of its own or an alarm made of it."""
    found = [
        Notified(Truth.MAYBE, (f"whether {composite.alarm_name} tells somebody of it",))
        for composite in composites
        if alarm.alarm_name in composite.alarm_rule
    ]
    if alarm.actions_enabled:
        found += [topics.notified_by(alarm.alarm_name, action) for action in alarm.alarm_actions]
    return best_notified(found)
