"""The check that access to a bucket is logged, by S3 itself or by a trail."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.s3.checks.settings import access_logging_enabled
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    OWN,
    PASS,
    UNKNOWN,
    UNREAD,
    a_bucket,
    all_of,
    not_seen,
    text,
    verdict,
)
from tests.connectors.aws.regional_builders import a_trail

OBJECTS = "arn:aws:s3:::acme-files/"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
NO_PLAIN_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
FOR_A_COLLEAGUE = {"Effect": "Allow", "Principal": {"AWS": COLLEAGUE}, "Action": "s3:PutObject", "Resource": "*"}
WRITER_OF_LOGS = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
OPEN_TO_LOGS = {"Policy": text({**WRITER_OF_LOGS, "Resource": "*"})}
NO_ONE_WRITES = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}
RETAINED = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
LOGS = a_bucket(Name="logs", Policy=text({**WRITER_OF_LOGS, "Resource": "*"}))
LOGGED = a_bucket(Logging={"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}})


def granting(permission: str, group: str = LOG_DELIVERY) -> dict[str, Any]:
    """An access control list that grants a group something."""
    return {"Grants": [{"Grantee": {"URI": group}, "Permission": permission}]}


def encrypted(algorithm: str) -> dict[str, Any]:
    """A default encryption."""
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]}


def test_access_logging() -> None:
    """None at all is not the same as not knowing, and where it is on no trail is asked for."""
    quiet = a_bucket()

    assert verdict(access_logging_enabled, LOGGED, all_of(LOGGED, LOGS), not_seen()).status is PASS
    assert verdict(access_logging_enabled, LOGGED, not_seen(), all_of()).status is UNKNOWN
    assert verdict(access_logging_enabled, quiet, all_of(quiet, LOGGED), all_of()).status is FAIL
    assert verdict(access_logging_enabled, quiet, all_of(quiet, LOGGED), not_seen()).status is UNKNOWN
    assert verdict(access_logging_enabled, a_bucket(Logging=UNREAD), all_of(quiet), all_of()).status is UNKNOWN


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ({"Policy": text({**WRITER_OF_LOGS, "Resource": "*"})}, PASS),
        ({"Acl": granting("WRITE")}, PASS),
        # a grant to read is none to write, and a policy may take back what the list grants
        ({"Acl": granting("READ")}, FAIL),
        ({"Acl": granting("READ_ACP", EVERYBODY)}, FAIL),
        ({"Acl": granting("WRITE"), "Policy": text(NO_ONE_WRITES)}, FAIL),
        ({"Acl": granting("WRITE"), "Policy": text(NO_PLAIN_HTTP)}, PASS),
        # "Enabling Amazon S3 server access logging": SSE-S3 only, and no default retention
        ({**OPEN_TO_LOGS, "ServerSideEncryptionConfiguration": encrypted("aws:kms")}, FAIL),
        ({**OPEN_TO_LOGS, "ServerSideEncryptionConfiguration": encrypted("aws:kms:dsse")}, FAIL),
        ({**OPEN_TO_LOGS, "ServerSideEncryptionConfiguration": None}, PASS),
        ({**OPEN_TO_LOGS, "ServerSideEncryptionConfiguration": UNREAD}, UNKNOWN),
        ({**OPEN_TO_LOGS, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": RETAINED}}, FAIL),
        ({**OPEN_TO_LOGS, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}, UNKNOWN),
        ({**OPEN_TO_LOGS, "ObjectLockConfiguration": UNREAD}, UNKNOWN),
        ({"Name": "other", "Policy": text({**WRITER_OF_LOGS, "Resource": "*"})}, FAIL),
        ({}, FAIL),
        ({"Policy": text(NO_PLAIN_HTTP, FOR_A_COLLEAGUE)}, FAIL),
        ({"Policy": UNREAD}, UNKNOWN),
        ({"Acl": UNREAD}, UNKNOWN),
    ],
)
def test_where_the_logs_are_to_go(target: dict[str, Any], status: Status) -> None:
    """A bucket that was deleted, or lets nobody write, takes no log, whatever the setting says."""
    result = verdict(access_logging_enabled, LOGGED, all_of(LOGGED, a_bucket(**{"Name": "logs", **target})), all_of())

    assert result.status is status
    assert "logs" in result.reason


def test_what_is_seen_of_a_bucket_is_said_where_trails_are_not() -> None:
    """The setting of the bucket is the reader's to mend, whatever regions there are."""
    result = verdict(access_logging_enabled, a_bucket(), all_of(a_bucket()), not_seen())

    assert result.status is UNKNOWN
    assert "server access logging of acme-files is off" in result.reason
    assert "the list was refused" in result.reason


@pytest.mark.parametrize(
    "open_to_logs",
    [
        {"Policy": text({**WRITER_OF_LOGS, "Resource": "*"})},
        {"Policy": text({**WRITER_OF_LOGS, "Principal": "*"})},
        {"Policy": text({"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"})},
        {"Policy": "{"},
        {"Policy": UNREAD},
        {"Acl": UNREAD},
        {"Acl": granting("FULL_CONTROL", EVERYBODY)},
        {"Acl": granting("WRITE")},
    ],
)
def test_a_bucket_that_receives_logs_need_not_log(open_to_logs: dict[str, Any]) -> None:
    """Logging one's own logging would never end; whether a bucket receives any takes the whole list."""
    log = a_bucket(Name="logs", **open_to_logs)
    unread_trail = a_bucket(Name="dark", Logging=UNREAD)

    assert verdict(access_logging_enabled, log, all_of(a_bucket(), LOGGED, log), all_of()).status is NOTHING
    assert verdict(access_logging_enabled, log, all_of(a_bucket(), log), all_of()).status is FAIL
    assert verdict(access_logging_enabled, log, not_seen(), all_of()).status is UNKNOWN
    assert verdict(access_logging_enabled, log, all_of(unread_trail, log), all_of()).status is UNKNOWN


def test_a_bucket_that_nobody_can_log_to_is_judged_without_the_others() -> None:
    """To look through all buckets for each one takes hours where there are many; those who may write say enough."""
    policy = text(NO_PLAIN_HTTP, FOR_A_COLLEAGUE)

    assert verdict(access_logging_enabled, a_bucket(Name="logs", Policy=policy), not_seen(), all_of()).status is FAIL


def data(**but: Any) -> dict[str, Any]:
    """A basic selector of a trail that takes data events of one bucket, besides management events."""
    return {"ReadWriteType": "All", "DataResources": [{"Type": "AWS::S3::Object", "Values": [OBJECTS]}], **but}


def of(*values: str, type_: str = "AWS::S3::Object") -> list[dict[str, Any]]:
    """The things that a basic selector takes."""
    return [{"Type": type_, "Values": list(values)}]


def fields(**conditions: Any) -> dict[str, Any]:
    """An advanced selector of objects in S3; underscores stand for dots."""
    usual = {"eventCategory": {"Equals": ["Data"]}, "resources_type": {"Equals": ["AWS::S3::Object"]}, **conditions}
    listed = [{"Field": name.replace("_", "."), **item} for name, item in usual.items()]
    return {"FieldSelectors": listed}


@pytest.mark.parametrize(
    ("selectors", "status"),
    [
        ([data()], PASS),
        ([data(DataResources=of("arn:aws:s3"))], PASS),
        ([data(DataResources=of("arn:aws:s3:::"))], PASS),
        ([data(DataResources=of("arn:aws:s3:::other/", OBJECTS))], PASS),
        ([data(DataResources=of("arn:aws:s3:::other/"))], FAIL),
        ([data(DataResources=of("arn:aws:s3:::acme-files/in/"))], FAIL),
        ([data(DataResources=of("arn:aws:s3:::acme"))], FAIL),
        ([data(DataResources=of("arn:aws:lambda", type_="AWS::Lambda::Function"))], FAIL),
        ([data(DataResources=of("arn:aws:s3", type_="AWS::Lambda::Function"))], FAIL),
        ([data(ReadWriteType="WriteOnly")], FAIL),
        ([data(ReadWriteType="WriteOnly"), data(ReadWriteType="ReadOnly")], PASS),
        ([{}], FAIL),
    ],
)
def test_data_events_by_basic_selectors(selectors: list[dict[str, Any]], status: Status) -> None:
    """A part of the bucket, or half of what is done with it, is not its access log."""
    trail = a_trail(selectors={"EventSelectors": selectors})

    assert verdict(access_logging_enabled, a_bucket(), all_of(a_bucket()), all_of(trail)).status is status


@pytest.mark.parametrize(
    ("selectors", "status"),
    [
        ([fields()], PASS),
        ([fields(resources_ARN={"StartsWith": [OBJECTS]})], PASS),
        ([fields(resources_ARN={"StartsWith": ["arn:aws:s3:::acme-"]})], PASS),
        ([fields(resources_ARN={"StartsWith": ["arn:aws:s3:::other/", OBJECTS]})], PASS),
        ([fields(resources_ARN={"StartsWith": [f"{OBJECTS}in/"]})], FAIL),
        ([fields(resources_ARN={"Equals": [f"{OBJECTS}one"]})], FAIL),
        ([fields(resources_ARN={"EndsWith": [".pdf"]})], FAIL),
        ([fields(resources_ARN={"NotEndsWith": [".pdf"]})], FAIL),
        ([fields(resources_ARN={"NotStartsWith": ["arn:aws:s3:::other/"]})], PASS),
        ([fields(resources_ARN={"NotStartsWith": [OBJECTS]})], FAIL),
        ([fields(resources_ARN={"NotStartsWith": [f"{OBJECTS}tmp/"]})], FAIL),
        ([fields(resources_ARN={"NotStartsWith": ["arn:aws:s3:::acme"]})], FAIL),
        ([fields(resources_ARN={"NotEquals": [f"{OBJECTS}one"]})], FAIL),
        ([fields(readOnly={"Equals": ["false"]})], FAIL),
        ([fields(readOnly={"Equals": ["false"]}), fields(readOnly={"Equals": ["true"]})], PASS),
        ([fields(eventName={"Equals": ["DeleteObject"]})], FAIL),
        ([fields(resources_type={"Equals": ["AWS::Lambda::Function"]})], FAIL),
        ([fields(eventCategory={"Equals": ["Management"]})], FAIL),
    ],
)
def test_data_events_by_advanced_selectors(selectors: list[dict[str, Any]], status: Status) -> None:
    """The same, in the other way of writing it."""
    trail = a_trail(selectors={"AdvancedEventSelectors": selectors})

    assert verdict(access_logging_enabled, a_bucket(), all_of(a_bucket()), all_of(trail)).status is status


def test_a_trail_that_may_record_a_bucket() -> None:
    """A stopped trail records nothing; one that could not be read, or looks at one region, may or may not."""
    takes = {"EventSelectors": [data()]}
    stopped, unread_trail = a_trail(selectors=takes, logging=False), a_trail(selectors=UNREAD)
    of_one_region = a_trail(selectors=takes, IsMultiRegionTrail=False)
    unsure = a_trail(selectors=takes, logging=UNREAD)

    def result(*trails: Any) -> Status:
        return verdict(access_logging_enabled, a_bucket(), all_of(a_bucket()), all_of(*trails)).status

    assert result(stopped) is FAIL
    assert result(stopped, unread_trail) is UNKNOWN
    assert result(unsure) is UNKNOWN
    assert result(of_one_region) is UNKNOWN
    assert result(stopped, unread_trail, of_one_region, a_trail(selectors=takes)) is PASS
