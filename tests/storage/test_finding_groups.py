"""The current findings, counted by the database and read in parts: the same on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.checks import Status
from collector.core.finding_groups import CheckTimes, FindingGroup, FindingPlace, FindingRow, FindingsWanted
from collector.core.findings import FindingId
from collector.core.history import LastFailing
from tests.storage.evidence import BUCKETS, MONDAY, changed, ended, gone, judged, started, verdict

if TYPE_CHECKING:
    from collector.core.finding_groups import KnownFinding
    from storage import SqlStore

DAY = timedelta(days=1)
CHECK = "aws_s3_bucket_not_public"
PLACE = ("production", BUCKETS.scope)
TIMES = CheckTimes(observed_at=MONDAY, failing_since=MONDAY, failed_since=MONDAY, lost_at=MONDAY + DAY)
MOMENTS = (MONDAY + timedelta(hours=1), MONDAY - DAY)


@pytest.fixture
def full(store: SqlStore) -> SqlStore:
    """Two runs, of which the second has not ended: one bucket failed and is unknown, one is gone, two are new."""
    store.write([started("run-1")])
    first = [verdict(name, Status.FAIL, observed_at=MONDAY) for name in ("a", "b", "c")]
    store.write([judged(*map(changed, first), run="run-1"), ended("run-1"), started("run-2")])
    later = [
        changed(verdict("a", Status.UNKNOWN, observed_at=MONDAY + DAY)),
        gone(first[1]),
        changed(verdict("d", Status.UNKNOWN, observed_at=MONDAY + DAY)),
        changed(verdict("\U0001d4b3", Status.PASS, observed_at=MONDAY + DAY)),
    ]
    store.write([judged(*later, run="run-2")])
    return store


def test_findings_that_are_alike_are_counted_together(full: SqlStore) -> None:
    """One that is unknown and failed before is not alike, and begins where it began to fail."""
    groups = set(full.finding_groups.groups(moments=MOMENTS, runs=["run-2"]))

    assert groups == {
        FindingGroup(CHECK, *PLACE, Status.FAIL, False, False, 1, 1, TIMES),
        FindingGroup(CHECK, *PLACE, Status.UNKNOWN, True, True, 1, 1, TIMES),
        FindingGroup(CHECK, *PLACE, Status.UNKNOWN, False, True, 0, 1, TIMES),
        FindingGroup(CHECK, *PLACE, Status.PASS, False, True, 0, 1, TIMES),
    }


def test_without_moments_and_runs_nothing_is_told_apart_by_them(full: SqlStore) -> None:
    """The band of all is the first, and no run is one of those asked for."""
    groups = list(full.finding_groups.groups())

    assert {(group.in_run, group.band) for group in groups} == {(False, 0)}
    assert sum(group.total for group in groups) == 4


def test_rows_are_what_the_groups_count(full: SqlStore) -> None:
    """In the order of code points, and only those asked for."""
    rows = list(
        full.finding_groups.rows(
            checks=[CHECK], statuses=[Status.UNKNOWN, Status.PASS], moments=MOMENTS, runs=["run-2"]
        )
    )

    assert rows == [
        FindingRow(CHECK, *PLACE, Status.UNKNOWN, True, True, 1, "a"),
        FindingRow(CHECK, *PLACE, Status.UNKNOWN, False, True, 0, "d"),
        FindingRow(CHECK, *PLACE, Status.PASS, False, True, 0, "\U0001d4b3"),
    ]
    assert not list(full.finding_groups.rows(checks=["another"], statuses=list(Status)))
    assert not list(full.finding_groups.rows(checks=[CHECK], statuses=[]))


def test_rows_go_on_after_a_resource(full: SqlStore) -> None:
    """A page reads what it shows; sources and scopes come in the order of their texts."""
    places = [("another", ("z",), "a"), ("production", ("111122223333",), "z"), ("production", ("2",), "")]
    others = [
        changed(verdict(subject, id=FindingId(CHECK, source, scope, subject))) for source, scope, subject in places
    ]
    full.write([judged(*others, run="run-2")])
    every = [
        FindingPlace(row.source, row.scope, row.subject)
        for row in full.finding_groups.rows(checks=[CHECK], statuses=list(Status))
    ]

    assert every == [
        places[0],
        *(FindingPlace(*PLACE, subject) for subject in ("a", "c", "d", "\U0001d4b3")),
        *places[1:],
    ]
    for at, place in enumerate(every):
        rows = full.finding_groups.rows(checks=[CHECK], statuses=list(Status), after=place)
        assert [FindingPlace(row.source, row.scope, row.subject) for row in rows] == every[at + 1 :]


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("LOG", ["Log-1", "blogs"]),
        ("og-", ["Log-1"]),
        ("k", ["\u212aelvin"]),  # a sign that is not of ASCII, and a k where case makes no difference
        ("STRASSE", ["stra\u00dfe"]),
        ("a\x00b", ["a\x00b"]),
        ("0b", []),
        ("%", []),
        ("", ["Log-1", "a\x00b", "blogs", "stra\u00dfe", "\u212aelvin"]),
    ],
)
def test_resources_are_found_by_what_is_in_their_name(store: SqlStore, text: str, subjects: list[str]) -> None:
    """In upper or lower case, whatever the letters; each once."""
    names = ("\u212aelvin", "stra\u00dfe", "blogs", "a\x00b", "Log-1")
    found = [verdict(name, check=check) for name in names for check in (CHECK, "another")]
    store.write([started(), judged(*map(changed, found))])

    assert list(store.finding_groups.subjects(text)) == [FindingPlace(*PLACE, subject) for subject in subjects]


def test_the_findings_of_one_resource_are_found_as_of_any_moment(full: SqlStore) -> None:
    """Of whatever check, and also where it has none any more."""
    (first_end,) = full.log(kinds=["run_ended"])
    for subject, then, now in (("a", Status.FAIL, Status.UNKNOWN), ("b", Status.FAIL, None)):
        for as_of, status in ((first_end.logged_at, then), (None, now)):
            found = list(full.finding_groups.members(FindingsWanted(subject=subject), as_of=as_of))
            assert [state.finding.status for state, _ in found] == [status] * (status is not None)


def test_members_come_with_their_last_fail(full: SqlStore) -> None:
    """As the store streams findings, and the history knows what failed."""
    members = list(full.finding_groups.members(FindingsWanted()))

    assert [state for state, _ in members] == list(full.findings())
    assert {state.finding.id: before for state, before in members if before} == full.history.last_failing()
    assert [before for _, before in members] == [
        LastFailing(since=MONDAY, reason="a is open to everyone"),
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        (FindingsWanted(check="another"), []),
        (FindingsWanted(source="another"), []),
        (FindingsWanted(scope=("another",)), []),
        (FindingsWanted(check=CHECK, source="production", scope=BUCKETS.scope), ["a", "c", "d", "\U0001d4b3"]),
        (FindingsWanted(statuses=[Status.FAIL, Status.PASS]), ["c", "\U0001d4b3"]),
        (FindingsWanted(statuses=[]), []),
        (FindingsWanted(was_failing=True), ["a"]),
        (FindingsWanted(after="c"), ["d", "\U0001d4b3"]),
        (FindingsWanted(subject="\U0001d4b3"), ["\U0001d4b3"]),
        (FindingsWanted(subject="b"), []),
        (FindingsWanted(checks=["another", CHECK]), ["a", "c", "d", "\U0001d4b3"]),
        (FindingsWanted(checks=["another"]), []),
        (FindingsWanted(subjects=["\U0001d4b3", "b", "a"]), ["a", "\U0001d4b3"]),
        (FindingsWanted(checks=[CHECK], subjects=[]), []),
    ],
)
def test_each_wish_leaves_what_it_says(full: SqlStore, wanted: FindingsWanted, subjects: list[str]) -> None:
    """A page continues after a subject, within one check and scope."""
    assert [state.finding.id.subject for state, _ in full.finding_groups.members(wanted)] == subjects


def test_a_past_moment_knows_nothing_of_later_verdicts(full: SqlStore) -> None:
    """The first run, before the second had said anything."""
    (first_end,) = full.log(kinds=["run_ended"])
    groups = list(full.finding_groups.groups(as_of=first_end.logged_at))

    assert [(group.status, group.total) for group in groups] == [(Status.FAIL, 3)]


def test_changes_have_both_sides(full: SqlStore) -> None:
    """Of the same state of the store: what ended has no later side, what is new no earlier one."""
    (first_end,) = full.log(kinds=["run_ended"])
    since = first_end.logged_at
    pairs = list(full.finding_groups.changes(FindingsWanted(), since=since))
    then = dict(as_pair(known) for known in full.finding_groups.members(FindingsWanted(), as_of=since))
    now = dict(as_pair(known) for known in full.finding_groups.members(FindingsWanted()))

    assert [(pair.then, pair.now) for pair in pairs] == [
        (then.get(subject), now.get(subject)) for subject in ("a", "b", "d", "\U0001d4b3")
    ]
    whole = full.finding_groups.changes(FindingsWanted(check=CHECK), since=since, is_whole=True)
    assert [(pair.then, pair.now) for pair in whole] == [
        (then.get(subject), now.get(subject)) for subject in ("a", "b", "c", "d", "\U0001d4b3")
    ]
    assert not list(full.finding_groups.changes(FindingsWanted(check="another"), since=since))
    assert not list(full.finding_groups.changes(FindingsWanted(), since=since, until=since))


def as_pair(known: KnownFinding) -> tuple[str, KnownFinding]:
    """Return a finding with its subject."""
    return known[0].finding.id.subject, known


def test_scopes_are_those_of_every_finding_ever(full: SqlStore) -> None:
    """Whether it is still there or not."""
    assert list(full.finding_groups.scopes()) == [(CHECK, *PLACE)]


def test_one_finding_comes_with_all_that_it_was(full: SqlStore) -> None:
    """The newest first, ends included, and no more than asked for."""
    failed, gone_ = verdict("a", Status.FAIL).id, verdict("b", Status.FAIL).id
    (first_end,) = full.log(kinds=["run_ended"])

    events = full.finding_events(failed, most=9)
    assert [(event.status, event.ended, event.observed_at) for event in events] == [
        (Status.UNKNOWN, None, MONDAY + DAY),
        (Status.FAIL, None, MONDAY),
    ]
    assert [event.leaf for event in events] == sorted((event.leaf for event in events), reverse=True)
    assert [event.status for event in full.finding_events(gone_, most=9)] == [None, Status.FAIL]
    assert [event.ended is None for event in full.finding_events(gone_, most=9)] == [False, True]
    assert full.finding_events(failed, most=1) == events[:1]
    assert full.finding_events(failed, most=9, as_of=first_end.logged_at) == events[1:]


def test_the_log_says_how_long_it_is(store: SqlStore) -> None:
    """What was read before it grew is of another moment."""
    before = store.log_size()
    store.write([started("run-1")])

    assert store.log_size() > before
