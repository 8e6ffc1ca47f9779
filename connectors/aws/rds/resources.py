"""RDS: instances, clusters, and manual snapshots with the accounts that may restore them.

The lists also hold the instances and clusters of Aurora, DocumentDB and Neptune, which share this API.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class Tag(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tag."""

    key: str
    value: str = ""


class Endpoint(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Where an instance answers."""

    port: int | None = None


class Zone(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An availability zone."""

    name: str = ""


class GroupSubnet(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A subnet of a subnet group."""

    subnet_identifier: str
    subnet_availability_zone: Zone = Zone()


class SubnetGroup(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The subnets that an instance may be in."""

    subnets: tuple[GroupSubnet, ...] = ()


class ParameterGroupUse(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A parameter group of an instance."""

    name: str = field(name="DBParameterGroupName")
    status: str = field(name="ParameterApplyStatus", default="")  # only in-sync: what the group says is in force


class GroupMembership(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A security group of an instance."""

    vpc_security_group_id: str


@resource(
    "aws.rds.instance",
    key="DBInstanceIdentifier",
    volatile=("LatestRestorableTime",),
    redact=("MasterUsername",),
)
class DbInstance(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One database instance (rds:DescribeDBInstances); those of a cluster are listed, too."""

    identifier: str = field(name="DBInstanceIdentifier")
    arn: str = field(name="DBInstanceArn")
    storage_encrypted: bool
    publicly_accessible: bool
    backup_retention_period: int  # days; 0: no automated backups
    multi_az: bool = field(name="MultiAZ")
    cluster: str | None = field(name="DBClusterIdentifier", default=None)  # None: it is in no cluster
    source_instance: str | None = field(name="ReadReplicaSourceDBInstanceIdentifier", default=None)  # None: no replica
    source_cluster: str | None = field(name="ReadReplicaSourceDBClusterIdentifier", default=None)  # None: likewise
    endpoint: Endpoint | None = None  # None: it is being created
    availability_zone: str | None = None  # None: likewise
    network_type: str = "IPV4"  # IPV4 or DUAL; older answers do not have it
    subnet_group: SubnetGroup = field(name="DBSubnetGroup", default=SubnetGroup())  # left out outside a VPC
    groups: tuple[GroupMembership, ...] = field(name="VpcSecurityGroups", default=())  # likewise
    tags: tuple[Tag, ...] = field(name="TagList", default=())
    engine: str = ""  # evidence from before it was read may lack it
    engine_version: str = ""  # likewise
    parameter_groups: tuple[ParameterGroupUse, ...] = field(name="DBParameterGroups", default=())
    auto_minor_version_upgrade: bool | None = None  # None: AWS documents it as optional
    deletion_protection: bool | None = None  # None: likewise
    allocated_storage: int | None = None  # GiB; None: likewise
    max_allocated_storage: int | None = None  # GiB; None: the storage does not grow by itself
    created_at: datetime | None = field(name="InstanceCreateTime", default=None)  # None: it is being created
    latest_restorable_time: datetime | None = None  # None: there is none that can be restored


class ClusterMember(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An instance of a cluster, and whether what the parameter group of the cluster says is in force there."""

    identifier: str = field(name="DBInstanceIdentifier")
    status: str = field(name="DBClusterParameterGroupStatus", default="")


@resource(
    "aws.rds.cluster",
    key="DBClusterIdentifier",
    volatile=("LatestRestorableTime", "EarliestRestorableTime"),
    redact=("MasterUsername",),
)
class DbCluster(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One cluster (rds:DescribeDBClusters)."""

    identifier: str = field(name="DBClusterIdentifier")
    arn: str = field(name="DBClusterArn")
    storage_encrypted: bool
    backup_retention_period: int  # days
    multi_az: bool = field(name="MultiAZ")  # whether its instances are in several zones
    engine: str = ""  # evidence from before it was read may lack it
    parameter_group: str = field(name="DBClusterParameterGroup", default="")  # likewise
    auto_minor_version_upgrade: bool | None = None  # None: AWS documents it as optional
    members: tuple[ClusterMember, ...] = field(name="DBClusterMembers", default=())  # likewise
    deletion_protection: bool | None = None  # None: AWS documents it as optional
    replication_source: str | None = field(name="ReplicationSourceIdentifier", default=None)  # None: no replica
    tags: tuple[Tag, ...] = field(name="TagList", default=())
    created_at: datetime | None = field(name="ClusterCreateTime", default=None)  # None: it is being created
    latest_restorable_time: datetime | None = None  # None: there is none that can be restored


class Attribute(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An attribute of a snapshot; `restore` has the accounts that may restore it, or `all`."""

    attribute_name: str
    attribute_values: tuple[str, ...]


@resource("aws.rds.snapshot", key="DBSnapshotIdentifier", redact=("MasterUsername",))
class DbSnapshot(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One manual snapshot of an instance. Others cannot be shared before they are copied to a manual one.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
    """

    identifier: str = field(name="DBSnapshotIdentifier")
    attributes: tuple[Attribute, ...]


@resource("aws.rds.cluster_snapshot", key="DBClusterSnapshotIdentifier", redact=("MasterUsername",))
class DbClusterSnapshot(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One manual snapshot of a cluster; likewise."""

    identifier: str = field(name="DBClusterSnapshotIdentifier")
    attributes: tuple[Attribute, ...]


@aws.collects(DbInstance, at="region", call="rds:DescribeDBInstances", permissions="rds:DescribeDBInstances")
def instances(account: Account) -> Iterator[Body]:
    yield from account.pages("rds", "DescribeDBInstances", "DBInstances", MaxRecords=100)


@aws.collects(DbCluster, at="region", call="rds:DescribeDBClusters", permissions="rds:DescribeDBClusters")
def clusters(account: Account) -> Iterator[Body]:
    yield from account.pages("rds", "DescribeDBClusters", "DBClusters", MaxRecords=100)


@aws.collects(DbSnapshot, at="region", call="rds:DescribeDBSnapshots", permissions="rds:DescribeDBSnapshots")
def snapshots(account: Account) -> Iterator[Body]:
    yield from account.pages("rds", "DescribeDBSnapshots", "DBSnapshots", SnapshotType="manual", MaxRecords=100)


@aws.part(
    DbSnapshot,
    "Attributes",
    call="rds:DescribeDBSnapshotAttributes",
    permissions="rds:DescribeDBSnapshotAttributes",
)
def snapshot_attributes(account: Account, snapshot: Body) -> Any:
    return account.value(
        "rds",
        "DescribeDBSnapshotAttributes",
        "DBSnapshotAttributesResult.DBSnapshotAttributes",
        DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"],
    )


@aws.collects(
    DbClusterSnapshot,
    at="region",
    call="rds:DescribeDBClusterSnapshots",
    permissions="rds:DescribeDBClusterSnapshots",
)
def cluster_snapshots(account: Account) -> Iterator[Body]:
    yield from account.pages(
        "rds", "DescribeDBClusterSnapshots", "DBClusterSnapshots", SnapshotType="manual", MaxRecords=100
    )


@aws.part(
    DbClusterSnapshot,
    "Attributes",
    call="rds:DescribeDBClusterSnapshotAttributes",
    permissions="rds:DescribeDBClusterSnapshotAttributes",
)
def cluster_snapshot_attributes(account: Account, snapshot: Body) -> Any:
    return account.value(
        "rds",
        "DescribeDBClusterSnapshotAttributes",
        "DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes",
        DBClusterSnapshotIdentifier=snapshot["DBClusterSnapshotIdentifier"],
    )
