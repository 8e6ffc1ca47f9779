"""Tags of data stores and machines, of all services by one list (tag:GetResources).

What never had a tag is not in it: which stores there are is known from the lists of their own services.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_TYPES = (
    "dynamodb:table",
    "ec2:instance",
    "elasticfilesystem:file-system",
    "es:domain",
    "lambda:function",
    "rds:cluster",
    "rds:db",
    "redshift:cluster",
    "s3",
)


class Tag(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tag."""

    key: str
    value: str = ""


@resource("aws.tagging.resource", key="ResourceARN")
class TaggedResource(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A resource that has, or had, a tag."""

    arn: str = field(name="ResourceARN")
    tags: tuple[Tag, ...] = ()

    @property
    def place(self) -> str:
        """Its ARN from the service on: the partition is the same in all ARNs of an account."""
        return self.arn.split(":", 2)[-1]


@aws.collects(TaggedResource, at="region", call="resourcegroupstaggingapi:GetResources", permissions="tag:GetResources")
def tagged(account: Account) -> Iterator[Body]:
    listed = account.pages(
        "resourcegroupstaggingapi",
        "GetResources",
        "ResourceTagMappingList",
        ResourceTypeFilters=list(_TYPES),
        ResourcesPerPage=100,
    )
    yield from ({"ResourceARN": each["ResourceARN"], "Tags": each.get("Tags", [])} for each in listed)
