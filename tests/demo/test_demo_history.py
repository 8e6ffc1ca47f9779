"""The ninety days of the demo: the days of its scans, and the events of the made-up company in their results."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.main import main
from collector.core.tasks import Outcome
from storage.verifying.clock_check import ran_backwards

if TYPE_CHECKING:
    from tests.demo.demo_run import DemoRun

SELDOM = (90, 62, 48, 34, 20)
DAILY = tuple(range(7, -1, -1))
SANDBOX = "444455556666"


def run_command(demo_run: DemoRun, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command on the demo's store, and return its JSON."""
    capsys.readouterr()
    assert main(["-c", str(demo_run.config), "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_is_looked_at_seldom_and_then_daily(demo_run: DemoRun) -> None:
    """13 runs of the engine, each on its day, and none of them stopped."""
    with demo_run.store() as store:
        runs = [(begun.at.date(), None if ended is None else ended.stopped) for begun, ended in store.runs()]

    assert [day for day, _ in reversed(runs)] == [demo_run.day(days) for days in (*SELDOM, *DAILY)]
    assert {stopped for _, stopped in runs} == {None}


def test_no_leaf_is_dated_before_the_last_one_or_in_the_future(demo_run: DemoRun) -> None:
    """A record whose clock ran backwards, or ahead, would warn whoever reads it."""
    with demo_run.store() as store, store.reading() as connection:
        backwards = ran_backwards(connection).leaves
    with demo_run.store() as store:
        newest = max(leaf.logged_at for leaf in store.log(kinds=("run_ended", "operator_act")))

    assert backwards == 0
    assert newest <= datetime.now(UTC)


def test_evidence_is_of_its_day(demo_run: DemoRun) -> None:
    """What was seen three months ago has nothing in it of today, by which it would give itself away."""
    with demo_run.store() as store:
        kinds = {seen.observation.task.collection: seen.observation.task.source for seen in store.observations()}
        bodies = [
            (stored.blob or b"") + (stored.facts or b"")
            for kind, source in kinds.items()
            for stored in store.resources(kind, source=source, as_of=demo_run.after(90))
        ]
        ends = {seen.observation.ended_at.date() for seen in store.observations(as_of=demo_run.after(90))}

    today = str(demo_run.day(0)).encode()
    assert len(bodies) > 100
    assert [body for body in bodies if today in body] == []
    assert ends == {demo_run.day(90)}


def test_days_between_two_looks_are_not_observed(demo_run: DemoRun, capsys: pytest.CaptureFixture[str]) -> None:
    """Between observations nothing is known, whatever was seen before and after."""
    first, last = str(demo_run.day(90)), str(demo_run.day(0))

    period = run_command(
        demo_run, capsys, "period", "--from", first, "--to", last, "--check", "aws_s3_bucket_not_public"
    )

    (check,) = period["checks"]
    counts = check["counts"]
    # Today is not over, and so belongs to the interval of yesterday: two looks are one observation there.
    assert (counts["planned"], counts["made"], counts["missed"], counts["not_observed"]) == (90, 12, 78, 0)


def test_a_finding_opens_and_is_fixed(demo_run: DemoRun) -> None:
    """A bucket is made public, and closed again four weeks later."""
    assert demo_run.statuses("aws_s3_bucket_not_public", "acme-prod-reports", 62, 48, 34, 20, 0) == [
        "", "fail", "fail", "pass", "pass",
    ]  # fmt: skip


def test_something_grows_too_old_and_is_renewed(demo_run: DemoRun) -> None:
    """A key passes its 90 days between two looks, and another one takes its place."""
    with demo_run.store() as store:
        keys = {
            days: {
                state.finding.id.subject: state.finding.status.value
                for state in store.findings(check="aws_iam_access_key_rotated", as_of=demo_run.after(days))
                if state.finding.id.subject.startswith("build")
            }
            for days in (62, 48, 20)
        }

    assert [[*keys[days].values()] for days in (62, 48, 20)] == [["pass"], ["fail"], ["pass"]]


def test_what_happened_once_is_seen_from_then_on(demo_run: DemoRun) -> None:
    """A trail that its bucket refuses, and a root user who signed in."""
    trail = "arn:aws:cloudtrail:eu-central-1:333344445555:trail/stuck"

    assert demo_run.statuses("aws_cloudtrail_delivery_recent", trail, 20, 0) == ["pass", "fail"]


def test_a_permission_that_is_lost_makes_unknown_until_it_is_back(demo_run: DemoRun) -> None:
    """Three days on which nobody could list the buckets are neither good nor bad."""
    with demo_run.store() as store:
        outcomes = [
            next(
                seen.observation.outcome
                for seen in store.observations(source="acme", collection="aws.s3.bucket", as_of=demo_run.after(days))
                if seen.observation.task.scope == ("222233334444",)
            )
            for days in (20, 7, 6, 5, 4)
        ]

    assert outcomes == [Outcome.COMPLETE, Outcome.DENIED, Outcome.DENIED, Outcome.DENIED, Outcome.COMPLETE]


def test_an_alert_appears_on_its_day(demo_run: DemoRun) -> None:
    """GitHub tells of a key in the code from the day on which it was found; a week later nobody has taken it out."""
    check, statuses = "github_repo_secret_alerts_resolved", {}
    for days in (48, 34):
        with demo_run.store() as store:
            statuses[days] = {
                state.finding.id.scope[-1]: state.finding.status.value
                for state in store.findings(check=check, as_of=demo_run.after(days))
            }

    assert (statuses[48]["infrastructure"], statuses[34]["infrastructure"]) == ("pass", "fail")


def test_an_account_appears_and_cannot_be_entered(demo_run: DemoRun) -> None:
    """Nobody told the security team of it, and annexd has no role there."""
    with demo_run.store() as store:
        known = {
            days: {scope[0] for scope in next(iter(store.plans(as_of=demo_run.after(days)))).scopes["acme"] if scope}
            for days in (48, 34)
        }

    assert SANDBOX not in known[48]
    assert SANDBOX in known[34]


def test_changes_are_pushed_that_nobody_reviewed(demo_run: DemoRun) -> None:
    """They come one by one: the population grows with the period."""
    with demo_run.store() as store:
        fails = {
            days: sum(
                state.finding.status.value == "fail"
                for state in store.findings(check="github_repo_merged_prs_reviewed", as_of=demo_run.after(days))
            )
            for days in (20, 7, 4, 0)
        }

    assert fails == {20: 0, 7: 1, 4: 2, 0: 4}


def test_one_exception_begins_and_one_ends(demo_run: DemoRun, capsys: pytest.CaptureFixture[str]) -> None:
    """The one covers a finding from the day on which it was approved, the other covers nothing any more."""
    states = {
        exception["id"]: exception["state"] for exception in run_command(demo_run, capsys, "exceptions")["exceptions"]
    }
    before = {
        exception["id"]: exception["state"]
        for exception in run_command(demo_run, capsys, "exceptions", "--as-of", str(demo_run.day(69)))["exceptions"]
    }

    assert states == {"EX-1": "in force", "EX-2": "in force", "EX-3": "expired"}
    assert before == {"EX-2": "in force", "EX-3": "in force"}


def test_a_record_is_filed_late(demo_run: DemoRun) -> None:
    """It was approved ten weeks before anybody filed it, which is printed beside it."""
    with demo_run.store() as store:
        late = {attested.attestation.ask: attested.is_late for attested in store.attested()}

    assert {ask for ask, is_late in late.items() if is_late} == {"5.1-c"}
    assert len(late) == 6


def test_the_statement_of_applicability_changes_once(demo_run: DemoRun) -> None:
    """A period in which it changed is cut there."""
    with demo_run.store() as store:
        digests = {
            logged.file.digest
            for days in (*SELDOM, *DAILY)
            for logged in store.company_files(as_of=demo_run.after(days))
            if logged.file.name == "soa"
        }

    assert len(digests) == 2
