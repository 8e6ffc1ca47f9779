"""Whether somebody is told of changes: by alerts of the project, or perhaps where its log is sent to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.gcp._log_filters.audited_changes import CHANGES
from connectors.gcp.iam.resources import ProjectPolicy
from connectors.gcp.logging.resources import LogMetric, ProjectSink
from connectors.gcp.monitoring import checks
from connectors.gcp.monitoring.resources import AlertPolicy, MetricsScope, NotificationChannel
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.judging import FOLDER, NOBODY_ABOVE, UNREAD, a_container, a_project, seen
from tests.connectors.gcp.test_log_filters import BENCHMARK
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, CompleteSet, status, unread

ABOVE = CompleteSet(*NOBODY_ABOVE)
OWN_SCOPE = "locations/global/metricsScopes/111"
CHANNEL = bodies.channel()
TYPE = 'metric.type="logging.googleapis.com/user/m"'


def judged(
    *policies: Json,
    metrics: Iterable[Json] = (bodies.log_metric(),),
    channels: Iterable[Json] = (CHANNEL,),
    scopes: Iterable[str] = (OWN_SCOPE,),
    own: Iterable[Json] = (),
    above: Any = ABOVE,
    **limits: Any,
) -> Status:
    """Return the verdict on the firewall class, where nothing else is asked for."""
    return status(
        checks.alerts_for_key_changes,
        a_project(),
        CompleteSet(*(seen(LogMetric, each) for each in metrics)),
        CompleteSet(*(seen(AlertPolicy, each) for each in policies)),
        CompleteSet(*(seen(NotificationChannel, each) for each in channels)),
        CompleteSet(*(seen(MetricsScope, {"name": each}) for each in scopes)),
        CompleteSet(*(seen(ProjectSink, each) for each in own)),
        above,
        **{"event_classes": ("firewall",), **limits},
    )


def matching(filter_: str) -> Json:
    """Return a policy on entries of the log themselves."""
    return bodies.alert_policy("1", {"conditionMatchedLog": {"filter": filter_}})


def test_the_benchmark_is_enough() -> None:
    """nccgroup/ScoutSuite#1725: no policy was ever taken for one. Each filter has its own; then one is left out."""
    metrics = [bodies.log_metric(name, filter=filter_) for name, filter_ in BENCHMARK.items()]
    policies = [bodies.alert_policy(name, bodies.threshold(name)) for name in BENCHMARK]

    assert judged(*policies, metrics=metrics, event_classes=tuple(CHANGES)) is PASS
    assert judged(*policies[1:], metrics=metrics, event_classes=tuple(CHANGES)) is FAIL
    assert judged(*policies, metrics=metrics[1:], event_classes=tuple(CHANGES)) is FAIL


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (bodies.alert_policy(), PASS),
        (bodies.alert_policy(enabled=False), FAIL),
        (bodies.alert_policy(notificationChannels=[]), FAIL),
        (bodies.alert_policy(notificationChannels=["projects/111/notificationChannels/7"]), PASS),
        (bodies.alert_policy(notificationChannels=["projects/acme-prod/notificationChannels/gone"]), FAIL),
        (bodies.alert_policy(validity={"code": 3, "message": "the metric is gone"}), FAIL),
        (bodies.alert_policy(alertStrategy={"notificationPrompts": ["CLOSED"]}), FAIL),
        (bodies.alert_policy(alertStrategy={"notificationPrompts": ["OPENED", "CLOSED"]}), PASS),
        (bodies.alert_policy(conditions=[]), FAIL),
        (bodies.alert_policy("1", {"conditionAbsent": {"filter": TYPE, "duration": "300s"}}), FAIL),
        (bodies.alert_policy("1", bodies.threshold(), bodies.threshold("other")), PASS),
        (bodies.alert_policy("1", bodies.threshold(), bodies.threshold(), combiner="AND"), UNKNOWN),
        (bodies.alert_policy("1", bodies.threshold(), bodies.threshold("other"), combiner="AND"), FAIL),
        (bodies.alert_policy("1", bodies.threshold("other")), FAIL),
    ],
)
def test_a_policy_is_on_and_tells_somebody(policy: Json, expected: Status) -> None:
    """One without a channel, or with one that is gone, opens an incident that nobody hears of."""
    assert judged(policy) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"enabled": False}, FAIL),
        ({"verificationStatus": "UNVERIFIED"}, FAIL),
        ({"verificationStatus": "VERIFIED"}, PASS),
    ],
)
def test_a_channel_works(but: Json, expected: Status) -> None:
    """Monitoring API, NotificationChannel: one that is UNVERIFIED is non-functioning."""
    assert judged(bodies.alert_policy(), channels=[bodies.channel(**but)]) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"filter": f'{TYPE} AND resource.type="gce_firewall_rule"'}, PASS),
        ({"filter": 'metric.type=one_of("x", "logging.googleapis.com/user/m")'}, PASS),
        ({"filter": f'{TYPE} AND resource.type="global"'}, UNKNOWN),
        ({"filter": f'resource.type="gce_instance" AND {TYPE}'}, UNKNOWN),  # Checkmarx/kics#7801
        ({"filter": f'{TYPE} AND metric.labels.who="ada"'}, UNKNOWN),
        ({"filter": 'metric.type="compute.googleapis.com/firewall/dropped_bytes_count"'}, FAIL),
        ({"thresholdValue": 0}, PASS),
        ({"thresholdValue": 1}, UNKNOWN),
        ({"comparison": "COMPARISON_LT", "thresholdValue": 1}, UNKNOWN),
        ({"duration": "60s"}, UNKNOWN),
        ({"trigger": {"count": 2}}, UNKNOWN),
        ({"trigger": {"percent": 50}}, UNKNOWN),
        ({"denominatorFilter": TYPE}, UNKNOWN),
        ({"forecastOptions": {"forecastHorizon": "3600s"}}, UNKNOWN),
        ({"aggregations": [{"perSeriesAligner": "ALIGN_PERCENT_CHANGE"}]}, UNKNOWN),
        ({"aggregations": [{"perSeriesAligner": "ALIGN_RATE", "crossSeriesReducer": "REDUCE_MIN"}]}, UNKNOWN),
    ],
)
def test_one_change_is_enough(but: Json, expected: Status) -> None:
    """A policy that waits for more of them, or for longer, may never tell of one."""
    assert judged(bodies.alert_policy("1", bodies.threshold(**but))) is expected


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ({"filter": BENCHMARK["firewall"]}, PASS),
        # turbot/steampipe-mod-gcp-compliance#150: parentheses were not expected. OR binds closer without them, too.
        ({"filter": BENCHMARK["firewall"].replace("(", "").replace(")", "").replace(" AND", "\n")}, PASS),
        ({"filter": BENCHMARK["route"]}, FAIL),
        ({"filter": BENCHMARK["firewall"].replace(":", "=")}, FAIL),  # each begins with the version of the API
        ({"filter": 'protoPayload.methodName:"v1.compute.firewalls."'}, FAIL),  # and beta is open to everybody
        ({"filter": f'({BENCHMARK["firewall"]}) AND NOT protoPayload.methodName:"delete"'}, FAIL),
        ({"filter": f"({BENCHMARK['firewall']}) AND severity>=ERROR"}, FAIL),
        ({"filter": f"({BENCHMARK['firewall']}) AND protoPayload.status.code=7"}, UNKNOWN),
        (
            {"filter": f'({BENCHMARK["firewall"]}) AND NOT protoPayload.authenticationInfo.principalEmail:"ci@"'},
            UNKNOWN,
        ),
        ({"filter": "-- firewalls"}, PASS),
        ({"filter": "("}, UNKNOWN),
        ({"disabled": True}, FAIL),
        ({"bucketName": "projects/acme-prod/locations/global/buckets/_Required"}, PASS),
        ({"bucketName": "projects/acme-prod/locations/global/buckets/_Default"}, UNKNOWN),
        ({"bucketName": "projects/acme-prod-2/locations/global/buckets/_Required"}, UNKNOWN),
        ({"valueExtractor": "EXTRACT(protoPayload.response.size)"}, UNKNOWN),
        ({"metricDescriptor": {"valueType": "DISTRIBUTION"}}, UNKNOWN),
    ],
)
def test_the_metric_counts_every_change(metric: Json, expected: Status) -> None:
    """By what its filter takes, and not by what it is called."""
    assert judged(bodies.alert_policy(), metrics=[bodies.log_metric(**metric)]) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"conditionMatchedLog": {"filter": BENCHMARK["firewall"]}}, PASS),
        ({"conditionMatchedLog": {"filter": BENCHMARK["network"]}}, FAIL),
        ({"conditionMatchedLog": {"filter": "firewalls"}}, UNKNOWN),
        ({"conditionPrometheusQueryLanguage": {"query": "up == 0", "evaluationInterval": "30s"}}, FAIL),
        ({"conditionPrometheusQueryLanguage": {"query": "logging_googleapis_com:user_m > 0"}}, UNKNOWN),
        ({"conditionPrometheusQueryLanguage": {"query": '{__name__=~".*user_m"} > 0'}}, UNKNOWN),
        ({"conditionMonitoringQueryLanguage": {"query": "fetch x::logging.googleapis.com/user/m"}}, UNKNOWN),
        ({"conditionSql": {"query": "SELECT 1"}}, UNKNOWN),
    ],
)
def test_other_conditions(condition: Json, expected: Status) -> None:
    """A query that may be about the log is for a person to read."""
    assert judged(bodies.alert_policy("1", condition), metrics=[]) is expected


@pytest.mark.parametrize(
    ("own", "inherited", "expected"),
    [
        ([], [], FAIL),
        ([bodies.sink()], [], UNKNOWN),
        ([bodies.sink(filter=BENCHMARK["route"])], [], FAIL),
        ([bodies.sink(exclusions=[{"name": "x", "filter": BENCHMARK["firewall"]}])], [], FAIL),
        ([bodies.sink(disabled=True)], [], FAIL),
        ([], [bodies.sink(includeChildren=True, filter='log_id("cloudaudit.googleapis.com/activity")')], UNKNOWN),
        ([], [bodies.sink(filter="")], FAIL),
    ],
)
def test_what_is_sent_elsewhere_may_be_heard_of_there(own: list[Json], inherited: list[Json], expected: Status) -> None:
    """prowler-cloud/prowler#11487 and #11574: alerts on the bucket of an aggregated sink were taken for none."""
    above = CompleteSet(FOLDER, a_container(sinks=tuple(inherited)))

    assert judged(own=own, above=above) is expected


def test_another_project_may_watch_the_metrics() -> None:
    """But not what no metric counts: a condition on entries is of the scoping project's own log alone."""
    scopes = [OWN_SCOPE, "locations/global/metricsScopes/9"]

    assert judged(scopes=scopes) is UNKNOWN
    assert judged(scopes=scopes, metrics=[bodies.log_metric(filter=BENCHMARK["route"])]) is FAIL
    assert judged(scopes=scopes, metrics=[]) is FAIL


def test_a_class_that_annexd_does_not_know_is_unknown() -> None:
    """Nothing passes for a word."""
    assert judged(bodies.alert_policy(), event_classes=("firewalls",)) is UNKNOWN


def test_what_is_not_known_is_unknown() -> None:
    """Of the project, and of what is above it where nothing below is enough."""
    assert judged(above=UNREAD) is UNKNOWN
    assert judged(above=CompleteSet(FOLDER)) is UNKNOWN
    assert judged(matching(BENCHMARK["firewall"]), above=UNREAD) is PASS
    none = CompleteSet()
    for place in range(5):
        sets = [UNREAD if each == place else none for each in range(5)]
        said = status(checks.alerts_for_key_changes, a_project(), *sets, CompleteSet(*NOBODY_ABOVE))
        assert said is UNKNOWN
    assert status(checks.alerts_for_key_changes, unread(ProjectPolicy), *[none] * 5, none) is UNKNOWN
