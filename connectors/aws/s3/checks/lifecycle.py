"""The check that buckets delete what is old enough."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws.s3.resources.buckets import Bucket, LifecycleRule


@check(
    "aws_s3_bucket_lifecycle_configured",
    title="The bucket deletes what is old enough by itself",
    severity="low",
    fix="Add a lifecycle rule that expires objects, and their earlier versions where these are kept",
)
def lifecycle_configured(bucket: Bucket) -> Verdict:
    name, lifecycle = bucket.name, bucket.lifecycle
    lock = bucket.object_lock_configuration
    if lock is not None and lock.rule is not None:
        return not_applicable(f"{name} locks objects for a stated time")
    if lifecycle is not None and lifecycle.rules is None:
        return unknown(f"the lifecycle of {name} was not read")
    rules = [rule for rule in (lifecycle.rules or () if lifecycle is not None else ()) if rule.status == "Enabled"]
    ending = [rule for rule in rules if _ends(rule)]
    earlier = [rule for rule in rules if rule.noncurrent_version_expiration is not None]
    keeps_versions = bucket.versioning.status is not None
    # With versions an expiry only marks, and what it marks stays until it ends as an earlier version.
    if keeps_versions and not earlier:
        return failed(f"{name}: no rule deletes earlier versions")
    if not ending and not keeps_versions:
        return failed(f"{name}: no rule deletes objects")
    if not ending:
        return unknown(f"{name} deletes earlier versions; whether the others are to be kept is not stated")
    for_good = [rule for rule in earlier if not _leaves_some(rule)]
    if keeps_versions and not for_good:
        return unknown(
            f"rules of {name} leave some earlier versions for good; whether they are to be kept is not stated"
        )
    needed = [ending, for_good] if keeps_versions else [ending]
    if all(any(rule.whole_bucket for rule in found) for found in needed):
        return passed(f"{name} deletes what is old enough")
    return unknown(f"rules of {name} delete part of its objects; whether the rest is to be kept is not stated")


def _ends(rule: LifecycleRule) -> bool:
    """Whether a rule ends objects, and takes not only marks of deletion away."""
    ends = rule.expiration
    return ends is not None and (ends.days is not None or ends.date is not None)


def _leaves_some(rule: LifecycleRule) -> bool:
    """Whether a rule leaves a number of earlier versions, however old they are."""
    earlier = rule.noncurrent_version_expiration
    return earlier is not None and bool(earlier.newer_noncurrent_versions)
