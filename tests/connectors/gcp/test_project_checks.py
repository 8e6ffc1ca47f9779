"""Contacts, API keys, and where audit logs go."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.gcp.apikeys import keys
from connectors.gcp.essentialcontacts import contacts
from connectors.gcp.iam.resources import ProjectPolicy
from connectors.gcp.logging import checks as logging_checks
from connectors.gcp.logging.resources import LogBucket, ProjectSink
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.judging import FOLDER, NOBODY_ABOVE, UNREAD, a_container, a_project, seen
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, CompleteSet, status, unread


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], FAIL),
        (["VALID"], PASS),
        (["INVALID"], FAIL),
        ([""], FAIL),
        (["INVALID", "VALID"], PASS),
    ],
)
def test_somebody_is_told_about_security(states: list[str], expected: Status) -> None:
    """Under an address that somebody has confirmed."""
    found = CompleteSet(
        *(seen(contacts.Contact, bodies.contact(str(n), validationState=state)) for n, state in enumerate(states))
    )

    assert status(contacts.security_contact_set, found) is expected
    assert status(contacts.security_contact_set, UNREAD) is UNKNOWN


API = {"apiTargets": [{"service": "maps.googleapis.com"}]}


@pytest.mark.parametrize(
    ("restrictions", "expected"),
    [
        ({**API, "serverKeyRestrictions": {"allowedIps": ["192.0.2.7"]}}, PASS),
        ({**API, "browserKeyRestrictions": {"allowedReferrers": ["acme.example/*"]}}, PASS),
        ({**API, "iosKeyRestrictions": {"allowedBundleIds": ["example.acme"]}}, PASS),
        ({**API, "androidKeyRestrictions": {"allowedApplications": [{"packageName": "example.acme"}]}}, PASS),
        (API, FAIL),
        ({"serverKeyRestrictions": {"allowedIps": ["192.0.2.7"]}}, FAIL),
        ({**API, "serverKeyRestrictions": {}}, FAIL),
        ({**API, "serverKeyRestrictions": {"allowedIps": ["192.0.2.7", "0.0.0.0/0"]}}, FAIL),
        ({**API, "serverKeyRestrictions": {"allowedIps": ["::/0"]}}, FAIL),
        ({**API, "serverKeyRestrictions": {"allowedIps": ["0.0.0.0/1", "128.0.0.0/1"]}}, FAIL),
        ({**API, "serverKeyRestrictions": {"allowedIps": ["192.0.2.7", "somewhere"]}}, UNKNOWN),
        ({"serverKeyRestrictions": {"allowedIps": ["somewhere"]}}, FAIL),
        ({**API, "browserKeyRestrictions": {"allowedReferrers": ["*"]}}, FAIL),
        ({**API, "browserKeyRestrictions": {"allowedReferrers": ["https://*/*"]}}, FAIL),
        ({}, FAIL),
        (None, FAIL),
    ],
)
def test_api_keys_are_restricted(restrictions: Json | None, expected: Status) -> None:
    """An entry that admits everybody restricts nobody."""
    body = bodies.api_key()
    if restrictions is None:
        del body["restrictions"]
    else:
        body["restrictions"] = restrictions

    assert status(keys.restricted, seen(keys.ApiKey, body)) is expected
    assert status(keys.restricted, unread(keys.ApiKey)) is UNKNOWN


@pytest.mark.parametrize(("days", "expected"), [(90, PASS), (90.1, FAIL)])
def test_api_keys_are_young(days: float, expected: Status) -> None:
    """They do not change by themselves."""
    assert status(keys.rotated, seen(keys.ApiKey, bodies.api_key(createTime=bodies.ago(days)))) is expected
    assert status(keys.rotated, unread(keys.ApiKey)) is UNKNOWN


AUDIT = 'logName:"cloudaudit.googleapis.com"'
LOCAL = "logging.googleapis.com/projects/acme-prod/locations/global/buckets/_Default"


@pytest.mark.parametrize(
    ("own", "inherited", "expected"),
    [
        ([], [], FAIL),
        ([bodies.sink()], [], PASS),
        ([bodies.sink(filter=AUDIT)], [], PASS),
        ([bodies.sink(filter="severity>=ERROR")], [], UNKNOWN),
        ([bodies.sink(filter=AUDIT + " AND severity>=ERROR")], [], UNKNOWN),
        ([bodies.sink(disabled=True)], [], FAIL),
        ([bodies.sink(exclusions=[{"name": "x", "filter": AUDIT}])], [], FAIL),
        ([bodies.sink(exclusions=[{"name": "x", "filter": "sample(insertId, 0.9)"}])], [], UNKNOWN),
        ([bodies.sink(exclusions=[{"name": "x", "filter": 'log_id("requests")'}])], [], PASS),
        ([bodies.sink(filter='log_id("cloudaudit.googleapis.com/activity")')], [], FAIL),
        (
            [
                bodies.sink("a", filter='log_id("cloudaudit.googleapis.com/activity")'),
                bodies.sink("b", filter='logName:"cloudaudit.googleapis.com" AND NOT logName:"activity"'),
            ],
            [],
            PASS,
        ),
        ([bodies.sink(filter='logName="projects/other/logs/cloudaudit.googleapis.com%2Factivity"')], [], FAIL),
        ([bodies.sink("mine", destination=LOCAL)], [], FAIL),
        ([bodies.sink("mine", destination=LOCAL.replace("acme-prod", "acme-logs"))], [], PASS),
        ([bodies.sink(exclusions=[{"name": "x", "filter": AUDIT, "disabled": True}])], [], PASS),
        ([bodies.sink("_Default", destination=LOCAL)], [], FAIL),
        ([bodies.sink("_Default")], [], PASS),  # somebody sends it elsewhere
        ([], [bodies.sink(includeChildren=True)], PASS),
        ([], [bodies.sink()], FAIL),  # of the organization's own logs only
        ([], [bodies.sink(includeChildren=True, filter="x")], UNKNOWN),
        ([], [bodies.sink(includeChildren=True, disabled=True)], FAIL),
    ],
)
def test_audit_logs_are_exported(own: list[Json], inherited: list[Json], expected: Status) -> None:
    """By the project itself or by something above it; a filter that is not plain is for a person to read."""
    mine = CompleteSet(*(seen(ProjectSink, each) for each in own))
    above = CompleteSet(FOLDER, a_container(sinks=tuple(inherited)))

    assert status(logging_checks.sink_exports_all, a_project(), mine, above) is expected


def test_sinks_above_have_to_be_known() -> None:
    """But where the project has one of its own."""
    check, none = logging_checks.sink_exports_all, CompleteSet()
    own = CompleteSet(seen(ProjectSink, bodies.sink()))

    assert status(check, a_project(), none, UNREAD) is UNKNOWN
    assert status(check, a_project(), none, CompleteSet(FOLDER)) is UNKNOWN
    assert status(check, a_project(), own, UNREAD) is PASS
    assert status(check, a_project(), UNREAD, CompleteSet(*NOBODY_ABOVE)) is UNKNOWN
    assert status(check, unread(ProjectPolicy), none, CompleteSet(*NOBODY_ABOVE)) is UNKNOWN


DEFAULT = (
    'NOT LOG_ID("cloudaudit.googleapis.com/activity") AND NOT LOG_ID("externalaudit.googleapis.com/activity")'
    ' AND NOT LOG_ID("cloudaudit.googleapis.com/system_event")'
    ' AND NOT LOG_ID("externalaudit.googleapis.com/system_event")'
    ' AND NOT LOG_ID("cloudaudit.googleapis.com/access_transparency")'
    ' AND NOT LOG_ID("externalaudit.googleapis.com/access_transparency")'
)
HERE = "logging.googleapis.com/projects/acme-prod/locations/global/buckets/_Default"


@pytest.mark.parametrize(
    ("but", "sinks", "expected"),
    [
        ({"retentionDays": 365}, [], PASS),
        ({"retentionDays": 364}, [bodies.sink(destination=HERE)], FAIL),
        ({"retentionDays": 364}, [bodies.sink(destination=HERE, filter="x")], UNKNOWN),
        ({"retentionDays": 364}, [bodies.sink()], UNKNOWN),
        # What Google's own sink takes: data access and denied policies among it.
        ({"retentionDays": 30}, [bodies.sink("_Default", destination=HERE, filter=DEFAULT)], FAIL),
        ({"retentionDays": 364, "lifecycleState": "DELETE_REQUESTED"}, [], NOTHING),
    ],
)
def test_log_buckets_keep_audit_logs(but: Json, sinks: list[Json], expected: Status) -> None:
    """Whether a bucket holds any depends on what sends logs to it."""
    bucket = seen(LogBucket, bodies.log_bucket(**but))
    found: Any = CompleteSet(*(seen(ProjectSink, each) for each in sinks))

    assert status(logging_checks.bucket_retention, bucket, found) is expected
    assert status(logging_checks.bucket_retention, unread(LogBucket), found) is UNKNOWN


def test_a_longer_period_may_be_asked_for() -> None:
    """As the company's rule has it."""
    bucket = seen(LogBucket, bodies.log_bucket(retentionDays=400))

    assert status(logging_checks.bucket_retention, bucket, CompleteSet(), retention_days=400) is PASS
    assert status(logging_checks.bucket_retention, bucket, CompleteSet(), retention_days=401) is UNKNOWN
