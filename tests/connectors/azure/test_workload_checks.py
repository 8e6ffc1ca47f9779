"""Checks of machines, backups, clusters, registries and web apps."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.azure.compute import checks as compute
from connectors.azure.compute.resources import Disk, VirtualMachine
from connectors.azure.containers import checks as containers
from connectors.azure.containers.resources import AksCluster, Registry
from connectors.azure.recovery import checks as recovery
from connectors.azure.recovery.resources import Job, RecoveryVault, RestoreJob
from connectors.azure.web import checks as web
from connectors.azure.web.resources import Site
from tests.connectors.azure.builders import CLUSTER, a_machine, an_item
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    a_resource,
    ago,
    made,
    status,
    unread,
)


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": False}}}, FAIL),
        ({"osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": None}}}, UNKNOWN),
        ({"osProfile": ...}, UNKNOWN),
        ({"storageProfile": {"osDisk": {"osType": "Windows"}}, "osProfile": ...}, NOTHING),
        ({"storageProfile": {"osDisk": {"osType": None}}, "osProfile": ...}, UNKNOWN),
    ],
)
def test_linux_takes_no_passwords(but: dict[str, Any], expected: Status) -> None:
    """A machine that was made of a disk with a system of its own tells nothing."""
    assert status(compute.password_login_disabled, a_machine(**but)) is expected


EPHEMERAL = {"storageProfile": {"osDisk": {"diffDiskSettings": {"option": "Local"}}}}


@pytest.mark.parametrize(
    ("machines", "items", "expected"),
    [
        ([a_machine()], [an_item()], PASS),
        ([a_machine()], [an_item(47.9)], PASS),
        ([a_machine()], [an_item(48.1)], FAIL),
        ([a_machine()], [an_item(None)], FAIL),
        ([a_machine()], [an_item(lastBackupStatus="Failed")], FAIL),
        ([a_machine()], [an_item(protectionState="ProtectionStopped")], FAIL),
        ([a_machine()], [an_item(protectionState="ProtectionStopped"), an_item()], PASS),
        ([a_machine()], [an_item(sourceResourceId="/another")], FAIL),
        ([a_machine(**EPHEMERAL)], [], FAIL),
        ([a_machine()], [], FAIL),
        ([], [], NOTHING),
    ],
)
def test_machines_are_backed_up(machines: list[Any], items: list[Any], expected: Status) -> None:
    """Protected, and lately so."""
    assert status(recovery.vm_backup_enabled, CompleteSet(*machines), CompleteSet(*items)) is expected


def jobs(good: int, bad: int, **but: Any) -> CompleteSet:
    """So many backup jobs that ended well and badly."""
    properties = {"operation": "Backup", "startTime": ago(1), "entityFriendlyName": "web"}
    body = {"id": "/job", "name": "job", "properties": properties}
    return CompleteSet(
        *(made(Job, body, properties={"status": "Completed", **but}) for _ in range(good)),
        *(made(Job, body, properties={"status": "Failed", **but}) for _ in range(bad)),
    )


VAULT = made(
    RecoveryVault,
    a_resource(HERE, "Microsoft.RecoveryServices/vaults", "backups", backupConfig={"properties": {}}),
)


@pytest.mark.parametrize(
    ("found", "vaults", "expected"),
    [
        (jobs(98, 2), [VAULT], PASS),
        (jobs(97, 3), [VAULT], FAIL),
        (jobs(0, 1), [VAULT], FAIL),
        (jobs(1, 0, status="CompletedWithWarnings"), [VAULT], PASS),
        (jobs(1, 0, status="InProgress"), [VAULT], UNKNOWN),
        (jobs(1, 0, operation="ConfigureBackup"), [VAULT], UNKNOWN),
        (jobs(0, 1, startTime=ago(31)), [VAULT], UNKNOWN),
        (jobs(0, 1, status="Cancelled"), [VAULT], FAIL),
        (jobs(0, 0), [VAULT], UNKNOWN),
        (jobs(0, 0), [], UNKNOWN),
    ],
)
def test_backup_jobs_end_well(found: CompleteSet, vaults: list[Any], expected: Status) -> None:
    """Only backups count, only those that ended; none at all says nothing."""
    assert status(recovery.backup_jobs_succeed, found, CompleteSet(*vaults)) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"enableRBAC": False}, FAIL),
        ({"enableRBAC": ...}, UNKNOWN),
        ({"aadProfile": None}, FAIL),
        ({"aadProfile": {"managed": None}}, FAIL),
        ({"disableLocalAccounts": False}, FAIL),
        ({"disableLocalAccounts": ...}, FAIL),
        ({"apiServerAccessProfile": None}, FAIL),
        ({"apiServerAccessProfile": {"authorizedIPRanges": []}}, FAIL),
        ({"apiServerAccessProfile": {"enablePrivateCluster": True, "authorizedIPRanges": None}}, PASS),
        ({"apiServerAccessProfile": None, "publicNetworkAccess": "Disabled"}, PASS),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/1", "128.0.0.0/1"]}}, FAIL),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/32"]}}, PASS),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["office"]}}, UNKNOWN),
    ],
)
def test_clusters_are_hardened(but: dict[str, Any], expected: Status) -> None:
    """A private cluster can name no ranges, and needs none."""
    assert status(containers.hardened, made(AksCluster, CLUSTER, properties=but)) is expected


@pytest.mark.parametrize(
    ("admin", "anonymous", "expected"),
    [(False, False, PASS), (True, False, FAIL), (False, True, FAIL), (False, None, UNKNOWN), (False, ..., UNKNOWN)],
)
def test_everybody_signs_in_to_a_registry(admin: bool, anonymous: Any, expected: Status) -> None:
    """Versions of the API that leave anonymous pull out do not say that it is off."""
    body = a_resource(HERE, "Microsoft.ContainerRegistry/registries", "acr", properties={"anonymousPullEnabled": False})
    registry = made(Registry, body, properties={"adminUserEnabled": admin, "anonymousPullEnabled": anonymous})

    assert status(containers.admin_user_disabled, registry) is expected


@pytest.mark.parametrize(
    ("https", "tls", "expected"),
    [
        (True, "1.2", PASS),
        (True, "1.3", PASS),
        (True, "1.1", FAIL),
        (True, None, UNKNOWN),
        (True, "new", UNKNOWN),
        (False, "1.2", FAIL),
    ],
)
def test_apps_are_encrypted(https: bool, tls: str | None, expected: Status) -> None:
    """More than is required passes."""
    body = a_resource(HERE, "Microsoft.Web/sites", "app", config={"properties": {"minTlsVersion": tls}})

    assert status(web.https_tls12, made(Site, body, properties={"httpsOnly": https})) is expected


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}, PASS),
        ({"securityType": "ConfidentialVM", "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}, PASS),
        ({"securityType": "TrustedLaunch", "uefiSettings": {"vTpmEnabled": True}}, FAIL),
        ({"securityType": "TrustedLaunch"}, FAIL),
        ({"securityType": "Standard"}, FAIL),
        ({"encryptionAtHost": True}, FAIL),
        (None, FAIL),
    ],
)
def test_machines_start_trusted(profile: Any, expected: Status) -> None:
    """A confidential machine starts at least as trusted."""
    assert status(compute.trusted_launch_enabled, a_machine(securityProfile=profile)) is expected


@pytest.mark.parametrize(
    ("kind", "limits", "expected"),
    [
        ("EncryptionAtRestWithPlatformKey", {}, PASS),
        ("EncryptionAtRestWithPlatformKey", {"allowed_types": ("EncryptionAtRestWithCustomerKey",)}, FAIL),
        ("EncryptionAtRestWithCustomerKey", {"allowed_types": ("EncryptionAtRestWithCustomerKey",)}, PASS),
        ("Something", {}, FAIL),
    ],
)
def test_disks_meet_the_standard(kind: str, limits: dict[str, Any], expected: Status) -> None:
    """Encryption at the host is not the company's key."""
    body = a_resource(HERE, "Microsoft.Compute/disks", "d", properties={"encryption": {"type": kind}})

    assert status(compute.disk_encryption, made(Disk, body), **limits) is expected


def restores(*days: float, **but: Any) -> CompleteSet:
    """Restores that succeeded so many days ago."""
    return CompleteSet(
        *(
            made(RestoreJob, {"id": "/j", "name": "j", "properties": {
                "operation": "Restore", "status": "Completed", "startTime": ago(day)}}, properties=but)
            for day in days
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "vaults", "expected"),
    [
        (restores(179), [VAULT], PASS),
        (restores(181), [VAULT], FAIL),
        (restores(300, 10), [VAULT], PASS),
        (restores(1, status="Failed"), [VAULT], FAIL),
        (restores(1, operation="Backup"), [VAULT], FAIL),
        (restores(), [VAULT], FAIL),
        (restores(), [], UNKNOWN),
    ],
)
def test_a_restore_was_tried(found: CompleteSet, vaults: list[Any], expected: Status) -> None:
    """One that succeeded, not long ago."""
    assert status(recovery.restore_tested, found, CompleteSet(*vaults)) is expected


SOFT, FIXED = {"softDeleteSettings": {"softDeleteState": "AlwaysON"}}, {"immutabilitySettings": {"state": "Locked"}}


@pytest.mark.parametrize(
    ("settings", "older", "expected"),
    [
        ({**SOFT, **FIXED}, None, PASS),
        ({**SOFT, "immutabilitySettings": {"state": "Unlocked"}}, None, PASS),
        ({**SOFT, "immutabilitySettings": {"state": "Disabled"}}, None, FAIL),
        (SOFT, None, FAIL),
        (FIXED, "Enabled", PASS),
        (FIXED, "Disabled", FAIL),
        (FIXED, None, UNKNOWN),
        (None, "Enabled", FAIL),
    ],
)
def test_vaults_are_hardened(settings: Any, older: str | None, expected: Status) -> None:
    """Soft delete is in one of two places; immutability is off where nothing is said."""
    body = a_resource(HERE, "Microsoft.RecoveryServices/vaults", "v", properties={"securitySettings": settings})
    vault = made(RecoveryVault, body, backupConfig={"properties": {"softDeleteFeatureState": older}})

    assert status(recovery.vault_hardened, vault) is expected


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage"}, PASS),
        ({"upgradeChannel": "none", "nodeOSUpgradeChannel": "NodeImage"}, FAIL),
        ({"upgradeChannel": "stable", "nodeOSUpgradeChannel": "None"}, FAIL),
        ({"nodeOSUpgradeChannel": "NodeImage"}, FAIL),
        ({"upgradeChannel": "patch"}, UNKNOWN),
        (None, FAIL),
    ],
)
def test_clusters_upgrade_by_themselves(profile: Any, expected: Status) -> None:
    """Kubernetes and the nodes' system, each by a channel of its own."""
    assert status(containers.auto_upgrade, made(AksCluster, CLUSTER, properties={"autoUpgradeProfile": profile})) is (
        expected
    )


@pytest.mark.parametrize(
    ("config", "identity", "expected"),
    [
        ({"ftpsState": "Disabled", "remoteDebuggingEnabled": False}, {"type": "SystemAssigned"}, PASS),
        ({"ftpsState": "FtpsOnly", "remoteDebuggingEnabled": False}, {"type": "UserAssigned"}, PASS),
        ({"ftpsState": "AllAllowed", "remoteDebuggingEnabled": False}, {"type": "SystemAssigned"}, FAIL),
        ({"ftpsState": None, "remoteDebuggingEnabled": False}, {"type": "SystemAssigned"}, UNKNOWN),
        ({"ftpsState": "Sometimes", "remoteDebuggingEnabled": False}, {"type": "SystemAssigned"}, UNKNOWN),
        ({"ftpsState": "Disabled", "remoteDebuggingEnabled": True}, {"type": "SystemAssigned"}, FAIL),
        ({"ftpsState": "Disabled"}, {"type": "SystemAssigned"}, UNKNOWN),
        ({"ftpsState": "Disabled", "remoteDebuggingEnabled": False}, {"type": "None"}, FAIL),
        ({"ftpsState": "Disabled", "remoteDebuggingEnabled": False}, None, FAIL),
    ],
)
def test_apps_without_ftp_and_with_an_identity(config: Any, identity: Any, expected: Status) -> None:
    """What nothing is said of is read, not guessed: tools disagree on its default."""
    body = a_resource(HERE, "Microsoft.Web/sites", "app", properties={"httpsOnly": True}, identity=identity)

    assert status(web.no_ftp_and_managed_identity, made(Site, body, config={"properties": config})) is expected


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (compute.trusted_launch_enabled, [unread(VirtualMachine)]),
        (compute.disk_encryption, [unread(Disk)]),
        (recovery.restore_tested, [UnreadSet(), CompleteSet()]),
        (recovery.vault_hardened, [unread(RecoveryVault)]),
        (containers.auto_upgrade, [unread(AksCluster)]),
        (web.no_ftp_and_managed_identity, [unread(Site)]),
        (compute.password_login_disabled, [unread(VirtualMachine)]),
        (recovery.vm_backup_enabled, [CompleteSet(a_machine()), UnreadSet()]),
        (recovery.backup_jobs_succeed, [UnreadSet(), CompleteSet()]),
        (containers.hardened, [unread(AksCluster)]),
        (containers.admin_user_disabled, [unread(Registry)]),
        (web.https_tls12, [unread(Site)]),
    ],
)
def test_what_was_not_read_is_unknown(check: Check[...], evidence: list[Any]) -> None:
    """What could not be looked at is neither good nor bad."""
    assert status(check, *evidence) is UNKNOWN
