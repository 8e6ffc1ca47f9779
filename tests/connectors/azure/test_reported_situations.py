"""Situations of public reports about tools that do the same job: each was tried, and what is right stays here."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.azure.authorization.checks import owner_count
from connectors.azure.authorization.lifecycle_checks import privileged_roles_eligible
from connectors.azure.authorization.resources import (
    AssignmentSchedule,
    Principal,
    RoleAssignment,
    RoleDefinition,
)
from connectors.azure.containers.checks import hardened
from connectors.azure.containers.resources import AksCluster
from connectors.azure.keyvault.checks import audit_logged, objects_expire
from connectors.azure.keyvault.resources import Key, Vault
from connectors.azure.monitor.checks import activity_log_exported
from connectors.azure.monitor.resources import SubscriptionDiagnostic
from connectors.azure.network.checks import no_admin_ports_open
from connectors.azure.network.resources import SecurityGroup
from connectors.azure.recovery.checks import vm_backup_enabled
from connectors.azure.recovery.resources import ProtectedItem
from connectors.azure.security.checks import lacks
from connectors.azure.security.resources import Pricing
from connectors.azure.sql.checks import auditing_enabled, no_open_firewall
from connectors.azure.sql.resources import SqlServer
from connectors.azure.storage.checks import https_tls12, keys_rotated, network_restricted, no_public_blob, soft_delete
from connectors.azure.storage.resources import StorageAccount
from connectors.azure.web.checks import https_tls12 as site_https_tls12
from connectors.azure.web.resources import Site
from tests.connectors.azure.builders import CLUSTER, MACHINE, SERVER, a_machine, an_account, an_item
from tests.connectors.azure.estate import (
    ANN,
    CREW,
    DEFAULT_RULES,
    OWNER,
    a_diagnostic,
    a_rule,
    roles,
)
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    a_resource,
    ago,
    an_assignment,
    made,
    status,
)


def a_group(*rules: dict[str, Any]) -> SecurityGroup:
    """A security group with Azure's own rules below these."""
    properties = {"securityRules": list(rules), "defaultSecurityRules": DEFAULT_RULES}
    return made(
        SecurityGroup, a_resource(HERE, "Microsoft.Network/networkSecurityGroups", "nsg", properties=properties)
    )


# prowler-cloud/prowler#12854, aquasecurity/trivy#11187, mondoohq/mql#8968,
# Azure/GuardrailsSolutionAccelerator#297, MicrosoftDocs/azure-docs#119412, #77328
ANY = {"sourceAddressPrefix": "*"}
SHADOWED = a_rule("deny", access="Deny", priority=90, protocol="*", destinationPortRange="*", **ANY)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([a_rule("both", sourceAddressPrefix="Internet", destinationPortRange=None,
                 destinationPortRanges=["22", "3389"])], FAIL),
        ([a_rule("all", sourceAddressPrefix="Internet", destinationPortRange="*")], FAIL),
        ([SHADOWED, a_rule("allow", **ANY)], PASS),
        ([a_rule("deny out", access="Deny", direction="Outbound", priority=90, destinationPortRange="*", **ANY),
          a_rule("allow", **ANY)], FAIL),
        ([a_rule("gateway", sourceAddressPrefix="GatewayManager", destinationPortRange="65200-65535")], PASS),
        ([a_rule("empty group", **ANY, destinationAddressPrefix=None,
                 destinationApplicationSecurityGroups=[{"id": "/a"}, {"id": "/empty"}])], FAIL),
    ],
)  # fmt: skip
def test_rules_of_security_groups(rules: list[Any], expected: Status) -> None:
    """Plural fields, service tags, priority and direction."""
    assert status(no_admin_ports_open, a_group(*rules), CompleteSet(), CompleteSet()) is expected


def test_lists_that_are_null() -> None:
    """prowler-cloud/prowler#8316: one null of another type, and no account of the subscription was seen."""
    nothing = {"securityRules": None, "defaultSecurityRules": DEFAULT_RULES, "subnets": None, "networkInterfaces": None}
    body = a_resource(HERE, "Microsoft.Network/networkSecurityGroups", "nsg", properties=nothing)

    assert status(no_admin_ports_open, made(SecurityGroup, body), CompleteSet(), CompleteSet()) is PASS
    assert status(network_restricted, an_account(networkAcls={"defaultAction": "Deny", "ipRules": None})) is PASS


@pytest.mark.parametrize(
    ("account", "check", "expected"),
    [
        # nccgroup/ScoutSuite#763: exceptions in one text
        (an_account(networkAcls={"bypass": "Logging, Metrics, AzureServices"}), network_restricted, PASS),
        # prowler-cloud/prowler#11099: the flag of blobs says nothing of networks
        (an_account(networkAcls={"defaultAction": "Allow"}), network_restricted, FAIL),
        (an_account(networkAcls={"defaultAction": "Allow"}), no_public_blob, PASS),
        # turbot/steampipe-mod-azure-compliance#309: permitted, although no container uses it
        (an_account(allowBlobPublicAccess=True), no_public_blob, FAIL),
        # bridgecrewio/checkov#6902, silverhack/monkey365#176: more than is required
        (an_account(minimumTlsVersion="TLS1_3"), https_tls12, PASS),
        # aquasecurity/tfsec#1991: a live account on which it was never set
        (an_account(minimumTlsVersion=None), https_tls12, FAIL),
        # nccgroup/ScoutSuite#1609: keys that are refused, and where nothing is said
        (an_account(allowSharedKeyAccess=False, keyCreationTime={"key1": ago(900)}), keys_rotated, NOTHING),
        (an_account(allowSharedKeyAccess=None, keyCreationTime={"key1": ago(900)}), keys_rotated, FAIL),
        # Azure/PSRule.Rules.Azure#554: a hierarchical namespace is no exception any more; files are
        (an_account(isHnsEnabled=True, blobService={"properties": {"deleteRetentionPolicy": {"enabled": False}}}),
         soft_delete, FAIL),
        (an_account(kind="FileStorage"), soft_delete, NOTHING),
    ],
)  # fmt: skip
def test_storage_accounts(account: StorageAccount, check: Any, expected: Status) -> None:
    """Each setting says what it says, and no more."""
    assert status(check, account) is expected


def test_a_policy_that_the_list_of_keys_has() -> None:
    """prowler-cloud/prowler#12654: the control plane shows rotation, and a private vault lets nobody else look."""
    body = a_resource(HERE, "Microsoft.KeyVault/vaults/keys", "v", "k", properties={
        "attributes": {"enabled": True}, "rotationPolicy": {"lifetimeActions": [{"action": {"type": "Rotate"}}]},
    }, itself=None)  # fmt: skip

    assert status(objects_expire, CompleteSet(made(Key, body)), CompleteSet()) is PASS


@pytest.mark.parametrize(
    ("logs", "expected"),
    [
        # prowler-cloud/prowler#11656: by category, with groups that are null
        ([{"category": "AuditEvent", "categoryGroup": None, "enabled": True},
          {"category": "AzurePolicyEvaluationDetails", "categoryGroup": None, "enabled": False}], PASS),
        ([{"category": "AuditEvent", "categoryGroup": None, "enabled": False}], FAIL),
    ],
)  # fmt: skip
def test_events_of_a_vault(logs: list[Any], expected: Status) -> None:
    """By name or by group."""
    setting = a_diagnostic("s", "", logs=logs)
    body = a_resource(HERE, "Microsoft.KeyVault/vaults", "v", diagnosticSettings=[setting])

    assert status(audit_logged, made(Vault, body)) is expected


def test_a_setting_in_which_nothing_is_chosen() -> None:
    """prowler-cloud/prowler#3421, #12488: the portal makes settings with no category in them."""
    empty = made(SubscriptionDiagnostic, a_diagnostic("s", "Administrative"), properties={"logs": []})

    assert status(activity_log_exported, CompleteSet(empty)) is FAIL


def _rule(first: str, last: str) -> list[dict[str, Any]]:
    return [{"name": "r", "properties": {"startIpAddress": first, "endIpAddress": last}}]


def test_firewalls_of_sql() -> None:
    """Checkmarx/kics#3444, MicrosoftDocs/azure-docs#83668, #98854: all of Azure is not the whole internet."""
    azure = made(SqlServer, SERVER, firewallRules=_rule("0.0.0.0", "0.0.0.0"))  # noqa: S104
    everybody = made(SqlServer, SERVER, firewallRules=_rule("0.0.0.0", "255.255.255.255"))  # noqa: S104

    assert status(no_open_firewall, azure) is FAIL
    assert status(no_open_firewall, azure, azure_services=True) is PASS
    assert status(no_open_firewall, everybody, azure_services=True) is FAIL


def test_auditing_of_a_server_is_that_of_its_databases() -> None:
    """MicrosoftDocs/azure-docs#29440: what a single database says changes nothing."""
    assert status(auditing_enabled, made(SqlServer, SERVER)) is PASS


@pytest.mark.parametrize(
    ("ranges", "private", "expected"),
    [
        (None, True, PASS),  # Azure/PSRule.Rules.Azure#2677, MicrosoftDocs/azure-docs#56130
        ([""], False, FAIL),  # crossplane-contrib/provider-upjet-azure#507: an empty text takes ranges back
        ([], True, PASS),  # Azure/azure-cli#12587
        (["8.8.8.8/32", ""], False, PASS),
    ],
)
def test_the_api_of_a_cluster(ranges: Any, private: bool, expected: Status) -> None:
    """A private cluster can name no ranges."""
    access = {"enablePrivateCluster": private, "authorizedIPRanges": ranges}

    assert status(hardened, made(AksCluster, CLUSTER, properties={"apiServerAccessProfile": access})) is expected


def test_rbac_of_kubernetes_is_no_entra() -> None:
    """LeanerCloud/CUDly#1616: a comment said both, and the cluster had one."""
    assert status(hardened, made(AksCluster, CLUSTER, properties={"aadProfile": ...})) is FAIL


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        ("1.3", PASS),  # bridgecrewio/checkov#6902, #6439
        ("1.0", FAIL),  # bridgecrewio/checkov#5721, Azure/azure-policy#192: of a slot as of an app
        (None, UNKNOWN),  # Azure/azure-policy#1385, prancer-io/prancer-compliance-test#413: the list has none
    ],
)
def test_tls_of_apps_and_slots(tls: str | None, expected: Status) -> None:
    """Read from each configuration; what it does not say is not known."""
    body = a_resource(HERE, "Microsoft.Web/sites/slots", "app", "stage", properties={"httpsOnly": True})

    assert status(site_https_tls12, made(Site, body, config={"properties": {"minTlsVersion": tls}})) is expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        # Azure/azure-rest-api-specs#10357: the group in capitals
        (an_item(sourceResourceId=MACHINE["id"].replace("/rg/", "/RG/")), PASS),
        # Azure/azure-cli#33703: a vault of another subscription
        (made(ProtectedItem, {"id": "/subscriptions/22222222-2222-2222-2222-222222222222/x", "name": "web",
                              "properties": {"protectedItemType": "Microsoft.Compute/virtualMachines",
                                             "sourceResourceId": MACHINE["id"], "protectionState": "Protected",
                                             "lastBackupStatus": "Completed", "lastBackupTime": ago(1)}}), PASS),
        # a machine of that name elsewhere
        (an_item(sourceResourceId=MACHINE["id"].replace(HERE, "22222222-2222-2222-2222-222222222222")), FAIL),
    ],
)  # fmt: skip
def test_machines_and_their_backups(item: ProtectedItem, expected: Status) -> None:
    """Joined by the id of the machine, in whatever case, wherever the vault is."""
    assert status(vm_backup_enabled, CompleteSet(a_machine()), CompleteSet(item)) is expected


def test_vaults_of_other_subscriptions_are_looked_at() -> None:
    """Azure/azure-cli#33703: the rule is for the whole source, because a vault may be anywhere in it."""
    assert vm_backup_enabled.over == "source"


DEFINITIONS = CompleteSet(*(made(RoleDefinition, body) for body in roles()))
TOP = "/providers/Microsoft.Management/managementGroups/mg1"


def _given(*bodies: dict[str, Any]) -> CompleteSet:
    return CompleteSet(*(made(RoleAssignment, body) for body in bodies))


def test_owners_of_a_management_group_are_owners() -> None:
    """Azure/azure-cli#25078, cyberark/SkyArk#10: they are inherited, and were not listed."""
    person = {"@odata.type": "#microsoft.graph.user", "id": ANN, "userType": "Member"}
    people = CompleteSet(made(Principal, {"id": ANN, "@odata.type": "#microsoft.graph.user", "people": [person]}))

    found = status(owner_count, _given(an_assignment(1, OWNER, ANN, TOP)), DEFINITIONS, people, max_owners=0)

    assert found is FAIL


def test_what_is_permanent_above_is_not_activated_below() -> None:
    """kayasax/EasyPIM#23: Azure calls inherited assignments direct; the scope tells, not that word."""
    below = made(AssignmentSchedule, {"id": "/s", "properties": {
        "roleDefinitionId": f"/x/{OWNER}", "principalId": CREW, "scope": f"/subscriptions/{HERE}",
        "assignmentType": "Activated", "endDateTime": "2026-03-02T00:00:00Z", "memberType": "Direct"}})  # fmt: skip
    standing = _given(an_assignment(1, OWNER, CREW, TOP, "Group"))

    assert status(privileged_roles_eligible, standing, DEFINITIONS, CompleteSet(below), CompleteSet()) is FAIL


OFF = {"name": "Integrity", "isEnabled": "False"}


@pytest.mark.parametrize(
    ("plan", "extensions", "covered"),
    [
        # Azure/PSRule.Rules.Azure#2205, mondoohq/mql#10155: on by its tier, and a part of it is not
        ({"pricingTier": "Standard", "subPlan": "P2", "extensions": [OFF]}, ("VirtualMachines/Integrity",), False),
        ({"pricingTier": "Standard", "subPlan": "P2"}, (), True),
        ({"pricingTier": "Standard", "resourcesCoverageStatus": "NotCovered"}, (), False),
    ],
)  # fmt: skip
def test_plans_with_parts(plan: dict[str, Any], extensions: tuple[str, ...], covered: bool) -> None:
    """Which parts have to be on the company says."""
    assert (lacks(made(Pricing, {"name": "VirtualMachines", "properties": plan}), extensions) == "") is covered
