"""Checks of Azure Backup."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.compute.resources import VirtualMachine
from connectors.azure.recovery.resources import Job, ProtectedItem, RecoveryVault, RestoreJob

_GOOD = frozenset({"Completed", "CompletedWithWarnings"})
"""With warnings there is a recovery point all the same: https://learn.microsoft.com/azure/backup/backup-azure-monitor-vms"""
_ENDED = _GOOD | {"Failed", "Cancelled"}


@check(
    "azure_vm_backup_enabled",
    title="Machines are protected by backup",
    severity="high",
    fix="Protect the machine in a Recovery Services vault, and look into its failing backups",
    over="source",
)
def vm_backup_enabled(
    machines: All[VirtualMachine],
    items: All[ProtectedItem],
    *,
    now: datetime,
    last_backup: timedelta = timedelta(hours=48),
) -> Verdict:
    """The vault may be in another subscription of the tenant. What other tools back up is for a record to show."""
    protected: dict[str, list[ProtectedItem]] | None = None
    bad: list[str] = []
    for machine in machines:
        if protected is None:
            protected = {}
            for item in items:
                protected.setdefault((item.properties.source_resource_id or "").lower(), []).append(item)
        reasons = [_lacking(item, now, last_backup) for item in protected.get(machine.id.lower(), ())]
        if machine.is_ephemeral:
            bad.append(f"{_where(machine)} (its disk lives on the host only, and cannot be backed up)")
        elif not reasons:
            bad.append(f"{_where(machine)} (in no vault)")
        elif all(reasons):
            bad.append(f"{_where(machine)} ({reasons[0]})")
    if protected is None:
        return not_applicable("the tenant has no virtual machine")
    return failed(f"not protected: {first_few(bad)}") if bad else passed()


def _where(machine: VirtualMachine) -> str:
    """Return the machine with its subscription: several may have one of that name."""
    words = machine.id.split("/")
    return f"{machine.name} in {words[2]}" if len(words) > 2 else machine.name  # noqa: PLR2004  /subscriptions/ID


def _lacking(item: ProtectedItem, now: datetime, last_backup: timedelta) -> str:
    """Return why an item does not protect; empty where it does."""
    said = item.properties
    if said.protection_state != "Protected":
        return f"{said.protection_state}"
    if said.last_backup_time is None or said.last_backup_status != "Completed":
        return f"its latest backup is {said.last_backup_status}"
    age = now - said.last_backup_time
    hours = int(age.total_seconds() // 3600)
    return f"its latest backup is {hours} hours old" if age > last_backup else ""


@check(
    "azure_recovery_backup_jobs_succeed",
    title="Backup jobs succeed",
    severity="high",
    fix="Find out why the jobs failed, and run them again",
)
def backup_jobs_succeed(
    jobs: All[Job],
    vaults: All[RecoveryVault],
    *,
    now: datetime,
    success_ratio: float = 0.98,
    window: timedelta = timedelta(days=30),
) -> Verdict:
    ended = [
        job.properties.status
        for job in jobs
        if job.properties.operation == "Backup"
        and job.properties.status in _ENDED
        and now - job.properties.start_time <= window
    ]
    if not ended:
        if any(True for _ in vaults):
            return unknown(f"no backup job ended in the {window.days} days before")
        return unknown("the subscription has no Recovery Services vault: evidence of what makes its backups is needed")
    good = sum(status in _GOOD for status in ended)
    said = f"{good} of {len(ended)} backup jobs succeeded in {window.days} days; {success_ratio:.0%} are required"
    return passed(said) if good >= success_ratio * len(ended) else failed(said)


@check(
    "azure_recovery_restore_tested",
    title="A restore ran within the limit",
    severity="medium",
    fix="Restore something, look at what came back, and keep a record of it",
)
def restore_tested(
    restores: All[RestoreJob],
    vaults: All[RecoveryVault],
    *,
    now: datetime,
    restore_test_max: timedelta = timedelta(days=180),
) -> Verdict:
    times = [
        restore.properties.start_time
        for restore in restores
        if restore.properties.operation == "Restore" and restore.properties.status in _GOOD
    ]
    if times and now - max(times) <= restore_test_max:
        return passed(f"a restore succeeded {(now - max(times)).days} days ago")
    if not times and not any(True for _ in vaults):
        return unknown("the subscription has no Recovery Services vault: evidence of what makes its backups is needed")
    since = f"the latest that succeeded is {(now - max(times)).days} days old" if times else "none succeeded"
    return failed(f"of the restores {since}; {restore_test_max.days} days are allowed")


_SOFT_DELETE = frozenset({"enabled", "alwayson"})


@check(
    "azure_recovery_vault_hardened",
    title="Backup vaults have soft delete and immutability",
    severity="medium",
    fix="Turn on soft delete and immutability of the vault, and lock them once they are tried",
)
def vault_hardened(vault: RecoveryVault) -> Verdict:
    """Where nothing is said of immutability it is off. Soft delete is in the vault, or in its older configuration."""
    settings = vault.properties.security_settings
    soft = None if settings is None else settings.soft_delete_settings
    state = None if soft is None else soft.soft_delete_state
    if state is None:
        state = vault.backup_config.properties.soft_delete_feature_state
    immutable = None if settings is None else settings.immutability_settings
    wrong = []
    if state is not None and state.lower() not in _SOFT_DELETE:
        wrong.append(f"soft delete is {state}")
    if immutable is None or immutable.state in (None, "Disabled"):
        wrong.append("backups can be deleted before their time")
    if wrong:
        return failed(f"{vault.name}: {' and '.join(wrong)}")
    return passed() if state is not None else unknown(f"Azure does not say whether {vault.name} has soft delete")
