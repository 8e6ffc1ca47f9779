"""The checks of backups: what should be is backed up, jobs succeed, and a restore was tried."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.backup.checks.coverage import plan_covers_resources
from connectors.aws.backup.checks.jobs import jobs_succeed, restore_tested
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    OWN,
    PASS,
    UNKNOWN,
    UNREAD,
    RegionalSet,
    all_of,
    not_seen,
    verdict,
)
from tests.connectors.aws.protection_builders import (
    CLUSTER,
    FILES,
    HERE,
    PLACE,
    a_cluster,
    a_database,
    a_file_system,
    a_job,
    a_plan,
    a_restore,
    a_table,
    a_tagged_volume,
    a_testing_plan,
    ago,
    backed_up,
)

NONE: Any = all_of()
DATABASE = f"arn:aws:rds:{PLACE}:db:orders"


def covered(
    *protected: Any,
    databases: Any = NONE,
    clusters: Any = NONE,
    tables: Any = NONE,
    files: Any = NONE,
    **more: Any,
) -> Any:
    """The verdict on these data stores."""
    volumes = more.pop("volumes", not_seen())
    stores = (databases, clusters, here(tables), here(files), volumes)
    return verdict(plan_covers_resources, *stores, all_of(*protected), **more)


def here(stores: Any) -> Any:
    """The same set, seen in the one region."""
    return RegionalSet({(OWN, HERE): list(stores)}) if isinstance(stores, list) else stores


@pytest.mark.parametrize(
    ("database", "protected", "status"),
    [
        (a_database(hours=48), [], PASS),
        (a_database(hours=49), [], FAIL),
        (a_database(hours=49), [backed_up(DATABASE, hours=48)], PASS),
        (a_database(hours=None, days=0), [backed_up(DATABASE, hours=49)], FAIL),
        (a_database(hours=1, days=0), [], FAIL),
        (a_database(hours=None), [], FAIL),
        (a_database(hours=None), [backed_up(DATABASE, hours=None)], UNKNOWN),
        (a_database(hours=None), [backed_up(f"{DATABASE}-2", hours=1)], FAIL),
        (a_database(hours=None, ReadReplicaSourceDBInstanceIdentifier="orders"), [], NOTHING),
        (a_database(hours=None, ReadReplicaSourceDBClusterIdentifier="orders"), [], NOTHING),
        (a_database(hours=None, DBClusterIdentifier="orders"), [], NOTHING),
    ],
)
def test_databases(database: Any, protected: list[Any], status: Status) -> None:
    """RDS's own backups count where they are on and recent; a replica is restored from its source's."""
    assert covered(*protected, databases=all_of(database)).status is status


@pytest.mark.parametrize(
    ("cluster", "protected", "status"),
    [
        (a_cluster(hours=48), [], PASS),
        (a_cluster(hours=49), [], FAIL),
        (a_cluster(hours=49), [backed_up(CLUSTER, hours=48)], PASS),
        (a_cluster(hours=None, ReplicationSourceIdentifier="arn:aws:rds:us-east-1:1:cluster:orders"), [], NOTHING),
    ],
)
def test_clusters(cluster: Any, protected: list[Any], status: Status) -> None:
    """The instances of a cluster are backed up with it."""
    members = all_of(a_database(hours=None, DBClusterIdentifier="orders"))

    assert covered(*protected, databases=members, clusters=all_of(cluster)).status is status


@pytest.mark.parametrize(
    ("table", "protected", "status"),
    [
        (a_table(status="ENABLED", hours=48), [], PASS),
        (a_table(status="ENABLED", hours=49), [], FAIL),
        (a_table(status="DISABLED"), [], FAIL),
        (a_table(), [], FAIL),
        (a_table(status="ENABLED", RestorableTimes=None), [], UNKNOWN),
        (a_table(RestorableTimes=None), [], FAIL),
        (a_table(ContinuousBackups=UNREAD), [], UNKNOWN),
        (a_table(ContinuousBackups=UNREAD), [backed_up(f"arn:aws:dynamodb:{PLACE}:table/carts", hours=1)], PASS),
    ],
)
def test_tables(table: Any, protected: list[Any], status: Status) -> None:
    """DynamoDB always says that continuous backups are enabled; what can be restored is another field."""
    assert covered(*protected, tables=all_of(table)).status is status


def test_what_was_made_after_the_last_backup_window_is_not_uncovered_yet() -> None:
    """AWS Backup lists a resource from its first backup on; a plan that takes it tonight shows nothing before."""
    young: Any = {"InstanceCreateTime": ago(hours=47)}
    old: Any = {"InstanceCreateTime": ago(hours=49)}
    nothing: Any = {"hours": None, "days": 0}

    assert covered(databases=all_of(a_database(**nothing, **young))).status is UNKNOWN
    assert covered(databases=all_of(a_database(**nothing, **old))).status is FAIL
    # Whoever has one from before, under the same name, was backed up and is no more.
    assert covered(backed_up(DATABASE, hours=50), databases=all_of(a_database(**nothing, **young))).status is FAIL


def test_file_systems_are_backed_up_by_aws_backup_only() -> None:
    """Their automatic backups are a plan like any other."""
    assert covered(backed_up(FILES, hours=1), files=all_of(a_file_system())).status is PASS
    assert covered(files=all_of(a_file_system())).status is FAIL


@pytest.mark.parametrize(
    ("protected", "wanted", "status"),
    [
        ([], (), NOTHING),
        ([], ("backup",), FAIL),
        ([], ("backup=daily",), FAIL),
        ([], ("backup=weekly",), NOTHING),
        ([backed_up(f"arn:aws:ec2:{PLACE}:volume/vol-1", hours=1)], ("backup",), PASS),
        ([backed_up(f"arn:aws-cn:ec2:{PLACE}:volume/vol-1", hours=1)], ("backup",), PASS),
        # A backup of an instance takes its volumes, and AWS Backup lists the instance only.
        ([backed_up(f"arn:aws:ec2:{PLACE}:instance/i-1", hours=1)], ("backup",), PASS),
        ([backed_up(f"arn:aws:ec2:{PLACE}:instance/i-2", hours=1)], ("backup",), FAIL),
    ],
)
def test_volumes_by_their_tags(protected: list[Any], wanted: tuple[str, ...], status: Status) -> None:
    """Not every disk holds something: the company says by a tag which do."""
    volumes = RegionalSet({(OWN, HERE): [a_tagged_volume(backup="daily")]})

    assert covered(*protected, volumes=volumes, volume_tags=wanted).status is status


def test_what_is_exempt_is_counted() -> None:
    """An exemption that nobody sees would be a way to pass."""
    stores = all_of(a_database("a", hours=1), a_database("b", hours=None, TagList=[{"Key": "backup", "Value": "no"}]))
    other = f"arn:aws:rds:{PLACE}:db:b"

    by_tag = covered(databases=stores, exempt_tags=("backup=no",))
    by_name = covered(databases=stores, exempt_resources=(other,))

    assert (by_tag.status, by_name.status) == (PASS, PASS)
    assert "1 are exempt" in by_tag.reason
    assert covered(databases=stores, exempt_tags=("backup=yes",)).status is FAIL
    assert "rds:db:b" in covered(databases=stores).reason
    assert "1 of 2" in covered(databases=stores).reason


def test_sets_that_could_not_be_read() -> None:
    """What should be backed up, and what was, are both needed."""
    one = all_of(a_database())
    for sets in (
        (not_seen(), NONE, NONE, NONE, NONE, NONE),
        (NONE, not_seen(), NONE, NONE, NONE, NONE),
        (NONE, NONE, not_seen(), NONE, NONE, NONE),
        (NONE, NONE, NONE, not_seen(), NONE, NONE),
        (one, NONE, NONE, NONE, NONE, not_seen()),
    ):
        assert verdict(plan_covers_resources, *sets).status is UNKNOWN
    assert covered(databases=one, volume_tags=("backup",)).status is UNKNOWN
    assert covered().status is NOTHING


def jobs(*states: str, of: str = FILES) -> list[Any]:
    """Jobs of a resource on consecutive days, the latest last."""
    return [a_job(state, days=len(states) - day, of=of) for day, state in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["COMPLETED"] * 3, PASS),
        (["COMPLETED"] * 20 + ["RUNNING", "PENDING", "CREATED"], PASS),
        (["COMPLETED", "FAILED"], FAIL),
        (["COMPLETED"] * 25 + ["FAILED", "FAILED"], FAIL),
        (["COMPLETED"] * 25 + ["FAILED", "EXPIRED"], FAIL),
        (["FAILED"], FAIL),
    ],
)
def test_states_of_jobs(states: list[str], status: Status) -> None:
    """Jobs that are not over count for nothing yet."""
    assert verdict(jobs_succeed, all_of(*jobs(*states)), NONE).status is status


@pytest.mark.parametrize("state", ["FAILED", "PARTIAL", "EXPIRED", "ABORTED"])
@pytest.mark.parametrize(("good", "status"), [(49, PASS), (48, FAIL)])
def test_the_share_of_jobs_that_completed(state: str, good: int, status: Status) -> None:
    """49 of 50 are 98 of 100."""
    many = [a_job("COMPLETED", days=1 + number / 100, of=f"{FILES}-{number}") for number in range(good)]

    assert verdict(jobs_succeed, all_of(*many, a_job(state, days=1)), NONE).status is status


def test_failures_in_a_row_are_those_of_one_resource() -> None:
    """Two resources that failed once each are another matter, and so is a success in between."""
    many = [a_job("COMPLETED", days=1 + number / 1000, of=f"{FILES}-{number}") for number in range(200)]
    apart = [*jobs("FAILED", "COMPLETED", "FAILED"), *jobs("FAILED", of=f"{FILES}x")]
    in_a_row = jobs("COMPLETED", "FAILED", "FAILED", "COMPLETED")

    assert verdict(jobs_succeed, all_of(*many, *apart), NONE).status is PASS
    failing = verdict(jobs_succeed, all_of(*many, *reversed(in_a_row)), NONE)
    assert failing.status is FAIL
    assert "file-system/fs-1" in failing.reason


def test_jobs_outside_the_window_and_parts_of_jobs() -> None:
    """A part is counted with the job that it is part of."""
    old = a_job("FAILED", days=8)
    part = a_job("FAILED", days=1, ParentJobId="j")
    good = a_job("COMPLETED", days=2)

    assert verdict(jobs_succeed, all_of(old, good), NONE, window=timedelta(days=7)).status is PASS
    assert verdict(jobs_succeed, all_of(part, good), NONE).status is PASS
    assert verdict(jobs_succeed, all_of(good), NONE, window=timedelta(days=31)).status is UNKNOWN


def test_no_jobs() -> None:
    """A plan without a job may have been made today, or have nothing to do."""
    assert verdict(jobs_succeed, NONE, NONE).status is NOTHING
    assert verdict(jobs_succeed, NONE, all_of(a_plan())).status is UNKNOWN
    assert verdict(jobs_succeed, not_seen(), NONE).status is UNKNOWN
    assert verdict(jobs_succeed, NONE, not_seen()).status is UNKNOWN


SOMETHING = all_of(backed_up(FILES, hours=1))


@pytest.mark.parametrize(
    ("restore", "status"),
    [
        (a_restore(days=180), PASS),
        (a_restore(days=180.1), FAIL),
        (a_restore(days=200, CompletionDate=None), FAIL),
        (a_restore(days=1, ValidationStatus="SUCCESSFUL"), PASS),
        (a_restore(days=1, ValidationStatus="FAILED"), FAIL),
        (a_restore(days=1, ValidationStatus="TIMED_OUT"), FAIL),
        (a_restore(days=1, ValidationStatus="VALIDATING"), UNKNOWN),
        (a_restore("RUNNING", days=1), UNKNOWN),
        (a_restore("FAILED", days=1), FAIL),
        (a_restore("ABORTED", days=1), FAIL),
        (a_restore(days=1, ParentJobId="r"), FAIL),
    ],
)
def test_restores(restore: Any, status: Status) -> None:
    """A restore whose result was found wrong is no restore."""
    assert verdict(restore_tested, all_of(restore), NONE, SOMETHING).status is status


@pytest.mark.parametrize(
    ("plans", "protected", "status"),
    [
        ([], SOMETHING, FAIL),
        ([], NONE, NOTHING),
        ([a_testing_plan(days=100)], SOMETHING, UNKNOWN),
        ([a_testing_plan(days=200)], SOMETHING, FAIL),
        ([a_testing_plan(days=None)], SOMETHING, FAIL),
        ([], not_seen(), UNKNOWN),
    ],
)
def test_no_restore(plans: list[Any], protected: Any, status: Status) -> None:
    """A plan that ran shows that a test was begun, not how it ended."""
    assert verdict(restore_tested, NONE, all_of(*plans), protected).status is status


def test_lists_of_restores_that_could_not_be_read() -> None:
    """A restore that was seen is enough, whatever else is not known."""
    assert verdict(restore_tested, not_seen(), NONE, SOMETHING).status is UNKNOWN
    assert verdict(restore_tested, NONE, not_seen(), SOMETHING).status is UNKNOWN
    assert verdict(restore_tested, all_of(a_restore(days=1)), not_seen(), not_seen()).status is PASS
