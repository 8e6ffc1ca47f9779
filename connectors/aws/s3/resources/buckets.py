"""S3: buckets with their settings, and the public access block of the account.

A part has the shape of the API operation that its declaration names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.errors import Unexpected
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 1000
FIRST_OF_FOUR = "PublicAccessBlockConfiguration.BlockPublicAcls"


class PublicAccessBlock(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The four settings of S3 Block Public Access, which override policies and access control lists."""

    block_public_acls: bool
    ignore_public_acls: bool
    block_public_policy: bool
    restrict_public_buckets: bool

    def off(self) -> list[str]:
        """Return the names of the settings that are off."""
        switches = {
            "BlockPublicAcls": self.block_public_acls,
            "IgnorePublicAcls": self.ignore_public_acls,
            "BlockPublicPolicy": self.block_public_policy,
            "RestrictPublicBuckets": self.restrict_public_buckets,
        }
        return [name for name, on in switches.items() if not on]


@resource("aws.s3.account_public_access_block")
class AccountPublicAccess(Struct, frozen=True, kw_only=True, rename="pascal"):
    """S3 Block Public Access of the whole account."""

    account_id: str
    public_access_block_configuration: PublicAccessBlock | None  # None: never set, so all four are off


class Grantee(Struct, frozen=True, kw_only=True):
    """The grantee of an access control list; only groups have a URI."""

    uri: str | None = field(name="URI", default=None)  # None: not a group


class Grant(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One line of an access control list."""

    grantee: Grantee
    permission: str


class Acl(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An access control list."""

    grants: tuple[Grant, ...]


class PolicyStatus(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether AWS evaluates the policy of the bucket as public (s3:GetBucketPolicyStatus)."""

    is_public: bool


class DefaultEncryption(Struct, frozen=True, kw_only=True):
    """How an object is encrypted if the request does not say it."""

    algorithm: str = field(name="SSEAlgorithm")


class EncryptionRule(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One rule of the default encryption."""

    # None: the rule is about bucket keys or forbidden kinds of encryption only.
    apply_server_side_encryption_by_default: DefaultEncryption | None = None


class Encryption(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The default encryption of a bucket."""

    rules: tuple[EncryptionRule, ...]


class Versioning(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether overwritten and deleted objects are kept."""

    status: str | None = None  # None: versioning was never on


class Expiration(Struct, frozen=True, kw_only=True, rename="pascal"):
    """When current versions of objects are deleted; with neither, only marks of deletion are taken away."""

    days: int | None = None
    date: datetime | None = None


class NoncurrentExpiration(Struct, frozen=True, kw_only=True, rename="pascal"):
    """When earlier versions of objects are deleted."""

    noncurrent_days: int | None = None
    newer_noncurrent_versions: int | None = None  # so many of the latest of them stay for good; None: none does


class LifecycleRule(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A rule of what is deleted when."""

    status: str  # Enabled or Disabled
    whole_bucket: bool  # whether it is about every object
    expiration: Expiration | None = None  # None: it deletes no current versions
    noncurrent_version_expiration: NoncurrentExpiration | None = None  # None: it deletes no earlier ones


class Lifecycle(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The lifecycle of a bucket (s3:GetBucketLifecycleConfiguration)."""

    rules: tuple[LifecycleRule, ...] | None


class LogTarget(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Where access logs go."""

    target_bucket: str


class Logging(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Server access logging."""

    logging_enabled: LogTarget | None = None  # None: it is off


class OwnershipRule(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Who owns new objects; BucketOwnerEnforced turns access control lists off."""

    object_ownership: str


class Ownership(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Object ownership of a bucket."""

    rules: tuple[OwnershipRule, ...]

    @property
    def acls_off(self) -> bool:
        """Whether access control lists have no effect."""
        return any(rule.object_ownership == "BucketOwnerEnforced" for rule in self.rules)


class Retention(Struct, frozen=True, kw_only=True, rename="pascal"):
    """For how long a new object cannot be deleted: AWS takes days or years, never both."""

    mode: str | None = None  # None: no default is set
    days: int | None = None  # None: in years, or no default
    years: int | None = None  # None: in days, or no default


class LockRule(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The default that new objects get."""

    default_retention: Retention


class ObjectLock(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether objects can be kept from being deleted, and for how long they are by default."""

    object_lock_enabled: str | None = None  # None: AWS leaves it out where it says nothing but the rule
    rule: LockRule | None = None  # None: each object says it for itself


class Tag(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tag."""

    key: str
    value: str


@resource(
    "aws.s3.bucket",
    key="Name",
    redact=(
        "Acl.Owner.DisplayName",
        "Acl.Grants.Grantee.DisplayName",
        Redact("Acl.Grants.Grantee.EmailAddress", "domain"),
    ),
)
class Bucket(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A bucket and its settings; objects are never listed. None means that AWS says there is no such setting."""

    name: str
    bucket_region: str | None = None  # None: an answer from before buckets were listed with MaxBuckets
    public_access_block_configuration: PublicAccessBlock | None
    policy: str | None
    policy_status: PolicyStatus | None  # None: there is no policy
    acl: Acl
    server_side_encryption_configuration: Encryption | None
    versioning: Versioning
    logging: Logging
    ownership_controls: Ownership | None
    object_lock_configuration: ObjectLock | None
    tag_set: tuple[Tag, ...] | None
    lifecycle: Lifecycle | None = Lifecycle(rules=None)  # None: it has none; without rules: from before it was read


@aws.collects(AccountPublicAccess, at="account", call=NO_CALL)
def account_public_access(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(
    AccountPublicAccess,
    "PublicAccessBlockConfiguration",
    call="s3control:GetPublicAccessBlock",
    permissions="s3:GetAccountPublicAccessBlock",
    absent="NoSuchPublicAccessBlockConfiguration",
)
def account_block(account: Account, _body: Body) -> Any:
    answer = account.call("s3control", "GetPublicAccessBlock", having=FIRST_OF_FOUR, AccountId=account.id)
    return answer["PublicAccessBlockConfiguration"]


@aws.collects(Bucket, at="account", call="s3:ListBuckets", permissions="s3:ListAllMyBuckets")
def buckets(account: Account) -> Iterator[Body]:
    # With MaxBuckets AWS returns pages, and the region of each bucket.
    yield from account.pages("s3", "ListBuckets", "Buckets", MaxBuckets=_PAGE_SIZE)


def _ask_bucket(account: Account, bucket: Body, operation: str, having: str | None = None) -> Body:
    return account.call("s3", operation, region=bucket.get("BucketRegion"), having=having, Bucket=bucket["Name"])


@aws.part(
    Bucket,
    "PublicAccessBlockConfiguration",
    call="s3:GetPublicAccessBlock",
    permissions="s3:GetBucketPublicAccessBlock",
    absent="NoSuchPublicAccessBlockConfiguration",
)
def bucket_block(account: Account, bucket: Body) -> Any:
    return _ask_bucket(account, bucket, "GetPublicAccessBlock", FIRST_OF_FOUR)["PublicAccessBlockConfiguration"]


@aws.part(Bucket, "Policy", call="s3:GetBucketPolicy", permissions="s3:GetBucketPolicy", absent="NoSuchBucketPolicy")
def bucket_policy(account: Account, bucket: Body) -> Any:
    return policy_text(_ask_bucket(account, bucket, "GetBucketPolicy", "Policy")["Policy"])


def policy_text(text: str) -> str:
    """Return the answer of s3:GetBucketPolicy, which S3 gives as it is. Raises Unexpected where it is no policy."""
    try:
        has_statements = "Statement" in json.loads(text)
    except (ValueError, TypeError):
        has_statements = False
    if not has_statements:
        raise Unexpected("s3:GetBucketPolicy was answered with something that is no policy")
    return text


@aws.part(
    Bucket,
    "PolicyStatus",
    call="s3:GetBucketPolicyStatus",
    permissions="s3:GetBucketPolicyStatus",
    absent="NoSuchBucketPolicy",
)
def policy_status(account: Account, bucket: Body) -> Any:
    return _ask_bucket(account, bucket, "GetBucketPolicyStatus", "PolicyStatus.IsPublic")["PolicyStatus"]


@aws.part(Bucket, "Acl", call="s3:GetBucketAcl", permissions="s3:GetBucketAcl")
def bucket_acl(account: Account, bucket: Body) -> Any:
    return _ask_bucket(account, bucket, "GetBucketAcl", "Grants")


@aws.part(
    Bucket,
    "ServerSideEncryptionConfiguration",
    call="s3:GetBucketEncryption",
    permissions="s3:GetEncryptionConfiguration",
    absent="ServerSideEncryptionConfigurationNotFoundError",
)
def encryption(account: Account, bucket: Body) -> Any:
    answer = _ask_bucket(account, bucket, "GetBucketEncryption", "ServerSideEncryptionConfiguration.Rules")
    return answer["ServerSideEncryptionConfiguration"]


@aws.part(Bucket, "Versioning", call="s3:GetBucketVersioning", permissions="s3:GetBucketVersioning")
def versioning(account: Account, bucket: Body) -> Any:
    return _ask_bucket(account, bucket, "GetBucketVersioning")


@aws.part(Bucket, "Logging", call="s3:GetBucketLogging", permissions="s3:GetBucketLogging")
def bucket_logging(account: Account, bucket: Body) -> Any:
    return _ask_bucket(account, bucket, "GetBucketLogging")


@aws.part(
    Bucket,
    "OwnershipControls",
    call="s3:GetBucketOwnershipControls",
    permissions="s3:GetBucketOwnershipControls",
    absent="OwnershipControlsNotFoundError",
)
def ownership(account: Account, bucket: Body) -> Any:
    return _ask_bucket(account, bucket, "GetBucketOwnershipControls", "OwnershipControls.Rules")["OwnershipControls"]


@aws.part(
    Bucket,
    "ObjectLockConfiguration",
    call="s3:GetObjectLockConfiguration",
    permissions="s3:GetBucketObjectLockConfiguration",
    absent="ObjectLockConfigurationNotFoundError",
)
def object_lock(account: Account, bucket: Body) -> Any:
    answer = _ask_bucket(account, bucket, "GetObjectLockConfiguration", "ObjectLockConfiguration")
    return answer["ObjectLockConfiguration"]


@aws.part(Bucket, "TagSet", call="s3:GetBucketTagging", permissions="s3:GetBucketTagging", absent="NoSuchTagSet")
def tags(account: Account, bucket: Body) -> Any:
    return _ask_bucket(account, bucket, "GetBucketTagging", "TagSet")["TagSet"]


@aws.part(
    Bucket,
    "Lifecycle",
    call="s3:GetBucketLifecycleConfiguration",
    permissions="s3:GetLifecycleConfiguration",
    absent="NoSuchLifecycleConfiguration",
)
def lifecycle(account: Account, bucket: Body) -> Any:
    rules = _ask_bucket(account, bucket, "GetBucketLifecycleConfiguration", "Rules")["Rules"]
    kept = ("ID", "Status", "Expiration", "NoncurrentVersionExpiration")
    return {"Rules": [{**only(rule, *kept), "WholeBucket": _is_about_all(rule)} for rule in rules]}


def _is_about_all(rule: Body) -> bool:
    """Whether a rule leaves no object out: older rules have a prefix, newer ones a filter, either may be empty."""
    chosen = rule.get("Filter", {})
    return not rule.get("Prefix") and not any(value for value in chosen.values())
