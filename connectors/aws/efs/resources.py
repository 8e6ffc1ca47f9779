"""EFS: file systems. Files are never read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 100


class Tag(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tag."""

    key: str
    value: str = ""  # AWS may leave it out where it is empty


@resource("aws.efs.file_system", key="FileSystemId", volatile=("SizeInBytes",))
class FileSystem(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A file system."""

    file_system_id: str
    encrypted: bool
    creation_time: datetime
    tags: tuple[Tag, ...] = ()  # AWS leaves out what is empty


@aws.collects(
    FileSystem,
    at="region",
    call="efs:DescribeFileSystems",
    permissions="elasticfilesystem:DescribeFileSystems",
)
def file_systems(account: Account) -> Iterator[Body]:
    yield from account.pages("efs", "DescribeFileSystems", "FileSystems", MaxItems=_PAGE_SIZE)
