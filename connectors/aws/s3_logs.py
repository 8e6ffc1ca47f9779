"""Buckets that hold audit logs: whether anybody could make the logs disappear before their time."""

from __future__ import annotations

from datetime import timedelta

from collector.core.checks import All, Verdict, check, failed, nothing, passed
from collector.core.spans import show_span
from connectors.aws.cloudtrail import Trail
from connectors.aws.config import DeliveryChannel
from connectors.aws.s3 import Bucket, ObjectLock

_YEAR = timedelta(days=365)


@check(
    "aws_s3_log_bucket_object_lock",
    title="Audit logs cannot be deleted before their time",
    severity="medium",
    fix="Turn on Object Lock for the log bucket, with a default retention in compliance mode",
    over="account",
)
def log_bucket_object_lock(
    trails: All[Trail],
    channels: All[DeliveryChannel],
    buckets: All[Bucket],
    *,
    min_retention: timedelta = _YEAR,
) -> Verdict:
    targets = {trail.s3_bucket_name for trail in trails} | {channel.bucket for channel in channels}
    mine = [bucket for bucket in buckets if bucket.name in targets]
    if not mine:
        return nothing("no bucket of this account holds the logs of a trail or of Config (0 of a complete list)")
    lacking = [f"{bucket.name} {why}" for bucket in mine if (why := _short(bucket, min_retention)) is not None]
    if lacking:
        return failed("; ".join(lacking))
    return passed(f"{', '.join(bucket.name for bucket in mine)}: locked for at least {show_span(min_retention)}")


def _short(bucket: Bucket, wanted: timedelta) -> str | None:
    lock = bucket.object_lock_configuration
    if lock is None or lock.object_lock_enabled != "Enabled":
        return "has no Object Lock"
    kept = _kept(lock)
    if kept is None:
        return "has no default retention"
    if kept < wanted:
        return f"keeps objects for {show_span(kept)}; {show_span(wanted)} are wanted"
    return None


def _kept(lock: ObjectLock) -> timedelta | None:
    if lock.rule is None:
        return None
    retention = lock.rule.default_retention
    if retention.years is not None:
        return _YEAR * retention.years
    return None if retention.days is None else timedelta(days=retention.days)
