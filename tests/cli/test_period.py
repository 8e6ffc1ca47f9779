"""State over a period: what was planned, what was seen, what was missed, and under which rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.main import main
from tests.cli.texts import compare
from tests.played.platform import MEMBERS, a_member, an_org

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
WEEK = ("--from", "2026-03-01", "--to", "2026-03-07")


def days(desk: Desk, count: int) -> None:
    """Scan once a day, and leave the clock a day after the last scan."""
    for _ in range(count):
        desk.world.run()
        desk.clock.move(DAY)


def period(desk: Desk, *words: str) -> Any:
    """What the first week of March held."""
    return desk.json("period", *WEEK, *words)


def check(found: Any, id_: str = "played_member_mfa") -> Any:
    """One check of it."""
    (view,) = [view for view in found["checks"] if view["check"] == id_]
    return view


def test_a_week_without_trouble_says_so_and_no_more(desk: Desk) -> None:
    """Seven observations are seven moments, and not a week."""
    days(desk, 8)
    found = period(desk)
    mfa = check(found)

    assert mfa["sentence"] == (
        "Passed at 7 of 7 observations (planned 7, interval 1d); between observations nothing is known."
    )
    assert (found["start"], found["end"]) == ("2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z")
    assert mfa["first_observed"] == "2026-03-01T06:00:00Z"
    assert mfa["longest_fail"] is None
    assert found["gaps"] == []
    assert [segment["changes"] for segment in found["segments"]] == [[]]


def test_fails_refusals_and_silence_are_three_things(desk: Desk) -> None:
    """A week of which two days are missing is no week that passed."""
    days(desk, 1)
    desk.platform.orgs["acme"]["members"][0]["mfa"] = False
    days(desk, 1)
    desk.platform.orgs["acme"]["members"][0]["mfa"] = True
    days(desk, 1)
    desk.platform.deny(MEMBERS)
    days(desk, 1)
    desk.platform.calm()
    desk.clock.move(2 * DAY)
    days(desk, 2)
    found = period(desk)
    mfa = check(found)

    assert mfa["counts"]["by_state"] == {"pass": 3, "fail": 1, "unknown": 1, "nothing to check": 0}
    assert (mfa["counts"]["planned"], mfa["counts"]["made"], mfa["counts"]["missed"]) == (7, 5, 2)
    assert mfa["longest_fail"]["subject"] == "ann"
    assert (mfa["longest_fail"]["since"], mfa["longest_fail"]["days"]) == ("2026-03-02T06:00:00Z", 1)
    hows = {(gap["how"], gap["count"] // len(gap["tasks"])) for gap in found["gaps"]}
    assert hows == {("denied", 1), ("missed", 2)}
    assert "forbidden" in next(gap["why"] for gap in found["gaps"] if gap["how"] == "denied")
    assert mfa["counts"]["made"] + mfa["counts"]["missed"] == mfa["counts"]["planned"]


def test_days_before_the_first_scan_are_not_observed(desk: Desk) -> None:
    """They were not missed, and nothing is known of them."""
    desk.clock.move(3 * DAY)
    days(desk, 5)
    found = period(desk)
    mfa = check(found)

    assert (mfa["counts"]["not_observed"], mfa["counts"]["planned"], mfa["counts"]["missed"]) == (3, 4, 0)
    assert [stretch["shown"] for stretch in mfa["stretches"]] == ["not observed", "pass"]
    assert found["gaps"] == []


def test_a_period_that_is_not_over_reaches_up_to_now(desk: Desk) -> None:
    """Days to come are not missed."""
    days(desk, 3)
    found = period(desk)

    assert check(found)["counts"]["planned"] == 3
    assert found["until"] == "2026-03-04T06:00:00Z"
    compare("cli/period/a-period-that-is-not-over-reaches-up-to", desk.says("period", *WEEK))


def test_a_control_passes_only_where_all_its_direct_checks_do(desk: Desk) -> None:
    """Its label is that of the end, and the observations are those of the period."""
    desk.platform.orgs["acme"] = an_org(members=[a_member("ann", mfa=False)])
    days(desk, 4)
    desk.platform.orgs["acme"] = an_org()
    days(desk, 4)
    found = period(desk, "--control", "1.1")
    (control,) = found["controls"]

    assert control["counts"]["by_state"]["fail"] == 4
    assert control["counts"]["by_state"]["pass"] == 3
    assert control["status"] == "unknown"  # nobody has said which systems are in scope
    assert control["checks"] == ["played_member_mfa"]
    assert {view["check"] for view in found["checks"]} == {"played_member_mfa"}
    assert control["longest_fail"]["subject"] == "ann"


def test_a_control_that_no_check_observes_says_so(desk: Desk) -> None:
    """Nothing planned is not everything done."""
    days(desk, 8)
    (control,) = period(desk, "--control", "2.1")["controls"]

    assert control["counts"]["planned"] == 0
    assert control["sentence"].startswith("No check tests it directly")
    assert control["interval"] is None


def test_a_direct_check_that_never_ran_keeps_its_control_from_a_pass(desk: Desk) -> None:
    """Leaving a check out of the scans must not read as a clean week."""
    desk.world.rules = [rule for rule in desk.world.rules if rule.check.id != "played_repo_protected"]
    days(desk, 8)
    (control,) = period(desk, "--control", "1.2")["controls"]

    assert control["never_run"] == ["played_repo_protected"]
    assert control["counts"]["by_state"]["pass"] == 0
    assert control["sentence"] == "No direct check of it was run: played_repo_protected."


def test_a_check_that_was_not_looked_at_any_more_is_missed_and_not_left_out(desk: Desk) -> None:
    """A source that was scanned last year and not since has missed everything since."""
    desk.world.run()
    desk.clock.move(40 * DAY)
    found = desk.json("period", "--from", "2026-03-10", "--to", "2026-03-16")
    control = next(view for view in found["controls"] if view["id"] == "1.1")

    assert (check(found)["counts"]["planned"], check(found)["counts"]["missed"]) == (7, 7)
    assert (control["counts"]["missed"], control["never_run"]) == (7, [])
    assert {gap["how"] for gap in found["gaps"]} == {"missed"}


def test_a_disabled_check_cuts_the_period_and_is_unknown_from_then_on(desk: Desk) -> None:
    """Switching off what fails must be seen in the numbers."""
    days(desk, 3)
    desk.set('[checks.played_member_mfa]\nenabled = false\nreason = "noise"\n')
    desk.world.rules = desk.app.rules()
    days(desk, 5)
    found = period(desk)
    mfa = check(found)
    control = next(view for view in found["controls"] if view["id"] == "1.1")

    assert mfa["counts"]["by_state"] == {"pass": 3, "fail": 0, "unknown": 4, "nothing to check": 0}
    assert [segment["changes"] for segment in mfa["segments"]] == [[], ["in force: enabled became disabled"]]
    assert control["counts"]["by_state"] == mfa["counts"]["by_state"]


def test_another_limit_and_another_configuration_cut_the_period(desk: Desk) -> None:
    """Numbers from before and after a loosened limit must not be added up unnoticed."""
    days(desk, 3)
    desk.set('[checks.played_member_rotated]\nmax_age = "60d"\n')
    desk.world.rules = desk.app.rules()
    desk.world.run(config="e")
    desk.clock.move(DAY)
    days(desk, 4)
    found = period(desk)
    segments = check(found, "played_member_rotated")["segments"]

    assert segments[1]["changes"] == ["limits: max_age = 90d became max_age = 60d"]
    assert segments[1]["start"] == "2026-03-04T06:00:00Z"
    whole = [change for segment in found["segments"] for change in segment["changes"]]
    assert whole == ["configuration: d became e", "configuration: e became d"]


def test_a_fail_that_nobody_could_see_any_more_is_still_open(desk: Desk) -> None:
    """A refused list has mended nothing."""
    desk.platform.orgs["acme"]["members"][0]["mfa"] = False
    days(desk, 2)
    desk.platform.deny(MEMBERS)
    days(desk, 6)
    mfa = check(period(desk))

    assert mfa["counts"]["by_state"] == {"pass": 0, "fail": 2, "unknown": 5, "nothing to check": 0}
    assert mfa["longest_fail"]["until"] is None
    assert mfa["at_end"]["pass"] == 0


def test_the_page_has_the_numbers_the_zone_and_both_instants(desk: Desk) -> None:
    """A number without its period is worth nothing to an auditor."""
    days(desk, 8)
    text = desk.says("period", *WEEK, "--zone", "Europe/Zurich")

    compare("cli/period/the-page-has-the-numbers-the-zone-and-both", text)
    assert "%" not in text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--from", "2026-03-07", "--to", "2026-03-01"), 2, "is before"),
        (("--from", "2027-01-01", "--to", "2027-01-02"), 2, "yet to come"),
        (("--from", "march", "--to", "2026-03-01"), 2, "is no day"),
        ((*WEEK, "--zone", "Mars/Olympus"), 2, "there is no time zone"),
        ((*WEEK, "--check", "played_member_mfaa"), 2, "played_member_mfa"),
        ((*WEEK, "--control", "9.9"), 2, "there is no control"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    scanned: Desk, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, message: str
) -> None:
    """A period that does not exist has no numbers, not even zeros."""
    scanned.clock.move(DAY)

    assert main(["period", *words]) == code
    assert message in capsys.readouterr().err
