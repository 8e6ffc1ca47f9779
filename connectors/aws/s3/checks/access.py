"""The check that the public cannot get at a bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws._exposure.policies import entrance
from connectors.aws._exposure.sources import Space, just, untold
from connectors.aws._exposure.verdict import Gate, through, widest
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.requests import anonymous, best_of, strangers
from connectors.aws._policy.statements import ANYONE, Policy, Principal, allow_all, read_policy
from connectors.aws._policy.truth import Truth
from connectors.aws.organizations.control_policies import Limit, ResourceControls
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy
from connectors.aws.s3.access_points import AccessPoints, let_through, public_through
from connectors.aws.s3.bucket_requests import actions_asked_for, bucket_arn, object_arns
from connectors.aws.s3.resources.access_points import AccessPoint, MultiRegionAccessPoint
from connectors.aws.s3.resources.buckets import AccountPublicAccess, Bucket, PublicAccessBlock

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
def not_public(  # noqa: PLR0913  each is evidence
    bucket: Bucket,
    account: The[AccountPublicAccess],
    access_points: All[AccessPoint],
    multi_region_access_points: All[MultiRegionAccessPoint],
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
    *,
    approved_public_buckets: tuple[str, ...] = (),
) -> Verdict:
    if bucket.name in approved_public_buckets:
        if (unread := _reason_nothing_was_read(bucket)) is not None:
            return unknown(unread)
        return passed(f"{bucket.name} may be public: it is listed in approved_public_buckets")
    entrances: list[str] = []

    def is_closed_by_policies() -> bool:
        points = AccessPoints(account.account_id, access_points, multi_region_access_points)
        return _is_closed_by_policy(bucket, points, entrances)

    by_acl = _gate(
        "its access control list",
        {
            "Block Public Access of the account ignores public lists": lambda: _ignores_acls(account),
            "Block Public Access of the bucket ignores public lists": lambda: _ignores_acls(bucket),
            "its access control list is switched off": lambda: (
                bucket.ownership_controls is not None and bucket.ownership_controls.acls_off
            ),
            "its access control list lets in nobody from outside": lambda: (
                not any(grant.grantee.uri in _PUBLIC_GROUPS for grant in bucket.acl.grants)
            ),
        },
    )
    by_policy = _gate(
        "its policy",
        {
            "Block Public Access of the account restricts public policies": lambda: _restricts_policies(account),
            "Block Public Access of the bucket restricts public policies": lambda: _restricts_policies(bucket),
            "no policy lets everybody in": is_closed_by_policies,
        },
    )
    by_points = [entrance(first_few(entrances))] if entrances else []
    ways = [
        through(bucket.name, [entrance("S3"), by_acl], 0),
        through(bucket.name, [entrance("S3"), *by_points, by_policy], 0),
    ]
    open_ways = [way for way in ways if way.truth is Truth.YES]
    if open_ways:
        how = f"{bucket.name} is public: {'; '.join(map(str, open_ways))}"
        limit = ResourceControls(organization, accounts, control_policies).limit
        return _limited(bucket, how, limit, by_policy_alone=open_ways == ways[1:] and not entrances)
    exposure = widest(ways)
    if exposure.truth is Truth.MAYBE:
        return unknown("; ".join(exposure.because))
    return passed(str(exposure))


def _gate(step: str, proofs: Mapping[str, Callable[[], bool]]) -> Gate:
    """Return a gate that one of several proofs closes, each under what it says; where none does, it is open.

    Where one of them could not be read, and no other one closes it, that is its doubt.
    """
    unread = None
    for closed, proof in proofs.items():
        try:
            if proof():
                return Gate(just(Space(4)), step, closed)
        except Unread as reason:
            unread = unread or str(reason)
    return entrance(step) if unread is None else Gate(untold(4), step, doubts=(unread,))


def _limited(bucket: Bucket, how: str, limit: Limit, *, by_policy_alone: bool) -> Verdict:
    """Return the verdict on a bucket that is public unless resource control policies keep everybody out.

    They have to deny what the policy of the bucket allows where that alone makes it public, and otherwise everything.
    """
    if not limit.groups:
        return failed(f"{how}; {limit.note}")
    every_policy = [policy for group in limit.groups for policy in group]
    arn = bucket_arn(bucket, every_policy[0])
    everything = Policy((allow_all(principals=(Principal("AWS", ANYONE),)),))
    opening = (_opening_policy(bucket) if by_policy_alone else None) or everything
    askers = [anonymous(), *strangers([opening, *every_policy])]
    actions = actions_asked_for(opening)
    found = best_of([opening], askers, actions, [arn, *object_arns(arn, opening)], limits=limit.groups)
    if found.outcome is Outcome.ALLOWS:
        return failed(f"{how}; {limit.note}")
    if found.outcome is Outcome.UNDECIDED:
        return unknown(f"{how}; whether a resource control policy keeps everybody out is decided by: {found.question}")
    return passed(f"{how}, and resource control policies keep everybody out")


def _opening_policy(bucket: Bucket) -> Policy | None:
    """Return the policy of a bucket if it is read whole and surely lets everybody in; else None."""
    try:
        policy = read_policy(bucket.policy)
    except Unread:
        return None
    arn = bucket_arn(bucket, policy)
    askers = [anonymous(), *strangers([policy])]
    found = best_of([policy], askers, actions_asked_for(policy), [arn, *object_arns(arn, policy)])
    return policy if not policy.unread and found.outcome is Outcome.ALLOWS else None


def _ignores_acls(holder: AccountPublicAccess | Bucket) -> bool:
    return _switch_on(holder, lambda block: block.ignore_public_acls)


def _restricts_policies(holder: AccountPublicAccess | Bucket) -> bool:
    return _switch_on(holder, lambda block: block.restrict_public_buckets)


def _switch_on(holder: AccountPublicAccess | Bucket, switch: Callable[[PublicAccessBlock], bool]) -> bool:
    block = holder.public_access_block_configuration
    return block is not None and switch(block)


def _is_closed_by_policy(bucket: Bucket, points: AccessPoints, entrances: list[str]) -> bool:
    """Return whether the public gets in by no policy, that of the bucket or of access points, which are added.

    Raises Unread where access points decide and could not be read.
    """
    if bucket.policy_status is None:
        return True
    if bucket.policy_status.is_public:
        return False
    found = public_through(bucket, points)
    entrances += found.open
    if found.doubts and not found.open:
        raise Unread(f"the policy of {bucket.name}: {first_few(found.doubts, between='; ')}")
    return not found.open


@check(
    "aws_s3_access_point_not_public",
    title="The public cannot get at a bucket through the access point",
    severity="critical",
    fix="Take everybody out of the policy of the access point, or make it again with public access blocked:"
    " these settings cannot be changed later",
)
def access_point_not_public(
    access_point: AccessPoint, account: The[AccountPublicAccess], buckets: All[Bucket]
) -> Verdict:
    closed, unread = _first_proof(
        (
            lambda: access_point.vpc is not None,
            lambda: not access_point.has_public_policy,
            lambda: access_point.restricts_public,
            lambda: _bucket_keeps_out_the_public(access_point, account, buckets),
        )
    )
    if closed:
        return passed()
    if unread is not None:
        return unknown(f"{access_point.shown}: {unread}")
    return failed(f"{access_point.shown} lets everybody get at {access_point.bucket}")


def _bucket_keeps_out_the_public(access_point: AccessPoint, account: AccountPublicAccess, buckets: All[Bucket]) -> bool:
    """Return whether the bucket of an access point, or its account, shuts out the public. Raises Unread."""
    bucket = next((bucket for bucket in buckets if bucket.name == access_point.bucket), None)
    if bucket is None:
        raise Unread(f"its bucket {access_point.bucket} is no bucket of this account, and not looked at here")

    def lets_nobody_in() -> bool:
        if bucket.policy is None:
            return True
        policy = read_policy(bucket.policy)
        found = let_through(bucket, policy, access_point, account.account_id)
        if found.outcome is Outcome.UNDECIDED:
            raise Unread(f"{found.by} of {bucket.name} may let everyone in through it: {found.question}")
        return found.outcome is Outcome.DOES_NOT

    closed, unread = _first_proof(
        (
            lambda: _restricts_policies(account),
            lambda: _restricts_policies(bucket),
            lets_nobody_in,
        )
    )
    if not closed and unread is not None:
        raise Unread(unread)
    return closed


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
