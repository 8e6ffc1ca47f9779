"""Data stores that should be backed up: databases, tables and file systems, with the backups that they make themselves.

Identifiers and backup settings only; volumes are listed with EC2.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class Tag(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tag."""

    key: str
    value: str = ""  # AWS may leave it out where it is empty


class NativeBackups(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The backups that RDS makes of a database itself."""

    backup_retention_period: int | None = None  # days, 0 where they are off; None: AWS did not say it
    latest_restorable_time: datetime | None = None  # None: there is none that can be restored


@resource("aws.backup.database", key="Arn", volatile=("LatestRestorableTime",))
class Database(NativeBackups, frozen=True, kw_only=True, rename="pascal"):
    """One database of RDS: an instance or a cluster, of Aurora, Neptune and DocumentDB too.

    Instances of a cluster are not listed, because the cluster is what is backed up.
    """

    arn: str
    read_replica_of: str | None = None  # None: it is no copy of another one
    created_at: datetime | None = None  # None: it is being made
    tags: tuple[Tag, ...] = ()


class PointInTimeRecovery(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Point-in-time recovery of a table."""

    point_in_time_recovery_status: str = ""  # ENABLED or DISABLED; AWS documents it as optional
    latest_restorable_date_time: datetime | None = None  # None: it is off


class ContinuousBackups(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The backups that DynamoDB makes of a table itself (dynamodb:DescribeContinuousBackups)."""

    point_in_time_recovery_description: PointInTimeRecovery = PointInTimeRecovery()  # left out where it was never on


@resource("aws.backup.table", key="Arn", volatile=("ContinuousBackups",))
class Table(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One table of DynamoDB."""

    arn: str
    continuous_backups: ContinuousBackups


@resource("aws.backup.file_system", key="Arn")
class FileSystem(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One file system of EFS, whose own automatic backups are made by AWS Backup."""

    arn: str
    created_at: datetime | None = None  # None: AWS did not say it
    tags: tuple[Tag, ...] = ()


_NATIVE = ("BackupRetentionPeriod", "LatestRestorableTime")


@aws.collects(
    Database,
    at="region",
    call=("rds:DescribeDBInstances", "rds:DescribeDBClusters"),
    permissions=("rds:DescribeDBInstances", "rds:DescribeDBClusters"),
)
def databases(account: Account) -> Iterator[Body]:
    for instance in account.pages("rds", "DescribeDBInstances", "DBInstances", MaxRecords=100):
        if not instance.get("DBClusterIdentifier"):
            source = instance.get("ReadReplicaSourceDBInstanceIdentifier")
            yield _database(instance, instance["DBInstanceArn"], source, instance.get("InstanceCreateTime"))
    for cluster in account.pages("rds", "DescribeDBClusters", "DBClusters", MaxRecords=100):
        source = cluster.get("ReplicationSourceIdentifier")
        yield _database(cluster, cluster["DBClusterArn"], source, cluster.get("ClusterCreateTime"))


def _database(listed: Body, arn: str, source: str | None, created_at: datetime | None) -> Body:
    kept = {"Arn": arn, "Tags": listed.get("TagList", []), "ReadReplicaOf": source or None, "CreatedAt": created_at}
    return {**kept, **only(listed, *_NATIVE)}


@aws.collects(Table, at="region", call="dynamodb:ListTables", permissions="dynamodb:ListTables")
def tables(account: Account) -> Iterator[Body]:
    partition = account.settings.partition
    for name in account.pages("dynamodb", "ListTables", "TableNames", Limit=100):
        # In these partitions, and in their ARNs, a table is named as the service names it.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
        yield {"Arn": f"arn:{partition}:dynamodb:{account.region}:{account.id}:table/{name}", "TableName": name}


@aws.part(
    Table,
    "ContinuousBackups",
    call="dynamodb:DescribeContinuousBackups",
    permissions="dynamodb:DescribeContinuousBackups",
)
def continuous_backups(account: Account, table: Body) -> Any:
    return account.value(
        "dynamodb", "DescribeContinuousBackups", "ContinuousBackupsDescription", TableName=table["TableName"]
    )


@aws.collects(
    FileSystem,
    at="region",
    call="efs:DescribeFileSystems",
    permissions="elasticfilesystem:DescribeFileSystems",
)
def file_systems(account: Account) -> Iterator[Body]:
    for system in account.pages("efs", "DescribeFileSystems", "FileSystems", MaxItems=100):
        kept = {"Arn": system["FileSystemArn"], "CreatedAt": system.get("CreationTime")}
        yield {**kept, "Tags": system.get("Tags", [])}
