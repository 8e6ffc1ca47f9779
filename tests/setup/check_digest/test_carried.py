"""Digests that were recorded before: the same rule as now where the table says so, and nowhere else."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from collector.core.canonical import Digest
from collector.core.checks import Status
from collector.core.departures import ClosureReason, Departures
from collector.core.facts import CheckCounts, Judged
from collector.core.findings import Finding, FindingChange, FindingId, FindingState
from collector.core.history_fold import CheckKinds, HistoryFold
from collector.engine.rule import Rule
from collector.report.periods.rules_then import rule_then
from collector.setup import loading
from collector.setup.check_digest.carried import TABLE, carried, carried_checks
from collector.setup.check_digest.digest import check_digest
from tests.setup.check_digest import golden

ID = "aws_iam_access_key_rotated"
START = datetime(2026, 3, 1, tzinfo=UTC)
SUBJECT = FindingId(ID, "aws", ("1",), "key")


def test_the_rule_of_a_check_changes_only_where_a_person_sees_it() -> None:
    """A digest that is another one makes closed findings a changed rule; `make golden` shows it in the review."""
    today = golden.today()

    assert {id_: digest for id_, digest in today.items() if golden.expected().get(id_) != digest} == {}
    assert golden.expected().keys() >= today.keys()


def test_each_digest_of_the_table_is_of_its_own_form() -> None:
    """The two methods must not be taken for each other."""
    assert len(carried_checks()) == 88
    assert len(set(carried_checks().values())) == 88
    assert all(digest.startswith("rule1:") for digest in carried_checks().values())


def test_what_is_not_in_the_table_is_another_rule() -> None:
    """Nothing is known of it, so nothing is said of it."""
    assert carried("sha256:unknown") == "sha256:unknown"
    assert carried("rule1:of-now") == "rule1:of-now"
    assert carried("") == ""


def recorded(code: str, *, days: int = 0) -> Judged:
    """Return the results of a check in a run, with a recorded digest."""
    at = START + timedelta(days=days)
    return Judged(run=f"r{days}", at=at, changes=(), tallies=(CheckCounts(ID, "aws", code, {}, {"pass": 1}),))


@pytest.fixture
def was() -> str:
    """Return the digest of a check that was recorded by the older method."""
    return str(tomllib.loads(TABLE.read_text())[ID]["was"])


@pytest.mark.parametrize(("is_known", "how"), [(True, ClosureReason.FIXED), (False, ClosureReason.RULE)])
def test_a_fix_stays_a_fix_when_digests_are_called_otherwise(was: str, *, is_known: bool, how: ClosureReason) -> None:
    """Otherwise every finding that was mended by the first run of this version would be a changed rule."""
    old = was if is_known else "sha256:unknown"
    evidence = [Digest("sha256:1"), Digest("sha256:2")]
    failing = Finding(SUBJECT, Status.FAIL, "because", {}, (evidence[0],), START)
    passing = Finding(SUBJECT, Status.PASS, "", {}, (evidence[1],), START)
    rules = {(ID, "aws"): CheckCounts(ID, "aws", old, {}, {})}
    walk = Departures([FindingState(failing, START, "r0")], rules, lambda _id: True, carried)
    change = FindingChange(SUBJECT, Status.FAIL, now=passing)

    walk.take(Judged("r1", START, (change,), (CheckCounts(ID, "aws", carried_checks()[ID], {}, {}),)))

    assert [departure.how for departure in walk.found()] == [how]


@pytest.mark.parametrize(("is_known", "changes"), [(True, 0), (False, 1)])
def test_a_period_is_not_cut_where_only_the_digest_is_called_otherwise(
    was: str, *, is_known: bool, changes: int
) -> None:
    """One rule was in force all the time."""
    old = was if is_known else "sha256:unknown"
    walk = HistoryFold({ID: CheckKinds(frozenset({"aws.iam.access_key"}), "aws.iam.access_key")}, carried)
    walk.begin(rules={(ID, "aws"): (old, {})})

    walk.take(recorded(carried_checks()[ID], days=1))

    assert len(walk.close()[ID, "aws"].changes) == changes


def test_a_check_of_then_is_judged_again_by_its_carried_digest(was: str) -> None:
    """The record has the digest of its time, and the code is the same."""
    check = loading.connector("aws").checks[ID]
    limits = Rule(check, check.limit_values({})).shown_limits

    again = rule_then(check, CheckCounts(ID, "aws", was, limits, {}))
    refused = rule_then(check, CheckCounts(ID, "aws", "sha256:unknown", limits, {}))

    assert isinstance(again, Rule)
    assert again.code == check_digest(check)
    assert isinstance(refused, str)
