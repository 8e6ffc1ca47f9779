"""Checks of storage accounts, key vaults, SQL and flexible servers: the edge on both sides, none at all, not read."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.azure.cosmosdb import checks as cosmosdb
from connectors.azure.cosmosdb.resources import CosmosAccount
from connectors.azure.flexible_servers import checks as flexible
from connectors.azure.flexible_servers.resources import MysqlServer, PostgresqlServer
from connectors.azure.keyvault import checks as keyvault
from connectors.azure.keyvault.resources import Key, Vault, VaultSecret
from connectors.azure.network.firewall_ranges import EVERYTHING_IN_AZURE
from connectors.azure.sql import checks as sql
from connectors.azure.sql.resources import SqlDatabase, SqlServer
from connectors.azure.storage import checks as storage
from connectors.azure.storage.resources import StorageAccount
from tests.connectors.azure.builders import ACCOUNT, SERVER, an_account
from tests.connectors.azure.estate import a_diagnostic
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    NOTHING,
    PASS,
    TODAY,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    a_resource,
    ago,
    made,
    status,
    unread,
    verdict,
)


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"allowBlobPublicAccess": True}, FAIL),
        ({"allowBlobPublicAccess": None}, FAIL),
        ({"allowBlobPublicAccess": ...}, FAIL),
        ({"allowBlobPublicAccess": True, "publicNetworkAccess": "Disabled"}, FAIL),
        ({"allowBlobPublicAccess": True, "kind": "FileStorage"}, NOTHING),
    ],
)
def test_anonymous_access_is_decided_by_the_account(but: dict[str, Any], expected: Status) -> None:
    """An account on which it was never set permits it; one for files has no blobs."""
    assert status(storage.no_public_blob, an_account(**but)) is expected


def test_a_public_account_that_is_approved_passes() -> None:
    """Some accounts serve a website; the company says which."""
    public = an_account(allowBlobPublicAccess=True)

    assert status(storage.no_public_blob, public, approved=("data",)) is PASS
    assert status(storage.no_public_blob, public, approved=(ACCOUNT["id"].upper(),)) is PASS
    assert status(storage.no_public_blob, public, approved=("date",)) is FAIL


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"minimumTlsVersion": "TLS1_3"}, PASS),
        ({"minimumTlsVersion": "TLS1_1"}, FAIL),
        ({"minimumTlsVersion": None}, FAIL),
        ({"minimumTlsVersion": ...}, FAIL),
        ({"minimumTlsVersion": "SSL"}, UNKNOWN),
        ({"supportsHttpsTrafficOnly": False}, FAIL),
        ({"supportsHttpsTrafficOnly": None}, UNKNOWN),
    ],
)
def test_encryption_on_the_way(but: dict[str, Any], expected: Status) -> None:
    """A minimum that was never set is read as TLS 1.0, by Microsoft's word."""
    assert status(storage.https_tls12, an_account(**but)) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Allow"}}, PASS),
        ({"networkAcls": {"defaultAction": "Allow"}}, FAIL),
        ({"publicNetworkAccess": None, "networkAcls": {"defaultAction": "Allow"}}, FAIL),
        ({"publicNetworkAccess": "SecuredByPerimeter"}, UNKNOWN),
        ({"networkAcls": None}, UNKNOWN),
        ({"networkAcls": {"ipRules": [{"value": "8.8.8.0/24"}]}}, PASS),
        ({"networkAcls": {"ipRules": [{"value": "0.0.0.0/1"}, {"value": "128.0.0.0/1"}]}}, FAIL),
        ({"networkAcls": {"ipRules": [{"value": "the office"}]}}, UNKNOWN),
    ],
)
def test_networks_are_denied_by_default(but: dict[str, Any], expected: Status) -> None:
    """Denying by default is worth nothing where the rules let in everybody in two halves."""
    assert status(storage.network_restricted, an_account(**but)) is expected


def test_an_open_account_that_is_approved_passes() -> None:
    """The company says which accounts are meant to be open."""
    opened = an_account(networkAcls={"defaultAction": "Allow"})

    assert status(storage.network_restricted, opened, approved=("data",)) is PASS


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"blobService": {"properties": {"deleteRetentionPolicy": {"enabled": True, "days": 6}}}}, FAIL),
        ({"blobService": {"properties": {"deleteRetentionPolicy": {"enabled": False}}}}, FAIL),
        ({"blobService": {"properties": {"containerDeleteRetentionPolicy": ...}}}, FAIL),
        ({"blobService": None}, NOTHING),
        ({"kind": "FileStorage"}, NOTHING),
        ({"isHnsEnabled": True, "blobService": {"properties": {"deleteRetentionPolicy": {"enabled": False}}}}, FAIL),
    ],
)
def test_what_is_deleted_is_kept(but: dict[str, Any], expected: Status) -> None:
    """Accounts with a hierarchical namespace are no exception any more."""
    assert status(storage.soft_delete, an_account(**but)) is expected


VAULT = a_resource(
    HERE,
    "Microsoft.KeyVault/vaults",
    "keys",
    properties={"enablePurgeProtection": True},
    diagnosticSettings=[a_diagnostic("audit", "AuditEvent")],
)


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"enablePurgeProtection": ...}, FAIL),
        ({"enablePurgeProtection": None}, FAIL),
        ({"enableSoftDelete": False}, FAIL),
    ],
)
def test_nobody_purges_a_vault(but: dict[str, Any], expected: Status) -> None:
    """Soft delete is on wherever it is not said; purge protection is off."""
    assert status(keyvault.purge_protected, made(Vault, VAULT, properties=but)) is expected


@pytest.mark.parametrize(
    ("logs", "where", "expected"),
    [
        ([{"category": "AuditEvent", "enabled": True}], {}, PASS),
        ([{"categoryGroup": "audit", "category": None, "enabled": True}], {}, PASS),
        ([{"categoryGroup": "allLogs", "enabled": True}], {}, PASS),
        ([{"category": "AuditEvent", "enabled": False}, {"categoryGroup": "audit", "enabled": False}], {}, FAIL),
        ([{"category": "AzurePolicyEvaluationDetails", "enabled": True}], {}, FAIL),
        ([{"category": "AuditEvent", "enabled": True}], {"workspaceId": ""}, FAIL),
        ([{"category": "AuditEvent", "enabled": True}], {"workspaceId": None, "storageAccountId": "x"}, PASS),
        (None, {}, FAIL),
    ],
)
def test_audit_events_of_a_vault(logs: Any, where: dict[str, Any], expected: Status) -> None:
    """By category or by group, switched on, and for somewhere."""
    setting = a_diagnostic("audit", "AuditEvent", logs=logs, **where)

    assert status(keyvault.audit_logged, made(Vault, VAULT, diagnosticSettings=[setting])) is expected


def _dated(of: type[Any], exp: float | None, **but: Any) -> Any:
    kind = "keys" if of is Key else "secrets"
    seconds = None if exp is None else int(TODAY.timestamp() + exp * 86_400)
    body = a_resource(HERE, f"Microsoft.KeyVault/vaults/{kind}", "keys", "one", itself={"properties": {}})
    return made(of, body, properties={"attributes": {"enabled": True, "exp": seconds}}, **but)


ROTATED = {"properties": {"rotationPolicy": {"lifetimeActions": [{"action": {"type": "Rotate"}}]}}}
NOTIFIED = {"properties": {"rotationPolicy": {"lifetimeActions": [{"action": {"type": "Notify"}}]}}}


@pytest.mark.parametrize(
    ("keys", "secrets", "expected"),
    [
        ([_dated(Key, 15)], [_dated(VaultSecret, 15)], PASS),
        ([_dated(Key, 13)], [], FAIL),
        ([_dated(Key, -1)], [], FAIL),
        ([_dated(Key, None)], [], FAIL),
        ([_dated(Key, None, itself=ROTATED)], [], PASS),
        ([_dated(Key, None, itself=NOTIFIED)], [], FAIL),
        ([_dated(Key, None, itself=None)], [], FAIL),
        ([], [_dated(VaultSecret, None)], FAIL),
        ([], [], NOTHING),
    ],
)
def test_keys_and_secrets_end(keys: list[Any], secrets: list[Any], expected: Status) -> None:
    """A policy that only notifies rotates nothing."""
    assert status(keyvault.objects_expire, CompleteSet(*keys), CompleteSet(*secrets)) is expected


def test_what_is_not_in_use_needs_no_date() -> None:
    """A secret that is disabled opens nothing."""
    off = made(
        VaultSecret,
        a_resource(HERE, "Microsoft.KeyVault/vaults/secrets", "keys", "old"),
        properties={"attributes": {"enabled": False}},
    )

    assert status(keyvault.objects_expire, CompleteSet(), CompleteSet(off)) is PASS
    assert status(keyvault.objects_expire, UnreadSet(), CompleteSet(off)) is UNKNOWN


@pytest.mark.parametrize(
    ("audited", "diagnostics", "expected"),
    [
        ({}, [], PASS),
        ({"retentionDays": 0}, [], PASS),
        ({"retentionDays": 89}, [], FAIL),
        ({"state": "Disabled"}, [], FAIL),
        ({"storageEndpoint": "", "isAzureMonitorTargetEnabled": True}, [], FAIL),
        (
            {"storageEndpoint": "", "isAzureMonitorTargetEnabled": True},
            [a_diagnostic("audit", "SQLSecurityAuditEvents")],
            PASS,
        ),
        ({"retentionDays": 1, "isAzureMonitorTargetEnabled": True}, [a_diagnostic("all", "", logs=[
            {"categoryGroup": "audit", "enabled": True}])], PASS),
        ({"storageEndpoint": ""}, [], UNKNOWN),
    ],
)  # fmt: skip
def test_a_server_is_audited(audited: dict[str, Any], diagnostics: list[Any], expected: Status) -> None:
    """What is meant for Azure Monitor arrives nowhere without a diagnostic setting of the database master."""
    server = made(SqlServer, SERVER, auditing={"properties": audited}, masterDiagnostics=diagnostics)

    assert status(sql.auditing_enabled, server) is expected


def _rules(*ends: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": f"rule{number}", "properties": {"startIpAddress": first, "endIpAddress": last}}
        for number, (first, last) in enumerate(ends)
    ]


EVERYBODY = _rules(("0.0.0.0", "255.255.255.255"))  # noqa: S104
IN_HALVES = _rules(("1.0.0.0", "127.255.255.255"), ("128.0.0.0", "223.255.255.255"))
AZURE = _rules(("0.0.0.0", "0.0.0.0"))  # noqa: S104
OFFICE = _rules(("8.8.8.8", "8.8.8.9"))


@pytest.mark.parametrize(
    ("rules", "access", "expected"),
    [
        ([], "Enabled", PASS),
        (OFFICE, "Enabled", PASS),
        (EVERYBODY, "Enabled", FAIL),
        (EVERYBODY, None, FAIL),
        (EVERYBODY, "Disabled", PASS),
        (EVERYBODY, "SecuredByPerimeter", UNKNOWN),
        (IN_HALVES, "Enabled", FAIL),
        (AZURE, "Enabled", FAIL),
        (_rules(("9.9.9.9", "8.8.8.8")), "Enabled", UNKNOWN),
    ],
)
def test_the_firewall_of_a_server(rules: list[Any], access: str | None, expected: Status) -> None:
    """Everybody in two halves is everybody; a rule that lets in all of Azure lets in any of its customers."""
    server = made(SqlServer, SERVER, firewallRules=rules, properties={"publicNetworkAccess": access})

    assert status(sql.no_open_firewall, server) is expected


def test_a_range_of_ipv6_is_looked_at() -> None:
    """It is a list of its own."""
    everybody = [{"name": "all", "properties": {"startIPv6Address": "::", "endIPv6Address": "ffff" + ":ffff" * 7}}]

    assert status(sql.no_open_firewall, made(SqlServer, SERVER, ipv6FirewallRules=everybody)) is FAIL


def test_azure_itself_may_be_approved() -> None:
    """Some applications have no other way to their database."""
    server = made(SqlServer, SERVER, firewallRules=AZURE)

    assert status(sql.no_open_firewall, server, azure_services=True) is PASS
    assert "of any customer" in verdict(sql.no_open_firewall, server).reason


@pytest.mark.parametrize(
    ("name", "state", "expected"),
    [("shop", "Enabled", PASS), ("shop", "Disabled", FAIL), ("master", "Disabled", NOTHING)],
)
def test_databases_are_encrypted(name: str, state: str, expected: Status) -> None:
    """The database master cannot be, by Microsoft's documentation."""
    body = a_resource(HERE, "Microsoft.Sql/servers/databases", "sql", name)
    database = made(
        SqlDatabase,
        body,
        transparentDataEncryption={"properties": {"state": state}},
        dataMasking={"properties": {"dataMaskingState": "Disabled"}},
        maskingRules=[],
    )

    assert status(sql.tde_enabled, database) is expected


def a_server(of: type[Any] = PostgresqlServer, **but: Any) -> Any:
    """A flexible server in good order."""
    body = a_resource(
        HERE,
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "pg",
        properties={
            "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Disabled"},
            "network": {"publicNetworkAccess": "Enabled"},
        },
        secureTransport={"properties": {"value": "on"}},
        tlsVersions={"properties": {"value": "TLSv1.2"}},
        firewallRules=OFFICE,
    )
    return made(of, body, **but)


def _value(value: str) -> dict[str, Any]:
    return {"properties": {"value": value}}


@pytest.mark.parametrize(
    ("postgresql", "mysql", "expected"),
    [
        ([a_server()], [a_server(MysqlServer, tlsVersions=_value("TLSv1.2,TLSv1.3"))], PASS),
        ([a_server(secureTransport=_value("OFF"))], [], FAIL),
        ([a_server(tlsVersions=_value("TLSv1.1"))], [], FAIL),
        ([], [a_server(MysqlServer, tlsVersions=_value("TLSv1,TLSv1.2"))], FAIL),
        ([], [a_server(MysqlServer, tlsVersions=_value("TLSv1.1,TLSv1.2"))], FAIL),
        ([a_server(tlsVersions=_value(""))], [], UNKNOWN),
        ([], [], NOTHING),
    ],
)
def test_flexible_servers_enforce_tls(postgresql: list[Any], mysql: list[Any], expected: Status) -> None:
    """One old version among those that MySQL takes is enough."""
    assert status(flexible.tls_enforced, CompleteSet(*postgresql), CompleteSet(*mysql)) is expected


@pytest.mark.parametrize(
    ("days", "geo", "limit", "expected"),
    [
        (14, "Disabled", False, PASS),
        (13, "Enabled", False, FAIL),
        (14, "Disabled", True, FAIL),
        (35, "Enabled", True, PASS),
    ],
)
def test_flexible_servers_keep_backups(days: int, geo: str, limit: bool, expected: Status) -> None:
    """Another region is asked for only where the company asks for it."""
    kept = {"backup": {"backupRetentionDays": days, "geoRedundantBackup": geo}}
    server = a_server(properties=kept)

    assert status(flexible.backup_retention, CompleteSet(server), CompleteSet(), geo_redundant=limit) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"firewallRules": EVERYBODY}, FAIL),
        ({"firewallRules": AZURE}, FAIL),
        ({"firewallRules": EVERYBODY, "properties": {"network": {"publicNetworkAccess": "Disabled"}}}, PASS),
        ({"firewallRules": EVERYBODY, "properties": {"network": {"delegatedSubnetResourceId": "x"}}}, PASS),
        ({"firewallRules": _rules(("no", "address"))}, UNKNOWN),
    ],
)
def test_the_firewall_of_flexible_servers(but: dict[str, Any], expected: Status) -> None:
    """One that lies in a subnet has no public endpoint that rules could open."""
    assert status(flexible.no_open_firewall, CompleteSet(a_server(**but)), CompleteSet()) is expected


@pytest.mark.parametrize(("value", "expected"), [(False, PASS), (True, FAIL), (None, FAIL), (..., FAIL)])
def test_shared_keys_are_refused(value: Any, expected: Status) -> None:
    """Null permits them."""
    account = an_account(allowSharedKeyAccess=value)

    assert status(storage.shared_key_disabled, account) is expected
    assert status(storage.shared_key_disabled, account, approved=("data",)) is PASS


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"keyCreationTime": {"key1": ago(89), "key2": ago(89)}}, PASS),
        ({"keyCreationTime": {"key1": ago(89), "key2": ago(91)}}, FAIL),
        ({"keyCreationTime": {"key1": None, "key2": ago(1)}}, FAIL),
        ({"keyCreationTime": None}, UNKNOWN),
        ({"keyCreationTime": {"key1": "2022-01-01T00:00:00Z"}, "allowSharedKeyAccess": False}, NOTHING),
        ({"keyCreationTime": {"key1": "2022-01-01T00:00:00Z"}, "allowSharedKeyAccess": None}, FAIL),
    ],
)
def test_keys_are_made_anew(but: dict[str, Any], expected: Status) -> None:
    """Keys that the account refuses open nothing; where nothing is said it takes them."""
    assert status(storage.keys_rotated, an_account(**but)) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"allowCrossTenantReplication": False}, PASS),
        ({"allowCrossTenantReplication": True}, FAIL),
        ({"creationTime": "2023-12-14T23:59:59Z"}, FAIL),
        ({"creationTime": "2023-12-15T00:00:00Z"}, UNKNOWN),
        ({}, UNKNOWN),
        ({"kind": "FileStorage", "allowCrossTenantReplication": True}, NOTHING),
    ],
)
def test_nothing_is_replicated_to_other_tenants(but: dict[str, Any], expected: Status) -> None:
    """What nothing means depends on the age of the account."""
    assert status(storage.cross_tenant_replication_disabled, an_account(**but)) is expected


@pytest.mark.parametrize(("value", "expected"), [(True, PASS), (False, FAIL), (None, FAIL), (..., FAIL)])
def test_roles_decide_over_a_vault(value: Any, expected: Status) -> None:
    """Where nothing is said access policies do."""
    assert status(keyvault.rbac_enabled, made(Vault, VAULT, properties={"enableRbacAuthorization": value})) is expected


DENIED = {"networkAcls": {"defaultAction": "Deny", "ipRules": []}}


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"publicNetworkAccess": "Disabled"}, PASS),
        ({"publicNetworkAccess": "disabled"}, PASS),
        ({}, FAIL),
        (DENIED, PASS),
        ({"networkAcls": {"defaultAction": "Allow"}}, FAIL),
        ({"networkAcls": {"defaultAction": None}}, FAIL),
        ({"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "0.0.0.0/0"}]}}, FAIL),
        ({"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "8.8.8.8"}]}}, PASS),
        ({"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "office"}]}}, UNKNOWN),
        ({"publicNetworkAccess": "SecuredByPerimeter"}, UNKNOWN),
    ],
)
def test_networks_of_a_vault(but: dict[str, Any], expected: Status) -> None:
    """A vault without rules lets in everybody."""
    assert status(keyvault.network_restricted, made(Vault, VAULT, properties=but)) is expected


@pytest.mark.parametrize(
    ("administrators", "limits", "expected"),
    [
        ({"azureADOnlyAuthentication": True}, {}, PASS),
        ({"azureADOnlyAuthentication": False}, {}, FAIL),
        ({}, {}, FAIL),
        ({"azureADOnlyAuthentication": False}, {"sql_logins": True}, PASS),
        (None, {"sql_logins": True}, FAIL),
    ],
)
def test_people_sign_in_by_entra(administrators: Any, limits: dict[str, Any], expected: Status) -> None:
    """Logins of the server's own are a second way in."""
    server = made(SqlServer, SERVER, properties={"administrators": administrators})

    assert status(sql.entra_admin_only, server, **limits) is expected


@pytest.mark.parametrize(
    ("tags", "state", "rules", "limits", "expected"),
    [
        ({"PII": "yes"}, "Enabled", [{"properties": {"ruleState": "Enabled"}}], {}, PASS),
        ({"pii": "yes"}, "Enabled", [{"properties": {}}], {}, PASS),
        ({"pii": "yes"}, "Enabled", [], {}, FAIL),
        ({"pii": "yes"}, "Enabled", [{"properties": {"ruleState": "Disabled"}}], {}, FAIL),
        ({"pii": "yes"}, "Disabled", [{"properties": {}}], {}, FAIL),
        ({}, "Disabled", [], {}, NOTHING),
        (None, "Disabled", [], {}, NOTHING),
        ({"data": "public"}, "Disabled", [], {"pii_tag": "data=personal"}, NOTHING),
        ({"data": "Personal"}, "Disabled", [], {"pii_tag": "data=personal"}, FAIL),
    ],
)  # fmt: skip
def test_columns_are_masked(tags: Any, state: str, rules: Any, limits: Any, expected: Status) -> None:
    """Masking that is on masks what rules name."""
    body = a_resource(HERE, "Microsoft.Sql/servers/databases", "sql", "shop")
    on = {"properties": {"state": "Enabled"}}
    masking = {"properties": {"dataMaskingState": state}}
    database = made(SqlDatabase, body, tags=tags, transparentDataEncryption=on, dataMasking=masking, maskingRules=rules)

    assert status(sql.masking_configured, database, **limits) is expected


@pytest.mark.parametrize(
    ("but", "limits", "expected"),
    [
        ({}, {}, PASS),
        ({"disableLocalAuth": False}, {}, FAIL),
        ({"disableLocalAuth": ...}, {}, FAIL),
        ({"ipRules": []}, {}, FAIL),
        ({"ipRules": [], "isVirtualNetworkFilterEnabled": True}, {}, PASS),
        ({"ipRules": [], "publicNetworkAccess": "Disabled"}, {}, PASS),
        ({"ipRules": [{"ipAddressOrRange": EVERYTHING_IN_AZURE[0]}]}, {}, FAIL),
        ({"ipRules": [{"ipAddressOrRange": EVERYTHING_IN_AZURE[0]}]}, {"azure_services": True}, PASS),
        ({"ipRules": [{"ipAddressOrRange": "0.0.0.0/1"}]}, {}, FAIL),
        ({"ipRules": [{"ipAddressOrRange": "office"}]}, {}, UNKNOWN),
        ({"publicNetworkAccess": "SecuredByPerimeter"}, {}, UNKNOWN),
    ],
)
def test_cosmos_is_restricted(but: dict[str, Any], limits: dict[str, Any], expected: Status) -> None:
    """By networks and by sign-in: one of the two is not enough."""
    body = a_resource(HERE, "Microsoft.DocumentDB/databaseAccounts", "shop", properties={
        "publicNetworkAccess": "Enabled", "disableLocalAuth": True, "ipRules": [{"ipAddressOrRange": "8.8.8.8"}],
    })  # fmt: skip

    assert status(cosmosdb.network_and_auth, made(CosmosAccount, body, properties=but), **limits) is expected


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (storage.shared_key_disabled, [unread(StorageAccount)]),
        (storage.keys_rotated, [unread(StorageAccount)]),
        (storage.cross_tenant_replication_disabled, [unread(StorageAccount)]),
        (keyvault.rbac_enabled, [unread(Vault)]),
        (keyvault.network_restricted, [unread(Vault)]),
        (sql.entra_admin_only, [unread(SqlServer)]),
        (sql.masking_configured, [unread(SqlDatabase)]),
        (cosmosdb.network_and_auth, [unread(CosmosAccount)]),
        (storage.no_public_blob, [unread(StorageAccount)]),
        (storage.https_tls12, [unread(StorageAccount)]),
        (storage.network_restricted, [unread(StorageAccount)]),
        (storage.soft_delete, [unread(StorageAccount)]),
        (keyvault.purge_protected, [unread(Vault)]),
        (keyvault.audit_logged, [unread(Vault)]),
        (keyvault.objects_expire, [CompleteSet(), UnreadSet()]),
        (sql.auditing_enabled, [unread(SqlServer)]),
        (sql.no_open_firewall, [unread(SqlServer)]),
        (sql.tde_enabled, [unread(SqlDatabase)]),
        (flexible.tls_enforced, [CompleteSet(a_server()), UnreadSet()]),
        (flexible.backup_retention, [UnreadSet(), CompleteSet()]),
        (flexible.no_open_firewall, [CompleteSet(), UnreadSet()]),
    ],
)
def test_what_was_not_read_is_unknown(check: Check[...], evidence: list[Any]) -> None:
    """What could not be looked at is neither good nor bad."""
    assert status(check, *evidence) is UNKNOWN
