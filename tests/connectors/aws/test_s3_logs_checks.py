"""The check of the buckets that hold audit logs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.s3.checks.log_buckets import log_bucket_object_lock
from connectors.aws.s3.resources.buckets import Bucket
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    UNREAD,
    a_bucket,
    all_of,
    not_seen,
    verdict,
)
from tests.connectors.aws.regional_builders import a_channel, a_trail


def kept(**retention: Any) -> dict[str, Any]:
    """A lock with a default."""
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", **retention}}}


def logs(lock: Any = None, name: str = "acme-logs") -> Bucket:
    """A bucket that logs go to."""
    return a_bucket(Name=name, ObjectLockConfiguration=lock)


@pytest.mark.parametrize(
    ("lock", "status"),
    [
        (kept(Days=365), PASS),
        (kept(Days=364), FAIL),
        (kept(Days=400, Mode="GOVERNANCE"), FAIL),
        (kept(Years=1), PASS),
        (kept(Days=400, Years=0), PASS),
        (kept(), FAIL),
        (kept(Days=0), FAIL),
        ({"ObjectLockEnabled": "Enabled"}, FAIL),
        ({"Rule": {"DefaultRetention": {"Days": 400}}}, FAIL),
        (None, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_how_long_logs_are_kept(lock: Any, status: Status) -> None:
    """Whoever covers tracks deletes the log first."""
    assert verdict(log_bucket_object_lock, all_of(a_trail()), all_of(), all_of(logs(lock))).status is status


def test_how_long_is_a_limit() -> None:
    """Three years and a day are more than three years of 365 days; the law may ask for either."""
    sets = (all_of(a_trail()), all_of(), all_of(logs(kept(Years=3))))

    assert verdict(log_bucket_object_lock, *sets, min_retention=timedelta(days=1095)).status is PASS
    assert verdict(log_bucket_object_lock, *sets, min_retention=timedelta(days=1096)).status is FAIL


def test_logs_of_config_are_audit_logs_too() -> None:
    """Each of the buckets counts, wherever its logs come from."""
    good, short = logs(kept(Days=400)), logs(kept(Days=30), "acme-config")
    trails, channels = all_of(a_trail()), all_of(a_channel("acme-config"))

    assert verdict(log_bucket_object_lock, trails, all_of(), all_of(good, short)).status is PASS
    assert verdict(log_bucket_object_lock, trails, channels, all_of(good, short)).status is FAIL
    assert verdict(log_bucket_object_lock, all_of(), channels, all_of(good)).status is UNKNOWN
    assert verdict(log_bucket_object_lock, trails, channels, all_of(good)).status is UNKNOWN
    assert verdict(log_bucket_object_lock, trails, channels, all_of(short)).status is FAIL


def test_no_bucket_for_logs() -> None:
    """A bucket that is not listed may be another account's or gone; lists that were not read say neither."""
    assert verdict(log_bucket_object_lock, all_of(a_trail()), all_of(), all_of(a_bucket())).status is UNKNOWN
    assert verdict(log_bucket_object_lock, all_of(), all_of(), all_of(a_bucket())).status is NOTHING
    assert verdict(log_bucket_object_lock, not_seen(), all_of(), all_of(a_bucket())).status is UNKNOWN
    assert verdict(log_bucket_object_lock, all_of(), not_seen(), all_of(a_bucket())).status is UNKNOWN
    assert verdict(log_bucket_object_lock, all_of(a_trail()), all_of(), not_seen()).status is UNKNOWN


def test_a_bucket_for_logs_that_was_deleted() -> None:
    """S3 says so at each delivery; nothing is kept there, and no other account judges it."""
    error = {"IsLogging": True, "LatestDeliveryTime": "2026-11-20T11:00:00Z", "LatestDeliveryError": "NoSuchBucket"}
    gone = a_trail(Status=error)

    result = verdict(log_bucket_object_lock, all_of(gone), all_of(), all_of(a_bucket()))

    assert result.status is FAIL
    assert "acme-logs" in result.reason
    refused = a_trail(Status={**error, "LatestDeliveryError": "AccessDenied"})
    assert verdict(log_bucket_object_lock, all_of(refused), all_of(), all_of(a_bucket())).status is UNKNOWN
    unread_state = a_trail(Status=UNREAD)
    assert verdict(log_bucket_object_lock, all_of(unread_state), all_of(), all_of(a_bucket())).status is UNKNOWN
    # It was made again, and the next delivery has not been yet.
    assert verdict(log_bucket_object_lock, all_of(gone), all_of(), all_of(logs(kept(Days=400)))).status is PASS


def test_one_bucket_that_lacks_it_is_enough_to_fail() -> None:
    """What could not be read of another one does not mend it."""
    trails, channels = all_of(a_trail()), all_of(a_channel("acme-config"))

    assert verdict(
        log_bucket_object_lock, trails, channels, all_of(logs(UNREAD), logs(None, "acme-config"))
    ).status is (FAIL)
    assert verdict(
        log_bucket_object_lock, trails, channels, all_of(logs(kept(Days=400)), logs(UNREAD, "acme-config"))
    ).status is (UNKNOWN)
