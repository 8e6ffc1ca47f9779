"""Checks of the policy of a bucket: requests without TLS, and writing by others."""

from __future__ import annotations

from collections.abc import Sequence

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.context import ABSENT, KeyState, Known, OneOf
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.requests import anyone_at_all, best_of
from connectors.aws._policy.statements import ANYONE, Policy, Principal, allow_all, read_policy
from connectors.aws.organizations.control_policies import ResourceControls
from connectors.aws.organizations.external_accounts import Access, TrustedAccounts
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy
from connectors.aws.s3.access_points import AccessPoints, written_through
from connectors.aws.s3.bucket_requests import (
    NEW_ACTION,
    READS,
    WRITES,
    bucket_arn,
    exempt_actions,
    object_arns,
    writing_actions,
)
from connectors.aws.s3.resources.access_points import AccessPoint, MultiRegionAccessPoint
from connectors.aws.s3.resources.buckets import AccountPublicAccess, Bucket

# Of a request without TLS, AWS documents no s3:TlsVersion: either there is none, or one below every version.
_WITHOUT_TLS: dict[str, KeyState] = {
    "aws:securetransport": Known(("false",)),
    "s3:tlsversion": OneOf((ABSENT, Known(("0",)))),
}
_OF_BUCKETS = ("s3:ListBucket", "s3:PutBucketPolicy")
_ALLOWED = allow_all(principals=(Principal("AWS", ANYONE), Principal("Service", ANYONE)))


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
    arn = bucket_arn(bucket, policy)
    # Only denials count here; what is allowed beside them is not asked.
    policy = Policy(tuple(item for item in policy.statements if not item.allows), policy.unread)
    exempt = exempt_actions(policy)
    gaps: list[str] = []
    doubts: list[str] = []
    for what, resources, actions in (
        ("the bucket", [arn], _OF_BUCKETS),
        ("its objects", object_arns(arn, policy), [READS[0], *WRITES[:2], *exempt]),
    ):
        new = _not_denied(policy, [NEW_ACTION], resources)
        if new.outcome is Outcome.DOES_NOT and not exempt:
            continue
        found = _not_denied(policy, actions, resources)
        if found.outcome is Outcome.ALLOWS:
            gaps.append(what)
        elif found.outcome is Outcome.UNDECIDED:
            doubts.append(f"{what}: {found.question}")
        elif new.outcome is not Outcome.DOES_NOT:
            doubts.append(f"{what}: whether S3 has more actions than those that the policy denies by name")
    if gaps:
        return failed(f"the policy of {bucket.name} does not deny requests without TLS to {' and '.join(gaps)}")
    if doubts:
        return unknown(f"the policy of {bucket.name} may not deny requests without TLS to {'; '.join(doubts)}")
    return passed()


def _not_denied(policy: Policy, actions: Sequence[str], resources: Sequence[str]) -> Effect:
    """Return whether some request without TLS is not denied: what a policy that allows all would let through."""
    open_policy = Policy((_ALLOWED, *policy.statements), policy.unread)
    askers = anyone_at_all([policy], _WITHOUT_TLS)
    return best_of([open_policy], askers, actions, resources)


@check(
    "aws_s3_bucket_no_cross_account_write",
    title="The policy of the bucket lets no unknown account write or delete",
    severity="high",
    fix="Take the other account out of the policy, or list it in trusted_accounts with its reason on file;"
    " for a service, add the condition aws:SourceAccount",
)
def no_cross_account_write(  # noqa: PLR0913  each is evidence
    bucket: Bucket,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    account: The[AccountPublicAccess],
    access_points: All[AccessPoint],
    multi_region_access_points: All[MultiRegionAccessPoint],
    control_policies: All[ResourceControlPolicy],
    *,
    trusted_accounts: tuple[str, ...] = (),
) -> Verdict:
    if bucket.policy is None:
        return passed(f"{bucket.name} has no policy")
    policy = read_policy(bucket.policy)
    arn = bucket_arn(bucket, policy)
    resources = [arn, *object_arns(arn, policy)]
    own = organization.account_id
    trusted = TrustedAccounts(own, organization, accounts, trusted_accounts)
    controls = ResourceControls(organization, accounts, control_policies)
    real, made_up = writing_actions(policy)
    external, note = trusted.limited_strangers(Access([policy], real, resources), controls)
    if external.accounts:
        return failed(
            f"the policy of {bucket.name} lets {first_few(sorted(external.accounts))} write or delete"
            f" ({external.by}); {note}"
        )
    doubts = [*policy.unclear, *external.doubts]
    points = AccessPoints(own, access_points, multi_region_access_points)
    through = written_through(bucket, account, points, trusted)
    if through.open:
        return failed(f"the policy of {bucket.name} lets {first_few(through.open)} write or delete")
    doubts += through.doubts
    if not doubts:
        # A pattern that meets no action known to write may meet one that is new.
        perhaps, note = trusted.limited_strangers(Access([policy], made_up, resources), controls)
        doubts = [f"{perhaps.by}: whether its actions only read"] if perhaps.accounts else list(perhaps.doubts)
    if doubts:
        return unknown(f"the policy of {bucket.name}: {'; '.join(dict.fromkeys(doubts))}")
    return passed(f"the policy of {bucket.name} lets others write, but {note} and keep them out") if note else passed()
