"""Checks of how load balancers, APIs, groups of machines, logs, keys and certificates are set up to be run."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.acm.checks import certificate_strong_key
from connectors.aws.acm.resources import Certificate
from connectors.aws.apigateway.checks import http_stages_access_logged, rest_stages_access_logged
from connectors.aws.apigateway.resources import HttpApi, RestApi
from connectors.aws.autoscaling.checks import group_has_headroom, group_multi_az
from connectors.aws.autoscaling.resources import Group, ScalingPolicy
from connectors.aws.elb.checks.operation import (
    access_logging_enabled,
    classic_access_logging_enabled,
    classic_multi_az,
    multi_az,
    public_alb_has_waf,
)
from connectors.aws.elb.resources import _stops
from connectors.aws.kms.checks import key_not_pending_deletion
from connectors.aws.logs.checks import group_data_protection_enabled, group_encrypted_with_kms
from connectors.aws.wafv2.checks import logging_enabled
from connectors.aws.wafv2.resources import Logging, WebAcl, _drops
from tests.connectors.aws.builders import FAIL, NOTHING, OWN, PASS, UNKNOWN, UNREAD, a, all_of, not_seen, verdict
from tests.connectors.aws.guarded_builders import KEY_ID, a_key, a_log_group
from tests.connectors.aws.service_builders import a_balancer, a_classic, a_listener, described, logging_to

TLS, TCP = a_listener("TLS", policy="x"), a_listener("TCP")


@pytest.mark.parametrize(
    ("balancer", "status"),
    [
        (a_balancer(attributes=logging_to("logs")), PASS),
        (a_balancer(attributes=logging_to(None)), FAIL),
        (a_balancer(TLS, Type="network", attributes=logging_to(None)), UNKNOWN),
        (a_balancer(TCP, Type="network", attributes=logging_to(None)), NOTHING),
        (a_balancer(Type="gateway", attributes=[]), NOTHING),
        (a_balancer(attributes=[]), UNKNOWN),
        (a_balancer(), UNKNOWN),
        (a_balancer(attributes=UNREAD), UNKNOWN),
    ],
)
def test_access_logs(balancer: Any, status: Status) -> None:
    """A network load balancer logs what its TLS listeners take, and nothing else."""
    assert verdict(access_logging_enabled, balancer).status is status


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"AccessLog": {"Enabled": True, "S3BucketName": "logs"}}, PASS),
        ({"AccessLog": {"Enabled": False}}, FAIL),
        (None, UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_classic_access_logs(attributes: Any, status: Status) -> None:
    """As of the newer kinds."""
    balancer = a_classic()
    known = {"Attributes": attributes}
    assert verdict(classic_access_logging_enabled, with_keys(balancer, known)).status is status


def with_keys(balancer: Any, keys: dict[str, Any]) -> Any:
    """Return a classic load balancer with more keys."""
    body = {"LoadBalancerName": balancer.name, "ListenerDescriptions": [], "PoliciesOfListeners": []}
    if keys.get("Attributes") not in (None, UNREAD):
        described("elb:DescribeLoadBalancerAttributes", "LoadBalancerAttributes", keys["Attributes"])
    return a(type(balancer), {**body, **keys})


def zones(*names: str) -> list[dict[str, str]]:
    """The zones of a load balancer."""
    return [{"SubnetId": f"subnet-{number}", "ZoneName": name} for number, name in enumerate(names)]


@pytest.mark.parametrize(
    ("balancer", "status"),
    [
        (a_balancer(AvailabilityZones=zones("eu-central-1a", "eu-central-1b")), PASS),
        (a_balancer(AvailabilityZones=zones("eu-central-1a")), FAIL),
        (a_balancer(AvailabilityZones=zones("eu-central-1a", "eu-central-1a")), FAIL),
        (a_balancer(AvailabilityZones=[{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}]), UNKNOWN),
        (a_balancer(AvailabilityZones=[]), UNKNOWN),
        (a_balancer(AvailabilityZones=UNREAD), UNKNOWN),
    ],
)
def test_zones(balancer: Any, status: Status) -> None:
    """Two subnets of one zone are one zone."""
    assert verdict(multi_az, balancer).status is status


@pytest.mark.parametrize(
    ("named", "status"),
    [(["eu-central-1a", "eu-central-1b"], PASS), (["eu-central-1a"], FAIL), ([], UNKNOWN), (UNREAD, UNKNOWN)],
)
def test_zones_of_classic_load_balancers(named: Any, status: Status) -> None:
    """As of the newer kinds."""
    assert verdict(classic_multi_az, with_keys(a_classic(), {"AvailabilityZones": named})).status is status


EDGE = {"Name": "edge", "ARN": "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/edge/1"}
FILTERED = {"WebACL": {**EDGE, "Stops": True}}
COUNTING = {"WebACL": {**EDGE, "Stops": False}}


@pytest.mark.parametrize(
    ("balancer", "status"),
    [
        (a_balancer(), UNKNOWN),
        (a_balancer(Type="network"), NOTHING),
        (a_balancer(Scheme="internal"), NOTHING),
    ],
)
def test_web_acls_of_other_load_balancers(balancer: Any, status: Status) -> None:
    """Only what the internet reaches, of the kind that can have one."""
    assert verdict(public_alb_has_waf, balancer).status is status


@pytest.mark.parametrize(
    ("web_filter", "limits", "status"),
    [
        (FILTERED, {}, PASS),
        (COUNTING, {}, FAIL),
        (COUNTING, {"filtered_elsewhere": ("web",)}, PASS),
        ({"WebACL": EDGE}, {}, UNKNOWN),
        ({"WebACL": None}, {}, FAIL),
        ({"WebACL": None}, {"filtered_elsewhere": ("web",)}, PASS),
        (UNREAD, {}, UNKNOWN),
    ],
)
def test_web_acls(web_filter: Any, limits: dict[str, Any], status: Status) -> None:
    """None that filters is a finding, unless the company says what filters in its place."""
    known = {"LoadBalancerArn": "arn", "LoadBalancerName": "web", "Type": "application", "Scheme": "internet-facing"}
    balancer = a(type(a_balancer()), {**known, "Listeners": [], "WebFilter": web_filter})

    assert verdict(public_alb_has_waf, balancer, **limits).status is status


def a_web_rule(**acting: Any) -> dict[str, Any]:
    """A rule of a web ACL."""
    return {"Name": "rule", "Priority": 1, **acting}


GROUP_ACTS, GROUP_COUNTS = a_web_rule(OverrideAction={"None": {}}), a_web_rule(OverrideAction={"Count": {}})


@pytest.mark.parametrize(
    ("web_acl", "stops"),
    [
        ({"DefaultAction": {"Allow": {}}}, False),
        ({"DefaultAction": {"Block": {}}}, True),
        ({"DefaultAction": {"Allow": {}}, "Rules": [a_web_rule(Action={"Block": {}})]}, True),
        ({"DefaultAction": {"Allow": {}}, "Rules": [a_web_rule(Action={"Captcha": {}})]}, True),
        ({"DefaultAction": {"Allow": {}}, "Rules": [a_web_rule(Action={"Count": {}})]}, False),
        ({"DefaultAction": {"Allow": {}}, "Rules": [a_web_rule(Action={"Allow": {}})]}, False),
        ({"DefaultAction": {"Allow": {}}, "Rules": [GROUP_ACTS]}, True),
        ({"DefaultAction": {"Allow": {}}, "Rules": [GROUP_COUNTS]}, False),
        ({"DefaultAction": {"Allow": {}}, "PreProcessFirewallManagerRuleGroups": [GROUP_ACTS]}, True),
        ({"DefaultAction": {"Allow": {}}, "PostProcessFirewallManagerRuleGroups": [GROUP_COUNTS]}, False),
    ],
)
def test_whether_a_web_acl_stops_anything(web_acl: Any, stops: bool) -> None:
    """Rules that only count are how a web ACL is tried out, and not a filter."""
    assert _stops(described("wafv2:GetWebACLForResource", "WebACL", web_acl)) is stops


ACL_ARN = EDGE["ARN"]
LOG = {"ResourceArn": ACL_ARN, "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-acme"], "Drops": False}


@pytest.mark.parametrize(
    ("logs", "status"),
    [
        (all_of(a(Logging, LOG)), PASS),
        (all_of(a(Logging, {**LOG, "ResourceArn": "another"})), FAIL),
        (all_of(a(Logging, {**LOG, "Drops": True})), UNKNOWN),
        (all_of(a(Logging, {**LOG, "Drops": None})), UNKNOWN),
        (all_of(a(Logging, {**LOG, "Drops": True}), a(Logging, LOG)), PASS),
        (all_of(a(Logging, {**LOG, "LogDestinationConfigs": []})), FAIL),
        (all_of(), FAIL),
        (not_seen(), UNKNOWN),
    ],
)
def test_logs_of_web_acls(logs: Any, status: Status) -> None:
    """What one web ACL logs says nothing of another."""
    assert verdict(logging_enabled, a(WebAcl, {"ARN": ACL_ARN, "Name": "edge"}), logs).status is status


def a_log_filter(default: str, *behaviors: str) -> dict[str, Any]:
    """A filter of a log."""
    return {"DefaultBehavior": default, "Filters": [{"Behavior": each} for each in behaviors]}


@pytest.mark.parametrize(
    ("chosen", "drops"),
    [
        (None, False),
        (a_log_filter("KEEP", "KEEP"), False),
        (a_log_filter("DROP", "KEEP"), True),
        (a_log_filter("KEEP", "DROP"), True),
    ],
)
def test_whether_a_filter_drops_part_of_a_log(chosen: Any, drops: bool) -> None:
    """By what it does with some requests, or with all others."""
    if chosen is not None:
        described("wafv2:ListLoggingConfigurations", "LoggingConfigurations.LoggingFilter", chosen)

    assert _drops(chosen) is drops


LOG_GROUP = f"arn:aws:logs:eu-central-1:{OWN}:log-group:api"
STAGES = [
    ([LOG_GROUP], PASS),
    ([LOG_GROUP, None], FAIL),
    ([None], FAIL),
    ([LOG_GROUP, ""], UNKNOWN),
    ([], NOTHING),
    (UNREAD, UNKNOWN),
]


@pytest.mark.parametrize(("logs", "status"), STAGES)
def test_stages_of_rest_apis(logs: Any, status: Status) -> None:
    """Each stage logs for itself."""
    stages = (
        [{"stageName": f"s{number}", "methods": [], "accessLog": log} for number, log in enumerate(logs)]
        if logs is not UNREAD
        else UNREAD
    )
    known = {"id": "1", "name": "shop", "apiArn": "arn", "endpointConfiguration": {"types": ["REGIONAL"]}}

    assert verdict(rest_stages_access_logged, a(RestApi, {**known, "stages": stages})).status is status


@pytest.mark.parametrize(("logs", "status"), STAGES)
def test_stages_of_http_apis(logs: Any, status: Status) -> None:
    """As of REST APIs."""
    stages = (
        [{"StageName": f"s{number}", "AccessLog": log} for number, log in enumerate(logs)]
        if logs is not UNREAD
        else UNREAD
    )
    known = {"ApiId": "1", "Name": "shop", "ProtocolType": "HTTP", "Routes": []}

    assert verdict(http_stages_access_logged, a(HttpApi, {**known, "Stages": stages})).status is status


GROUP_ARN = f"arn:aws:autoscaling:eu-central-1:{OWN}:autoScalingGroup:1:autoScalingGroupName/web"


def a_group(**but: Any) -> Group:
    """A group of two machines that may grow to four, in two zones."""
    usual = {
        "AutoScalingGroupName": "web",
        "AutoScalingGroupARN": GROUP_ARN,
        "MinSize": 1,
        "MaxSize": 4,
        "DesiredCapacity": 2,
        "AvailabilityZones": ["eu-central-1a", "eu-central-1b"],
    }
    return a(Group, described("autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups", {**usual, **but}))


def a_scaling_policy(**but: Any) -> ScalingPolicy:
    """A policy of that group."""
    usual = {"AutoScalingGroupName": "web", "PolicyARN": "arn:policy/1", "PolicyType": "TargetTrackingScaling"}
    return a(ScalingPolicy, described("autoscaling:DescribePolicies", "ScalingPolicies", {**usual, **but}))


@pytest.mark.parametrize(
    ("group", "limits", "status"),
    [
        (a_group(), {}, PASS),
        (a_group(AvailabilityZones=["eu-central-1a"]), {}, FAIL),
        (a_group(AvailabilityZones=["eu-central-1a"]), {"single_zone_groups": ("web",)}, PASS),
        (a_group(AvailabilityZones=UNREAD), {}, UNKNOWN),
        # One machine stands in one zone, whatever zones it may be started in.
        (a_group(MaxSize=1), {}, FAIL),
        (a_group(MaxSize=1), {"single_zone_groups": ("web",)}, PASS),
        (a_group(MaxSize=0), {}, NOTHING),
    ],
)
def test_zones_of_groups(group: Any, limits: dict[str, Any], status: Status) -> None:
    """A group in one zone goes down with it."""
    assert verdict(group_multi_az, group, **limits).status is status


def suspending(*processes: str) -> Group:
    """The group, which does not do these things for now."""
    return a_group(SuspendedProcesses=[{"ProcessName": name} for name in processes])


def forecasting(*mode: str) -> ScalingPolicy:
    """A policy that goes by a forecast."""
    settings = {"MetricSpecifications": [], **({"Mode": mode[0]} if mode else {})}
    return a_scaling_policy(PolicyType="PredictiveScaling", PredictiveScalingConfiguration=settings)


ALARMS = {"Alarms": [{"AlarmName": "busy"}]}
STEPS = {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity"}
SIMPLE = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity"}


@pytest.mark.parametrize(
    ("policy", "grows"),
    [
        (a_scaling_policy(), True),
        (forecasting("ForecastAndScale"), True),
        (forecasting("ForecastOnly"), False),
        (forecasting(), False),
        (a_scaling_policy(**STEPS, **ALARMS, StepAdjustments=[{"ScalingAdjustment": 2}]), True),
        (a_scaling_policy(**STEPS, **ALARMS, StepAdjustments=[{"ScalingAdjustment": -2}]), False),
        (a_scaling_policy(**STEPS, StepAdjustments=[{"ScalingAdjustment": 2}]), False),
        (a_scaling_policy(**SIMPLE, **ALARMS, ScalingAdjustment=1), True),
        (a_scaling_policy(**SIMPLE, **ALARMS, ScalingAdjustment=-1), False),
        (a_scaling_policy(**{**SIMPLE, **ALARMS, "AdjustmentType": "ExactCapacity"}, ScalingAdjustment=4), False),
        (a(ScalingPolicy, {"AutoScalingGroupName": "web", "PolicyARN": "arn:policy/1"}), False),
    ],
)
def test_which_policies_make_a_group_larger(policy: ScalingPolicy, grows: bool) -> None:
    """One that only shrinks, only forecasts, or that nothing sets off gives no room."""
    assert policy.grows is grows


@pytest.mark.parametrize(
    ("group", "policies", "limits", "status"),
    [
        (a_group(), all_of(forecasting("ForecastOnly")), {}, UNKNOWN),
        (suspending("Launch"), all_of(a_scaling_policy()), {}, FAIL),
        (suspending("AlarmNotification"), all_of(a_scaling_policy()), {}, UNKNOWN),
        (suspending("AlarmNotification"), all_of(forecasting("ForecastAndScale")), {}, PASS),
        (suspending("AZRebalance"), all_of(a_scaling_policy()), {}, PASS),
        (a_group(), all_of(a_scaling_policy()), {}, PASS),
        (a_group(DesiredCapacity=4), all_of(a_scaling_policy()), {}, FAIL),
        (a_group(), all_of(), {}, UNKNOWN),
        (a_group(), all_of(a_scaling_policy(Enabled=False)), {}, UNKNOWN),
        (a_group(), all_of(a_scaling_policy(AutoScalingGroupName="other")), {}, UNKNOWN),
        (a_group(DesiredCapacity=4), all_of(), {"fixed_groups": ("web",)}, NOTHING),
        (a_group(), not_seen(), {}, UNKNOWN),
    ],
)
def test_headroom(group: Any, policies: Any, limits: dict[str, Any], status: Status) -> None:
    """Without a policy of its own a group may be scaled from elsewhere, which is not seen."""
    assert verdict(group_has_headroom, group, policies, **limits).status is status


@pytest.mark.parametrize(
    ("group", "status"),
    [(a_log_group(kmsKeyId="arn:aws:kms:x"), PASS), (a_log_group(), FAIL), (a_log_group(kmsKeyId=UNREAD), UNKNOWN)],
)
def test_keys_of_log_groups(group: Any, status: Status) -> None:
    """AWS encrypts all of them; a key of KMS is the company's to withdraw."""
    assert verdict(group_encrypted_with_kms, group).status is status


@pytest.mark.parametrize(
    ("group", "listed", "status"),
    [
        (a_log_group(dataProtectionStatus="ACTIVATED"), (), PASS),
        (a_log_group(inheritedProperties=["ACCOUNT_DATA_PROTECTION"]), (), PASS),
        (a_log_group(), ("/acme/*",), FAIL),
        (a_log_group(dataProtectionStatus="DISABLED"), ("/acme/web",), FAIL),
        (a_log_group(), ("/other/*",), NOTHING),
        (a_log_group(), (), UNKNOWN),
        (a_log_group(inheritedProperties=UNREAD), ("/acme/*",), UNKNOWN),
    ],
)
def test_personal_data_in_logs(group: Any, listed: tuple[str, ...], status: Status) -> None:
    """Which groups hold such data only the company knows."""
    assert verdict(group_data_protection_enabled, group, personal_data_log_groups=listed).status is status


@pytest.mark.parametrize(
    ("key", "limits", "status"),
    [
        (a_key(), {}, PASS),
        (a_key(metadata={"KeyState": "PendingDeletion", "DeletionDate": "2026-12-01T00:00:00Z"}), {}, FAIL),
        (a_key(metadata={"KeyState": "PendingReplicaDeletion"}), {}, FAIL),
        (a_key(metadata={"KeyState": "PendingDeletion"}), {"approved_deletions": (KEY_ID,)}, PASS),
        (a_key(metadata={"KeyState": "Disabled"}), {}, PASS),
        (a_key(metadata={"KeyManager": "AWS"}), {}, NOTHING),
        (a_key(metadata=UNREAD), {}, UNKNOWN),
    ],
)
def test_keys_that_end(key: Any, limits: dict[str, Any], status: Status) -> None:
    """What a key alone decrypts is lost with it."""
    assert verdict(key_not_pending_deletion, key, **limits).status is status


def a_certificate(algorithm: Any, *, in_use: bool = True) -> Certificate:
    """A certificate with a key."""
    body = {
        "CertificateArn": "arn:aws:acm:eu-central-1:111122223333:certificate/1",
        "DomainName": "www.example.com",
        "Status": "ISSUED",
        "Type": "IMPORTED",
        "InUse": in_use,
        "KeyAlgorithm": algorithm,
    }
    return a(Certificate, described("acm:ListCertificates", "CertificateSummaryList", body))


@pytest.mark.parametrize(
    ("certificate", "limits", "status"),
    [
        (a_certificate("RSA_2048"), {}, PASS),
        (a_certificate("RSA_4096"), {}, PASS),
        (a_certificate("RSA_1024"), {}, FAIL),
        (a_certificate("RSA_2048"), {"min_rsa_bits": 3072}, FAIL),
        (a_certificate("EC_prime256v1"), {}, PASS),
        (a_certificate("EC_secp384r1"), {}, PASS),
        (a_certificate("EC_prime256v1"), {"min_curve_bits": 384}, FAIL),
        (a_certificate("ML_DSA_65"), {}, UNKNOWN),
        (a_certificate(""), {}, UNKNOWN),
        (a_certificate("RSA_1024", in_use=False), {}, NOTHING),
        (a_certificate(UNREAD), {}, UNKNOWN),
    ],
)
def test_keys_of_certificates(certificate: Any, limits: dict[str, Any], status: Status) -> None:
    """A kind of key that is not known is not taken for a strong one."""
    assert verdict(certificate_strong_key, certificate, **limits).status is status
