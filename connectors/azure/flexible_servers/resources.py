"""Flexible servers of PostgreSQL and MySQL, with the parameters and firewall rules that checks read."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import makers
from connectors.azure._sdk.operations import operation, places_of

_AT = "GET /subscriptions/{subscription}/providers"
_IN_GROUP = "GET /subscriptions/{subscription}/resourceGroups/{group}/providers"
_POSTGRESQL = "Microsoft.DBforPostgreSQL/flexibleServers"
_MYSQL = "Microsoft.DBforMySQL/flexibleServers"
_POSTGRESQL_VERSION, _MYSQL_VERSION = "2022-12-01", "2023-12-30"

POSTGRESQL = operation(f"{_AT}/{_POSTGRESQL}", _POSTGRESQL_VERSION)
POSTGRESQL_TLS = operation(
    f"{_IN_GROUP}/{_POSTGRESQL}/{{server}}/configurations/require_secure_transport", _POSTGRESQL_VERSION
)
POSTGRESQL_VERSIONS = operation(
    f"{_IN_GROUP}/{_POSTGRESQL}/{{server}}/configurations/ssl_min_protocol_version", _POSTGRESQL_VERSION
)
POSTGRESQL_FIREWALL = operation(f"{_IN_GROUP}/{_POSTGRESQL}/{{server}}/firewallRules", _POSTGRESQL_VERSION)
MYSQL = operation(f"{_AT}/{_MYSQL}", _MYSQL_VERSION)
MYSQL_TLS = operation(f"{_IN_GROUP}/{_MYSQL}/{{server}}/configurations/require_secure_transport", _MYSQL_VERSION)
MYSQL_VERSIONS = operation(f"{_IN_GROUP}/{_MYSQL}/{{server}}/configurations/tls_version", _MYSQL_VERSION)
MYSQL_FIREWALL = operation(f"{_IN_GROUP}/{_MYSQL}/{{server}}/firewallRules", _MYSQL_VERSION)


class Backups(Struct, frozen=True, kw_only=True, rename="camel"):
    """For how many days backups are kept, and whether in another region too."""

    backup_retention_days: int
    geo_redundant_backup: str | None = None  # Enabled, Disabled


class Network(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a server is reached. One that lies in a subnet has no public endpoint."""

    public_network_access: str | None = None  # Enabled, Disabled
    delegated_subnet_resource_id: str | None = None


class ServerProperties(Struct, frozen=True, kw_only=True):
    """The settings of a server."""

    backup: Backups
    network: Network


class ParameterValue(Struct, frozen=True, kw_only=True):
    """What a parameter is set to."""

    value: str


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter of a server."""

    properties: ParameterValue


class FirewallRange(Struct, frozen=True, kw_only=True, rename="camel"):
    """Addresses from one to another."""

    start_ip_address: str
    end_ip_address: str


class FirewallRule(Struct, frozen=True, kw_only=True):
    """A rule that lets addresses in."""

    name: str
    properties: FirewallRange


class FlexibleServer(Struct, frozen=True, kw_only=True, rename="camel"):
    """What both kinds of server have."""

    id: str
    name: str
    properties: ServerProperties
    secure_transport: Parameter
    tls_versions: Parameter
    firewall_rules: tuple[FirewallRule, ...] = field(name="firewallRules")


@resource(
    "azure.postgresql.flexible_server",
    key="id",
    redact=(
        *makers("secureTransport", "tlsVersions", "firewallRules"),
        "properties.administratorLogin",
    ),
)
class PostgresqlServer(FlexibleServer, frozen=True, kw_only=True, rename="camel"):
    """A flexible server of PostgreSQL."""


@azure.collects(PostgresqlServer, at="subscription", call=POSTGRESQL, permissions=f"{_POSTGRESQL}/read")
def postgresql_servers(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(POSTGRESQL)


@azure.part(PostgresqlServer, "secureTransport", call=POSTGRESQL_TLS, permissions=f"{_POSTGRESQL}/configurations/read")
def postgresql_secure_transport(subscription: Azure, body: Body) -> Body:
    return subscription.get(POSTGRESQL_TLS, **places_of(body["id"], "server"))


@azure.part(PostgresqlServer, "tlsVersions", call=POSTGRESQL_VERSIONS, permissions=f"{_POSTGRESQL}/configurations/read")
def postgresql_tls_versions(subscription: Azure, body: Body) -> Body:
    return subscription.get(POSTGRESQL_VERSIONS, **places_of(body["id"], "server"))


@azure.part(
    PostgresqlServer, "firewallRules", call=POSTGRESQL_FIREWALL, permissions=f"{_POSTGRESQL}/firewallRules/read"
)
def postgresql_firewall_rules(subscription: Azure, body: Body) -> list[Body]:
    return subscription.items(POSTGRESQL_FIREWALL, **places_of(body["id"], "server"))


@resource(
    "azure.mysql.flexible_server",
    key="id",
    redact=(
        *makers("secureTransport", "tlsVersions", "firewallRules"),
        "properties.administratorLogin",
    ),
)
class MysqlServer(FlexibleServer, frozen=True, kw_only=True, rename="camel"):
    """A flexible server of MySQL."""


@azure.collects(MysqlServer, at="subscription", call=MYSQL, permissions=f"{_MYSQL}/read")
def mysql_servers(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(MYSQL)


@azure.part(MysqlServer, "secureTransport", call=MYSQL_TLS, permissions=f"{_MYSQL}/configurations/read")
def mysql_secure_transport(subscription: Azure, body: Body) -> Body:
    return subscription.get(MYSQL_TLS, **places_of(body["id"], "server"))


@azure.part(MysqlServer, "tlsVersions", call=MYSQL_VERSIONS, permissions=f"{_MYSQL}/configurations/read")
def mysql_tls_versions(subscription: Azure, body: Body) -> Body:
    return subscription.get(MYSQL_VERSIONS, **places_of(body["id"], "server"))


@azure.part(MysqlServer, "firewallRules", call=MYSQL_FIREWALL, permissions=f"{_MYSQL}/firewallRules/read")
def mysql_firewall_rules(subscription: Azure, body: Body) -> list[Body]:
    return subscription.items(MYSQL_FIREWALL, **places_of(body["id"], "server"))
