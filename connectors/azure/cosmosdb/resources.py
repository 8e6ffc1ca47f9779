"""Accounts of Cosmos DB. Their keys are an operation of its own, which is never called."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation

ACCOUNTS = operation("GET /subscriptions/{subscription}/providers/Microsoft.DocumentDB/databaseAccounts", "2024-05-15")


class IpRule(Struct, frozen=True, kw_only=True, rename="camel"):
    """Addresses that are let in; 0.0.0.0 stands for everything in Azure."""

    ip_address_or_range: str = field(name="ipAddressOrRange")


class AccountProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who reaches an account, and how they sign in."""

    public_network_access: str | None = None  # Enabled, Disabled, SecuredByPerimeter; Enabled where left out
    is_virtual_network_filter_enabled: bool | None = None
    ip_rules: tuple[IpRule, ...] | None = None
    disable_local_auth: bool | None = None  # keys open the account where left out


@resource("azure.cosmosdb.account", key="id", redact=MAKERS)
class CosmosAccount(Struct, frozen=True, kw_only=True):
    """An account of Cosmos DB."""

    id: str
    name: str
    properties: AccountProperties


@azure.collects(
    CosmosAccount, at="subscription", call=ACCOUNTS, permissions="Microsoft.DocumentDB/databaseAccounts/read"
)
def accounts(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(ACCOUNTS)
