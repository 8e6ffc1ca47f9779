"""Acme's buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collector.demo.aws.seeding import HOME, AccountSeed, policy

_ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_STRANGER = "999988887777"


def management(account: AccountSeed) -> None:
    """Seed the management account with the bucket for its logs."""
    _block_account(account)
    account.expect("pass", account.number, "aws_s3_account_public_access_blocked")
    _make(account, _Bucket(name="acme-logs", lock_days=400, writers=("cloudtrail", "config", "logging.s3")))
    account.expect("pass", "acme-logs", "aws_s3_bucket_not_public", "aws_s3_bucket_tls_only")
    account.expect("pass", "acme-logs", "aws_s3_log_bucket_object_lock", "aws_s3_bucket_versioning_enabled")


def production(account: AccountSeed) -> None:
    """Seed a bucket in good order but for its logs, and one for each common fault; the account blocks nothing."""
    account.expect("fail", account.number, "aws_s3_account_public_access_blocked")
    _make(
        account,
        _Bucket(name="acme-prod-logs", lock_days=400, writers=("cloudtrail", "config", "logging.s3", "delivery.logs")),
    )
    _make(account, _Bucket(name="acme-prod-data", kms=True, logs_to="acme-prod-logs"))
    for check in ("not_public", "tls_only", "versioning_enabled", "default_encryption"):
        account.expect("pass", "acme-prod-data", f"aws_s3_bucket_{check}")
    account.expect("pass", "acme-prod-data", "aws_s3_bucket_acls_disabled")
    # S3 delivers access logs to no bucket with a default retention.
    account.expect("fail", "acme-prod-data", "aws_s3_bucket_access_logging_enabled")
    account.expect("pass", "acme-prod-logs", "aws_s3_log_bucket_object_lock", "aws_s3_bucket_not_public")
    public_by_policy(account, "acme-prod-www")
    _public_by_acl(account, "acme-prod-uploads")
    _written_by_strangers(account, "acme-prod-exchange")


def staging(account: AccountSeed) -> None:
    """Seed an account that blocks public access, and in which bucket policies cannot be read."""
    _block_account(account)
    account.expect("pass", account.number, "aws_s3_account_public_access_blocked")
    _make(account, _Bucket(name="acme-staging-logs", writers=("cloudtrail",), tls_only=False, versioned=False))
    account.expect("unknown", "acme-staging-logs", "aws_s3_bucket_tls_only")
    account.expect("fail", "acme-staging-logs", "aws_s3_bucket_versioning_enabled", "aws_s3_log_bucket_object_lock")


def public_by_policy(account: AccountSeed, name: str) -> None:
    """Create a bucket that everybody may read."""
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    _make(account, _Bucket(name=name, tls_only=False, blocked=False, extra=(anyone,)))
    account.expect("fail", name, "aws_s3_bucket_not_public", "aws_s3_bucket_tls_only")
    account.expect("fail", name, "aws_s3_bucket_access_logging_enabled")


def close_to_public(account: AccountSeed, name: str) -> None:
    """Close a bucket that everybody may read, and require TLS."""
    s3 = account.client("s3")
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_ALL_BLOCKED)
    s3.put_bucket_policy(Bucket=name, Policy=policy(_no_plain_http(name)))


def _public_by_acl(account: AccountSeed, name: str) -> None:
    _make(account, _Bucket(name=name, blocked=False, versioned=False, owner="ObjectWriter"))
    account.client("s3").put_bucket_acl(Bucket=name, ACL="public-read-write")
    account.expect("fail", name, "aws_s3_bucket_not_public", "aws_s3_bucket_acls_disabled")
    account.expect("fail", name, "aws_s3_bucket_versioning_enabled")


def _written_by_strangers(account: AccountSeed, name: str) -> None:
    stranger = {"AWS": f"arn:aws:iam::{_STRANGER}:root"}
    write = {"Effect": "Allow", "Principal": stranger, "Action": ["s3:PutObject"], "Resource": f"arn:aws:s3:::{name}/*"}
    _make(account, _Bucket(name=name, extra=(write,)))
    account.client("s3").put_bucket_tagging(
        Bucket=name,
        Tagging={"TagSet": [{"Key": "owner", "Value": "=1+1"}, {"Key": "purpose", "Value": "@exchange\u2028of files"}]},
    )
    account.expect("fail", name, "aws_s3_bucket_no_cross_account_write")
    account.expect("pass", name, "aws_s3_bucket_not_public", "aws_s3_bucket_tls_only")


def _block_account(account: AccountSeed) -> None:
    account.client("s3control").put_public_access_block(
        AccountId=account.number, PublicAccessBlockConfiguration=_ALL_BLOCKED
    )


@dataclass(frozen=True, kw_only=True)
class _Bucket:
    """The settings of a bucket; the defaults are those of AWS since 2023: encrypted, without ACLs, not public.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html; moto has the older defaults.
    """

    name: str
    tls_only: bool = True
    blocked: bool = True
    versioned: bool = True
    kms: bool = False
    lock_days: int | None = None
    logs_to: str | None = None
    writers: tuple[str, ...] = ()
    owner: str = "BucketOwnerEnforced"
    extra: tuple[dict[str, Any], ...] = ()

    def statements(self) -> list[dict[str, Any]]:
        """Return the statements of the bucket's policy, log writers first: moto fails on a `*` before them."""
        writers = (_writer(self.name, service) for service in self.writers)
        return [*writers, *self.extra, *([_no_plain_http(self.name)] if self.tls_only else [])]


def _make(account: AccountSeed, bucket: _Bucket) -> None:
    s3, name = account.client("s3"), bucket.name
    s3.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": HOME},
        ObjectLockEnabledForBucket=bucket.lock_days is not None,
        ObjectOwnership=bucket.owner,
    )
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms" if bucket.kms else "AES256"}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if bucket.blocked:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_ALL_BLOCKED)
    if bucket.versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if bucket.lock_days is not None:
        retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": bucket.lock_days}}
        lock = {"ObjectLockEnabled": "Enabled", "Rule": retention}
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    statements = bucket.statements()
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=policy(*statements))
    if bucket.logs_to is not None:
        logging = {"LoggingEnabled": {"TargetBucket": bucket.logs_to, "TargetPrefix": f"{name}/"}}
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=logging)


def _writer(name: str, service: str) -> dict[str, Any]:
    who = {"Service": f"{service}.amazonaws.com"}
    return {"Effect": "Allow", "Principal": who, "Action": ["s3:PutObject"], "Resource": f"arn:aws:s3:::{name}/*"}


def _no_plain_http(name: str) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
