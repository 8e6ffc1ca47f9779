"""Checks of settings of buckets: encryption, versioning, access logging, ownership; and of the account's block."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws._policy.context import Unknown
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.requests import best_of, service_for
from connectors.aws._policy.statements import ANYONE, Policy, Principal, allow_all, read_policy
from connectors.aws.cloudtrail.resources import Trail
from connectors.aws.s3.bucket_requests import bucket_arn, object_arns
from connectors.aws.s3.resources.buckets import AccountPublicAccess, Bucket, PublicAccessBlock

_LOG_DELIVERY_GROUPS = (
    "http://acs.amazonaws.com/groups/s3/LogDelivery",
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_WRITING = ("WRITE", "FULL_CONTROL")
_BY_ACCESS_CONTROL_LIST = allow_all(principals=(Principal("AWS", ANYONE), Principal("Service", ANYONE)))


@check(
    "aws_s3_account_public_access_blocked",
    title="The account keeps all its buckets from being public",
    severity="high",
    fix="Turn on all four switches of S3 Block Public Access for the account",
)
def account_public_access_blocked(account: AccountPublicAccess) -> Verdict:
    return _blocked(account.public_access_block_configuration, f"account {account.account_id}")


@check(
    "aws_s3_bucket_public_access_blocked",
    title="The bucket keeps itself from being public, whatever the account does",
    severity="low",
    fix="Turn on all four switches of S3 Block Public Access for the bucket",
)
def bucket_public_access_blocked(bucket: Bucket) -> Verdict:
    return _blocked(bucket.public_access_block_configuration, f"bucket {bucket.name}")


def _blocked(block: PublicAccessBlock | None, what: str) -> Verdict:
    """Return whether all four switches are on."""
    if block is None:
        return failed(f"S3 Block Public Access was never set for the {what}")
    if off := block.off():
        return failed(f"for the {what}, {', '.join(off)} is off")
    return passed()


@check(
    "aws_s3_bucket_default_encryption",
    title="New objects of the bucket are encrypted in an allowed way",
    severity="medium",
    fix="Set the default encryption of the bucket to one of the allowed algorithms",
)
def default_encryption(
    bucket: Bucket, *, allowed_sse: tuple[str, ...] = ("AES256", "aws:kms", "aws:kms:dsse")
) -> Verdict:
    configuration = bucket.server_side_encryption_configuration
    if configuration is None:
        return failed(f"{bucket.name} has no default encryption")
    used = [
        rule.apply_server_side_encryption_by_default.algorithm
        for rule in configuration.rules
        if rule.apply_server_side_encryption_by_default is not None
    ]
    if not used:
        return failed(f"no rule of the default encryption of {bucket.name} names an algorithm")
    if other := sorted(set(used) - set(allowed_sse)):
        return failed(f"{bucket.name} encrypts with {', '.join(other)}; {', '.join(allowed_sse)} are allowed")
    return passed(f"encrypts with {', '.join(used)}")


@check(
    "aws_s3_bucket_versioning_enabled",
    title="The bucket keeps overwritten and deleted objects",
    severity="medium",
    fix="Turn on versioning, with a lifecycle rule that ends old versions",
)
def versioning_enabled(bucket: Bucket, *, versioning_exempt_tags: tuple[str, ...] = ()) -> Verdict:
    if bucket.versioning.status == "Enabled":
        return passed()
    if versioning_exempt_tags:
        # A limit is either a tag's key, or key and value as key=value.
        tag_texts = {text for tag in bucket.tag_set or () for text in (tag.key, f"{tag.key}={tag.value}")}
        if exempt := [tag for tag in versioning_exempt_tags if tag in tag_texts]:
            return passed(f"versioning is off, and {bucket.name} has {exempt[0]}, listed in versioning_exempt_tags")
    state = "was never on" if bucket.versioning.status is None else f"is {bucket.versioning.status.lower()}"
    return failed(f"versioning of {bucket.name} {state}")


@check(
    "aws_s3_bucket_access_logging_enabled",
    title="Access to the bucket is logged",
    severity="medium",
    fix="Let S3 write access logs to a bucket meant for logs, or let a trail take the data events of the bucket",
    over="account",
)
def access_logging_enabled(bucket: Bucket, buckets: All[Bucket], trails: All[Trail]) -> Verdict:
    target = bucket.logging.logging_enabled
    if target is not None:
        return _log_target_verdict(target.target_bucket, buckets)
    if _may_receive_logs(bucket):
        for other in buckets:
            other_target = other.logging.logging_enabled
            if other_target is not None and other_target.target_bucket == bucket.name:
                return not_applicable(
                    f"{bucket.name} receives the access logs of {other.name}; logging them would never end"
                )
    doubts: list[str] = []
    try:
        for trail in trails:
            recorded = _recorded_by(trail, bucket.name, doubts)
            if recorded and trail.is_multi_region_trail:
                return passed(f"{trail.name} records what is read and written in {bucket.name}")
            if recorded:
                doubts.append(
                    f"{trail.name} records it in one region, and whether {bucket.name} lies there is not seen"
                )
    except Unread as reason:
        doubts.append(f"whether a trail records its data events is not known: {reason}")
    if doubts:
        return unknown(f"server access logging of {bucket.name} is off; {first_few(doubts, between='; ')}")
    return failed(f"server access logging of {bucket.name} is off, and no trail records its data events")


def _recorded_by(trail: Trail, bucket: str, doubts: list[str]) -> bool:
    """Whether a trail records a bucket's objects; adds to the doubts where that could not be read."""
    try:
        return trail.records_objects(bucket)
    except Unread as reason:
        doubts.append(f"{trail.name}: {reason}")
        return False


def _log_target_verdict(name: str, buckets: All[Bucket]) -> Verdict:
    """Return whether access logs arrive: S3 delivers them to a bucket of the same account only, which lets it in.

    The bucket may encrypt by default with keys of S3 only, and may not lock objects.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    target = next((bucket for bucket in buckets if bucket.name == name), None)
    if target is None:
        return failed(f"logs are to go to {name}, and the account has no such bucket any more")
    lacking: list[str] = []
    doubts: list[str] = []
    for problem in (_problem_of_writing, _problem_of_encryption, _problem_of_locking):
        try:
            if (why := problem(target)) is not None:
                lacking.append(why)
        except Unread as reason:
            doubts.append(str(reason))
    if lacking:
        return failed(f"logs are to go to {name}, and {first_few(lacking, between='; ')}")
    if doubts:
        return unknown(
            f"logs are to go to {name}; whether S3 can write them is not known: {first_few(doubts, between='; ')}"
        )
    return passed(f"logs to {name}")


def _problem_of_writing(target: Bucket) -> str | None:
    """Return why S3 may not write logs to a bucket. Raises Unread where its policy or access control list was not."""
    _ = (target.policy, target.acl)
    return None if _may_receive_logs(target) else "neither its policy nor its access control list lets S3 write"


def _problem_of_encryption(target: Bucket) -> str | None:
    """Return why S3 delivers no logs to a bucket that encrypts: it does so with keys of its own only. Raises Unread."""
    configuration = target.server_side_encryption_configuration
    rules = configuration.rules if configuration is not None else ()
    defaults = [rule.apply_server_side_encryption_by_default for rule in rules]
    used = sorted({default.algorithm for default in defaults if default is not None and default.algorithm != "AES256"})
    return f"it encrypts with {first_few(used)}, for which S3 delivers none" if used else None


def _problem_of_locking(target: Bucket) -> str | None:
    """Return why S3 delivers no logs to a bucket that locks objects. Raises Unread."""
    lock = target.object_lock_configuration
    if lock is None or lock.object_lock_enabled != "Enabled":
        return None
    if lock.rule is not None:
        return "it locks objects by a default retention, for which S3 delivers none"
    raise Unread("it has Object Lock without a default retention, of which AWS's pages differ")


def _may_receive_logs(bucket: Bucket) -> bool:
    """Whether the policy or the access control list of a bucket allows S3 to write access logs to it.

    Checked first, because whether another bucket logs to it takes the settings of all buckets.
    """
    try:
        policy = read_policy({"Statement": []} if bucket.policy is None else bucket.policy)
        granted = any(
            grant.grantee.uri in _LOG_DELIVERY_GROUPS and grant.permission in _WRITING for grant in bucket.acl.grants
        )
    except Unread:
        return True
    return _may_deliver_logs(bucket, policy, granted=granted)


def _may_deliver_logs(bucket: Bucket, policy: Policy, *, granted: bool) -> bool:
    """Whether S3 may write access logs of the bucket's account, whose number is not known here.

    `granted`: by the access control list, of which the policy may still deny it.
    """
    writer = service_for("logging.s3.amazonaws.com", "000000000000")
    source = Unknown("whose logs the conditions mean")
    writer = writer.knowing({"aws:sourceaccount": source, "aws:sourcearn": source})
    arns = object_arns(bucket_arn(bucket, policy), policy)
    policies = [policy, Policy((_BY_ACCESS_CONTROL_LIST,))] if granted else [policy]
    return best_of(policies, [writer], ["s3:PutObject"], arns).outcome is not Outcome.DOES_NOT


@check(
    "aws_s3_bucket_acls_disabled",
    title="Access control lists of the bucket are turned off",
    severity="low",
    fix="Set object ownership of the bucket to bucket owner enforced",
)
def acls_disabled(bucket: Bucket) -> Verdict:
    if bucket.ownership_controls is None:
        return failed(f"object ownership of {bucket.name} was never set, so access control lists count")
    if bucket.ownership_controls.acls_off:
        return passed()
    ownership = ", ".join(rule.object_ownership for rule in bucket.ownership_controls.rules)
    return failed(f"object ownership of {bucket.name} is {ownership}, so access control lists count")
