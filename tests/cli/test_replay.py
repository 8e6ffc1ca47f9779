"""Judging again from the command line: in a column of its own, and never over the record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.main import main
from collector.core.facts import Judged
from tests.cli.texts import compare
from tests.played.platform import MEMBERS, a_member

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
THEN = ("--as-of", "2026-03-01")


def replay(desk: Desk, *words: str) -> Any:
    """What comes out."""
    return desk.json("replay", *THEN, *words)


@pytest.mark.parametrize("checks", ["today", "then"])
def test_what_was_recorded_comes_out_again(scanned: Desk, checks: str) -> None:
    """Promise 2, as an auditor asks for it."""
    scanned.clock.move(DAY)
    found = replay(scanned, "--checks", checks)
    recorded = list(scanned.world.store.findings())

    assert (found["differences"], found["not_judged"]) == ([], [])
    assert found["judged"] == found["same"] == len(recorded) > 0
    assert found["recorded_counts"] == found["judged_counts"]


def test_nothing_is_written_and_nobody_is_asked(scanned: Desk) -> None:
    """A look back must leave no trace in what it looks at."""
    before, asked = len(scanned.world.store.facts), scanned.platform.count
    leaves = list(scanned.world.store.history.events())
    scanned.clock.move(DAY)
    replay(scanned)

    assert (len(scanned.world.store.facts), scanned.platform.count) == (before, asked)
    assert list(scanned.world.store.history.events()) == leaves


def test_it_works_after_the_source_is_gone_from_the_configuration(scanned: Desk) -> None:
    """An account that was closed is still part of the year under audit."""
    scanned.app.names.clear()
    scanned.platform.orgs.clear()
    scanned.clock.move(DAY)
    found = replay(scanned)

    assert found["differences"] == []
    assert found["judged"] == found["same"] > 0


def test_the_new_verdict_stands_in_a_column_of_its_own(scanned: Desk) -> None:
    """History is never judged again silently."""
    scanned.set('[checks.played_member_rotated]\nmax_age = "30d"\n')
    scanned.clock.move(DAY)
    found = replay(scanned)
    text = scanned.says("replay", *THEN)

    assert {
        (difference["check"], difference["recorded"], difference["judged"]) for difference in found["differences"]
    } == {("played_member_rotated", "pass", "fail")}
    assert found["differences"][0]["differs_in"] == ["status", "limits"]
    compare("cli/replay/the-new-verdict-stands-in-a-column-of-its", text)


def test_the_rules_of_then_are_applied_with_the_limits_of_then(scanned: Desk) -> None:
    """What was allowed last year is judged by last year's limit."""
    scanned.set('[checks.played_member_rotated]\nmax_age = "30d"\n')
    scanned.clock.move(DAY)

    assert replay(scanned, "--checks", "then")["differences"] == []


def test_a_check_whose_code_is_another_one_now_is_not_passed_off_as_that_of_then(desk: Desk) -> None:
    """Only the digest of the code was kept; today's code would be a guess."""
    desk.world.rules = desk.app.rules()
    desk.world.run()
    original = desk.world.store.history.rules()
    changed = [
        type(tally)(tally.check, tally.source, "sha256:other", tally.limits, tally.counts)
        for tally in original.values()
        if tally.check == "played_member_mfa"
    ]
    desk.world.store.write([Judged("run-1", desk.clock.now(), (), tuple(changed))])
    desk.clock.move(DAY)
    found = replay(desk, "--checks", "then")
    (refused,) = found["not_judged"]

    assert (refused["check"], refused["findings"]) == ("played_member_mfa", 3)
    assert "its code is another one now" in refused["why"]
    assert replay(desk, "--checks", "today")["not_judged"] == []


def test_a_disabled_check_is_named_and_not_left_out_in_silence(scanned: Desk) -> None:
    """Findings of which nothing is said now would read as confirmed."""
    scanned.set('[checks.played_member_mfa]\nenabled = false\nreason = "noise"\n')
    scanned.clock.move(DAY)
    (left,) = replay(scanned)["not_judged"]

    assert (left["check"], left["findings"]) == ("played_member_mfa", 3)
    assert left["why"] == "the check is disabled or not installed"


def test_what_could_not_be_seen_then_is_unknown_now_too(desk: Desk) -> None:
    """Judging again cannot see more than was looked at."""
    desk.platform.deny(MEMBERS)
    desk.world.run()
    desk.platform.calm()
    desk.clock.move(DAY)
    found = replay(desk, "--check", "played_member_mfa")

    assert found["judged_counts"] == {"unknown": 1}
    assert found["same"] == 1


def test_a_check_and_a_source_can_be_chosen(scanned: Desk) -> None:
    """One question, one answer."""
    scanned.clock.move(DAY)
    found = replay(scanned, "--check", "played_member_mfa", "--source", "code")

    assert found["judged"] == 3
    assert found["not_judged"] == []


def test_before_anything_was_recorded_there_is_nothing_to_judge(scanned: Desk) -> None:
    """An empty answer says why it is empty."""
    text = scanned.says("replay", "--as-of", "2026-02-01")

    compare("cli/replay/before-anything-was-recorded-there-is-nothing-to-judge", text)


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--check", "played_member_mfaa"), "played_member_mfa"), (("--source", "x"), "knows no source")],
)
def test_names_that_there_are_not_are_refused(
    scanned: Desk, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    """A mistyped check must not come out as without differences."""
    scanned.platform.orgs["acme"]["members"].append(a_member("zed"))
    scanned.clock.move(DAY)

    assert main(["replay", *THEN, *words]) == 2
    assert message in capsys.readouterr().err
