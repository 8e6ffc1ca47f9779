"""S3: directory buckets, which are in one zone and have a list, an endpoint and permissions of their own.

AWS blocks all public access to them, and turns their access control lists off, for good: only their policies let others
in. https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.errors import NotUsed
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws.s3.resources.buckets import policy_text

_PAGE_SIZE = 1000
# Where there are any; other regions have no endpoint for them, so that nothing would answer.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/endpoint-directory-buckets-AZ.html
_REGIONS = frozenset({"us-east-1", "us-east-2", "us-west-2", "ap-south-1", "ap-northeast-1", "eu-west-1", "eu-north-1"})


@resource("aws.s3.directory_bucket", key="Name")
class DirectoryBucket(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A directory bucket."""

    name: str
    bucket_arn: str | None = None  # None: an answer from before they were listed with it
    policy: str | None  # None: AWS says that there is none


@aws.collects(
    DirectoryBucket, at="region", call="s3:ListDirectoryBuckets", permissions="s3express:ListAllMyDirectoryBuckets"
)
def directory_buckets(account: Account) -> Iterator[Body]:
    if account.region not in _REGIONS:
        raise NotUsed(f"by AWS's documentation there are no directory buckets in {account.region}")
    yield from account.pages("s3", "ListDirectoryBuckets", "Buckets", MaxDirectoryBuckets=_PAGE_SIZE)


@aws.part(
    DirectoryBucket,
    "Policy",
    call="s3:GetBucketPolicy",
    permissions="s3express:GetBucketPolicy",
    absent="NoSuchBucketPolicy",
)
def directory_bucket_policy(account: Account, bucket: Body) -> Any:
    return policy_text(account.value("s3", "GetBucketPolicy", "Policy", Bucket=bucket["Name"]))
