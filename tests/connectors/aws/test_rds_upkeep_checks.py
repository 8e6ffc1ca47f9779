"""Checks of databases: versions, protection from deletion, storage that grows, and TLS."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.rds.checks.upkeep import (
    cluster_deletion_protected,
    instance_auto_minor_upgrade,
    instance_deletion_protected,
    instance_storage_autoscaling,
    instance_supported_engine,
    instance_tls_enforced,
)
from connectors.aws.rds.versions import EngineVersion, MajorVersion, ParameterGroup
from tests.connectors.aws.builders import FAIL, NOTHING, NOW, PASS, UNKNOWN, UNREAD, a, all_of, not_seen, verdict
from tests.connectors.aws.protection_builders import ago
from tests.connectors.aws.service_builders import a_database, a_db_cluster, described

LATER = NOW.replace(year=NOW.year + 2).isoformat()


@pytest.mark.parametrize(("on", "status"), [(True, PASS), (False, FAIL), (UNREAD, UNKNOWN)])
def test_minor_versions(on: Any, status: Status) -> None:
    """AWS installs them in the maintenance window, or nobody does by himself."""
    alone = a_database(AutoMinorVersionUpgrade=on)

    assert verdict(instance_auto_minor_upgrade, alone, all_of(alone), all_of()).status is status
    assert verdict(instance_auto_minor_upgrade, a_database(), all_of(), all_of()).status is UNKNOWN


def a_member(name: str = "db-1", *, on: Any = True, **but: Any) -> Any:
    """An instance of a cluster, which gets minor versions by itself or not."""
    setting = {} if on is None else {"AutoMinorVersionUpgrade": on}
    return a_database(DBInstanceIdentifier=name, DBClusterIdentifier="cluster-1", **setting, **but)


UPGRADED = all_of(a_db_cluster(AutoMinorVersionUpgrade=True))


@pytest.mark.parametrize(
    ("others", "clusters", "status"),
    [
        ([a_member("db-2")], UPGRADED, PASS),
        ([a_member("db-2", on=False)], UPGRADED, FAIL),
        ([a_member("db-2", on=None)], UPGRADED, UNKNOWN),
        ([a_database(DBInstanceIdentifier="db-3", AutoMinorVersionUpgrade=False)], UPGRADED, PASS),
        ([], all_of(a_db_cluster(AutoMinorVersionUpgrade=False)), FAIL),
        ([], all_of(a_db_cluster()), UNKNOWN),
        ([], all_of(), UNKNOWN),
        ([], not_seen(), UNKNOWN),
    ],
)
def test_minor_versions_of_clusters(others: Any, clusters: Any, status: Status) -> None:
    """AWS upgrades all of a cluster or none of it, and one instance without the setting is enough for none."""
    every = all_of(a_member(), *others)

    assert verdict(instance_auto_minor_upgrade, a_member(), every, clusters).status is status


def test_minor_versions_of_document_databases() -> None:
    """The setting is in answers about DocumentDB, and AWS does not go by it."""
    documents = a_member(Engine="docdb")

    assert verdict(instance_auto_minor_upgrade, documents, all_of(documents), UPGRADED).status is UNKNOWN


@pytest.mark.parametrize(
    ("database", "limits", "status"),
    [
        (a_database(DeletionProtection=True), {}, PASS),
        (a_database(DeletionProtection=False), {}, FAIL),
        (a_database(DeletionProtection=False), {"deletable_databases": ("db-1",)}, NOTHING),
        (a_database(), {}, UNKNOWN),
        (a_database(DeletionProtection=UNREAD), {}, UNKNOWN),
        (a_database(DeletionProtection=False, DBClusterIdentifier="cluster-1"), {}, NOTHING),
    ],
)
def test_protection_of_instances(database: Any, limits: dict[str, Any], status: Status) -> None:
    """A member of a cluster is protected with it."""
    assert verdict(instance_deletion_protected, database, **limits).status is status


@pytest.mark.parametrize(("on", "status"), [(True, PASS), (False, FAIL), (UNREAD, UNKNOWN)])
def test_protection_of_clusters(on: Any, status: Status) -> None:
    """As of instances."""
    assert verdict(cluster_deletion_protected, a_db_cluster(DeletionProtection=on)).status is status


@pytest.mark.parametrize(
    ("database", "status"),
    [
        (a_database(AllocatedStorage=20, MaxAllocatedStorage=100), PASS),
        (a_database(AllocatedStorage=100, MaxAllocatedStorage=100), FAIL),
        # AWS adds 10 GiB or a tenth at least, and nothing where that reaches the maximum.
        (a_database(AllocatedStorage=20, MaxAllocatedStorage=30), FAIL),
        (a_database(AllocatedStorage=20, MaxAllocatedStorage=31), PASS),
        (a_database(AllocatedStorage=400, MaxAllocatedStorage=440), FAIL),
        (a_database(AllocatedStorage=400, MaxAllocatedStorage=441), PASS),
        (a_database(AllocatedStorage=20), FAIL),
        (a_database(AllocatedStorage=1, DBClusterIdentifier="cluster-1"), NOTHING),
        (a_database(), UNKNOWN),
        (a_database(AllocatedStorage=UNREAD), UNKNOWN),
    ],
)
def test_storage(database: Any, status: Status) -> None:
    """A maximum that is reached is no room."""
    assert verdict(instance_storage_autoscaling, database).status is status


def a_version(status: str = "available", version: str = "16.4", engine: str = "postgres") -> EngineVersion:
    """A version of an engine."""
    described("rds:DescribeDBEngineVersions", "DBEngineVersions", {"EngineVersion": version, "Status": status})
    return a(EngineVersion, {"Engine": engine, "EngineVersion": version, "Status": status})


def a_major(end: str | None = LATER, version: str = "16", engine: str = "postgres") -> MajorVersion:
    """A major version whose standard support ends."""
    spans = (
        []
        if end is None
        else [
            {"LifecycleSupportName": "open-source-rds-standard-support", "LifecycleSupportEndDate": end},
            {"LifecycleSupportName": "open-source-rds-extended-support", "LifecycleSupportEndDate": LATER},
        ]
    )
    return a(MajorVersion, {"Engine": engine, "MajorEngineVersion": version, "SupportedEngineLifecycles": spans})


POSTGRES = a_database(Engine="postgres", EngineVersion="16.4")
AURORA = a_database(Engine="aurora-mysql", EngineVersion="8.0.mysql_aurora.3.07.1")
ORACLE = a_database(Engine="oracle-ee", EngineVersion="19.0.0.0.ru-2024-07")


@pytest.mark.parametrize(
    ("database", "versions", "majors", "status"),
    [
        (POSTGRES, all_of(a_version()), all_of(a_major()), PASS),
        (POSTGRES, all_of(a_version()), all_of(a_major(ago(days=1))), FAIL),
        (POSTGRES, all_of(a_version("deprecated")), all_of(a_major()), FAIL),
        (POSTGRES, all_of(a_version("")), all_of(a_major()), UNKNOWN),
        (POSTGRES, all_of(), all_of(a_major()), UNKNOWN),
        # 1 is not the major version of 16.4.
        (POSTGRES, all_of(a_version()), all_of(a_major(ago(days=1), version="1")), UNKNOWN),
        (POSTGRES, all_of(a_version()), all_of(a_major(None)), UNKNOWN),
        (POSTGRES, not_seen(), all_of(a_major()), UNKNOWN),
        (POSTGRES, all_of(a_version()), not_seen(), UNKNOWN),
        (
            AURORA,
            all_of(a_version(version="8.0.mysql_aurora.3.07.1", engine="aurora-mysql")),
            all_of(
                a_major(version="8.0", engine="aurora-mysql"),
                a_major(ago(days=9), version="5.7", engine="aurora-mysql"),
            ),
            PASS,
        ),
        (ORACLE, all_of(a_version(version="19.0.0.0.ru-2024-07", engine="oracle-ee")), all_of(a_major()), UNKNOWN),
    ],
)
def test_versions(database: Any, versions: Any, majors: Any, status: Status) -> None:
    """AWS says of engines of open source until when it mends them, and of others not."""
    assert verdict(instance_supported_engine, database, versions, majors).status is status


def a_group(level: str = "instance", name: str = "own", **parameters: Any) -> ParameterGroup:
    """A group with these parameters, `_` for `.` in `rds.`."""
    listed = [
        {"ParameterName": key.replace("rds_", "rds."), **({} if value is None else {"ParameterValue": value})}
        for key, value in parameters.items()
    ]
    return a(ParameterGroup, {"Level": level, "Name": name, "Parameters": listed})


def using(engine: str, status: str = "in-sync", **but: Any) -> Any:
    """A database of an engine with its own parameter group."""
    group = {"DBParameterGroupName": "own", "ParameterApplyStatus": status}
    return a_database(Engine=engine, DBParameterGroups=[group], **but)


def a_cluster_in(*states: str) -> Any:
    """A cluster with its own parameter group, which is in this state on its only instance."""
    members = [{"DBInstanceIdentifier": "db-1", "DBClusterParameterGroupStatus": state} for state in states]
    return a_db_cluster(DBClusterParameterGroup="shared", DBClusterMembers=members)


CLUSTER = a_cluster_in("in-sync")
MEMBER = {"DBClusterIdentifier": "cluster-1"}


@pytest.mark.parametrize(
    ("database", "groups", "status"),
    [
        (using("postgres"), [a_group(rds_force_ssl="1")], PASS),
        (using("postgres"), [a_group(rds_force_ssl="0")], FAIL),
        (using("postgres"), [a_group(rds_force_ssl=None)], UNKNOWN),
        (using("postgres", "pending-reboot"), [a_group(rds_force_ssl="1")], UNKNOWN),
        (using("postgres", "applying"), [a_group(rds_force_ssl="1")], UNKNOWN),
        (using("postgres", "failed-to-apply"), [a_group(rds_force_ssl="1")], UNKNOWN),
        (using("postgres", "pending-database-upgrade"), [a_group(rds_force_ssl="1")], UNKNOWN),
        (using("postgres", ""), [a_group(rds_force_ssl="1")], UNKNOWN),
        # As in a Multi-AZ cluster, whose instances have groups of their own that decide nothing.
        (
            using("postgres", **MEMBER),
            [a_group(rds_force_ssl="1"), a_group("cluster", "shared", rds_force_ssl="0")],
            FAIL,
        ),
        (using("postgres"), [a_group(name="another", rds_force_ssl="1")], UNKNOWN),
        (using("mysql"), [a_group(require_secure_transport="ON")], PASS),
        (using("mariadb"), [a_group(require_secure_transport="OFF")], FAIL),
        (using("mysql"), [a_group()], UNKNOWN),
        (using("sqlserver-se"), [a_group(rds_force_ssl="1")], PASS),
        # Of Aurora the group of the cluster decides.
        (
            using("aurora-postgresql", **MEMBER),
            [a_group(rds_force_ssl="1"), a_group("cluster", "shared", rds_force_ssl="0")],
            FAIL,
        ),
        (using("aurora-mysql", **MEMBER), [a_group("cluster", "shared", require_secure_transport="1")], PASS),
        (using("docdb", **MEMBER), [a_group("cluster", "shared", tls="tls1.2+")], PASS),
        (using("docdb", **MEMBER), [a_group("cluster", "shared", tls="disabled")], FAIL),
        (using("docdb", **MEMBER), [a_group("cluster", "shared", tls="new")], UNKNOWN),
        (using("oracle-ee"), [a_group()], UNKNOWN),
        (using("postgres"), [a(ParameterGroup, {"Level": "instance", "Name": "own", "Parameters": UNREAD})], UNKNOWN),
    ],
)
def test_tls(database: Any, groups: Any, status: Status) -> None:
    """Which parameter decides, and of which group, depends on the engine."""
    assert verdict(instance_tls_enforced, database, all_of(CLUSTER), all_of(*groups)).status is status


@pytest.mark.parametrize(
    ("states", "status"), [(["in-sync"], PASS), (["pending-reboot"], UNKNOWN), (["applying"], UNKNOWN), ([], UNKNOWN)]
)
def test_tls_of_a_cluster_that_waits(states: list[str], status: Status) -> None:
    """What the group of a cluster says is in force on each of its instances by itself."""
    groups = all_of(a_group("cluster", "shared", require_secure_transport="ON"))
    database = using("aurora-mysql", **MEMBER)

    assert verdict(instance_tls_enforced, database, all_of(a_cluster_in(*states)), groups).status is status
