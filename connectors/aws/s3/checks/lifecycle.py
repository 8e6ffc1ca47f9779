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
    keeps_versions = bucket.versioning.status is not None
    deleting = [rule for rule in rules if _deletes(rule, keeps_versions=keeps_versions)]
    if any(rule.whole_bucket for rule in deleting):
        return passed(f"{name} deletes what is old enough")
    if deleting:
        return unknown(f"rules of {name} delete part of its objects; whether the rest is to be kept is not stated")
    what = (
        "no rule deletes earlier versions" if keeps_versions and any(map(_ends, rules)) else "no rule deletes objects"
    )
    return failed(f"{name}: {what}")


def _ends(rule: LifecycleRule) -> bool:
    ends = rule.expiration
    return ends is not None and (ends.days is not None or ends.date is not None)


def _deletes(rule: LifecycleRule, *, keeps_versions: bool) -> bool:
    """Whether a rule in the end deletes: with versions, an expiry only marks, and what it marks stays until it ends."""
    return rule.noncurrent_version_expiration is not None if keeps_versions else _ends(rule)
