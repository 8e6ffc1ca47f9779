"""What may be asked of a bucket: the ARNs and the actions at which its policy answers differently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from connectors.aws._policy.context_keys import ACCOUNT_KEYS
from connectors.aws._policy.named import accounts_named
from connectors.aws._policy.patterns import filled, has_wildcard, matches
from connectors.aws._policy.requests import a_stranger
from connectors.aws._policy.statements import Policy
from connectors.aws.s3.resources.buckets import Bucket

# Of each kind of action one or more; all exist, so that whatever lets one of them through lets a real request through.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
READS = ("s3:GetObject", "s3:ListBucket")
WRITES = (
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:PutBucketPolicy",
    "s3:PutObjectAcl",
    "s3:PutObjectRetention",
    "s3:PutBucketAcl",
    "s3:PutBucketVersioning",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:DeleteObjectVersion",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:ReplicateObject",
    "s3:ReplicateDelete",
    "s3:BypassGovernanceRetention",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:AbortMultipartUpload",
    "s3:RestoreObject",
    "s3:InitiateReplication",
    "s3:UpdateObjectEncryption",
    "s3:CreateBucket",
)
NEW_ACTION = "s3:AnActionThatIsNew"
"""An action that AWS may add: whether there are more than those that a policy names is not known."""

# AWS names what only reads so, in every service: access levels Read and List.
_READING = re.compile(r"[a-z0-9-]+:(?:get|list|describe)[a-z0-9]*", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_PARTITION = re.compile(r"arn:([a-z0-9-]+):s3:::")
# By the beginning of a region's name. https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
_PARTITION_BY_REGION = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}


def bucket_arn(bucket: Bucket, policy: Policy) -> str:
    """Return the ARN of a bucket; without its region, in the partition that its policy names.

    S3 refuses a policy whose resources are not the bucket, so that this partition is the bucket's.
    """
    if bucket.bucket_region is None:
        named = (match[1] for text in _resources(policy) if (match := _PARTITION.match(text)))
        partition = next(named, "aws")
    else:
        region = bucket.bucket_region
        partition = next((name for start, name in _PARTITION_BY_REGION.items() if region.startswith(start)), "aws")
    return f"arn:{partition}:s3:::{bucket.name}"


def object_arns(arn: str, policy: Policy) -> list[str]:
    """Return the ARN of some object of a bucket, and of those that each pattern of its policy for objects stands for.

    A policy variable stands for what some caller has: an account that the policy names, or another one, or any text.
    """
    numbers = [*sorted(accounts_named([policy])), a_stranger([policy])]
    named = (
        filled(_VARIABLE.sub(partial(_value, number), text))
        for text in _resources(policy)
        if text.startswith(f"{arn}/")
        for number in (numbers if "${" in text else numbers[:1])
    )
    return list(dict.fromkeys([f"{arn}/any0", *named]))


def _value(number: str, variable: re.Match[str]) -> str:
    """Return what a policy variable may stand for in the request of somebody of an account."""
    key = variable[1].partition(",")[0].strip().lower()
    return variable[1] if variable[1] in ("*", "?", "$") else number if key in ACCOUNT_KEYS else "any0"


def _named_actions(policy: Policy) -> tuple[list[str], list[str]]:
    """Return the actions that a policy names, and made-up ones that meet its patterns."""
    real: list[str] = []
    made_up: list[str] = []
    for statement in policy.statements:
        for text in (*(statement.actions or ()), *(statement.not_actions or ())):
            (made_up if has_wildcard(text) else real).append(filled(text))
    return list(dict.fromkeys(real)), list(dict.fromkeys(made_up))


def actions_asked_for(policy: Policy) -> list[str]:
    """Return actions of S3: of each kind, those that a policy names, and made-up ones that meet its patterns."""
    real, made_up = _named_actions(policy)
    named = (action for action in (*real, *made_up) if action.lower().startswith("s3:"))
    return list(dict.fromkeys([*READS, *WRITES, NEW_ACTION, *named]))


def exempt_actions(policy: Policy) -> list[str]:
    """Return actions of S3 that some statement names as those that it is not about, and some that its patterns meet."""
    named = [text for statement in policy.statements for text in statement.not_actions or ()]
    known = [action for action in (*READS, *WRITES) if any(matches(pattern, action) for pattern in named)]
    literal = [text for text in named if not has_wildcard(text) and text.lower().startswith("s3:")]
    return list(dict.fromkeys([*known, *literal]))


def writing_actions(policy: Policy) -> tuple[list[str], list[str]]:
    """Return actions of a policy's Allow statements that write, and made-up ones that may: all that does not read."""
    real, made_up = _named_actions(policy)
    known = [action for action in WRITES if _may_allow(policy, action)]
    return list(dict.fromkeys([*known, *_not_reading(real)])), list(_not_reading(made_up))


def _not_reading(actions: Iterable[str]) -> Iterator[str]:
    return (action for action in actions if _READING.fullmatch(action) is None)


def _may_allow(policy: Policy, action: str) -> bool:
    return any(
        statement.actions is None or any(matches(pattern, action) for pattern in statement.actions)
        for statement in policy.allowing
    )


def _resources(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from (*(statement.resources or ()), *(statement.not_resources or ()))
