"""Key vaults with names and dates of their keys and secrets. The data plane, where values are, is never asked."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure, below
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS, makers
from connectors.azure._sdk.operations import operation, places_of
from connectors.azure.monitor.diagnostics import DiagnosticSetting
from connectors.azure.monitor.resources import READ_DIAGNOSTICS, RESOURCE_DIAGNOSTICS, diagnostics_of

_VERSION = "2023-07-01"

VAULTS = operation("GET /subscriptions/{subscription}/providers/Microsoft.KeyVault/vaults", _VERSION)
_IN_VAULT = "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}"
KEYS = operation(f"{_IN_VAULT}/keys", _VERSION)
KEY = operation(f"{_IN_VAULT}/keys/{{key}}", _VERSION)
SECRETS = operation(f"{_IN_VAULT}/secrets", _VERSION)

READ_VAULTS = "Microsoft.KeyVault/vaults/read"


class IpRule(Struct, frozen=True, kw_only=True):
    """Addresses that are let in."""

    value: str


class NetworkRules(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who is let in by the public endpoint."""

    default_action: str | None = None  # Allow, Deny; Allow where left out
    ip_rules: tuple[IpRule, ...] | None = None


class VaultProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of a vault. Azure leaves out what was never set."""

    enable_soft_delete: bool | None = (
        None  # on where left out: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
    )
    enable_purge_protection: bool | None = None  # off where left out, and never false
    enable_rbac_authorization: bool | None = None  # off where left out
    public_network_access: str | None = None  # enabled, disabled, SecuredByPerimeter; enabled where left out
    network_acls: NetworkRules | None = field(name="networkAcls", default=None)  # left out: everybody is let in


@resource("azure.keyvault.vault", key="id", redact=makers("diagnosticSettings"))
class Vault(Struct, frozen=True, kw_only=True, rename="camel"):
    """A key vault, with where its logs go."""

    id: str
    name: str
    properties: VaultProperties
    diagnostic_settings: tuple[DiagnosticSetting, ...]


@azure.collects(Vault, at="subscription", call=VAULTS, permissions=READ_VAULTS)
def vaults(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(VAULTS)


@azure.part(Vault, "diagnosticSettings", call=RESOURCE_DIAGNOSTICS, permissions=READ_DIAGNOSTICS)
def diagnostic_settings(subscription: Azure, body: Body) -> list[Body]:
    return diagnostics_of(subscription, body["id"])


class Attributes(Struct, frozen=True, kw_only=True):
    """Whether something is in use, and until when: the second of the epoch at which it ends."""

    enabled: bool | None = None  # in use where left out
    exp: int | None = None  # left out or null: it has no end


class Dated(Struct, frozen=True, kw_only=True):
    """What Azure shows of a secret."""

    attributes: Attributes


class RotationAction(Struct, frozen=True, kw_only=True):
    """What is done with a key in time."""

    type: str  # rotate, notify


class LifetimeAction(Struct, frozen=True, kw_only=True):
    """An action on a key, before it ends or after it was made."""

    action: RotationAction


class RotationPolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a key's policy does. Left out: nothing."""

    lifetime_actions: tuple[LifetimeAction, ...] | None = None


class KeyDetails(Struct, frozen=True, kw_only=True, rename="camel"):
    """What Azure shows of a key. The policy may be left out of lists, and is where there is none."""

    attributes: Attributes
    rotation_policy: RotationPolicy | None = None


class KeyPolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is looked up of a key by its name."""

    rotation_policy: RotationPolicy | None = None


class KeyItself(Struct, frozen=True, kw_only=True):
    """A key as it is shown by itself."""

    properties: KeyPolicy


@resource("azure.keyvault.key", key="id", redact=makers("itself"))
class Key(Struct, frozen=True, kw_only=True):
    """A key by name and dates."""

    id: str
    name: str
    properties: KeyDetails
    itself: KeyItself | None  # null: it is gone since it was listed


@azure.collects(
    Key, at="subscription", call=(VAULTS, KEYS), permissions=(READ_VAULTS, "Microsoft.KeyVault/vaults/keys/read")
)
def keys(subscription: Azure) -> Iterator[Body]:
    return below(subscription.pages(VAULTS), lambda vault: subscription.pages(KEYS, **places_of(vault["id"], "vault")))


@azure.part(Key, "itself", call=KEY, permissions="Microsoft.KeyVault/vaults/keys/read", absent="KeyNotFound")
def itself(subscription: Azure, body: Body) -> Body:
    """A list may leave out the rotation policy."""
    return subscription.get(KEY, **places_of(body["id"], "vault", "key"))


@resource(
    "azure.keyvault.secret",
    key="id",
    redact=(
        *MAKERS,
        "properties.value",
    ),
)
class VaultSecret(Struct, frozen=True, kw_only=True):
    """A secret by name and dates; Azure never returns its value here."""

    id: str
    name: str
    properties: Dated


@azure.collects(
    VaultSecret,
    at="subscription",
    call=(VAULTS, SECRETS),
    permissions=(READ_VAULTS, "Microsoft.KeyVault/vaults/secrets/read"),
)
def secrets(subscription: Azure) -> Iterator[Body]:
    return below(
        subscription.pages(VAULTS), lambda vault: subscription.pages(SECRETS, **places_of(vault["id"], "vault"))
    )
