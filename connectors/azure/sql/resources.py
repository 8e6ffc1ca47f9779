"""SQL servers with their auditing, firewall and administrators, and the databases on them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure, below
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import makers
from connectors.azure._sdk.operations import operation, places_of
from connectors.azure.monitor.diagnostics import DiagnosticSetting
from connectors.azure.monitor.resources import READ_DIAGNOSTICS, RESOURCE_DIAGNOSTICS, diagnostics_of

_VERSION = "2021-11-01"

SERVERS = operation("GET /subscriptions/{subscription}/providers/Microsoft.Sql/servers", _VERSION)
_SERVER = "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Sql/servers/{server}"
_DATABASE = f"{_SERVER}/databases/{{database}}"
AUDITING = operation(f"{_SERVER}/auditingSettings/default", _VERSION)
FIREWALL = operation(f"{_SERVER}/firewallRules", _VERSION)
FIREWALL_IPV6 = operation(f"{_SERVER}/ipv6FirewallRules", _VERSION)
DATABASES = operation(f"{_SERVER}/databases", _VERSION)
ENCRYPTION = operation(f"{_DATABASE}/transparentDataEncryption/current", _VERSION)

MASKING = operation(f"{_DATABASE}/dataMaskingPolicies/Default", _VERSION)
MASKING_RULES = operation(f"{_DATABASE}/dataMaskingPolicies/Default/rules", _VERSION)

MASTER = "master"
"""The database that each server has for itself."""


class Administrators(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who of Entra administers a server. Left out: nobody does."""

    administrator_type: str | None = None
    azure_ad_only_authentication: bool | None = field(name="azureADOnlyAuthentication", default=None)


class ServerProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of a server."""

    public_network_access: str | None = None  # Enabled, Disabled, SecuredByPerimeter; Enabled where it was never set
    administrators: Administrators | None = None


class AuditingProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a server is audited, and where that goes; what was not chosen is left out."""

    state: str  # Enabled, Disabled
    retention_days: int | None = None  # in the storage account; 0: for ever
    is_azure_monitor_target_enabled: bool | None = None
    storage_endpoint: str | None = None
    audit_actions_and_groups: tuple[str, ...] | None = None
    predicate_expression: str | None = None  # which of the events are left


class Auditing(Struct, frozen=True, kw_only=True):
    """The auditing of a server, which is that of all its databases."""

    properties: AuditingProperties


class FirewallRange(Struct, frozen=True, kw_only=True, rename="camel"):
    """Addresses from one to another; from 0.0.0.0 to 0.0.0.0 it stands for everything in Azure."""

    start_ip_address: str = ""
    end_ip_address: str = ""
    start_ipv6_address: str = field(name="startIPv6Address", default="")
    end_ipv6_address: str = field(name="endIPv6Address", default="")

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last address."""
        return (self.start_ip_address or self.start_ipv6_address, self.end_ip_address or self.end_ipv6_address)


class FirewallRule(Struct, frozen=True, kw_only=True):
    """A rule that lets addresses in."""

    name: str
    properties: FirewallRange


@resource(
    "azure.sql.server",
    key="id",
    redact=(
        *makers("auditing", "firewallRules", "ipv6FirewallRules", "masterDiagnostics"),
        "properties.administratorLogin",
        Redact("properties.administrators.login", keep="domain"),
        "auditing.properties.storageAccountAccessKey",
    ),
)
class SqlServer(Struct, frozen=True, kw_only=True, rename="camel"):
    """A logical SQL server."""

    id: str
    name: str
    properties: ServerProperties
    auditing: Auditing
    firewall_rules: tuple[FirewallRule, ...]
    ipv6_firewall_rules: tuple[FirewallRule, ...] = field(name="ipv6FirewallRules")
    master_diagnostics: tuple[DiagnosticSetting, ...]


@azure.collects(SqlServer, at="subscription", call=SERVERS, permissions="Microsoft.Sql/servers/read")
def servers(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(SERVERS)


@azure.part(SqlServer, "auditing", call=AUDITING, permissions="Microsoft.Sql/servers/auditingSettings/read")
def auditing(subscription: Azure, body: Body) -> Body:
    return subscription.get(AUDITING, **places_of(body["id"], "server"))


@azure.part(SqlServer, "firewallRules", call=FIREWALL, permissions="Microsoft.Sql/servers/firewallRules/read")
def firewall_rules(subscription: Azure, body: Body) -> list[Body]:
    return subscription.items(FIREWALL, **places_of(body["id"], "server"))


@azure.part(
    SqlServer, "ipv6FirewallRules", call=FIREWALL_IPV6, permissions="Microsoft.Sql/servers/ipv6FirewallRules/read"
)
def ipv6_firewall_rules(subscription: Azure, body: Body) -> list[Body]:
    return subscription.items(FIREWALL_IPV6, **places_of(body["id"], "server"))


@azure.part(SqlServer, "masterDiagnostics", call=RESOURCE_DIAGNOSTICS, permissions=READ_DIAGNOSTICS)
def master_diagnostics(subscription: Azure, body: Body) -> list[Body]:
    """Auditing to Azure Monitor arrives where a diagnostic setting of the database master sends it."""
    return diagnostics_of(subscription, f"{body['id']}/databases/{MASTER}")


class Encrypted(Struct, frozen=True, kw_only=True):
    """Whether a database is encrypted at rest."""

    state: str  # Enabled, Disabled


class Encryption(Struct, frozen=True, kw_only=True):
    """The transparent data encryption of a database."""

    properties: Encrypted


class MaskingProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether masking is on."""

    data_masking_state: str  # Enabled, Disabled


class Masking(Struct, frozen=True, kw_only=True):
    """The masking of a database."""

    properties: MaskingProperties


class MaskedColumn(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a rule is in force."""

    rule_state: str | None = None  # Enabled, Disabled; Enabled where left out


class MaskingRule(Struct, frozen=True, kw_only=True):
    """A column that is masked for whoever has no right to see it."""

    properties: MaskedColumn


@resource(
    "azure.sql.database",
    key="id",
    redact=(
        *makers("transparentDataEncryption", "dataMasking", "maskingRules"),
        "dataMasking.properties.exemptPrincipals",
    ),
)
class SqlDatabase(Struct, frozen=True, kw_only=True, rename="camel"):
    """A database on a SQL server."""

    id: str
    name: str
    transparent_data_encryption: Encryption
    data_masking: Masking
    masking_rules: tuple[MaskingRule, ...]
    tags: dict[str, str] | None = None  # left out where there are none


@azure.collects(
    SqlDatabase,
    at="subscription",
    call=(SERVERS, DATABASES),
    permissions=("Microsoft.Sql/servers/read", "Microsoft.Sql/servers/databases/read"),
)
def databases(subscription: Azure) -> Iterator[Body]:
    return below(
        subscription.pages(SERVERS), lambda server: subscription.pages(DATABASES, **places_of(server["id"], "server"))
    )


@azure.part(
    SqlDatabase,
    "transparentDataEncryption",
    call=ENCRYPTION,
    permissions="Microsoft.Sql/servers/databases/transparentDataEncryption/read",
)
def transparent_data_encryption(subscription: Azure, body: Body) -> Body:
    return subscription.get(ENCRYPTION, **places_of(body["id"], "server", "database"))


@azure.part(
    SqlDatabase,
    "dataMasking",
    call=MASKING,
    permissions="Microsoft.Sql/servers/databases/dataMaskingPolicies/read",
)
def data_masking(subscription: Azure, body: Body) -> Body:
    return subscription.get(MASKING, **places_of(body["id"], "server", "database"))


@azure.part(
    SqlDatabase,
    "maskingRules",
    call=MASKING_RULES,
    permissions="Microsoft.Sql/servers/databases/dataMaskingPolicies/rules/read",
)
def masking_rules(subscription: Azure, body: Body) -> list[Body]:
    return subscription.items(MASKING_RULES, **places_of(body["id"], "server", "database"))
