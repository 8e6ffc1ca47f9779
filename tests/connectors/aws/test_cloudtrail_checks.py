"""The checks of trails: what they take, whether it arrives, and where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.cloudtrail.checks import (
    delivers_to_cloudwatch_logs,
    delivery_recent,
    encrypted_with_kms,
    log_validation_enabled,
    multi_region_trail_logging,
)
from connectors.aws.cloudtrail.resources import Trail
from connectors.aws.s3.checks.log_buckets import log_bucket_not_public
from tests.connectors.aws.builders import (
    BLOCKED,
    FAIL,
    NOW,
    OPEN,
    PASS,
    PUBLIC_ACL,
    UNKNOWN,
    UNREAD,
    a_bucket,
    all_of,
    not_seen,
    public_access,
    verdict,
)
from tests.connectors.aws.regional_builders import a_trail


def basic(*selectors: dict[str, Any]) -> dict[str, Any]:
    """What a trail takes by basic selectors."""
    return {"EventSelectors": list(selectors)}


def advanced(*selectors: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a trail takes by advanced selectors, each a condition by field."""
    listed = [{"FieldSelectors": [{"Field": name, **field} for name, field in fields.items()]} for fields in selectors]
    return {"AdvancedEventSelectors": listed}


MANAGEMENT = {"eventCategory": {"Equals": ["Management"]}}
READS = {"readOnly": {"Equals": ["true"]}}
WRITES = {"readOnly": {"Equals": ["false"]}}
WITHOUT_KMS = {"eventSource": {"NotEquals": ["kms.amazonaws.com"]}}
ONLY_KMS = {"eventSource": {"Equals": ["kms.amazonaws.com"]}}


@pytest.mark.parametrize(
    ("trail", "status"),
    [
        (a_trail(), PASS),
        (a_trail(logging=False), FAIL),
        (a_trail(IsMultiRegionTrail=False), FAIL),
        (a_trail(logging=UNREAD), UNKNOWN),
        (a_trail(selectors=UNREAD), UNKNOWN),
        # It covers one region only, whatever else it does.
        (a_trail(IsMultiRegionTrail=False, logging=UNREAD, selectors=UNREAD), FAIL),
    ],
)
def test_a_trail_of_every_region(trail: Trail, status: Status) -> None:
    """A region without a trail is where somebody goes who would not be seen."""
    assert verdict(multi_region_trail_logging, all_of(trail)).status is status


@pytest.mark.parametrize(
    ("selectors", "status"),
    [
        (basic({}), PASS),
        (basic({"ReadWriteType": "All", "IncludeManagementEvents": True}), PASS),
        (basic({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}), FAIL),
        (basic({"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}), FAIL),
        (basic({"ReadWriteType": "ReadOnly"}, {"ReadWriteType": "WriteOnly"}), PASS),
        (basic({"ReadWriteType": "All", "IncludeManagementEvents": False}), FAIL),
        (basic({"ReadWriteType": "Sometimes"}), FAIL),
        (basic({"ExcludeManagementEventSources": ["kms.amazonaws.com"]}), FAIL),
        (basic({"ExcludeManagementEventSources": ["rdsdata.amazonaws.com"]}), FAIL),
        (basic({"ExcludeManagementEventSources": ["iam.amazonaws.com"]}), FAIL),
        (basic({"ExcludeManagementEventSources": ["iam.amazonaws.com"]}, {}), PASS),
        (basic(), FAIL),
        (advanced(MANAGEMENT), PASS),
        (advanced(MANAGEMENT | WRITES), FAIL),
        (advanced(MANAGEMENT | READS), FAIL),
        (advanced(MANAGEMENT | READS, MANAGEMENT | WRITES), PASS),
        (advanced(MANAGEMENT | {"readOnly": {"NotEquals": ["true"]}}), FAIL),
        (advanced(MANAGEMENT | WITHOUT_KMS), FAIL),
        (advanced(MANAGEMENT | WITHOUT_KMS, MANAGEMENT | ONLY_KMS), PASS),
        (advanced(MANAGEMENT | WITHOUT_KMS, MANAGEMENT | ONLY_KMS | WRITES), FAIL),
        (advanced(MANAGEMENT | ONLY_KMS), FAIL),
        (advanced(MANAGEMENT | {"eventSource": {"NotEquals": ["iam.amazonaws.com"]}}), FAIL),
        (advanced(MANAGEMENT | {"eventSource": {"Equals": ["iam.amazonaws.com"]}}), FAIL),
        (advanced(MANAGEMENT | {"eventSource": {"StartsWith": ["i"], "NotEquals": ["kms.amazonaws.com"]}}), FAIL),
        (advanced(MANAGEMENT | {"eventSource": {"NotStartsWith": ["i"]}}), FAIL),
        (advanced(MANAGEMENT | {"eventName": {"NotEquals": ["CreateUser"]}}), FAIL),
        (advanced({"eventCategory": {"Equals": ["Data"]}, "resources.type": {"Equals": ["AWS::S3::Object"]}}), FAIL),
        (advanced({"eventCategory": {"NotEquals": ["Data"]}}), FAIL),
        (advanced({}), FAIL),
        ({}, FAIL),
    ],
)
def test_all_management_events(selectors: dict[str, Any], status: Status) -> None:
    """Reads and writes, by one selector or by two together; a log with holes is no log of everything."""
    assert verdict(multi_region_trail_logging, all_of(a_trail(selectors=selectors))).status is status


def test_a_condition_that_is_said_twice_is_not_taken_for_one() -> None:
    """Two conditions on a field narrow each other; to read only the last would be to read too much."""
    twice = [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "eventSource", "Equals": ["iam.amazonaws.com"]},
        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
    ]
    selectors = {"AdvancedEventSelectors": [{"FieldSelectors": twice}]}

    assert verdict(multi_region_trail_logging, all_of(a_trail(selectors=selectors))).status is FAIL


def test_what_is_left_out_is_named() -> None:
    """All acts of administration are all; a company may approve that the many of a service are left out."""
    trail = a_trail(selectors=advanced(MANAGEMENT | WITHOUT_KMS))

    result = verdict(multi_region_trail_logging, all_of(trail))
    approved = verdict(multi_region_trail_logging, all_of(trail), approved_excluded_sources=("kms.amazonaws.com",))

    assert (result.status, approved.status) == (FAIL, PASS)
    assert "kms.amazonaws.com" in result.reason
    assert "kms.amazonaws.com" in approved.reason
    elsewhere = a_trail(selectors=basic({"ExcludeManagementEventSources": ["rdsdata.amazonaws.com"]}))
    assert (
        verdict(multi_region_trail_logging, all_of(elsewhere), approved_excluded_sources=("kms.amazonaws.com",)).status
        is FAIL
    )


def test_trails_cover_together() -> None:
    """What one leaves out another may take; one that is stopped or of one region adds nothing."""
    reads = a_trail(Name="reads", selectors=basic({"ReadWriteType": "ReadOnly"}))
    writes = a_trail(Name="writes", selectors=advanced(MANAGEMENT | WRITES))
    namesake = a_trail(Name="reads", selectors=advanced(MANAGEMENT | WRITES))
    stopped = a_trail(Name="writes", selectors=advanced(MANAGEMENT | WRITES), logging=False)
    local = a_trail(Name="writes", selectors=advanced(MANAGEMENT | WRITES), IsMultiRegionTrail=False)
    dark = a_trail(Name="dark", selectors=UNREAD)
    without_kms = a_trail(Name="one", selectors=advanced(MANAGEMENT | WITHOUT_KMS))
    without_data = a_trail(Name="two", selectors=basic({"ExcludeManagementEventSources": ["rdsdata.amazonaws.com"]}))

    def status(*trails: Trail) -> Status:
        return verdict(multi_region_trail_logging, all_of(*trails)).status

    assert status(reads, writes) is PASS
    assert status(reads, namesake) is PASS
    assert status(reads) is FAIL
    assert status(reads, stopped) is FAIL
    assert status(reads, local) is FAIL
    assert status(reads, dark) is UNKNOWN
    assert status(reads, dark, writes) is PASS
    assert status(without_kms, without_data) is PASS
    assert "all that write" in verdict(multi_region_trail_logging, all_of(reads)).reason


def test_one_good_trail_is_enough() -> None:
    """Neither a bad one nor one that could not be read takes away what the good one records."""
    bad, unread_trail = a_trail(Name="bad", logging=False), a_trail(Name="dark", selectors=UNREAD)

    assert verdict(multi_region_trail_logging, all_of(bad, unread_trail, a_trail())).status is PASS
    assert verdict(multi_region_trail_logging, all_of(bad, bad)).status is FAIL
    unread = verdict(multi_region_trail_logging, all_of(bad, unread_trail))
    assert unread.status is UNKNOWN
    assert "dark" in unread.reason
    assert "Selectors" in unread.reason


def test_no_trail_is_not_the_same_as_no_list_of_trails() -> None:
    """An account without any trail is the worst case, and must not look like nothing to check."""
    assert verdict(multi_region_trail_logging, all_of()).status is FAIL
    assert verdict(multi_region_trail_logging, not_seen()).status is UNKNOWN


@pytest.mark.parametrize(("on", "status"), [(True, PASS), (False, FAIL), (UNREAD, UNKNOWN)])
def test_log_validation(on: Any, status: Status) -> None:
    """Without digests a log file that was taken away is not missed."""
    assert verdict(log_validation_enabled, a_trail(LogFileValidationEnabled=on)).status is status


@pytest.mark.parametrize(
    ("but", "status"),
    [({"KmsKeyId": "arn:k"}, PASS), ({"KmsKeyId": ""}, FAIL), ({}, FAIL), ({"KmsKeyId": UNREAD}, UNKNOWN)],
)
def test_encryption_with_a_key(but: dict[str, Any], status: Status) -> None:
    """The key decides who reads the log, apart from the bucket."""
    assert verdict(encrypted_with_kms, a_trail(**but)).status is status


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"LatestDeliveryTime": (NOW - timedelta(hours=24)).isoformat()}, PASS),
        ({"LatestDeliveryTime": (NOW - timedelta(hours=24, seconds=1)).isoformat()}, FAIL),
        ({"LatestDeliveryTime": NOW.isoformat(), "LatestDeliveryError": ""}, PASS),
        ({"LatestDeliveryTime": NOW.isoformat(), "LatestDeliveryError": "AccessDenied"}, FAIL),
        ({}, FAIL),
    ],
)
def test_delivery(state: dict[str, Any], status: Status) -> None:
    """A trail may be on for years and its bucket refuse it since last week."""
    assert verdict(delivery_recent, a_trail(Status={"IsLogging": True, **state})).status is status


def test_delivery_that_could_not_be_read_is_not_known() -> None:
    """Silence of the API is not silence of the trail."""
    assert verdict(delivery_recent, a_trail(logging=UNREAD)).status is UNKNOWN


def test_how_late_a_delivery_may_be_is_a_limit() -> None:
    """The hour that the trail is late is allowed by default, and not where a company wants less."""
    assert verdict(delivery_recent, a_trail(), max_age=timedelta(minutes=59)).status is FAIL
    assert verdict(delivery_recent, a_trail(), max_age=timedelta(minutes=60)).status is PASS


@pytest.mark.parametrize(
    ("bucket", "account", "status"),
    [
        ({"PublicAccessBlockConfiguration": BLOCKED}, OPEN, PASS),
        ({"PublicAccessBlockConfiguration": OPEN, "Acl": PUBLIC_ACL, "OwnershipControls": None}, OPEN, FAIL),
        ({"PublicAccessBlockConfiguration": OPEN, "Acl": UNREAD, "OwnershipControls": None}, OPEN, UNKNOWN),
        ({"Name": "another"}, OPEN, UNKNOWN),
    ],
)
def test_the_bucket_of_the_logs(bucket: dict[str, Any], account: Any, status: Status) -> None:
    """What anybody may read there tells them where to go next; a bucket of another account was not looked at."""
    log_bucket = a_bucket(**{"Name": "acme-logs", **bucket})

    result = verdict(log_bucket_not_public, a_trail(), all_of(a_bucket(), log_bucket), public_access(account))

    assert result.status is status


def test_the_bucket_of_the_logs_takes_the_list_of_buckets() -> None:
    """A bucket that is not found in half a list may be in the other half."""
    assert verdict(log_bucket_not_public, a_trail(), not_seen(), public_access(BLOCKED)).status is UNKNOWN


@pytest.mark.parametrize(
    ("state", "status", "says"),
    [
        ({"LatestDeliveryError": "NoSuchBucket", "LatestDeliveryTime": "2026-11-01T00:00:00Z"}, FAIL, "does not exist"),
        ({"LatestDeliveryError": "NoSuchBucket"}, FAIL, "does not exist"),
        ({"LatestDeliveryTime": "2026-11-23T11:00:00Z"}, UNKNOWN, "another account's"),
        ({"LatestDeliveryError": "AccessDenied"}, UNKNOWN, "nothing arrived"),
        ({}, UNKNOWN, "nothing arrived"),
        (UNREAD, UNKNOWN, "Status"),
    ],
)
def test_a_bucket_of_logs_that_is_not_in_the_account(state: Any, status: Status, says: str) -> None:
    """S3 tells CloudTrail whether it is gone; a bucket of the log archive is another account's to judge."""
    trail = a_trail(Status=state if state is UNREAD else {"IsLogging": True, **state})

    result = verdict(log_bucket_not_public, trail, all_of(a_bucket()), public_access(BLOCKED))

    assert result.status is status
    assert says in result.reason


@pytest.mark.parametrize("of_organization", [True, False])
def test_who_can_change_the_trail(of_organization: bool) -> None:
    """A member sees the organization's trail as its own, and can change nothing of it."""
    arn = "arn:aws:cloudtrail:eu-central-1:444455556666:trail/acme"
    trail = a_trail(
        IsOrganizationTrail=of_organization,
        TrailARN=arn,
        LogFileValidationEnabled=False,
        Status={"IsLogging": True, "LatestDeliveryError": "AccessDenied"},
    )

    for check in (log_validation_enabled, encrypted_with_kms, delivery_recent):
        result = verdict(check, trail)
        assert result.status is FAIL
        assert ("444455556666" in result.reason) is of_organization


GROUP = "arn:aws:logs:eu-central-1:111122223333:log-group:trail:*"


@pytest.mark.parametrize(
    ("group", "state", "status"),
    [
        (None, {}, FAIL),
        ("", {}, FAIL),
        (GROUP, {}, FAIL),
        (GROUP, {"LatestCloudWatchLogsDeliveryTime": "2026-11-23T11:00:00Z"}, PASS),
        (GROUP, {"LatestCloudWatchLogsDeliveryTime": "2026-11-22T12:00:00Z"}, PASS),
        (GROUP, {"LatestCloudWatchLogsDeliveryTime": "2026-11-22T11:59:59Z"}, FAIL),
        (
            GROUP,
            {
                "LatestCloudWatchLogsDeliveryTime": "2026-11-23T11:00:00Z",
                "LatestCloudWatchLogsDeliveryError": "AccessDenied",
            },
            FAIL,
        ),
        (GROUP, UNREAD, UNKNOWN),
        (None, UNREAD, FAIL),
    ],
)
def test_delivery_to_cloudwatch_logs(group: str | None, state: Any, status: Status) -> None:
    """That S3 gets the logs says nothing of a log group, and a log group that is named may get none."""
    trail = a_trail(CloudWatchLogsLogGroupArn=group, Status=state if state is UNREAD else {"IsLogging": True, **state})

    assert verdict(delivers_to_cloudwatch_logs, trail).status is status
