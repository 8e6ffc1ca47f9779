"""Checks of file systems: they are encrypted, and backed up by themselves."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.aws.efs.resources import FileSystem


@check(
    "aws_efs_file_system_encrypted",
    title="The file system is encrypted at rest",
    severity="high",
    fix="Make an encrypted file system and move the files: encryption cannot be switched on later",
)
def file_system_encrypted(file_system: FileSystem) -> Verdict:
    return passed() if file_system.encrypted else failed(f"{file_system.file_system_id} is not encrypted")


@check(
    "aws_efs_backup_enabled",
    title="The file system is backed up by itself",
    severity="medium",
    fix="Switch on automatic backups of the file system",
)
def backup_enabled(file_system: FileSystem) -> Verdict:
    name, policy = file_system.file_system_id, file_system.backup_policy
    if policy is None or policy.status in ("DISABLED", "DISABLING"):
        return failed(f"automatic backups of {name} are off; other plans are for aws_backup_plan_covers_resources")
    if policy.status == "ENABLED":
        return passed(f"automatic backups of {name} are on")
    return unknown(f"automatic backups of {name} are {policy.status.lower() or 'not read'}")
