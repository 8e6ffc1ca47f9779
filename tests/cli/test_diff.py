"""Two moments side by side: what changed, in which field, why, and who saw it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.main import main
from tests.cli.texts import compare
from tests.played.platform import MEMBERS, PROTECTION, a_member, a_repo

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)


def next_day(desk: Desk) -> None:
    """Scan again, a day later."""
    desk.clock.move(DAY)
    desk.world.run()


def diff(desk: Desk, first: str = "2026-03-01", second: str = "2026-03-02") -> Any:
    """What is different."""
    return desk.json("diff", first, second)


def by_key(found: Any, kind: str) -> dict[str, Any]:
    """The resources of a kind."""
    return {resource["key"]: resource for resource in found["resources"] if resource["kind"] == kind}


def test_resources_are_told_with_the_fields_that_differ_and_who_saw_it(scanned: Desk) -> None:
    """What changed between two audits is the first thing that is asked."""
    scanned.platform.orgs["acme"]["members"] = [a_member("ann", mfa=False), a_member("bob"), a_member("dora")]
    next_day(scanned)
    members = by_key(diff(scanned), "played.member")

    assert {key: member["how"] for key, member in members.items()} == {
        "ann": "changed",
        "carol": "gone",
        "dora": "appeared",
    }
    assert members["ann"]["fields"] == [{"path": "mfa", "was": True, "now": False, "appeared": False, "gone": False}]
    assert (members["ann"]["run"], members["ann"]["identity"]) == ("run-2", "auditor")
    assert members["carol"]["now"] is None


def test_secrets_stay_fingerprints_on_both_sides(scanned: Desk) -> None:
    """A difference is no way round redaction."""
    scanned.platform.orgs["acme"]["members"][0]["phone"] = "+41 79 555 77 77"
    next_day(scanned)
    found = diff(scanned)
    (field,) = by_key(found, "played.member")["ann"]["fields"]

    assert field["path"] == "phone"
    assert field["was"] != field["now"]
    assert "555 77" not in str(found)
    assert "555 01" not in str(found)


def test_a_part_that_cannot_be_read_is_no_change_of_its_fields(scanned: Desk) -> None:
    """Not being able to look is not that something went away."""
    scanned.platform.deny(PROTECTION)
    next_day(scanned)
    core = by_key(diff(scanned), "played.repo")["core"]

    assert (core["how"], core["fields"]) == ("changed", [])
    assert (core["unread_then"], core["unread_now"]) == ([], ["protection"])
    compare("cli/diff/a-part-that-cannot-be-read-is-no-change", scanned.says("diff", "2026-03-01", "2026-03-02"))


def test_a_refused_list_says_nothing_is_gone(scanned: Desk) -> None:
    """Only a complete list may."""
    scanned.platform.deny(MEMBERS)
    next_day(scanned)
    found = diff(scanned)

    assert by_key(found, "played.member") == {}
    assert {finding["why"] for finding in found["findings"] if finding["check"] == "played_member_mfa"} == {
        "first seen"
    }


def test_findings_that_flipped_say_why_and_in_which_run(scanned: Desk) -> None:
    """A flip without its cause is a rumour."""
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    scanned.platform.orgs["acme"]["projects"]["api"] = [a_repo("core", protection={"reviews": 1})]
    next_day(scanned)
    found = {(finding["check"], finding["subject"]): finding for finding in diff(scanned)["findings"]}
    flip = found["played_member_mfa", "ann"]

    assert (flip["was"], flip["now"], flip["why"], flip["run"]) == ("pass", "fail", "evidence", "run-2")
    assert found["played_repo_protected", "edge"]["why"] == "ended"
    assert flip["code_then"] == flip["code_now"]


def test_a_limit_and_the_passing_of_time_are_told_apart(scanned: Desk) -> None:
    """The company did nothing in either case, and the auditor wants to know which."""
    scanned.set('[checks.played_member_rotated]\nmax_age = "44d"\n')
    scanned.world.rules = scanned.app.rules()
    scanned.clock.move(-timedelta(hours=1))
    next_day(scanned)
    (limit, *_) = [finding for finding in diff(scanned)["findings"] if finding["check"] == "played_member_rotated"]
    text = scanned.says("diff", "2026-03-01", "2026-03-02")

    assert (limit["was"], limit["now"], limit["why"]) == ("pass", "fail", "limit")
    compare("cli/diff/a-limit-and-the-passing-of-time-are-told", text)


def test_time_that_passed_is_told_from_a_rule_that_changed(scanned: Desk) -> None:
    """The code of the check is the same, and so is the evidence."""
    for _ in range(50):
        scanned.clock.move(DAY)
    scanned.world.run()
    text = scanned.says("diff", "2026-03-01", "2026-04-20")

    compare("cli/diff/time-that-passed-is-told-from-a-rule-that", text)
    assert "the code of the check changed" not in text


def test_controls_that_stand_otherwise_are_told_with_their_reason(scanned: Desk) -> None:
    """What an auditor reads first."""
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    next_day(scanned)
    (control,) = [change for change in diff(scanned)["controls"] if change["id"] == "1.1"]

    assert (control["was"], control["now"]) == ("unknown", "failing")
    assert control["label_now"] == "Open deviations (1)"
    assert "played_member_mfa" in control["reasons_now"][0]


def test_nothing_different_is_said_to_be_nothing(scanned: Desk) -> None:
    """An empty page would leave the reader wondering."""
    next_day(scanned)
    found = diff(scanned)

    assert (found["resources"], found["findings"], found["controls"]) == ([], [], [])
    assert found["runs"] == ["run-2"]
    assert "Resources: none" in scanned.says("diff", "2026-03-01", "2026-03-02")


def test_what_was_another_one_in_between_is_told(scanned: Desk) -> None:
    """A bucket that was public for a day is not the bucket that it was."""
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    next_day(scanned)
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = True
    scanned.platform.orgs["acme"]["members"].append(a_member("eve"))
    next_day(scanned)
    scanned.platform.orgs["acme"]["members"].pop()
    next_day(scanned)
    members = by_key(diff(scanned, second="2026-03-04"), "played.member")

    assert {key: member["how"] for key, member in members.items()} == {"ann": "and back", "eve": "came and went"}


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("2026-03-02", "2026-03-01", "is not after"),
        ("2026-03-01", "2027-01-01", "is yet to come"),
        ("monday", "2026-03-01", "names no moment"),
    ],
)
def test_moments_that_cannot_be_are_refused(
    scanned: Desk, capsys: pytest.CaptureFixture[str], first: str, second: str, words: str
) -> None:
    """A comparison the wrong way round would tell everything in reverse."""
    next_day(scanned)
    code = main(["diff", first, second])

    assert (code, words in capsys.readouterr().err) == (2, True)
