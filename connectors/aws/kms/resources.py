"""KMS: keys, each with its policy and its rotation.

Keys that AWS manages are among them: AWS sets their policies, some of which let nobody read anything, and rotates them.
https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 1000
OF_AWS = "AWS"
"""The manager of keys that AWS makes for its services."""


class KeyMetadata(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a key is (kms:DescribeKey)."""

    arn: str
    key_manager: str  # CUSTOMER or AWS
    key_state: str
    key_spec: str | None = None  # None: an answer of a partition that still has CustomerMasterKeySpec only
    customer_master_key_spec: str | None = None  # the older name of the same
    origin: str  # AWS_KMS, EXTERNAL, AWS_CLOUDHSM or EXTERNAL_KEY_STORE

    @property
    def spec(self) -> str | None:
        """SYMMETRIC_DEFAULT, or what kind of pair or code the key is for."""
        return self.key_spec or self.customer_master_key_spec


class Rotation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether AWS makes new material for a key by itself (kms:GetKeyRotationStatus)."""

    key_rotation_enabled: bool
    rotation_period_in_days: int | None = None  # None: it is off, or an answer from before it could be chosen


@resource("aws.kms.key", key="KeyId", redact=("KeyMetadata.Description",))
class Key(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A key. None means that AWS says that there is no such setting."""

    key_id: str
    key_metadata: KeyMetadata
    policy: str
    rotation: Rotation | None  # None: AWS does not rotate keys of this kind


@aws.collects(Key, at="region", call="kms:ListKeys", permissions="kms:ListKeys")
def keys(account: Account) -> Iterator[Body]:
    yield from account.pages("kms", "ListKeys", "Keys", Limit=_PAGE_SIZE)


@aws.part(Key, "KeyMetadata", call="kms:DescribeKey", permissions="kms:DescribeKey")
def key_metadata(account: Account, key: Body) -> Any:
    return account.value("kms", "DescribeKey", "KeyMetadata", KeyId=key["KeyId"])


@aws.part(Key, "Policy", call="kms:GetKeyPolicy", permissions="kms:GetKeyPolicy")
def key_policy(account: Account, key: Body) -> Any:
    return account.value("kms", "GetKeyPolicy", "Policy", KeyId=key["KeyId"], PolicyName="default")


@aws.part(
    Key,
    "Rotation",
    call="kms:GetKeyRotationStatus",
    permissions="kms:GetKeyRotationStatus",
    absent="UnsupportedOperationException",
)
def rotation(account: Account, key: Body) -> Any:
    return account.call("kms", "GetKeyRotationStatus", having="KeyRotationEnabled", KeyId=key["KeyId"])
