"""How findings leave fail: of all ways only one is called fixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collector.core.canonical import Digest
from collector.core.checks import Status
from collector.core.departures import ClosureReason, Departure, Departures
from collector.core.facts import CheckCounts, Judged
from collector.core.findings import Ended, Finding, FindingChange, FindingId, FindingState

START = datetime(2026, 3, 1, tzinfo=UTC)
ID = FindingId("a_check", "code", ("acme",), "docs")


def a_finding(status: Status, *, evidence: str = "one", limit: str = "2") -> Finding:
    """A verdict on the one subject."""
    return Finding(ID, status, "because", {"most": limit}, (Digest(f"sha256:{evidence}"),), START)


def judged(days: int, *changes: FindingChange, code: str | None = None) -> Judged:
    """What a run said so many days after the start; the code comes after the verdicts, as in the record."""
    tallies = () if code is None else (CheckCounts(ID.check, ID.source, code, {}, {}),)
    return Judged(run=f"r{days}", at=START + timedelta(days=days), changes=changes, tallies=tallies)


def now(finding: Finding) -> FindingChange:
    """The subject has another verdict."""
    return FindingChange(ID, Status.FAIL, now=finding)


def followed(*judgements: Judged, failing: bool = True) -> list[Departure]:
    """What became of the one subject, which fails at the start."""
    standing = [FindingState(a_finding(Status.FAIL), START, "r0")] if failing else []
    rules = {(ID.check, ID.source): CheckCounts(ID.check, ID.source, "old", {}, {})}
    departures = Departures(standing, rules, lambda _id: True)
    for judgement in judgements:
        departures.take(judgement)
    return list(departures.found())


@pytest.mark.parametrize(
    ("change", "code", "how"),
    [
        (now(a_finding(Status.PASS, evidence="two")), "old", ClosureReason.FIXED),
        (now(a_finding(Status.NOT_APPLICABLE, evidence="two")), "old", ClosureReason.FIXED),
        (now(a_finding(Status.PASS)), "old", ClosureReason.RULE),
        (now(a_finding(Status.PASS, evidence="two")), "new", ClosureReason.RULE),
        (now(a_finding(Status.PASS, limit="1")), "old", ClosureReason.LIMIT),
        (now(a_finding(Status.PASS, evidence="two", limit="1")), "old", ClosureReason.LIMIT),
        (now(a_finding(Status.UNKNOWN, evidence="two")), "old", ClosureReason.UNKNOWN),
        (FindingChange(ID, Status.FAIL, ended=Ended.SUBJECT_GONE), "old", ClosureReason.GONE),
        (FindingChange(ID, Status.FAIL, ended=Ended.SCOPE_GONE), "old", ClosureReason.SCOPE),
        (FindingChange(ID, Status.FAIL, ended=Ended.CHECK_DISABLED), "old", ClosureReason.RULE),
    ],
)
def test_how_it_left(change: FindingChange, code: str, how: ClosureReason) -> None:
    """Fixed is what the same rule with the same limit passes on other evidence, and nothing else."""
    (departure,) = followed(judged(4, change), judged(5, code=code))

    assert (departure.how, departure.since, departure.left_at) == (how, START, START + timedelta(days=4))


def test_what_still_fails_has_not_left() -> None:
    """Other evidence of the same fail is no way out."""
    (departure,) = followed(judged(4, now(a_finding(Status.FAIL, evidence="two")), code="old"))

    assert (departure.how, departure.left_at) == (None, None)


def test_what_came_back_after_not_being_seen_was_open_all_the_time() -> None:
    """A refusal between two fails does not begin a new one."""
    lost = now(a_finding(Status.UNKNOWN))
    (departure,) = followed(judged(2, lost, code="old"), judged(4, now(a_finding(Status.FAIL)), code="old"))

    assert (departure.how, departure.since) == (None, START)


def test_what_was_not_seen_and_then_passes_is_fixed() -> None:
    """On other evidence than that which failed."""
    (departure,) = followed(
        judged(2, now(a_finding(Status.UNKNOWN)), code="old"),
        judged(4, now(a_finding(Status.PASS, evidence="two")), code="old"),
    )

    assert (departure.how, departure.left_at) == (ClosureReason.FIXED, START + timedelta(days=4))


def test_a_second_fail_is_another_one() -> None:
    """The time to mend of each counts."""
    mended = now(a_finding(Status.PASS, evidence="two"))
    departures = followed(judged(2, mended, code="old"), judged(4, now(a_finding(Status.FAIL)), code="old"))

    assert [(departure.how, departure.since) for departure in departures] == [
        (ClosureReason.FIXED, START),
        (None, START + timedelta(days=4)),
    ]


def test_a_pass_that_was_never_a_fail_leaves_nothing() -> None:
    """There was nothing to mend."""
    assert followed(judged(2, now(a_finding(Status.PASS)), code="old"), failing=False) == []


def test_code_that_changed_while_it_failed_does_not_spoil_a_later_fix() -> None:
    """The new rule failed it too, and then passed it on other evidence."""
    (departure,) = followed(
        judged(2, now(a_finding(Status.FAIL, evidence="two")), code="new"),
        judged(4, now(a_finding(Status.PASS, evidence="three")), code="new"),
    )

    assert departure.how is ClosureReason.FIXED
