"""The counts of current findings that are kept: those of the findings themselves, now and at every moment before."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from collector.core.checks import Status
from collector.core.finding_groups import CheckTimes, FindingGroup, FindingsWanted
from collector.core.findings import FindingCount
from storage.tables.current_findings import ALIKE
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import BUCKETS, MONDAY, changed, ended, gone, judged, started, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.core.findings import FindingChange
    from storage import SqlStore

CHECKS = ("aws_s3_bucket_not_public", "aws_s3_bucket_encrypted")
SUBJECTS = ("a", "b", "c", "d", "\U0001d4b3")
MOMENTS = (MONDAY + timedelta(days=3), MONDAY + timedelta(days=1))
_ROWS = f"SELECT {ALIKE}, total FROM finding_count ORDER BY {ALIKE}"  # noqa: S608  our own words


def history(rng: random.Random, runs: int) -> Iterator[list[FindingChange]]:
    """Yield for each run the changes of some findings, the same one twice among them."""
    for run in range(runs):
        at = MONDAY + run * timedelta(hours=7)
        yield [
            gone(found) if rng.random() < 0.2 else changed(found)
            for found in (
                verdict(subject, rng.choice(list(Status)), check=check, observed_at=at)
                for check, subject in zip(rng.choices(CHECKS, k=6), rng.choices(SUBJECTS, k=6), strict=True)
            )
        ]


@pytest.fixture
def full(store: SqlStore) -> SqlStore:
    """A store in which findings changed in every way, over some runs."""
    for number, changes in enumerate(history(random.Random(19), 9)):
        run = f"run-{number}"
        store.write([started(run), judged(*changes[:4], run=run), judged(*changes[4:], run=run), ended(run)])
    return store


def counted(store: SqlStore, as_of: datetime | None, run: str) -> Counter[FindingGroup]:
    """Return the groups that come out when each finding is read."""
    found = list(store.finding_groups.members(FindingsWanted(), as_of=as_of))
    groups: Counter[FindingGroup] = Counter()
    for check in CHECKS:
        of_check = [(state, before) for state, before in found if state.finding.id.check == check]
        lost = [(state, before) for state, before in of_check if before is not None]
        fails = [state.since for state, _ in of_check if state.finding.status is Status.FAIL]
        times = CheckTimes(
            observed_at=min((state.finding.observed_at for state, _ in of_check), default=MONDAY),
            failing_since=min(fails, default=None),
            failed_since=min((before.since for _, before in lost), default=None),
            lost_at=max((state.since for state, _ in lost), default=None),
        )
        for state, before in of_check:
            began = state.since if before is None else before.since
            band = next((number for number, moment in enumerate(MOMENTS) if began > moment), len(MOMENTS))
            alike = state.finding.status, before is not None, state.run == run, band
            groups[FindingGroup(check, "production", BUCKETS.scope, *alike, 1, times)] += 1
    return Counter({group._replace(total=total): 1 for group, total in groups.items()})


def test_the_groups_are_those_of_the_findings_at_every_moment(full: SqlStore) -> None:
    """What is kept is of now; every moment before follows from it and from what changed since."""
    moments = [None, MONDAY, *(leaf.logged_at for leaf in full.log(kinds=["run_ended"]))]
    for as_of in moments:
        groups = full.finding_groups.groups(moments=MOMENTS, runs=["run-5"], as_of=as_of)

        assert Counter(groups) == counted(full, as_of, "run-5")


def test_the_counts_of_a_source_are_those_of_its_findings(full: SqlStore) -> None:
    """The engine takes them for what it would find when it reads them all."""
    found = Counter((state.finding.id.check, state.finding.status) for state in full.findings())

    assert list(full.finding_counts("production")) == [
        FindingCount(check, BUCKETS.scope, status, found[check, status])
        for check, status in sorted(found, key=lambda key: (key[0], key[1].value))
    ]
    assert not list(full.finding_counts("another"))


def test_the_tables_follow_from_the_log(full: SqlStore) -> None:
    """Also where one finding changes twice in a judgement."""
    full.checkpoints.checkpoint()
    report = verify(full, VerificationRequest(rebuild=True))

    with full.reading() as connection:
        kept = len(connection.exec_driver_sql(_ROWS).fetchall())
    assert kept > len(CHECKS)
    assert report.rows is not None
    assert report.rows > kept


def test_a_migration_counts_what_is_there(full: SqlStore) -> None:
    """A store that is brought up to date has the counts that it would have had all along."""
    migration = import_module("storage.tables.migrations.versions.0004_finding_count")
    with full.alone(), full._open_writer().transaction() as connection:
        before = connection.exec_driver_sql(_ROWS).fetchall()
        connection.exec_driver_sql("DELETE FROM finding_count")
        connection.exec_driver_sql(migration.COUNTED)
        after = connection.exec_driver_sql(_ROWS).fetchall()

    assert after == before
