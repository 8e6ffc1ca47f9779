"""Checks of buckets that hold audit logs: retention by Object Lock, public access."""

from __future__ import annotations

from datetime import timedelta

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.cloudtrail.resources import Trail
from connectors.aws.config.resources import DeliveryChannel
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy
from connectors.aws.s3.checks.access import not_public
from connectors.aws.s3.resources.access_points import AccessPoint, MultiRegionAccessPoint
from connectors.aws.s3.resources.buckets import AccountPublicAccess, Bucket, ObjectLock

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
    own_buckets = [bucket for bucket in buckets if bucket.name in targets]
    if not targets:
        return not_applicable("neither a trail nor Config writes logs to a bucket (0 of a complete list)")
    elsewhere = targets - {log_bucket.name for log_bucket in own_buckets}
    gone = {trail.s3_bucket_name for trail in trails if trail.s3_bucket_name in elsewhere and _is_known_gone(trail)}
    lacking = [f"{name} does not exist any more" for name in sorted(gone)]
    # It may be another account's, where it is judged.
    doubts = [f"{name} is no bucket of this account" for name in sorted(elsewhere - gone)]
    for bucket in own_buckets:
        try:
            why = _retention_problem(bucket, min_retention)
        except Unread as reason:
            doubts.append(f"{bucket.name}: {reason}")
            continue
        if why is not None:
            lacking.append(f"{bucket.name} {why}")
    if lacking:
        return failed(first_few(lacking, between="; "))
    if doubts:
        return unknown(first_few(doubts, between="; "))
    return passed(f"{first_few(bucket.name for bucket in own_buckets)}: locked for at least {show_span(min_retention)}")


def _is_known_gone(trail: Trail) -> bool:
    try:
        return trail.bucket_is_gone
    except Unread:
        return False


def _retention_problem(bucket: Bucket, minimum: timedelta) -> str | None:
    lock = bucket.object_lock_configuration
    if lock is None or lock.object_lock_enabled != "Enabled":
        return "has no Object Lock"
    retention = _default_retention(lock)
    if retention is None:
        return "has no default retention"
    if lock.rule is not None and lock.rule.default_retention.mode != "COMPLIANCE":
        return "locks objects in a mode in which whoever has the right to may delete them"
    if retention < minimum:
        return f"keeps objects for {show_span(retention)}; {show_span(minimum)} are wanted"
    return None


def _default_retention(lock: ObjectLock) -> timedelta | None:
    if lock.rule is None:
        return None
    # AWS takes one of the two, from 1 on; the other is left out, or zero.
    retention = lock.rule.default_retention
    duration = timedelta(days=retention.days or 0) + _YEAR * (retention.years or 0)
    return duration if duration > timedelta(0) else None


@check(
    "aws_cloudtrail_log_bucket_not_public",
    title="The bucket that the trail writes to is not public",
    severity="critical",
    fix="Block public access to the log bucket",
    over="account",
)
def log_bucket_not_public(  # noqa: PLR0913, PLR0917  each is evidence
    trail: Trail,
    buckets: All[Bucket],
    account: The[AccountPublicAccess],
    access_points: All[AccessPoint],
    multi_region_access_points: All[MultiRegionAccessPoint],
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
) -> Verdict:
    for bucket in buckets:
        if bucket.name == trail.s3_bucket_name:
            ways_in = (access_points, multi_region_access_points)
            return not_public(bucket, account, *ways_in, organization, accounts, control_policies)
    name = trail.s3_bucket_name
    if trail.bucket_is_gone:
        return failed(
            f"the bucket {name} of {trail.name} does not exist, and whoever makes one of its name gets the logs"
        )
    if trail.status.latest_delivery_time is None or trail.status.latest_delivery_error not in (None, ""):
        return unknown(
            f"the bucket {name} of {trail.name} is no bucket of this account, and nothing arrived there lately"
        )
    return unknown(f"the bucket {name} of {trail.name} is another account's, where it is judged if annexd looks at it")
