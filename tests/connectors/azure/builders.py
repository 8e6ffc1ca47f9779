"""Resources in good order, of which a test changes what matters."""

from __future__ import annotations

from typing import Any

from connectors.azure.compute.resources import VirtualMachine
from connectors.azure.recovery.resources import ProtectedItem
from connectors.azure.storage.resources import StorageAccount
from tests.connectors.azure.judging import HERE, a_resource, ago, made

KEPT = {"enabled": True, "days": 7}
ACCOUNT = a_resource(
    HERE,
    "Microsoft.Storage/storageAccounts",
    "data",
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    properties={
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "allowBlobPublicAccess": False,
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"defaultAction": "Deny", "ipRules": [], "bypass": "Logging, Metrics, AzureServices"},
    },
    blobService={"properties": {"deleteRetentionPolicy": KEPT, "containerDeleteRetentionPolicy": KEPT}},
)


def an_account(**but: Any) -> StorageAccount:
    """An account in good order, but for some properties."""
    top = {key: but.pop(key) for key in ("kind", "blobService") if key in but}
    return made(StorageAccount, ACCOUNT, properties=but, **top)


SERVER = a_resource(
    HERE,
    "Microsoft.Sql/servers",
    "sql",
    properties={"publicNetworkAccess": "Enabled"},
    auditing={"properties": {"state": "Enabled", "retentionDays": 90, "storageEndpoint": "https://x"}},
    firewallRules=[],
    ipv6FirewallRules=[],
    masterDiagnostics=[],
)


MACHINE = a_resource(
    HERE,
    "Microsoft.Compute/virtualMachines",
    "web",
    properties={
        "storageProfile": {"osDisk": {"osType": "Linux"}},
        "osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": True}},
    },
)


def a_machine(**but: Any) -> VirtualMachine:
    """A machine in good order, but for some properties."""
    return made(VirtualMachine, MACHINE, properties=but)


def an_item(hours: float | None = 1, **but: Any) -> ProtectedItem:
    """The machine, as Azure Backup protects it."""
    properties = {
        "protectedItemType": "Microsoft.Compute/virtualMachines",
        "sourceResourceId": MACHINE["id"].upper(),
        "protectionState": "Protected",
        "lastBackupStatus": "Completed",
        "lastBackupTime": None if hours is None else ago(hours / 24),
    }
    return made(ProtectedItem, {"id": "/item", "name": "web", "properties": properties}, properties=but)


CLUSTER = a_resource(
    HERE,
    "Microsoft.ContainerService/managedClusters",
    "aks",
    properties={
        "enableRBAC": True,
        "aadProfile": {"managed": True},
        "disableLocalAccounts": True,
        "apiServerAccessProfile": {"authorizedIPRanges": ["8.8.8.8/32"]},
    },
)
