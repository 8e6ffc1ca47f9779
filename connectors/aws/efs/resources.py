"""EFS: file systems. Files are never read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 100


class Tag(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tag."""

    key: str
    value: str = ""  # AWS may leave it out where it is empty


class BackupPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether AWS Backup backs a file system up by itself (elasticfilesystem:DescribeBackupPolicy)."""

    status: str = ""  # ENABLED, ENABLING, DISABLED or DISABLING


@resource("aws.efs.file_system", key="FileSystemId", volatile=("SizeInBytes",))
class FileSystem(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A file system."""

    file_system_id: str
    encrypted: bool
    creation_time: datetime
    tags: tuple[Tag, ...] = ()  # AWS leaves out what is empty
    backup_policy: BackupPolicy | None = (
        BackupPolicy()
    )  # None: it never had one; untold: evidence from before it was read


@aws.collects(
    FileSystem,
    at="region",
    call="efs:DescribeFileSystems",
    permissions="elasticfilesystem:DescribeFileSystems",
)
def file_systems(account: Account) -> Iterator[Body]:
    yield from account.pages("efs", "DescribeFileSystems", "FileSystems", MaxItems=_PAGE_SIZE)


@aws.part(
    FileSystem,
    "BackupPolicy",
    call="efs:DescribeBackupPolicy",
    permissions="elasticfilesystem:DescribeBackupPolicy",
    absent="PolicyNotFound",
)
def backup_policy(account: Account, file_system: Body) -> Any:
    return account.value("efs", "DescribeBackupPolicy", "BackupPolicy", FileSystemId=file_system["FileSystemId"])
