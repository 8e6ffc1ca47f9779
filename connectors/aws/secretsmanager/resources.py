"""Secrets Manager: secrets and the dates of their values. A value is never asked for.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 100
CURRENT = "AWSCURRENT"
"""The label of the version whose value is in use."""


class RotationRules(Struct, frozen=True, kw_only=True, rename="pascal"):
    """How often a secret is to be rotated."""

    automatically_after_days: int | None = None  # None: by an expression
    schedule_expression: str | None = None  # None: in days


class Version(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A version of a secret (secretsmanager:ListSecretVersionIds)."""

    created_date: datetime
    version_stages: tuple[str, ...] = ()  # AWS leaves it out where there are none


class ResourcePolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The policy of a secret (secretsmanager:GetResourcePolicy)."""

    document: str | None  # None: it has none


@resource(
    "aws.secretsmanager.secret",
    key="Name",
    redact=("Description",),
)
class Secret(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A secret."""

    name: str
    arn: str = field(name="ARN")
    rotation_enabled: bool = False  # AWS leaves it out where rotation was never set up
    rotation_rules: RotationRules = RotationRules()
    last_rotated_date: datetime | None = None  # None: AWS never rotated it
    deleted_date: datetime | None = None  # None: it is not to be deleted
    owning_service: str | None = None  # None: it is not managed by a service
    primary_region: str | None = None  # None: it has no replica and is none
    versions: tuple[Version, ...]
    resource_policy: ResourcePolicy | None = None  # None: evidence from before it was read

    @property
    def region(self) -> str:
        """The region that it is in."""
        return self.arn.split(":")[3]

    @property
    def value_since(self) -> datetime | None:
        """When the value in use was made; None for a secret without a value."""
        return max((item.created_date for item in self.versions if CURRENT in item.version_stages), default=None)


@aws.collects(Secret, at="region", call="secretsmanager:ListSecrets", permissions="secretsmanager:ListSecrets")
def secrets(account: Account) -> Iterator[Body]:
    for secret in account.pages("secretsmanager", "ListSecrets", "SecretList", MaxResults=_PAGE_SIZE):
        # To be read changes no secret, and would make a new version of it each day.
        yield {name: value for name, value in secret.items() if name != "LastAccessedDate"}


@aws.part(
    Secret,
    "Versions",
    call="secretsmanager:ListSecretVersionIds",
    permissions="secretsmanager:ListSecretVersionIds",
)
def secret_versions(account: Account, secret: Body) -> Any:
    listed = account.pages("secretsmanager", "ListSecretVersionIds", "Versions", SecretId=secret["ARN"])
    return [{name: item[name] for name in ("CreatedDate", "VersionStages") if name in item} for item in listed]


@aws.part(
    Secret,
    "ResourcePolicy",
    call="secretsmanager:GetResourcePolicy",
    permissions="secretsmanager:GetResourcePolicy",
)
def resource_policy(account: Account, secret: Body) -> Any:
    answer = account.call("secretsmanager", "GetResourcePolicy", having="ARN", SecretId=secret["ARN"])
    return {"Document": answer.get("ResourcePolicy")}
