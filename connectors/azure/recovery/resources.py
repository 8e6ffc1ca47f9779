"""Recovery Services vaults, what is protected in them, and their latest jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure, below
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS, makers
from connectors.azure._sdk.operations import operation, places_of

VAULTS = operation("GET /subscriptions/{subscription}/providers/Microsoft.RecoveryServices/vaults", "2023-04-01")
_IN_VAULT = (
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.RecoveryServices/vaults/{vault}"
)
PROTECTED = operation(f"{_IN_VAULT}/backupProtectedItems", "2023-04-01")
JOBS = operation(f"{_IN_VAULT}/backupJobs", "2023-04-01")
VAULT_CONFIG = operation(f"{_IN_VAULT}/backupconfig/vaultconfig", "2023-04-01")

READ_VAULTS = "Microsoft.RecoveryServices/Vaults/read"


class SoftDelete(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is kept after a backup was deleted."""

    soft_delete_state: str | None = None  # Enabled, AlwaysON, Disabled


class Immutability(Struct, frozen=True, kw_only=True):
    """Whether backups may be deleted before their time."""

    state: str | None = None  # Disabled, Unlocked, Locked


class SecuritySettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a vault guards what is in it; what was never set is left out."""

    immutability_settings: Immutability | None = None
    soft_delete_settings: SoftDelete | None = None


class VaultProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of a vault."""

    security_settings: SecuritySettings | None = None


class VaultConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """The older place of the setting of soft delete."""

    soft_delete_feature_state: str | None = None  # Enabled, AlwaysON, Disabled


class BackupConfig(Struct, frozen=True, kw_only=True):
    """The configuration of backup in a vault."""

    properties: VaultConfig


@resource("azure.recovery.vault", key="id", volatile=("etag",), redact=makers("backupConfig"))
class RecoveryVault(Struct, frozen=True, kw_only=True, rename="camel"):
    """A Recovery Services vault."""

    id: str
    name: str
    properties: VaultProperties
    backup_config: BackupConfig


@azure.collects(RecoveryVault, at="subscription", call=VAULTS, permissions=READ_VAULTS)
def vaults(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(VAULTS)


@azure.part(
    RecoveryVault,
    "backupConfig",
    call=VAULT_CONFIG,
    permissions="Microsoft.RecoveryServices/Vaults/backupconfig/read",
)
def backup_config(subscription: Azure, body: Body) -> Body:
    return subscription.get(VAULT_CONFIG, **places_of(body["id"], "vault"))


class Protected(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is protected and how its latest backup went; a time or a state is left out before the first."""

    source_resource_id: str | None = None  # left out of what is no resource of Azure
    protection_state: str | None = None  # Protected, IRPending, ProtectionStopped, ProtectionPaused, BackupsSuspended
    last_backup_status: str | None = None  # Completed, Failed
    last_backup_time: datetime | None = None


@resource(
    "azure.recovery.protected_item",
    key="id",
    redact=(
        *MAKERS,
        "properties.extendedInfo",
    ),
)
class ProtectedItem(Struct, frozen=True, kw_only=True):
    """Something that Azure Backup protects."""

    id: str
    name: str
    properties: Protected


@azure.collects(
    ProtectedItem,
    at="subscription",
    call=(VAULTS, PROTECTED),
    permissions=(READ_VAULTS, "Microsoft.RecoveryServices/Vaults/backupProtectedItems/read"),
)
def protected_items(subscription: Azure) -> Iterator[Body]:
    return below(
        subscription.pages(VAULTS),
        lambda vault: subscription.pages(PROTECTED, **places_of(vault["id"], "vault")),
    )


class JobProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a job did, and how it ended."""

    operation: str  # Backup, Restore, ConfigureBackup, DeleteBackupData, ...
    status: str  # Completed, CompletedWithWarnings, Failed, Cancelled, InProgress, Cancelling, Invalid
    start_time: datetime


@resource("azure.recovery.job", key="id", redact=MAKERS)
class Job(Struct, frozen=True, kw_only=True):
    """A job of Azure Backup, of the window that the settings give."""

    id: str
    name: str
    properties: JobProperties


@azure.collects(
    Job,
    at="subscription",
    call=(VAULTS, JOBS),
    permissions=(READ_VAULTS, "Microsoft.RecoveryServices/Vaults/backupJobs/read"),
)
def jobs(subscription: Azure) -> Iterator[Body]:
    """Those that began in the window before the time that Azure gave when it answered with the vaults."""
    return below(
        subscription.pages(VAULTS), lambda vault: _jobs_of(subscription, vault, subscription.settings.job_window)
    )


@resource("azure.recovery.restore_job", key="id", redact=MAKERS)
class RestoreJob(Struct, frozen=True, kw_only=True):
    """A restore, of the longer window that the settings give for them."""

    id: str
    name: str
    properties: JobProperties


@azure.collects(
    RestoreJob,
    at="subscription",
    call=(VAULTS, JOBS),
    permissions=(READ_VAULTS, "Microsoft.RecoveryServices/Vaults/backupJobs/read"),
)
def restores(subscription: Azure) -> Iterator[Body]:
    """Restores are tried a few times a year, and backups run each day."""
    window = subscription.settings.restore_window
    return below(
        subscription.pages(VAULTS), lambda vault: _jobs_of(subscription, vault, window, " and operation eq 'Restore'")
    )


def _jobs_of(subscription: Azure, vault: Body, span: timedelta, only: str = "") -> Iterator[Body]:
    now = subscription.date
    if now is None:
        raise Unexpected(f"{VAULTS} was answered without a date, from which the window of jobs is counted")
    window = f"startTime eq '{_moment(now - span)}' and endTime eq '{_moment(now)}'{only}"
    return subscription.pages(JOBS, query={"$filter": window}, **places_of(vault["id"], "vault"))


def _moment(moment: datetime) -> str:
    # The service takes no other form: https://learn.microsoft.com/rest/api/backup/backup-jobs/list
    return moment.strftime("%Y-%m-%d %I:%M:%S %p")
