"""The checks of databases."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.rds.checks.exposure import cluster_snapshot_not_public, instance_not_public, snapshot_not_public
from connectors.aws.rds.checks.resilience import (
    cluster_backup_retention,
    cluster_encrypted,
    cluster_multi_az,
    instance_backup_retention,
    instance_encrypted,
    instance_multi_az,
)
from tests.connectors.aws.builders import FAIL, NOTHING, PASS, UNKNOWN, UNREAD, all_of, not_seen, verdict
from tests.connectors.aws.exposure_builders import (
    ALL_4,
    ALL_6,
    OPEN_4,
    OPEN_6,
    OPEN_ACL,
    a_group,
    a_subnet,
    a_table,
    an_acl,
    letting,
)
from tests.connectors.aws.service_builders import (
    a_cluster_snapshot,
    a_database,
    a_db_cluster,
    a_db_snapshot,
    restorable_by,
)

UNSEEN = (not_seen(), not_seen(), not_seen(), not_seen())
BOTH = ("subnet-1", "subnet-2")


def network(*rules: Any, tables: Any = None, acls: Any = None) -> tuple[Any, ...]:
    """A network of two subnets, open up to the security group."""
    subnets = all_of(*(a_subnet(name) for name in BOTH))
    tables = (a_table(OPEN_4, OPEN_6),) if tables is None else tables
    acls = (an_acl(*OPEN_ACL, subnets=BOTH),) if acls is None else acls
    return subnets, all_of(*tables), all_of(*acls), all_of(a_group(*rules))


def test_no_public_access_needs_nothing_else() -> None:
    """AWS gives such an instance no public address."""
    assert verdict(instance_not_public, a_database(), *UNSEEN).status is PASS
    assert verdict(instance_not_public, a_database(PubliclyAccessible=UNREAD), *network()).status is UNKNOWN


@pytest.mark.parametrize(
    ("but", "seen", "said"),
    [
        ({}, network(letting(ALL_4)), "igw-1 -> rtb-1 -> subnet-1 -> sg-1: tcp 5432 from all of IPv4 -> db-1"),
        ({}, network(letting("10.0.0.0/8")), "does not reach db-1: sg-1 lets in no public IPv4 address"),
        ({}, network(letting(ALL_4, port=3306)), "does not reach"),
        ({}, network(letting(ALL_4), tables=(a_table(),)), "rtb-1 of subnet-1 has no IPv4 route"),
        ({}, network(letting(ALL_4), acls=(an_acl(subnets=BOTH),)), "acl-1"),
        ({}, network(letting(ALL_6)), "does not reach"),
        ({"NetworkType": "DUAL"}, network(letting(ALL_6)), "from all of IPv6"),
        ({}, UNSEEN, "cannot be told: the list was refused"),
        ({"Endpoint": {}}, network(letting(ALL_4, port=1)), "the way is open"),
        ({"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-9"}]}, network(), "the rules of sg-9 could not be read"),
        ({"DBSubnetGroup": {"Subnets": []}}, network(letting(ALL_4)), "in which subnets"),
    ],
)
def test_public_access_fails_whether_the_way_is_open_or_not(but: dict[str, Any], seen: Any, said: str) -> None:
    """The next rule opens it: the reason says how far it is already."""
    found = verdict(instance_not_public, a_database(PubliclyAccessible=True, **but), *seen)

    assert found.status is FAIL
    assert said in found.reason


def test_with_a_standby_it_may_be_in_any_subnet() -> None:
    """Of one in its own zone it is known where it stands."""
    tables = (a_table(), a_table(OPEN_4, name="rtb-2", subnet="subnet-2"))
    seen = network(letting(ALL_4), tables=tables)

    alone = verdict(instance_not_public, a_database(PubliclyAccessible=True), *seen)
    standby = verdict(instance_not_public, a_database(PubliclyAccessible=True, MultiAZ=True), *seen)

    assert "does not reach" in alone.reason
    assert "in which of its 2 subnets" in standby.reason


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        (restorable_by(), PASS),
        (restorable_by("222233334444"), PASS),
        (restorable_by("all"), FAIL),
        (restorable_by("222233334444", "all"), FAIL),
        ([], UNKNOWN),
        ([{"AttributeName": "something-new", "AttributeValues": ["all"]}], UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_snapshots(attributes: Any, status: Status) -> None:
    """Those of instances, and those of clusters by a call of their own."""
    assert verdict(snapshot_not_public, a_db_snapshot(attributes)).status is status
    assert verdict(cluster_snapshot_not_public, a_cluster_snapshot(attributes)).status is status


@pytest.mark.parametrize(("encrypted", "status"), [(True, PASS), (False, FAIL), ("maybe", UNKNOWN)])
def test_encryption(encrypted: Any, status: Status) -> None:
    """A cluster without instances has storage, too; what is no answer is none."""
    if isinstance(encrypted, bool):
        instance, cluster = a_database(StorageEncrypted=encrypted), a_db_cluster(StorageEncrypted=encrypted)
    else:
        instance, cluster = a_database(StorageEncrypted=UNREAD), a_db_cluster(StorageEncrypted=UNREAD)

    assert verdict(instance_encrypted, instance).status is status
    assert verdict(cluster_encrypted, cluster).status is status


@pytest.mark.parametrize(
    ("days", "status"), [(0, FAIL), (1, FAIL), (6, FAIL), (7, PASS), (35, PASS), (UNREAD, UNKNOWN)]
)
def test_backups(days: Any, status: Status) -> None:
    """Seven days unless the company says otherwise."""
    assert verdict(instance_backup_retention, a_database(BackupRetentionPeriod=days)).status is status
    assert verdict(cluster_backup_retention, a_db_cluster(BackupRetentionPeriod=days)).status is status


def test_how_long_backups_are_kept_is_a_limit() -> None:
    """From both sides."""
    for days, status in ((14, PASS), (15, FAIL)):
        instance, cluster = a_database(BackupRetentionPeriod=14), a_db_cluster(BackupRetentionPeriod=14)
        assert verdict(instance_backup_retention, instance, retention_days=days).status is status
        assert verdict(cluster_backup_retention, cluster, retention_days=days).status is status


@pytest.mark.parametrize(
    "but",
    [
        {"DBClusterIdentifier": "cluster-1"},
        {"ReadReplicaSourceDBInstanceIdentifier": "db-0"},
        {"ReadReplicaSourceDBClusterIdentifier": "cluster-0"},
    ],
)
def test_backups_of_members_and_replicas(but: dict[str, Any]) -> None:
    """The cluster or the source has them."""
    assert verdict(instance_backup_retention, a_database(BackupRetentionPeriod=0, **but)).status is NOTHING


def tagged(**tags: str) -> dict[str, Any]:
    """Tags of a database."""
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({"MultiAZ": True}, PASS),
        ({"MultiAZ": True, **tagged(environment="production")}, PASS),
        (tagged(environment="production"), FAIL),
        (tagged(Environment="Production"), FAIL),
        (tagged(environment="prod"), FAIL),
        (tagged(environment="staging"), NOTHING),
        (tagged(environment="staging", Environment="production"), FAIL),
        (tagged(owner="production"), UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_zones(but: dict[str, Any], status: Status) -> None:
    """Where no tag says what a database is for, nobody knows whether one zone is enough."""
    assert verdict(instance_multi_az, a_database(**but)).status is status
    assert verdict(cluster_multi_az, a_db_cluster(**but)).status is status


def test_which_tags_mean_production_is_a_limit() -> None:
    """Each company has its own words."""
    database = a_database(**tagged(stage="live"))

    assert verdict(instance_multi_az, database).status is UNKNOWN
    assert verdict(instance_multi_az, database, production_tags=("stage=live",)).status is FAIL
    assert verdict(instance_multi_az, database, production_tags=("stage=blue",)).status is NOTHING


def test_members_of_a_cluster_are_judged_with_it() -> None:
    """The cluster knows in how many zones its members are."""
    member = a_database(DBClusterIdentifier="cluster-1", **tagged(environment="production"))

    assert verdict(instance_multi_az, member).status is NOTHING
