"""Metric filters, alarms, topics and rules of an account, for tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from connectors.aws.cloudtrail.event_classes import events_of
from connectors.aws.cloudtrail.resources import Trail
from connectors.aws.cloudwatch.resources import Alarm, CompositeAlarm
from connectors.aws.events.resources import Rule
from connectors.aws.logs.resources import MetricFilter
from connectors.aws.sns.resources import Topic
from tests.connectors.aws.builders import OWN, UNREAD, a, text
from tests.connectors.aws.regional_builders import a_trail

GROUP = f"arn:aws:logs:eu-central-1:{OWN}:log-group:trail:*"
TOPIC = f"arn:aws:sns:eu-central-1:{OWN}:security"
_OWN_ONLY = {"StringEquals": {"AWS:SourceOwner": OWN}}
_STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": ["SNS:Publish", "SNS:Receive"],
    "Resource": TOPIC,
    "Condition": _OWN_ONLY,
}


def names_of(event_class: str) -> str:
    """A pattern of all events of a class of changes, as the benchmark of CIS has it."""
    names = dict.fromkeys(event.name for event in events_of(event_class))
    return "{ " + " || ".join(f"($.eventName = {name})" for name in names) + " }"


PATTERNS = {
    "root_use": (
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
    ),
    "console_no_mfa": (
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") &&'
        ' ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }'
    ),
    "unauthorised_calls": (
        '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") &&'
        ' ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }'
    ),
    "console_failure": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    **{
        name: names_of(name)
        for name in ("iam_change", "trail_change", "sg_change", "kms_disable", "org_change", "route_change")
    },
}
"""Patterns of the benchmark of CIS, by class."""


def delivering(**but: Any) -> Trail:
    """A trail that writes to a log group of the account, and did so an hour ago."""
    delivered = {
        "IsLogging": True,
        "LatestDeliveryTime": "2026-11-23T11:00:00Z",
        "LatestCloudWatchLogsDeliveryTime": "2026-11-23T11:00:00Z",
    }
    return a_trail(**{"CloudWatchLogsLogGroupArn": GROUP, "Status": delivered, **but})


def counting(name: str, pattern: str, *, metric: dict[str, Any] | None = None, **but: Any) -> MetricFilter:
    """A filter that adds one to a metric of its name."""
    usual = {"metricName": name, "metricNamespace": "Security", "metricValue": "1", **(metric or {})}
    body = {
        "filterName": name,
        "logGroupName": "trail",
        "filterPattern": pattern,
        "metricTransformations": [usual],
    }
    return a(MetricFilter, body, **but)


def an_alarm(name: str, **but: Any) -> Alarm:
    """An alarm on a metric of its name, which goes off by one event and tells a topic."""
    usual = {
        "AlarmName": name,
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "MetricName": name,
        "Namespace": "Security",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    return a(Alarm, usual, **but)


def a_composite(rule: str) -> CompositeAlarm:
    """An alarm on the state of others."""
    return a(CompositeAlarm, {"AlarmName": "any", "ActionsEnabled": True, "AlarmRule": rule})


def a_subscribed_topic(*, statements: Sequence[Any] = (_STATEMENT,), **attributes: Any) -> Topic:
    """A topic with a confirmed subscription, to which alarms of the account may publish."""
    seen = {"Policy": text(*statements), "SubscriptionsConfirmed": "1", **attributes}
    return a(Topic, {"TopicArn": TOPIC, "Attributes": UNREAD if UNREAD in attributes.values() else seen})


def a_rule(pattern: Any, **but: Any) -> Rule:
    """A rule of the default bus."""
    return a(Rule, {"Name": "watch", "State": "ENABLED", "EventPattern": json.dumps(pattern)}, **but)
