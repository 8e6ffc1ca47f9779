"""`annexd replay --diff`: what other rules would change on the evidence that there is, before they are recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.checks import All, Check, Verdict, check, passed, unknown
from collector.setup.loading import LoadedConnector
from tests.cli.company_builders import write_scope
from tests.cli.texts import compare
from tests.played.checks import CHECKS
from tests.played.connector import Member

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Desk

MFA = next(check for check in CHECKS if check.id == "played_member_mfa")
DIFF = ("replay", "--rules", "new", "--diff")


@pytest.fixture
def before(desk: Desk) -> Desk:
    """Return a desk whose verdicts were recorded a day ago by the rules of then, with the digests of their code."""
    write_scope(desk)
    desk.platform.orgs["acme"]["members"][0]["mfa"] = False
    desk.world.rules = desk.app.rules()
    desk.world.run()
    desk.clock.move(timedelta(days=1))
    return desk


def install(desk: Desk, change: Callable[[Check[...]], Check[...] | None]) -> None:
    """Install other checks in place of these; None takes one out."""
    loaded = desk.app.loaded["played"]
    changed = {check.id: new for check in CHECKS if (new := change(check)) is not None}
    desk.app = replace(desk.app, used={"played": LoadedConnector(loaded.connector, changed, loaded.code)})


def undecided(member: Member) -> Verdict:  # noqa: ARG001  it is called by this name
    """Decide nothing."""
    return unknown("a rule of tomorrow")


def lenient(member: Member) -> Verdict:  # noqa: ARG001  it is called by this name
    """Let everything pass."""
    return passed("so says the rule of tomorrow")


@check("played_member_mfa", title="Members sign in with a second factor", severity="high", fix="Enrol one")
def as_a_set(members: All[Member]) -> Verdict:
    """Judge all members at once."""
    return passed(f"{sum(1 for _ in members)} members")


def with_mfa(of: Check[...] | None) -> Callable[[Check[...]], Check[...] | None]:
    """Return what puts another check in the place of that of members."""
    return lambda check: of if check.id == "played_member_mfa" else check


def scan(desk: Desk) -> None:
    """Look again with the rules that are installed now."""
    desk.world.rules = desk.app.rules()
    desk.world.run()


def control_1_1(desk: Desk) -> Any:
    """The control that members with a second factor are evidence for."""
    (framework,) = desk.json("controls")["frameworks"]
    return next(control for control in framework["controls"] if control["id"] == "1.1")


def by_check(found: Any) -> dict[str, dict[tuple[str | None, str | None], int]]:
    """The numbers of changed verdicts by check."""
    return {
        check["check"]: {(change["recorded"], change["judged"]): change["count"] for change in check["changes"]}
        for check in found["checks"]
    }


def test_the_same_rules_change_nothing(before: Desk) -> None:
    """Exit code 0: whoever upgrades in a pipeline can go on."""
    found = before.json(*DIFF)

    assert (found["checks"], found["controls"], found["not_judged"]) == ([], [], [])
    assert found["judged"] == found["same"] == len(list(before.world.store.findings())) > 0
    compare("cli/replay/the-same-rules-change-nothing", before.says(*DIFF))


def test_another_limit_shows_what_it_would_turn(before: Desk) -> None:
    """Which check, from what to what, how many, and that it is the limit."""
    before.set('[checks.played_member_rotated]\nmax_age = "30d"\n')
    found = before.json(*DIFF, code=1)
    (check,) = found["checks"]
    (change,) = check["changes"]
    failing = before.json("replay")["judged_counts"]["fail"]

    assert (check["check"], check["source"]) == ("played_member_rotated", "code")
    assert (check["code_changed"], check["limits_changed"]) == (False, True)
    assert (check["limits_recorded"], check["limits_now"]) == ({"max_age": "90d"}, {"max_age": "30d"})
    assert (change["recorded"], change["judged"]) == ("pass", "fail")
    assert change["count"] == len(change["subjects"]) > 0
    assert failing == change["count"] + before.json("replay", "--checks", "then")["judged_counts"]["fail"]
    compare("cli/replay/another-limit-shows-what-it-would-turn", before.says(*DIFF, code=1))


def test_another_code_turns_its_control(before: Desk) -> None:
    """The control of a direct check moves with it, to where the next scan then puts it."""
    install(before, with_mfa(replace(MFA, judge=lenient)))
    found = before.json(*DIFF, code=1)
    (check,), (foretold,) = found["checks"], found["controls"]
    compare("cli/replay/another-code-turns-its-control", before.says(*DIFF, code=1))
    scan(before)
    control = control_1_1(before)

    assert (check["code_changed"], check["limits_changed"]) == (True, False)
    assert by_check(found) == {"played_member_mfa": {("fail", "pass"): 1}}
    assert (foretold["framework"], foretold["id"], foretold["was"]) == ("played:1", "1.1", "failing")
    assert (foretold["now"], foretold["label_now"]) == (control["status"], control["label"])
    assert foretold["now"] != "failing"
    assert before.json(*DIFF)["checks"] == []


def test_a_fail_that_is_not_decided_any_more_keeps_its_control_failing(before: Desk) -> None:
    """As it does after the next scan: a rule that decides less mends nothing."""
    install(before, with_mfa(replace(MFA, judge=undecided)))
    found = before.json(*DIFF, code=1)
    scan(before)

    assert by_check(found) == {"played_member_mfa": {("fail", "unknown"): 1, ("pass", "unknown"): 2}}
    assert found["controls"] == []
    assert control_1_1(before)["status"] == "failing"


def test_a_new_check_appears_and_says_that_it_is_new(desk: Desk) -> None:
    """Before its first scan its verdicts are on no record."""
    desk.world.rules = [rule for rule in desk.app.rules() if rule.check.id != "played_member_mfa"]
    desk.world.run()
    desk.clock.move(timedelta(days=1))
    found = desk.json(*DIFF, code=1)
    (check,) = found["checks"]

    assert by_check(found) == {"played_member_mfa": {(None, "pass"): 3}}
    assert (check["code_recorded"], check["limits_recorded"], check["code_changed"]) == (None, None, False)
    assert "appeared as pass 3" in desk.says(*DIFF, code=1)


def test_what_is_judged_as_a_set_now_is_gone_one_by_one(before: Desk) -> None:
    """A verdict that is not given any more is never called the same, nor fixed."""
    install(before, with_mfa(as_a_set))
    found = before.json(*DIFF, code=1)

    assert by_check(found) == {"played_member_mfa": {(None, "pass"): 1, ("fail", None): 1, ("pass", None): 2}}
    assert "gone, was fail 1" in before.says(*DIFF, code=1)


def test_a_check_that_is_not_installed_any_more_is_a_difference(before: Desk) -> None:
    """Findings on record of which nothing would be said any more are no agreement."""
    install(before, with_mfa(None))
    (left,) = before.json(*DIFF, code=1)["not_judged"]

    assert (left["check"], left["findings"]) == ("played_member_mfa", 3)


def test_nothing_is_written(before: Desk) -> None:
    """It is a question about the future, and the record is of the past."""
    install(before, with_mfa(replace(MFA, judge=undecided)))
    leaves, asked = list(before.world.store.history.events()), before.platform.count
    findings = list(before.world.store.findings())
    before.json(*DIFF, code=1)

    assert list(before.world.store.history.events()) == leaves
    assert (list(before.world.store.findings()), before.platform.count) == (findings, asked)


def test_one_check_can_be_asked_for(before: Desk) -> None:
    """The others are not counted as the same."""
    before.set('[checks.played_member_rotated]\nmax_age = "30d"\n')

    assert before.json(*DIFF, "--check", "played_member_mfa")["judged"] == 3
    assert before.json(*DIFF, "--check", "played_member_rotated", code=1)["checks"] != []


def test_the_rules_of_then_are_no_new_rules(before: Desk) -> None:
    """The question makes no sense, and gets no answer that looks like one."""
    assert "--diff" in before.says("replay", "--checks", "then", "--diff", code=2)
