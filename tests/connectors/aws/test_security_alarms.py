"""Whether somebody is told of security events: the way from a trail by a filter and an alarm to a topic."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status, Verdict
from connectors.aws.cloudwatch.checks import security_alarms_configured
from tests.connectors.aws.alarm_builders import (
    PATTERNS,
    TOPIC,
    a_composite,
    a_rule,
    a_subscribed_topic,
    an_alarm,
    counting,
    delivering,
    names_of,
)
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    OWN,
    PASS,
    UNKNOWN,
    UNREAD,
    in_regions,
    not_seen,
    verdict,
)
from tests.connectors.aws.guarded_builders import KEY_ARN, KEY_ID, OWNER, a_key
from tests.connectors.aws.protection_builders import a_detector, detecting
from tests.connectors.aws.regional_builders import a_trail

STOPPED = {"IsLogging": False, "LatestCloudWatchLogsDeliveryTime": "2026-11-23T11:00:00Z"}
REFUSED = {**STOPPED, "IsLogging": True, "LatestCloudWatchLogsDeliveryError": "AccessDenied"}
READS = {"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}
_METRIC = {"Namespace": "Security", "MetricName": "t"}
ELSEWHERE = f"arn:aws:logs:eu-central-1:{COLLEAGUE}:log-group:trail:*"
OF_OTHERS = f"arn:aws:cloudtrail:eu-central-1:{COLLEAGUE}:trail/acme"


def judged(*, classes: tuple[str, ...] = ("trail_change",), **but: Any) -> Verdict:
    """Judge an account that is told of the changes of trails, with some of it otherwise."""
    usual = {
        "trails": [delivering()],
        "filters": [counting("t", PATTERNS["trail_change"])],
        "alarms": [an_alarm("t")],
        "composites": [],
        "topics": [a_subscribed_topic()],
        "rules": [],
        "guards": [],
        "keys": [],
    }
    limits = {name: but.pop(name) for name in ("central_monitoring",) if name in but}
    given = [each if hasattr(each, "scopes") else in_regions(eu_central_1=each) for each in {**usual, **but}.values()]
    return verdict(security_alarms_configured, *given, event_classes=classes, **limits)


def status_of(**but: Any) -> Status:
    """Judge as above, for the status alone."""
    return judged(**but).status


def test_alarms_for_all_classes_together() -> None:
    """The patterns of the benchmark for each class that is asked for by default."""
    classes = security_alarms_configured.limits[0].default
    filters = [counting(name, PATTERNS[name]) for name in classes]
    alarms = [an_alarm(name) for name in classes]

    assert status_of(classes=classes, filters=filters, alarms=alarms) is PASS
    lacking = judged(classes=classes, filters=filters, alarms=alarms[:-1])
    assert lacking.status is FAIL
    assert classes[-1] in lacking.reason


@pytest.mark.parametrize(
    ("trail", "status"),
    [
        (delivering(), PASS),
        (delivering(IsMultiRegionTrail=False), FAIL),
        (delivering(Status=STOPPED), FAIL),
        (delivering(Status=REFUSED), FAIL),
        (delivering(Status={"IsLogging": True}), FAIL),
        (delivering(Status=UNREAD), UNKNOWN),
        (delivering(selectors=READS), FAIL),
        (delivering(selectors=UNREAD), UNKNOWN),
        (a_trail(), FAIL),
        (a_trail(IsOrganizationTrail=True), FAIL),
        (a_trail(IsOrganizationTrail=True, TrailARN=OF_OTHERS), UNKNOWN),
        (delivering(CloudWatchLogsLogGroupArn=ELSEWHERE), UNKNOWN),
    ],
)
def test_events_arrive_where_filters_are(trail: Any, status: Status) -> None:
    """A filter counts what a trail of every region writes to its group; a group of another account is not seen."""
    assert status_of(trails=[trail]) is status


def test_a_member_without_filters_in_a_group_of_its_own() -> None:
    """No trail, and no group: nobody is told by an alarm."""
    assert status_of(trails=[]) is FAIL
    assert status_of(trails=[delivering(IsMultiRegionTrail=False), delivering()]) is PASS


@pytest.mark.parametrize(
    ("filters", "status"),
    [
        ([], FAIL),
        ([counting("t", "")], PASS),
        ([counting("t", "{ $.eventName = *Trail }"), counting("t", "{ $.eventName = *Logging }")], PASS),
        ([counting("t", "{ $.eventName = *Trail }")], FAIL),
        ([counting("t", "{ ($.eventName = *) && ($.awsRegion = eu-central-1) }")], UNKNOWN),
        ([counting("t", "[a, b]")], UNKNOWN),
        ([counting("t", PATTERNS["root_use"])], FAIL),  # what others do is left out
        ([counting("t", "{ $.userIdentity.type = AssumedRole }")], FAIL),
        ([counting("t", "{ $.userIdentity.arn = *admin* }")], UNKNOWN),
        ([counting("t", "", logGroupName="other")], FAIL),
        ([counting("t", "", applyOnTransformedLogs=True)], UNKNOWN),
        ([counting("t", "", fieldSelectionCriteria='@aws.region = "x"')], UNKNOWN),
        ([counting("t", "", metric={"metricName": "other"})], FAIL),
        ([counting("t", "", metric={"metricNamespace": "Other"})], FAIL),
        ([counting("t", "", metric={"metricValue": "$.size"})], UNKNOWN),
        ([counting("t", "", metric={"metricValue": "0"})], UNKNOWN),
        ([counting("t", "", metric={"defaultValue": 0})], PASS),
        ([counting("t", "", metric={"defaultValue": 1})], UNKNOWN),
        ([counting("t", "", metric={"dimensions": {"who": "$.userIdentity.arn"}})], FAIL),
    ],
)
def test_filters_count_every_event(filters: list[Any], status: Status) -> None:
    """Several may do so together; what narrows one further is left open."""
    assert status_of(filters=filters) is status


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({"ActionsEnabled": False}, FAIL),
        ({"AlarmActions": []}, FAIL),
        ({"MetricName": "other"}, FAIL),
        ({"Dimensions": [{"Name": "who", "Value": "x"}]}, FAIL),
        ({"Statistic": "Maximum"}, PASS),
        ({"Statistic": "SampleCount"}, PASS),
        ({"Statistic": "Average"}, UNKNOWN),
        ({"Statistic": None}, UNKNOWN),
        ({"Threshold": 5.0}, UNKNOWN),
        ({"Threshold": 0.0}, UNKNOWN),  # it would always be on
        ({"Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold"}, PASS),
        ({"ComparisonOperator": "GreaterThanThreshold"}, UNKNOWN),
        ({"ComparisonOperator": "LessThanThreshold"}, UNKNOWN),
        ({"Threshold": None}, UNKNOWN),
        ({"EvaluationPeriods": 3}, UNKNOWN),
        ({"EvaluationPeriods": 3, "DatapointsToAlarm": 1}, PASS),
        ({"TreatMissingData": "missing"}, PASS),
        ({"TreatMissingData": "breaching"}, UNKNOWN),
        ({"TreatMissingData": "ignore"}, UNKNOWN),
        ({"MetricName": None, "Metrics": [{"Id": "m", "Expression": "SEARCH('x', 'Sum')"}]}, UNKNOWN),
        ({"MetricName": None, "Metrics": [{"Id": "m", "MetricStat": {"Metric": {"MetricName": "cpu"}}}]}, FAIL),
        ({"MetricName": None, "Metrics": [{"Id": "m", "MetricStat": {"Metric": _METRIC}}]}, UNKNOWN),
        ({"AlarmActions": [f"arn:aws:lambda:eu-central-1:{OWN}:function:tell"]}, UNKNOWN),
        ({"AlarmActions": [TOPIC.replace("security", "gone")]}, FAIL),
        ({"AlarmActions": [TOPIC.replace(OWN, COLLEAGUE)]}, UNKNOWN),
    ],
)
def test_the_alarm_goes_off_by_one_event(but: dict[str, Any], status: Status) -> None:
    """On the metric itself, in a period of its own, and with an action that reaches a topic."""
    assert status_of(alarms=[an_alarm("t", **but)]) is status


def test_what_else_may_set_a_count_off() -> None:
    """A count of samples takes what is written without an event as well, and would always be on."""
    zero = [counting("t", "", metric={"defaultValue": 0})]
    assert status_of(filters=zero, alarms=[an_alarm("t", Statistic="SampleCount")]) is UNKNOWN


PUBLISH = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish"}
OF_ACCOUNT = {"Condition": {"StringEquals": {"aws:SourceAccount": OWN}}}
OF_ANOTHER = {"Condition": {"StringEquals": {"aws:SourceAccount": COLLEAGUE}}}
NOT_ENCRYPTED = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@pytest.mark.parametrize(
    ("topics", "status"),
    [
        ([a_subscribed_topic(SubscriptionsConfirmed="0")], FAIL),
        ([a_subscribed_topic(SubscriptionsConfirmed=None)], UNKNOWN),
        ([a_subscribed_topic(SubscriptionsConfirmed=UNREAD)], UNKNOWN),
        ([a_subscribed_topic(KmsMasterKeyId="alias/aws/sns")], FAIL),
        ([a_subscribed_topic(statements=[PUBLISH])], PASS),
        ([a_subscribed_topic(statements=[PUBLISH | OF_ACCOUNT])], PASS),
        ([a_subscribed_topic(statements=[PUBLISH | OF_ANOTHER])], UNKNOWN),
        ([a_subscribed_topic(statements=[PUBLISH | {"Principal": {"AWS": OWN}}])], UNKNOWN),
        ([a_subscribed_topic(statements=[PUBLISH | {"Action": "sns:Subscribe"}])], UNKNOWN),
        ([a_subscribed_topic(statements=[PUBLISH, PUBLISH | {"Effect": "Deny"}])], UNKNOWN),
        ([a_subscribed_topic(statements=[PUBLISH, PUBLISH | {"Effect": "Deny"} | NOT_ENCRYPTED])], PASS),
        ([a_subscribed_topic(Policy="{")], UNKNOWN),
        ([], FAIL),
    ],
)
def test_somebody_has_subscribed(topics: list[Any], status: Status) -> None:
    """A topic to which nobody listens tells nobody; one that alarms may not publish to neither."""
    assert status_of(topics=topics) is status


USE = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
}

LET_IN = a_key(OWNER, USE)


def with_condition(operator: str, key: str, value: str) -> Any:
    """A key that lets CloudWatch in on one condition."""
    return a_key(OWNER, USE | {"Condition": {operator: {key: value}}})


def named_by(key: str, *keys: Any) -> Status:
    """Judge an account whose topic names a key so, with these keys in its region."""
    return status_of(topics=[a_subscribed_topic(KmsMasterKeyId=key)], keys=list(keys))


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (LET_IN, PASS),
        (a_key(), FAIL),
        (a_key(OWNER, USE | {"Action": "kms:Decrypt"}), FAIL),
        (a_key(OWNER, USE | {"Principal": {"Service": "events.amazonaws.com"}}), FAIL),
        (a_key(OWNER, USE, USE | {"Effect": "Deny"}), FAIL),
        (with_condition("StringEquals", "aws:SourceAccount", OWN), PASS),
        (with_condition("StringEquals", "aws:SourceAccount", COLLEAGUE), FAIL),
        (with_condition("ArnLike", "aws:SourceArn", f"arn:aws:cloudwatch:eu-central-1:{OWN}:alarm:*"), PASS),
        (with_condition("ArnLike", "aws:SourceArn", f"arn:aws:cloudwatch:eu-central-1:{OWN}:alarm:cpu"), FAIL),
        (with_condition("StringEquals", "aws:SourceOrgID", "o-acmeacme00"), UNKNOWN),
        (with_condition("StringEquals", "kms:ViaService", "sns.eu-central-1.amazonaws.com"), UNKNOWN),
        (with_condition("Null", "aws:SourceAccount", "true"), FAIL),
        (with_condition("Bool", "aws:ViaAWSService", "false"), UNKNOWN),
        (with_condition("IpAddress", "aws:SourceIp", "0.0.0.0/0"), UNKNOWN),
        (a_key(OWNER, USE, metadata={"KeyState": "Disabled"}), FAIL),
        (a_key(OWNER, USE, metadata={"KeyManager": "AWS"}), FAIL),
        (a_key(Policy="{"), UNKNOWN),
        (a_key(Policy=UNREAD), UNKNOWN),
        (a_key(Grants=[{"GranteePrincipal": "cloudwatch.amazonaws.com", "Operations": ["Decrypt"]}]), UNKNOWN),
        (a_key(Grants=UNREAD), UNKNOWN),
    ],
)
def test_the_key_of_the_topic_lets_alarms_in(key: Any, status: Status) -> None:
    """What CloudWatch may not encrypt it cannot send, however many have subscribed."""
    assert named_by(KEY_ID, key) is status
    assert named_by(KEY_ARN, key) is status


@pytest.mark.parametrize(
    ("named", "keys", "status"),
    [
        (KEY_ID, [], FAIL),
        (KEY_ARN.replace(OWN, COLLEAGUE), [LET_IN], UNKNOWN),
        ("alias/alarms", [LET_IN], PASS),
        ("alias/alarms", [LET_IN, a_key(KeyId="other")], UNKNOWN),
        ("alias/alarms", [a_key(), a_key(KeyId="other")], FAIL),
        ("alias/alarms", [LET_IN, a_key(KeyId="other", metadata={"KeyManager": "AWS"})], PASS),
        ("alias/alarms", [], UNKNOWN),
    ],
)
def test_which_key_a_topic_names(named: str, keys: list[Any], status: Status) -> None:
    """An id is of the region of the topic; an alias may be of any key that the account made there."""
    assert named_by(named, *keys) is status


def test_keys_matter_where_a_topic_has_one() -> None:
    """That keys were not listed changes nothing for topics without one, and is the reason for others."""
    assert status_of(keys=not_seen()) is PASS
    assert status_of(keys=not_seen(), topics=[a_subscribed_topic(KmsMasterKeyId="alias/aws/sns")]) is FAIL
    assert status_of(keys=in_regions(eu_west_1=[LET_IN]), topics=[a_subscribed_topic(KmsMasterKeyId=KEY_ID)]) is UNKNOWN
    refused = judged(keys=not_seen(), topics=[a_subscribed_topic(KmsMasterKeyId=KEY_ID)])
    assert refused.status is UNKNOWN
    assert "the list was refused" in refused.reason


CHANGES = {"source": ["aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"]}


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (a_rule(CHANGES), UNKNOWN),
        (a_rule(CHANGES, State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"), UNKNOWN),
        (a_rule(CHANGES, State="DISABLED"), FAIL),
        (a_rule(CHANGES, ManagedBy="controltower.amazonaws.com"), FAIL),
        (a_rule(CHANGES | {"detail": {"eventName": ["StopLogging"]}}), FAIL),
        (a_rule(CHANGES | {"detail": {"eventName": [{"prefix": "St"}]}}), UNKNOWN),
        (a_rule({"source": ["aws.ec2"]}), FAIL),
        (a_rule({"source": ["aws.health"], "detail-type": ["AWS Health Event"]}), FAIL),
        (a_rule({}, EventPattern="{"), UNKNOWN),
        (a_rule({}, EventPattern=None), FAIL),
    ],
)
def test_a_rule_may_tell_as_well(rule: Any, status: Status) -> None:
    """Where it sends to is not read, so that it makes no pass; without one nobody is told."""
    assert status_of(filters=[], rules=[rule]) is status


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({}, FAIL),
        ({"composites": [a_composite('ALARM("t")')]}, UNKNOWN),
        ({"composites": [a_composite('ALARM("cpu")')]}, FAIL),
        ({"rules": [a_rule({"source": ["aws.cloudwatch"]})]}, UNKNOWN),
    ],
)
def test_an_alarm_of_others_may_tell(but: dict[str, Any], status: Status) -> None:
    """An alarm without an action may be part of another one, or be passed on by a rule."""
    assert status_of(alarms=[an_alarm("t", AlarmActions=[])], **but) is status


@pytest.mark.parametrize("name", ["trails", "filters", "alarms", "composites", "topics", "rules"])
def test_a_list_that_was_not_seen(name: str) -> None:
    """What could not be read may hold an alarm, or none."""
    assert status_of(**{name: not_seen()}) is UNKNOWN


def test_filters_of_a_region_that_was_not_looked_at() -> None:
    """The trail's group lies where nothing was collected."""
    assert status_of(filters=in_regions(eu_west_1=[])) is UNKNOWN


def test_alarms_of_another_region_do_not_count() -> None:
    """A metric is of its region, whatever its name."""
    assert status_of(alarms=in_regions(eu_west_1=[an_alarm("t")])) is FAIL


def test_classes_are_those_that_there_are() -> None:
    """A class that nobody knows, or none at all, is no pass."""
    assert status_of(classes=("login",)) is UNKNOWN
    assert status_of(classes=()) is UNKNOWN
    assert status_of(classes=("route_change",)) is FAIL
    routes = [counting("t", names_of("route_change"))]
    assert status_of(classes=("route_change",), filters=routes) is PASS


def test_watched_elsewhere() -> None:
    """A system that the company declares counts where GuardDuty is on in each region that was looked at."""
    on, off = detecting(a_detector()), detecting(a_detector("DISABLED"))

    assert status_of(filters=[], central_monitoring=("SIEM",), guards=[on]) is NOTHING
    assert status_of(filters=[], central_monitoring=("SIEM",), guards=[on, off]) is FAIL
    assert status_of(filters=[], central_monitoring=("SIEM",)) is FAIL
    assert status_of(filters=[], guards=[on]) is FAIL
