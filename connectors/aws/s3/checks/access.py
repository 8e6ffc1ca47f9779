"""The check that the public cannot get at a bucket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from collector.core.checks import The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from connectors.aws._policy.statements import read_policy
from connectors.aws.s3.access_points import handed_to_access_points
from connectors.aws.s3.resources import AccountPublicAccess, Bucket, PublicAccessBlock

_PUBLIC_GROUPS = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
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
                lambda: _is_closed_by_policy(bucket),
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


def _switch_on(holder: AccountPublicAccess | Bucket, switch: Callable[[PublicAccessBlock], bool]) -> bool:
    block = holder.public_access_block_configuration
    return block is not None and switch(block)


def _is_closed_by_policy(bucket: Bucket) -> bool:
    """Return whether S3 does not call the policy public. Raises Unread where access points decide beside it."""
    if bucket.policy_status is None:
        return True
    if bucket.policy_status.is_public:
        return False
    if (handed := handed_to_access_points(read_policy(bucket.policy))) is not None:
        raise Unread(f"the policy of {bucket.name}: {handed}")
    return True


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
