"""How sure the answers of Azure are, call by call. A call that is not here is only described.

Tests read Microsoft's own examples of these (Azure/azure-rest-api-specs, in
tests/connectors/azure/test_vendor_examples.py), besides answers that are made after its reference. No answer of Azure
was recorded, and no run is on record.
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.core.answers import AnswerBasis

_AT = "/subscriptions/{subscription}/providers"
_IN_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers"

_EXAMPLES = (
    "GET /providers/Microsoft.Management/managementGroups",
    "GET /subscriptions",
    f"GET {_AT}/Microsoft.Authorization/locks",
    f"GET {_AT}/Microsoft.Authorization/policyAssignments",
    f"GET {_AT}/Microsoft.Authorization/roleAssignments",
    f"GET {_AT}/Microsoft.Authorization/roleDefinitions",
    f"GET {_AT}/Microsoft.Authorization/roleEligibilityScheduleInstances",
    f"GET {_AT}/Microsoft.Compute/disks",
    f"GET {_AT}/Microsoft.Compute/virtualMachines",
    f"GET {_AT}/Microsoft.ContainerRegistry/registries",
    f"GET {_AT}/Microsoft.ContainerService/managedClusters",
    f"GET {_AT}/Microsoft.DBforMySQL/flexibleServers",
    f"GET {_AT}/Microsoft.DBforPostgreSQL/flexibleServers",
    f"GET {_AT}/Microsoft.DocumentDB/databaseAccounts",
    f"GET {_AT}/Microsoft.Insights/activityLogAlerts",
    f"GET {_AT}/Microsoft.Insights/diagnosticSettings",
    f"GET {_AT}/Microsoft.KeyVault/vaults",
    f"GET {_AT}/Microsoft.Network/applicationGateways",
    f"GET {_AT}/Microsoft.Network/azureFirewalls",
    f"GET {_AT}/Microsoft.Network/networkSecurityGroups",
    f"GET {_AT}/Microsoft.Network/networkWatchers",
    f"GET {_AT}/Microsoft.Network/publicIPAddresses",
    f"GET {_AT}/Microsoft.Network/virtualNetworks",
    f"GET {_AT}/Microsoft.OperationalInsights/workspaces",
    f"GET {_AT}/Microsoft.RecoveryServices/vaults",
    f"GET {_AT}/Microsoft.Security/alerts",
    f"GET {_AT}/Microsoft.Security/assessments",
    f"GET {_AT}/Microsoft.Security/jitNetworkAccessPolicies",
    f"GET {_AT}/Microsoft.Security/pricings",
    f"GET {_AT}/Microsoft.Security/securityContacts",
    f"GET {_AT}/Microsoft.Sql/servers",
    f"GET {_AT}/Microsoft.Storage/storageAccounts",
    f"GET {_AT}/Microsoft.Web/sites",
    f"GET {_IN_GROUP}/Microsoft.KeyVault/vaults/{{vault}}/keys",
    f"GET {_IN_GROUP}/Microsoft.KeyVault/vaults/{{vault}}/secrets",
    f"GET {_IN_GROUP}/Microsoft.RecoveryServices/vaults/{{vault}}/backupJobs",
    f"GET {_IN_GROUP}/Microsoft.RecoveryServices/vaults/{{vault}}/backupProtectedItems",
    f"GET {_IN_GROUP}/Microsoft.Sql/servers/{{server}}/databases",
    f"POST {_AT}/Microsoft.PolicyInsights/policyStates/latest/summarize",
)

ANSWERS: Mapping[str, AnswerBasis] = dict.fromkeys(_EXAMPLES, AnswerBasis.EXAMPLE)
