"""ElastiCache: replication groups of Redis and Valkey. Caches without a group, and serverless ones, are not listed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_KEPT = (
    "ReplicationGroupId",
    "ARN",
    "Status",
    "Engine",
    "AtRestEncryptionEnabled",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
    "AuthTokenEnabled",
    "UserGroupIds",
)


@resource("aws.elasticache.replication_group", key="ReplicationGroupId", volatile=("Status",))
class ReplicationGroup(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A replication group. AWS leaves out what is off."""

    replication_group_id: str
    at_rest_encryption_enabled: bool = False
    transit_encryption_enabled: bool = False
    transit_encryption_mode: str = ""  # required or preferred; empty: an answer from before there were two
    auth_token_enabled: bool = False
    user_group_ids: tuple[str, ...] = ()


@aws.collects(
    ReplicationGroup,
    at="region",
    call="elasticache:DescribeReplicationGroups",
    permissions="elasticache:DescribeReplicationGroups",
)
def replication_groups(account: Account) -> Iterator[Body]:
    listed = account.pages("elasticache", "DescribeReplicationGroups", "ReplicationGroups", MaxRecords=100)
    yield from (only(group, *_KEPT) for group in listed)
