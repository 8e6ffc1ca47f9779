"""Checks of access to a bucket: by the public, by external accounts, without TLS."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from connectors.aws._policy.documents import Condition, Statement, is_wildcard, matches, read_policy
from connectors.aws.organizations.external_accounts import TrustedAccounts
from connectors.aws.organizations.resources import Organization, OrganizationAccount
from connectors.aws.s3.resources import AccountPublicAccess, Bucket, PublicAccessBlock

_PUBLIC_GROUPS = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)

_TLS_VERSION = "s3:tlsversion"

_BUCKET_ARN_PREFIXES = ("arn:aws:s3:::", "arn:aws-us-gov:s3:::", "arn:aws-cn:s3:::")

# Actions that change or destroy data or its protection; a pattern that matches one of them is a write.
_WRITES = (
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectRetention",
    "s3:PutBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketVersioning",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:ReplicateObject",
    "s3:ReplicateDelete",
    "s3:BypassGovernanceRetention",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:AbortMultipartUpload",
    "s3:RestoreObject",
)


@check(
    "aws_s3_bucket_not_public",
    title="The public cannot get at the bucket",
    severity="critical",
    fix="Turn on S3 Block Public Access for the bucket, or better for the account",
)
def not_public(
    bucket: Bucket, account: The[AccountPublicAccess], *, approved_public_buckets: tuple[str, ...] = ()
) -> Verdict:
    if bucket.name in approved_public_buckets:
        if (unread := _reason_nothing_was_read(bucket)) is not None:
            return unknown(unread)
        return passed(f"{bucket.name} may be public: it is listed in approved_public_buckets")
    access_paths = (
        (
            "access control list",
            (
                lambda: _switch_on(account, lambda block: block.ignore_public_acls),
                lambda: _switch_on(bucket, lambda block: block.ignore_public_acls),
                lambda: bucket.ownership_controls is not None and bucket.ownership_controls.acls_off,
                lambda: not any(grant.grantee.uri in _PUBLIC_GROUPS for grant in bucket.acl.grants),
            ),
        ),
        (
            "policy",
            (
                lambda: _switch_on(account, lambda block: block.restrict_public_buckets),
                lambda: _switch_on(bucket, lambda block: block.restrict_public_buckets),
                lambda: bucket.policy_status is None or not bucket.policy_status.is_public,
            ),
        ),
    )
    public_by: list[str] = []
    doubts: list[str] = []
    for access_path, proofs in access_paths:
        closed, unread = _first_proof(proofs)
        if not closed:
            if unread is None:
                public_by.append(access_path)
            else:
                doubts.append(unread)
    if public_by:
        return failed(f"{bucket.name} is public by its {' and its '.join(public_by)}")
    return unknown("; ".join(dict.fromkeys(doubts))) if doubts else passed()


@check(
    "aws_s3_bucket_tls_only",
    title="The policy of the bucket denies requests without TLS",
    severity="medium",
    fix="Add a statement that denies s3:* to everyone on bucket and objects where aws:SecureTransport is false",
)
def tls_only(bucket: Bucket) -> Verdict:
    if bucket.policy is None:
        return failed(f"{bucket.name} has no policy")
    policy = read_policy(bucket.policy)
    denials = [statement for statement in policy.statements if _denies_plain_http(statement)]
    unprotected = []
    if not any(_covers_bucket(statement, bucket.name) for statement in denials):
        unprotected.append("the bucket")
    if not any(_covers_objects(statement, bucket.name) for statement in denials):
        unprotected.append("its objects")
    if not unprotected:
        return passed()
    doubts = list(policy.unclear)
    if any(_denies(statement) and statement.conditions[0].key == _TLS_VERSION for statement in policy.statements):
        doubts.append("it denies by s3:TlsVersion in a way that may not reach requests without TLS")
    if doubts:
        return unknown(f"the policy of {bucket.name}: {'; '.join(doubts)}")
    return failed(f"the policy of {bucket.name} does not deny requests without TLS to {' and '.join(unprotected)}")


@check(
    "aws_s3_bucket_no_cross_account_write",
    title="The policy of the bucket lets no unknown account write or delete",
    severity="high",
    fix="Take the other account out of the policy, or list it in trusted_accounts with its reason on file",
)
def no_cross_account_write(
    bucket: Bucket,
    account: The[Organization],
    accounts: All[OrganizationAccount],
    *,
    trusted_accounts: tuple[str, ...] = (),
) -> Verdict:
    if bucket.policy is None:
        return passed(f"{bucket.name} has no policy")
    policy = read_policy(bucket.policy)
    trusted = TrustedAccounts(account.account_id, account, accounts, trusted_accounts)
    external_accounts: set[str] = set()
    doubts = list(policy.unclear)
    for statement in policy.allowing:
        if not _writes(statement):
            continue
        external = trusted.strangers(statement)
        external_accounts |= external.accounts
        doubts.extend(external.doubts)
    if external_accounts:
        return failed(f"the policy of {bucket.name} lets {', '.join(sorted(external_accounts))} write or delete")
    return unknown(f"the policy of {bucket.name}: {'; '.join(doubts)}") if doubts else passed()


def _switch_on(holder: AccountPublicAccess | Bucket, switch: Callable[[PublicAccessBlock], bool]) -> bool:
    block = holder.public_access_block_configuration
    return block is not None and switch(block)


def _first_proof(proofs: tuple[Callable[[], bool], ...]) -> tuple[bool, str | None]:
    """Return whether one of several proofs holds, and otherwise why the first unreadable one could not be read."""
    unread: str | None = None
    for proof in proofs:
        try:
            if proof():
                return True, None
        except Unread as reason:
            unread = unread or str(reason)
    return False, unread


def _reason_nothing_was_read(bucket: Bucket) -> str | None:
    """Return why no setting that could make a bucket public was read; None where at least one was."""
    parts: tuple[Callable[[], object], ...] = (
        lambda: bucket.public_access_block_configuration,
        lambda: bucket.ownership_controls,
        lambda: bucket.acl,
        lambda: bucket.policy_status,
    )
    closed, unread = _first_proof(tuple(partial(_is_read, part) for part in parts))
    return None if closed else unread


def _is_read(part: Callable[[], object]) -> bool:
    part()
    return True


def _denies_plain_http(statement: Statement) -> bool:
    return _denies(statement) and _without_tls(statement.conditions[0])


def _denies(statement: Statement) -> bool:
    # With a second condition, some requests without TLS would not be denied.
    return (
        not statement.allows
        and statement.for_anyone
        and any(is_wildcard(action.lower().removeprefix("s3:")) for action in statement.actions or ())
        and len(statement.conditions) == 1
    )


def _without_tls(condition: Condition) -> bool:
    match condition.operator, condition.key:
        case (("bool" | "boolifexists"), "aws:securetransport"):
            return condition.values == ("false",)
        case ("numericlessthanifexists", "s3:tlsversion"):
            # A request without TLS has no TLS version: without IfExists the denial does not apply to it.
            return bool(condition.values) and all(map(_is_a_version, condition.values))
        case _:
            return False


def _is_a_version(value: str) -> bool:
    try:
        return float(value) >= 1
    except ValueError:
        return False


def _covers_bucket(statement: Statement, bucket: str) -> bool:
    return any(
        matches(pattern, f"{arn}{bucket}") for pattern in statement.resources or () for arn in _BUCKET_ARN_PREFIXES
    )


def _covers_objects(statement: Statement, bucket: str) -> bool:
    """A pattern that covers the start of a key and ends with a star covers every key."""
    return any(
        pattern.endswith("*") and matches(pattern, f"{arn}{bucket}/")
        for pattern in statement.resources or ()
        for arn in _BUCKET_ARN_PREFIXES
    )


def _writes(statement: Statement) -> bool:
    if statement.actions is None:
        return True
    return any(
        matches(pattern, action) or pattern.lower().startswith(("s3:put", "s3:delete"))
        for pattern in statement.actions
        for action in _WRITES
    )
