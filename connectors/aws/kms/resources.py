"""KMS: the keys of the company's own making, each with its policy and its rotation.

Keys that AWS manages are told by their alias and left out: AWS sets their policy and rotates them each year.
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
_ALIAS_PAGE_SIZE = 100
# Nobody else may begin an alias so. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
_OF_AWS = "alias/aws/"


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
    aliases: tuple[str, ...] = ()
    key_metadata: KeyMetadata
    policy: str
    rotation: Rotation | None  # None: AWS does not rotate keys of this kind

    @property
    def shown(self) -> str:
        """An alias, or else the id, for reasons."""
        return min(self.aliases, default=self.key_id)


@aws.collects(
    Key, at="region", call=("kms:ListKeys", "kms:ListAliases"), permissions=("kms:ListKeys", "kms:ListAliases")
)
def keys(account: Account) -> Iterator[Body]:
    aliases: dict[str, list[str]] = {}
    for alias in account.pages("kms", "ListAliases", "Aliases", Limit=_ALIAS_PAGE_SIZE):
        aliases.setdefault(alias.get("TargetKeyId", ""), []).append(alias["AliasName"])
    for key in account.pages("kms", "ListKeys", "Keys", Limit=_PAGE_SIZE):
        names = sorted(aliases.get(key["KeyId"], ()))
        if not any(name.startswith(_OF_AWS) for name in names):
            yield {**key, "Aliases": names}


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
