"""What service control policies leave of the regions of AWS, by their effect on requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.aws._policy.context import Caller, Known, Request
from connectors.aws._policy.evaluator import Outcome, effect
from connectors.aws._policy.patterns import filled, matches
from connectors.aws._policy.statements import Policy, Statement, allow_all

_REGION_KEY = "aws:requestedregion"
# A region and an action that no policy names: what holds for them holds for what AWS will add.
_NEW_REGION = "zz-nowhere-9"
_NEW_ACTION = "annexd0:AnyAction"
_ACCOUNT = "417209358613"
# One of each kind of principal of an account.
_PRINCIPALS = tuple(f"arn:aws:iam::{_ACCOUNT}:{name}" for name in ("role/any0", "user/any0"))

# Actions of services whose endpoint is in one region, whatever region they are about: without an exemption they could
# not be used at all. The exemptions of AWS's own two examples, of Organizations and of Control Tower.
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
# https://docs.aws.amazon.com/controltower/latest/userguide/primary-region-deny-policy.html
GLOBAL_ACTIONS = (
    "a4b:*",
    "access-analyzer:*",
    "account:*",
    "acm:*",
    "activate:*",
    "artifact:*",
    "aws-marketplace-management:*",
    "aws-marketplace:*",
    "aws-portal:*",
    "billing:*",
    "billingconductor:*",
    "budgets:*",
    "ce:*",
    "chatbot:*",
    "chime:*",
    "cloudfront:*",
    "cloudtrail:LookupEvents",
    "compute-optimizer:*",
    "config:*",
    "consoleapp:*",
    "consolidatedbilling:*",
    "cur:*",
    "datapipeline:GetAccountLimits",
    "devicefarm:*",
    "directconnect:*",
    "ec2:DescribeRegions",
    "ec2:DescribeTransitGateways",
    "ec2:DescribeVpnGateways",
    "ecr-public:*",
    "fms:*",
    "freetier:*",
    "globalaccelerator:*",
    "health:*",
    "iam:*",
    "importexport:*",
    "invoicing:*",
    "iq:*",
    "kms:*",
    "license-manager:ListReceivedLicenses",
    "lightsail:Get*",
    "mobileanalytics:*",
    "networkmanager:*",
    "notifications-contacts:*",
    "notifications:*",
    "organizations:*",
    "payments:*",
    "pricing:*",
    "quicksight:DescribeAccountSubscription",
    "resource-explorer-2:*",
    "route53-recovery-cluster:*",
    "route53-recovery-control-config:*",
    "route53-recovery-readiness:*",
    "route53:*",
    "route53domains:*",
    "s3:CreateMultiRegionAccessPoint",
    "s3:DeleteMultiRegionAccessPoint",
    "s3:DescribeMultiRegionAccessPointOperation",
    "s3:GetAccountPublic*",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetMultiRegionAccessPoint",
    "s3:GetMultiRegionAccessPointPolicy",
    "s3:GetMultiRegionAccessPointPolicyStatus",
    "s3:GetStorageLensConfiguration",
    "s3:GetStorageLensDashboard",
    "s3:ListAllMyBuckets",
    "s3:ListMultiRegionAccessPoints",
    "s3:ListStorageLensConfigurations",
    "s3:PutAccountPublic*",
    "s3:PutMultiRegionAccessPointPolicy",
    "savingsplans:*",
    "shield:*",
    "sso:*",
    "sts:*",
    "support:*",
    "supportapp:*",
    "supportplans:*",
    "sustainability:*",
    "tag:GetResources",
    "tax:*",
    "trustedadvisor:*",
    "vendor-insights:ListEntitledSecurityProfiles",
    "waf-regional:*",
    "waf:*",
    "wafv2:*",
    "wellarchitected:*",
)


# Regions of each partition that one account can use, as of 2026; that there are more changes nothing for a policy that
# leaves all of these. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
_COMMERCIAL = (
    "us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-east-2 ap-south-1 ap-south-2 ap-southeast-1"
    " ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 ap-northeast-1 ap-northeast-2"
    " ap-northeast-3 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-west-1 eu-west-2 eu-west-3 eu-south-1"
    " eu-south-2 eu-north-1 il-central-1 me-south-1 me-central-1 mx-central-1 sa-east-1"
)
_REGIONS = (_COMMERCIAL.split(), ["cn-north-1", "cn-northwest-1"], ["us-gov-east-1", "us-gov-west-1"])


@dataclass(frozen=True)
class RegionLimit:
    """What a policy denies by region. `remaining` has the regions that it leaves, as it names them.

    `exempt`: actions that it leaves in every region though they are of regional services. `doubt`: why it is not
    established that it denies anything to everybody; None where it is. `denies_none`: whether it leaves every region
    that the accounts can use.
    """

    remaining: tuple[str, ...]
    exempt: tuple[str, ...]
    doubt: str | None = None
    denies_none: bool = False


def region_limit(policy: Policy) -> RegionLimit | None:
    """Return what a policy denies by region; None where no statement denies everything but named actions by region."""
    denials = [item for item in policy.statements if not item.allows and _is_by_region(item) and _covers_new(item)]
    if not denials:
        return None
    named = [value for item in denials for value in _regions_named(item)]
    if not named or not _denied(denials, _NEW_ACTION, _NEW_REGION):
        return RegionLimit((), (), "it denies by aws:RequestedRegion under conditions that may leave everyone out")
    exempt = [
        action
        for item in denials
        for action in item.not_actions or ()
        if not _is_global(action) and not _denied(denials, filled(action), _NEW_REGION)
    ]
    remaining = [region for region in named if not _denied(denials, _NEW_ACTION, filled(region))]
    return RegionLimit(
        tuple(sorted(set(remaining))), tuple(sorted(set(exempt))), denies_none=_leaves_a_partition(denials)
    )


def _leaves_a_partition(denials: Sequence[Statement]) -> bool:
    """Whether every known region of the one partition of which any is left is left."""
    left = [[not _denied(denials, _NEW_ACTION, region) for region in regions] for regions in _REGIONS]
    with_any = [regions for regions in left if any(regions)]
    return all(left[0]) or (len(with_any) == 1 and all(with_any[0]))


def allows_by_region(policies: Sequence[Policy]) -> bool:
    """Whether policies allow what is asked for in named regions only: a list of what is allowed, and not of denials."""
    allowing = [item for policy in policies for item in policy.allowing]
    named = [value for item in allowing if _is_by_region(item) for value in _regions_named(item)]
    return (
        any(_outcome(allowing, _NEW_ACTION, filled(region)) is Outcome.ALLOWS for region in named)
        and _outcome(allowing, _NEW_ACTION, _NEW_REGION) is Outcome.DOES_NOT
    )


def _is_by_region(statement: Statement) -> bool:
    return any(condition.key == _REGION_KEY for condition in statement.conditions)


def _covers_new(statement: Statement) -> bool:
    """Whether a statement is about actions and resources that no policy names, and so about nearly all.

    A list of denied actions is about those services; a restriction of regions denies all but the global ones.
    """
    bare = [statement.changed(allows=True, conditions=())]
    return _outcome(bare, _NEW_ACTION, _NEW_REGION) is Outcome.ALLOWS


def _regions_named(statement: Statement) -> Iterable[str]:
    return (value for condition in statement.conditions if condition.key == _REGION_KEY for value in condition.values)


def _denied(denials: Sequence[Statement], action: str, region: str) -> bool:
    return _outcome([_EVERYTHING, *denials], action, region) is Outcome.DOES_NOT


def _outcome(statements: Sequence[Statement], action: str, region: str) -> Outcome:
    """Return what statements do with a request of any role or user of a member account: the most open of these."""
    policy = Policy(tuple(statements))
    return max(effect([policy], _request(principal, action, region)).outcome for principal in _PRINCIPALS)


def _request(principal: str, action: str, region: str) -> Request:
    return Request(
        Caller("account", "a principal of a member account", _ACCOUNT),
        action,
        f"arn:aws:annexd0:{region}:{_ACCOUNT}:any0",
        {
            _REGION_KEY: Known((region,)),
            "aws:principalarn": Known((principal,)),
            "aws:principalisawsservice": Known(("false",)),
        },
        holder=True,
    )


def _is_global(action: str) -> bool:
    """Whether every action that a pattern matches is one of the global ones."""
    return any(matches(pattern, action) for pattern in GLOBAL_ACTIONS)


_EVERYTHING = allow_all()
