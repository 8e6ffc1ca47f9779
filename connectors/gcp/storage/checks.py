"""Checks of buckets."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from connectors.gcp._iam.policies import public_grants
from connectors.gcp._sdk.links import last_of
from connectors.gcp.logging.resources import LogBucket, ProjectSink
from connectors.gcp.orgpolicy.policies import EffectivePolicy
from connectors.gcp.resourcemanager.resources import Container
from connectors.gcp.storage.buckets import Bucket

_PREVENTION = "storage.publicAccessPrevention"
_STORAGE = "storage.googleapis.com/"
_LOGGING = "logging.googleapis.com/"


@check(
    "gcp_storage_bucket_not_public",
    title="Bucket is not public",
    severity="critical",
    fix="Enforce public access prevention, best by an organization policy, and remove the public members",
)
def not_public(
    bucket: Bucket, policies: All[EffectivePolicy], *, approved_public_buckets: tuple[str, ...] = ()
) -> Verdict:
    if bucket.iam_configuration.public_access_prevention == "enforced":
        return passed(f"{bucket.name} has public access prevention")
    if bucket.name in approved_public_buckets:
        return passed(f"{bucket.name} is in approved_public_buckets")
    public = public_grants(bucket.policy)
    if public:
        return _of_public(f"{bucket.name}: {'; '.join(public)}", policies)
    if bucket.iam_configuration.uniform_bucket_level_access.enabled:
        return passed()
    return unknown(
        f"{bucket.name} has lists of access for single objects, which are not read; uniform bucket-level access or "
        "public access prevention would decide it"
    )


def _of_public(said: str, policies: All[EffectivePolicy]) -> Verdict:
    """Judge a bucket that its policy makes public: a constraint that is in force in the project prevents that too."""
    prevented = next((each.is_enforced for each in policies if each.constraint == _PREVENTION), False)
    if prevented:
        return passed(f"{said}; {_PREVENTION} is enforced in the project, by which this has no effect")
    if prevented is None:
        return unknown(f"{said}; for which buckets {_PREVENTION} is enforced depends on their tags")
    return failed(f"{said}; nothing prevents public access, neither on the bucket nor by a constraint")


@check(
    "gcp_storage_bucket_uniform_access",
    title="Bucket uses uniform bucket-level access",
    severity="medium",
    fix="Turn on uniform bucket-level access, after moving what the lists of single objects allow into the policy",
)
def uniform_access(bucket: Bucket) -> Verdict:
    if bucket.iam_configuration.uniform_bucket_level_access.enabled:
        return passed()
    return failed(f"objects of {bucket.name} may have lists of access of their own")


@check(
    "gcp_storage_bucket_versioning_or_soft_delete",
    title="Bucket keeps deleted data recoverable",
    severity="medium",
    fix="Turn on versioning, or keep deleted objects for some days",
)
def recoverable(bucket: Bucket, *, soft_delete_days: int = 7) -> Verdict:
    if bucket.versioning is not None and bucket.versioning.enabled:
        return passed(f"{bucket.name} keeps earlier versions")
    kept = int(bucket.soft_delete_policy.retention_duration_seconds) if bucket.soft_delete_policy is not None else 0
    said = f"{bucket.name} keeps deleted objects for {kept // 86_400} days"
    return passed(said) if kept >= soft_delete_days * 86_400 else failed(f"{said}; {soft_delete_days} are asked for")


@check(
    "gcp_storage_bucket_lifecycle_configured",
    title="Bucket has lifecycle rules",
    severity="low",
    fix="Say in rules of the lifecycle when objects are deleted",
)
def lifecycle_configured(bucket: Bucket) -> Verdict:
    if bucket.lifecycle is not None and bucket.lifecycle.rule:
        return passed(f"{bucket.name} has {len(bucket.lifecycle.rule)} rules")
    if bucket.retention_policy is not None:
        return passed(f"{bucket.name} has a retention policy, by which nothing may be deleted before its time")
    return failed(f"{bucket.name} has no rules of a lifecycle")


@check(
    "gcp_logging_sink_bucket_locked",
    title="Export buckets are retention-locked",
    severity="medium",
    fix="Lock the retention policy of the bucket that logs are exported to",
    over="source",
)
def sink_bucket_locked(
    own: All[ProjectSink],
    containers: All[Container],
    buckets: All[Bucket],
    log_buckets: All[LogBucket],
    *,
    lock_days: int = 365,
) -> Verdict:
    """Buckets of Cloud Storage and log buckets can be locked; topics and datasets cannot."""
    sinks = (*own, *(sink for container in containers for sink in container.sinks))
    wanted = {
        sink.destination
        for sink in sinks
        if not sink.disabled and sink.destination.startswith((_STORAGE, _LOGGING)) and not _is_first(sink.destination)
    }
    if not wanted:
        return not_applicable("no sink exports to Cloud Storage or to a log bucket, which are what can be locked")
    open_: list[str] = []
    found: set[str] = set()
    for destination, days, is_locked in (*map(_storage_lock, buckets), *map(_log_lock, log_buckets)):
        if destination in wanted:
            found.add(destination)
            if not is_locked or days < lock_days:
                state = "locked" if is_locked else "not locked"
                open_.append(f"{last_of(destination)} keeps logs for {days} days, {state}")
    if open_:
        return failed(f"{'; '.join(sorted(open_))}; {lock_days} days, locked, are asked for")
    missing = sorted(wanted - found)
    if missing:
        return unknown(f"these buckets are in no project that annexd reads: {', '.join(missing)}")
    return passed(f"{len(found)} buckets are locked")


def _is_first(destination: str) -> bool:
    """Whether logs stay where each project has them by itself, which exports nothing; _Required is always locked."""
    return destination.startswith(_LOGGING) and last_of(destination) in {"_Default", "_Required"}


def _storage_lock(bucket: Bucket) -> tuple[str, int, bool]:
    lock = bucket.retention_policy
    days = int(lock.retention_period) // 86_400 if lock is not None else 0
    return f"{_STORAGE}{bucket.name}", days, lock is not None and lock.is_locked


def _log_lock(bucket: LogBucket) -> tuple[str, int, bool]:
    return f"{_LOGGING}{bucket.name}", bucket.retention_days, bucket.locked
