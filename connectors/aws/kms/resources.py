"""KMS: keys, each with its policy, its grants and its rotation.

Keys that AWS manages are among them: AWS sets their policies, some of which let nobody read anything, and rotates them.
https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 1000
_GRANTS_A_PAGE = 100
_SESSION = re.compile(r"(arn:[a-z-]+:sts::[0-9]{12}:assumed-role/[^/]+)/.+")
OF_AWS = "AWS"
"""The manager of keys that AWS makes for its services."""
OUT_OF_USE = frozenset({"Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Creating"})
"""States in which a key cannot be used. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""


class KeyMetadata(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a key is (kms:DescribeKey)."""

    arn: str
    key_manager: str  # CUSTOMER or AWS
    key_state: str
    key_spec: str | None = None  # None: an answer of a partition that still has CustomerMasterKeySpec only
    customer_master_key_spec: str | None = None  # the older name of the same
    deletion_date: datetime | None = None  # None: it is not to be deleted, or waits for its replicas
    origin: str  # AWS_KMS, EXTERNAL, AWS_CLOUDHSM or EXTERNAL_KEY_STORE

    @property
    def spec(self) -> str | None:
        """SYMMETRIC_DEFAULT, or what kind of pair or code the key is for."""
        return self.key_spec or self.customer_master_key_spec


class Rotation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether AWS makes new material for a key by itself (kms:GetKeyRotationStatus)."""

    key_rotation_enabled: bool
    rotation_period_in_days: int | None = None  # None: it is off, or an answer from before it could be chosen


class Grant(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Who may use a key by grants, and for what: one for all grants that say the same (kms:ListGrants)."""

    grantee_principal: str | None = None  # None: it is GranteeServicePrincipal; else an ARN, or the name of a service
    grantee_service_principal: str | None = None  # None: no service was named as such
    operations: tuple[str, ...]

    @property
    def grantee(self) -> str | None:
        """Whom it lets in; None where AWS does not say it."""
        return self.grantee_service_principal or self.grantee_principal


@resource("aws.kms.key", key="KeyId", redact=("KeyMetadata.Description",))
class Key(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A key. None means that AWS says that there is no such setting."""

    key_id: str
    key_metadata: KeyMetadata
    policy: str
    rotation: Rotation | None  # None: AWS does not rotate keys of this kind
    grants: tuple[Grant, ...] | None = None  # None: evidence from before grants were read


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


@aws.part(Key, "Grants", call="kms:ListGrants", permissions="kms:ListGrants")
def grants(account: Account, key: Body) -> Any:
    """Return grants by whom they let in: services make one for each volume or function, and take it back.

    The session of a role has the name of what the role works for, so that only the role is kept.
    """
    operations: dict[tuple[str | None, str | None], set[str]] = {}
    for grant in account.pages("kms", "ListGrants", "Grants", KeyId=key["KeyId"], Limit=_GRANTS_A_PAGE):
        grantee = grant.get("GranteePrincipal")
        role = None if grantee is None else _SESSION.sub(r"\1", grantee)
        whom = role, grant.get("GranteeServicePrincipal")
        operations.setdefault(whom, set()).update(grant.get("Operations", ()))
    return [
        {"GranteePrincipal": principal, "GranteeServicePrincipal": service, "Operations": sorted(names)}
        for (principal, service), names in sorted(operations.items(), key=str)
    ]
