"""The check that others cannot write to a directory bucket."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.context import KeyState, Known
from connectors.aws._policy.patterns import filled
from connectors.aws._policy.statements import read_policy
from connectors.aws.organizations.external_accounts import Access, TrustedAccounts
from connectors.aws.organizations.resources import Organization, OrganizationAccount
from connectors.aws.s3.resources.directory_buckets import DirectoryBucket

# Objects are written, and deleted, in a session, which is for reading and writing unless it is asked for otherwise.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html
_ACTIONS = ("s3express:CreateSession", "s3express:PutBucketPolicy", "s3express:DeleteBucket")
_TO_WRITE: dict[str, KeyState] = {"s3express:sessionmode": Known(("ReadWrite",))}


@check(
    "aws_s3_directory_bucket_no_cross_account_write",
    title="The policy of the directory bucket lets no unknown account write or delete",
    severity="high",
    fix="Take the other account out of the policy, or list it in trusted_accounts with its reason on file",
)
def directory_bucket_no_cross_account_write(
    bucket: DirectoryBucket,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    *,
    trusted_accounts: tuple[str, ...] = (),
) -> Verdict:
    if bucket.policy is None:
        return passed(f"{bucket.name} has no policy")
    policy = read_policy(bucket.policy)
    own = organization.account_id
    trusted = TrustedAccounts(own, organization, accounts, trusted_accounts)
    resources = [filled(text) for item in policy.statements for text in item.resources or ()]
    arn = bucket.bucket_arn or f"arn:aws:s3express:eu-west-1:{own}:bucket/{bucket.name}"
    access = Access([policy], _ACTIONS, list(dict.fromkeys([arn, *resources])), anonymous=False, known=_TO_WRITE)
    # Resource control policies apply to the services that AWS lists, and S3 Express is none of them.
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
    external = trusted.strangers(access)
    if external.accounts:
        names = first_few(sorted(external.accounts))
        return failed(f"the policy of {bucket.name} lets {names} write or delete ({external.by})")
    doubts = dict.fromkeys([*policy.unclear, *external.doubts])
    return unknown(f"the policy of {bucket.name}: {first_few(doubts, between='; ')}") if doubts else passed()
