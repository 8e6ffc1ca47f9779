"""The check that file systems are encrypted."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed
from connectors.aws.efs.resources import FileSystem


@check(
    "aws_efs_file_system_encrypted",
    title="The file system is encrypted at rest",
    severity="high",
    fix="Make an encrypted file system and move the files: encryption cannot be switched on later",
)
def file_system_encrypted(file_system: FileSystem) -> Verdict:
    return passed() if file_system.encrypted else failed(f"{file_system.file_system_id} is not encrypted")
