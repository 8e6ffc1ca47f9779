"""Storage accounts, with what their blob service keeps after a deletion. Keys are never asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import makers
from connectors.azure._sdk.operations import operation, places_of

_VERSION = "2023-01-01"

ACCOUNTS = operation("GET /subscriptions/{subscription}/providers/Microsoft.Storage/storageAccounts", _VERSION)
BLOB_SERVICE = operation(
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}"
    "/blobServices/default",
    _VERSION,
)


class IpRule(Struct, frozen=True, kw_only=True):
    """Addresses that are let in, or not."""

    value: str
    action: str | None = None  # Allow, the only one that there is, where left out


class NetworkRules(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who is let in by the public endpoint."""

    default_action: str  # Allow, Deny
    ip_rules: tuple[IpRule, ...] | None = None


class KeyTimes(Struct, frozen=True, kw_only=True):
    """When each key was made. Null: before Azure wrote it down, in 2021 at the latest."""

    key1: datetime | None = None
    key2: datetime | None = None


class AccountProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of an account. Azure leaves out or sets to null what was never set."""

    supports_https_traffic_only: bool | None = None
    minimum_tls_version: str | None = None  # read as TLS1_0 where it is null
    allow_blob_public_access: bool | None = None  # read as allowed where it is null, on accounts that have it so
    allow_shared_key_access: bool | None = None  # read as allowed where it is null
    allow_cross_tenant_replication: bool | None = None
    public_network_access: str | None = None  # Enabled, Disabled, SecuredByPerimeter
    network_acls: NetworkRules | None = field(name="networkAcls", default=None)
    key_creation_time: KeyTimes | None = None
    creation_time: datetime | None = None


class Days(Struct, frozen=True, kw_only=True):
    """For how many days something deleted is kept."""

    enabled: bool = False
    days: int | None = None


class BlobServiceProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is kept after a deletion. Left out: nothing."""

    delete_retention_policy: Days | None = None
    container_delete_retention_policy: Days | None = None


class BlobService(Struct, frozen=True, kw_only=True):
    """The blob service of an account."""

    properties: BlobServiceProperties


NO_BLOBS = "FeatureNotSupportedForAccount"
"""Azure's word for the blob service of an account that holds files only."""


@resource(
    "azure.storage.account",
    key="id",
    redact=(
        *makers("blobService"),
        "properties.customDomain",
    ),
)
class StorageAccount(Struct, frozen=True, kw_only=True, rename="camel"):
    """A storage account with its blob service."""

    id: str
    name: str
    kind: str  # Storage, StorageV2, BlobStorage, BlockBlobStorage, FileStorage
    properties: AccountProperties
    blob_service: BlobService | None  # null: the account holds no blobs
    tags: dict[str, str] | None = None  # left out or null where there are none


@azure.collects(StorageAccount, at="subscription", call=ACCOUNTS, permissions="Microsoft.Storage/storageAccounts/read")
def accounts(subscription: Azure) -> Iterator[Body]:
    """Times of keys are in it; the keys are another operation, which is never called."""
    return subscription.pages(ACCOUNTS)


@azure.part(
    StorageAccount,
    "blobService",
    call=BLOB_SERVICE,
    permissions="Microsoft.Storage/storageAccounts/blobServices/read",
    absent=NO_BLOBS,
)
def blob_service(subscription: Azure, body: Body) -> Body:
    return subscription.get(BLOB_SERVICE, **places_of(body["id"], "account"))
