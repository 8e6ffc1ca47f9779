"""Checks of buckets."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.gcp._iam.policies import public_grants
from connectors.gcp.storage.buckets import Bucket


@check(
    "gcp_storage_bucket_not_public",
    title="Bucket is not public",
    severity="critical",
    fix="Enforce public access prevention, best by an organization policy, and remove the public members",
)
def not_public(bucket: Bucket, *, approved_public_buckets: tuple[str, ...] = ()) -> Verdict:
    if bucket.iam_configuration.public_access_prevention == "enforced":
        return passed(f"{bucket.name} has public access prevention")
    if bucket.name in approved_public_buckets:
        return passed(f"{bucket.name} is in approved_public_buckets")
    public = public_grants(bucket.policy)
    if public:
        return failed(f"{bucket.name}: {'; '.join(public)}; no public access prevention is set on the bucket itself")
    if bucket.iam_configuration.uniform_bucket_level_access.enabled:
        return passed()
    return unknown(
        f"{bucket.name} has lists of access for single objects, which are not read; uniform bucket-level access or "
        "public access prevention would decide it"
    )
