"""Answers of Resource Manager, in the form in which it gives them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collector.demo.json_answers import Json

Body = dict[str, Any]

# Lists of which Acme's subscription has nothing, and everything else that has to be answered with a list.
EMPTY = (
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/policyAssignments",
    "Microsoft.Authorization/roleAssignmentScheduleInstances",
    "Microsoft.Authorization/roleEligibilityScheduleInstances",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.DBforMySQL/flexibleServers",
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Microsoft.DocumentDB/databaseAccounts",
    "Microsoft.Insights/actionGroups",
    "Microsoft.Insights/activityLogAlerts",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/eventtypes/management/values",
    "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/firewallPolicies",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/networkWatchers",
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.RecoveryServices/vaults",
    "Microsoft.Security/alerts",
    "Microsoft.Security/assessments",
    "Microsoft.Security/jitNetworkAccessPolicies",
    "Microsoft.Security/securityContacts",
    "Microsoft.Security/subAssessments",
    "Microsoft.Sql/servers",
    "Microsoft.Web/sites",
)


def token(tenant: str, principal: str, audience: str) -> str:
    """Return what Entra would issue, without a signature: it says whose it is, and opens nothing."""
    claims = {"aud": audience, "tid": tenant, "oid": principal, "appid": principal, "roles": ["Directory.Read.All"]}
    parts = ({"alg": "none"}, claims, {"of": "the demo"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def resource(
    group: str,
    type_: str,
    name: str,
    properties: Mapping[str, Any],
    tags: Mapping[str, str] | None = None,
    **but: Json,
) -> Body:
    """Return a resource; `group` is the id of its group."""
    return {
        "id": f"{group}/providers/{type_}/{name}",
        "name": name,
        "type": type_,
        "location": "westeurope",
        "tags": dict(tags or {}),
        "properties": dict(properties),
        **but,
    }


def role(id_: str, name: str, actions: Sequence[str]) -> Body:
    """Return one of Azure's own roles."""
    permissions = {"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}
    return {
        "id": f"/providers/Microsoft.Authorization/roleDefinitions/{id_}",
        "name": id_,
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "assignableScopes": ["/"],
            "permissions": [permissions],
        },
    }


def assignment(name: str, role_: str, principal: str, kind: str, scope: str) -> Body:
    """Return a role that somebody has."""
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role_}",
            "principalId": principal,
            "principalType": kind,
            "scope": scope,
        },
    }


def account(group: str, name: str, made: str, **properties: Json) -> Body:
    """Return a storage account in good order, but for some properties."""
    good = {
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "allowCrossTenantReplication": False,
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": []},
        "creationTime": made,
    }
    return resource(group, "Microsoft.Storage/storageAccounts", name, {**good, **properties}, kind="StorageV2")


def security_group(group: str, name: str, source: str) -> Body:
    """Return a security group that lets one source in to SSH."""
    rule = {
        "name": "AllowSSH",
        "properties": {
            "access": "Allow", "direction": "Inbound", "priority": 100, "protocol": "Tcp", "sourcePortRange": "*",
            "sourceAddressPrefix": source, "destinationAddressPrefix": "*", "destinationPortRange": "22",
        },
    }  # fmt: skip
    properties = {"securityRules": [rule], "defaultSecurityRules": []}
    return resource(group, "Microsoft.Network/networkSecurityGroups", name, properties)


def plans(subscription: str, enabled: Iterable[str]) -> list[Body]:
    """Return the plans of Defender for Cloud, of which some are on."""
    names = ("VirtualMachines", "StorageAccounts", "SqlServers", "Containers", "KeyVaults", "Arm", "AppServices")
    on = frozenset(enabled)
    return [
        {
            "id": f"/subscriptions/{subscription}/providers/Microsoft.Security/pricings/{name}",
            "name": name,
            "properties": {"pricingTier": "Standard" if name in on else "Free"},
        }
        for name in names
    ]
