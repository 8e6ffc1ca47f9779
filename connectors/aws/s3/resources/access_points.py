"""S3: access points of one region and of several, each with a policy and a public access block of its own.

Listed are those of the account, whatever account their bucket is in; those that other accounts have for a bucket of
this one are in their lists. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import Settings
from connectors.aws.s3.resources.buckets import FIRST_OF_FOUR, PolicyStatus, PublicAccessBlock

_PAGE_SIZE = 1000
_MULTI_REGION_PAGE_SIZE = 100
# S3 answers for the access points of all regions in one. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListMultiRegionAccessPoints.html
_OREGON = "us-west-2"


class VpcConfiguration(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The VPC that an access point is bound to."""

    vpc_id: str


@resource("aws.s3.access_point", key="Name")
class AccessPoint(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An access point of a general purpose bucket. None means that AWS says there is no such setting."""

    name: str
    access_point_arn: str
    bucket: str
    bucket_account_id: str | None = None  # None: an answer from before access points had buckets of other accounts
    network_origin: str  # Internet or VPC
    vpc_configuration: VpcConfiguration | None = None  # None: its origin is the internet
    public_access_block_configuration: PublicAccessBlock | None
    policy: str | None
    policy_status: PolicyStatus | None  # None: there is no policy

    @property
    def shown(self) -> str:
        """Its name for reasons."""
        return f"the access point {self.name}"

    def arn(self, _account: str) -> str:
        """The ARN that a request through it has."""
        return self.access_point_arn

    @property
    def vpc(self) -> str | None:
        """The VPC that requests must come from; None where they may come from the internet."""
        if self.network_origin != "VPC":
            return None
        return "a VPC" if self.vpc_configuration is None else self.vpc_configuration.vpc_id

    @property
    def bucket_names(self) -> tuple[str, ...]:
        """The bucket behind it."""
        return (self.bucket,)

    @property
    def restricts_public(self) -> bool:
        """Whether its public access block shuts out the public and other accounts where its policy is public."""
        block = self.public_access_block_configuration
        return block is not None and block.restrict_public_buckets

    @property
    def policy_in_force(self) -> str | None:
        """Its policy as JSON text; None where it has none."""
        return self.policy

    @property
    def has_public_policy(self) -> bool:
        """Whether AWS calls its policy public."""
        return self.policy_status is not None and self.policy_status.is_public


class RegionOfBucket(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One bucket behind an access point of several regions."""

    bucket: str
    bucket_account_id: str | None = None  # None: as for an access point


class EstablishedPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The policy that is in force, and not one that is only proposed."""

    policy: str


class MultiRegionPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The policies of an access point of several regions (s3control:GetMultiRegionAccessPointPolicy)."""

    established: EstablishedPolicy | None = None  # None: none is in force


class MultiRegionPolicyStatus(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether AWS evaluates that policy as public (s3control:GetMultiRegionAccessPointPolicyStatus)."""

    established: PolicyStatus | None = None  # None: no policy is in force


@resource("aws.s3.multi_region_access_point", key="Name")
class MultiRegionAccessPoint(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An access point for buckets in several regions."""

    name: str
    alias: str
    public_access_block: PublicAccessBlock | None = None  # None: an answer that leaves it out
    regions: tuple[RegionOfBucket, ...] = field(default=())  # AWS leaves it out while it makes one
    policies: MultiRegionPolicy | None  # None: it has none
    policy_status: MultiRegionPolicyStatus | None  # None: it has no policy

    @property
    def shown(self) -> str:
        """Its name for reasons."""
        return f"the multi-region access point {self.name}"

    def arn(self, account: str) -> str:
        """The ARN that a request through it has; it is in no region."""
        return f"arn:aws:s3::{account}:accesspoint/{self.alias}"

    @property
    def vpc(self) -> str | None:
        """None: requests may come from the internet to any of them."""
        return None

    @property
    def bucket_names(self) -> tuple[str, ...]:
        """The buckets behind it."""
        return tuple(region.bucket for region in self.regions)

    @property
    def restricts_public(self) -> bool:
        """Whether its public access block shuts out the public and other accounts where its policy is public."""
        return self.public_access_block is not None and self.public_access_block.restrict_public_buckets

    @property
    def policy_in_force(self) -> str | None:
        """Its policy as JSON text; None where it has none."""
        in_force = None if self.policies is None else self.policies.established
        return None if in_force is None else in_force.policy

    @property
    def has_public_policy(self) -> bool:
        """Whether AWS calls its policy public."""
        status = None if self.policy_status is None else self.policy_status.established
        return status is not None and status.is_public


Entrance = AccessPoint | MultiRegionAccessPoint
"""A way into a bucket beside the bucket itself."""


@aws.collects(AccessPoint, at="region", call="s3control:ListAccessPoints", permissions="s3:ListAccessPoints")
def access_points(account: Account) -> Iterator[Body]:
    yield from account.pages(
        "s3control", "ListAccessPoints", "AccessPointList", AccountId=account.id, MaxResults=_PAGE_SIZE
    )


def _ask(account: Account, access_point: Body, operation: str, having: str, **where: Any) -> Body:
    return account.call("s3control", operation, having=having, AccountId=account.id, Name=access_point["Name"], **where)


@aws.part(
    AccessPoint,
    "PublicAccessBlockConfiguration",
    call="s3control:GetAccessPoint",
    permissions="s3:GetAccessPoint",
)
def access_point_block(account: Account, access_point: Body) -> Any:
    answer = _ask(account, access_point, "GetAccessPoint", FIRST_OF_FOUR)
    return answer["PublicAccessBlockConfiguration"]


@aws.part(
    AccessPoint,
    "Policy",
    call="s3control:GetAccessPointPolicy",
    permissions="s3:GetAccessPointPolicy",
    absent="NoSuchAccessPointPolicy",
)
def access_point_policy(account: Account, access_point: Body) -> Any:
    return _ask(account, access_point, "GetAccessPointPolicy", "Policy")["Policy"]


@aws.part(
    AccessPoint,
    "PolicyStatus",
    call="s3control:GetAccessPointPolicyStatus",
    permissions="s3:GetAccessPointPolicyStatus",
    absent="NoSuchAccessPointPolicy",
)
def access_point_policy_status(account: Account, access_point: Body) -> Any:
    return _ask(account, access_point, "GetAccessPointPolicyStatus", "PolicyStatus.IsPublic")["PolicyStatus"]


def _has_them(settings: Settings) -> bool:
    """Whether it is documented where a partition lists its access points of several regions."""
    return settings.partition == "aws"


@aws.collects(
    MultiRegionAccessPoint,
    at="account",
    call="s3control:ListMultiRegionAccessPoints",
    permissions="s3:ListMultiRegionAccessPoints",
    when=_has_them,
)
def multi_region_access_points(account: Account) -> Iterator[Body]:
    yield from account.pages(
        "s3control",
        "ListMultiRegionAccessPoints",
        "AccessPoints",
        region=_OREGON,
        AccountId=account.id,
        MaxResults=_MULTI_REGION_PAGE_SIZE,
    )


@aws.part(
    MultiRegionAccessPoint,
    "Policies",
    call="s3control:GetMultiRegionAccessPointPolicy",
    permissions="s3:GetMultiRegionAccessPointPolicy",
    absent="NoSuchMultiRegionAccessPointPolicy",
)
def multi_region_policy(account: Account, access_point: Body) -> Any:
    return _ask(account, access_point, "GetMultiRegionAccessPointPolicy", "Policy", region=_OREGON)["Policy"]


@aws.part(
    MultiRegionAccessPoint,
    "PolicyStatus",
    call="s3control:GetMultiRegionAccessPointPolicyStatus",
    permissions="s3:GetMultiRegionAccessPointPolicyStatus",
    absent="NoSuchMultiRegionAccessPointPolicy",
)
def multi_region_policy_status(account: Account, access_point: Body) -> Any:
    return account.call(
        "s3control",
        "GetMultiRegionAccessPointPolicyStatus",
        region=_OREGON,
        having="Established",
        AccountId=account.id,
        Name=access_point["Name"],
    )
