"""The check that backups lie in vaults that are locked and encrypted."""

from __future__ import annotations

from datetime import datetime

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws.backup.resources import Vault


@check(
    "aws_backup_vault_locked",
    title="The vault of backups is encrypted and locked",
    severity="medium",
    fix="Apply a vault lock, in compliance mode where nobody may take it away",
)
def vault_locked(vault: Vault, *, now: datetime, unlocked_vaults: tuple[str, ...] = ()) -> Verdict:
    name = vault.backup_vault_name
    if vault.number_of_recovery_points == 0:
        return not_applicable(f"{name} holds no backup")
    if name in unlocked_vaults:
        return not_applicable(f"{name} is listed in unlocked_vaults")
    if vault.locked is None:
        return unknown(f"AWS does not say whether {name} is locked")
    if not vault.locked:
        return failed(f"backups in {name} can be deleted before their time: it is not locked")
    if not vault.encryption_key_arn:
        return unknown(f"{name} is locked, and AWS does not say with which key it encrypts")
    if vault.lock_date is None:
        return passed(f"{name} is encrypted and locked, by a lock that whoever has the right can take away")
    if vault.lock_date > now:
        return passed(
            f"{name} is encrypted and locked, by a lock that can be taken away until {vault.lock_date:%Y-%m-%d}"
        )
    return passed(f"{name} is encrypted and locked, by a lock that nobody can take away")
