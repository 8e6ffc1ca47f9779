"""`annexd findings`: the worst first, filtered, and never cut in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.texts import compare
from tests.played.platform import HOOKS, MEMBERS, a_member, a_repo, an_org

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)


@pytest.fixture
def messy(desk: Desk) -> Desk:
    """Return a desk with fails of each severity, an unknown, and tags."""
    tagged = {"tags": [{"Key": "Owner", "Value": "shop"}, {"Key": "tier", "Value": "1"}]}
    desk.platform.orgs["acme"] = an_org(
        members=[a_member("ann"), a_member("bob", mfa=False, role="guest")],
        projects={
            "api": [a_repo("core", protection=None, **tagged), a_repo("docs", visibility="public", protection=None)],
            "web": [a_repo("site", tags={"owner": "web"})],
        },
    )
    desk.platform.deny(HOOKS, where="/site/")
    desk.world.run()
    return desk


def subjects(desk: Desk, *words: str) -> list[str]:
    """The subjects of the findings that a filter leaves."""
    return [finding["subject"] for finding in desk.json("findings", *words)["findings"]]


def test_the_worst_comes_first(messy: Desk) -> None:
    """Nobody reads to the end."""
    shape = messy.json("findings")

    assert [finding["severity"] for finding in shape["findings"]] == ["high", "medium", "medium", "medium", "medium"]
    assert [finding["status"] for finding in shape["findings"]] == ["fail", "fail", "unknown", "fail", "fail"]


def test_text_and_json_hold_the_same(messy: Desk) -> None:
    """The counts are of everything, the list of what is open."""
    text, shape = messy.says("findings"), messy.json("findings")
    counts = shape["counts"]

    compare("cli/findings/text-and-json-hold-the-same", text)
    assert f"{counts['fail']} fail / {counts['unknown']} unknown / {counts['pass']} pass" in text
    assert "hooks:read" in text


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("--check", "played_member_mfa"), ["bob"]),
        (("--severity", "high"), ["bob"]),
        (("--service", "member"), ["bob", ""]),
        (("--control", "1.1"), ["bob"]),
        (("--control", "played:1/1.2"), ["core", "docs"]),
        (("--status", "unknown"), ["site"]),
        (("--tag", "tier"), ["core"]),
        (("--tag", "TIER=1"), ["core"]),
        (("--tag", "tier=2"), []),
        (("--owner", "shop"), ["core"]),
        (("--owner", "WEB"), ["site"]),
        (("--owner", "web", "--tag", "tier"), []),
        (("--source", "code", "--status", "unknown"), ["site"]),
    ],
)
def test_each_filter_leaves_what_it_says(messy: Desk, words: tuple[str, ...], left: list[str]) -> None:
    """A filter that takes too much hides what somebody is responsible for."""
    assert subjects(messy, *words) == left


def test_findings_without_known_tags_are_counted(messy: Desk) -> None:
    """They belong to somebody too; the filter cannot say to whom."""
    text = messy.says("findings", "--owner", "shop")

    compare("cli/findings/findings-without-known-tags-are-counted", text)
    assert messy.json("findings", "--owner", "shop")["without_tags"] > 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--check", "played_member_mfaa"), 2),
        (("--control", "9.9"), 2),
        (("--source", "coda"), 2),
        (("--service", "iam"), 2),
        (("--severity", "worst"), 2),
        (("--status", "bad"), 2),
    ],
)
def test_a_name_that_there_is_not_is_refused(messy: Desk, words: tuple[str, ...], code: int) -> None:
    """An empty list would read as nothing wrong."""
    messy.says("findings", *words, code=code)


def test_what_is_not_shown_is_counted(messy: Desk) -> None:
    """A list that ends in silence reads as a whole one."""
    text, shape = messy.says("findings", "--limit", "2"), messy.json("findings", "--limit", "2")

    compare("cli/findings/what-is-not-shown-is-counted", text)
    assert (shape["matched"], shape["shown"], len(shape["findings"])) == (5, 2, 2)
    assert [finding["check"] for finding in shape["findings"]] == ["played_member_mfa", "played_org_two_owners"]


def test_machines_get_everything(desk: Desk) -> None:
    """A screenful is for people."""
    desk.platform.orgs["acme"] = an_org(members=[a_member(f"user{number}", mfa=False) for number in range(60)])
    desk.world.run()

    assert desk.json("findings", "--check", "played_member_mfa")["shown"] == 60
    compare("cli/findings/machines-get-everything", desk.says("findings", "--check", "played_member_mfa"))
    assert "not shown" not in desk.says("findings", "--check", "played_member_mfa", "--all")


def test_a_stale_finding_says_what_it_was(messy: Desk) -> None:
    """The fail is not gone; nobody has looked."""
    messy.clock.move(3 * DAY)
    (finding,) = messy.json("findings", "--check", "played_member_mfa", "--limit", "1")["findings"]

    assert (finding["status"], finding["stale"]) == ("unknown", True)
    assert "longer ago than a verdict stays valid" in finding["reason"]


def test_a_hostile_name_is_harmless_in_text_and_exact_in_json(desk: Desk) -> None:
    """Whoever may name a resource may not write on an operator's terminal."""
    name = "\x1b]0;pwned\x07=cmd|' /C calc'!A0\u202e"
    desk.platform.orgs["acme"] = an_org(members=[a_member(name, mfa=False)])
    desk.world.run()
    text = desk.says("findings", "--check", "played_member_mfa")

    assert "\x1b" not in text
    assert "\u202e" not in text
    compare("cli/findings/a-hostile-name-is-harmless-in-text-and-exact", text)
    assert subjects(desk, "--check", "played_member_mfa") == [name]


def test_what_changed_says_why(scanned: Desk) -> None:
    """The evidence is another one: somebody did something."""
    scanned.clock.move(DAY)
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    scanned.world.run()
    text = scanned.says("findings", "--since", "2026-03-01", "--check", "played_member_mfa")
    shape = scanned.json("findings", "--since", "2026-03-01", "--check", "played_member_mfa")

    (change,) = shape["changes"]
    assert (change["was"], change["now"], change["why"], change["subject"]) == ("pass", "fail", "evidence", "ann")
    compare("cli/findings/what-changed-says-why", text)
    assert shape["same"] == 2


def test_a_limit_that_changed_is_told_with_both_values(scanned: Desk) -> None:
    """A check that passes because its limit was loosened is not a mended one."""
    scanned.clock.move(DAY)
    scanned.set('[checks.played_org_two_owners]\nleast = 4\nreason = "r"\npolicy_ref = "p"\n')
    scanned.world.rules = scanned.app.rules()
    scanned.world.run()
    (change,) = scanned.json("findings", "--since", "2026-03-01", "--check", "played_org_two_owners")["changes"]

    assert (change["was"], change["now"], change["why"]) == ("pass", "fail", "limit")
    compare(
        "cli/findings/a-limit-that-changed-is-told-with-both-values", scanned.says("findings", "--since", "2026-03-01")
    )


def test_time_that_passed_is_not_told_as_evidence(scanned: Desk) -> None:
    """The key did not change; it grew old."""
    scanned.clock.move(80 * DAY)
    scanned.world.run()
    changes = scanned.json("findings", "--since", "2026-03-01", "--check", "played_member_rotated")["changes"]

    assert {(change["was"], change["now"], change["why"]) for change in changes} == {("pass", "fail", "rule or time")}


def test_a_subject_that_is_gone_is_not_told_as_fixed(messy: Desk) -> None:
    """Deleted is not mended."""
    messy.clock.move(DAY)
    messy.platform.orgs["acme"]["members"].pop()
    messy.world.run()
    changes = messy.json("findings", "--since", "2026-03-01", "--check", "played_member_mfa")["changes"]

    assert [(change["was"], change["now"], change["why"]) for change in changes] == [("fail", None, "ended")]
    compare("cli/findings/a-subject-that-is-gone-is-not-told-as", messy.says("findings", "--since", "2026-03-01"))


def test_a_verdict_that_changed_and_changed_back_is_told(scanned: Desk) -> None:
    """Between two looks something was open."""
    for mfa in (False, True):
        scanned.clock.move(DAY)
        scanned.platform.orgs["acme"]["members"][0]["mfa"] = mfa
        scanned.world.run()
    (change,) = scanned.json("findings", "--since", "2026-03-01", "--check", "played_member_mfa")["changes"]

    assert (change["was"], change["now"], change["why"]) == ("pass", "pass", "and back")


def test_a_refusal_is_told_as_a_change(scanned: Desk) -> None:
    """From today on the scope is unknown, and that is new."""
    scanned.clock.move(DAY)
    scanned.platform.deny(MEMBERS)
    scanned.world.run()
    changes = scanned.json("findings", "--since", "2026-03-01", "--check", "played_member_mfa")["changes"]

    assert [(change["subject"], change["was"], change["now"]) for change in changes] == [("", None, "unknown")]


def test_a_verdict_that_lapsed_is_told_as_age(scanned: Desk) -> None:
    """Nobody did anything to the resource; nobody looked at it."""
    scanned.clock.move(3 * DAY)
    changes = scanned.json("findings", "--since", "2026-03-01", "--check", "played_member_mfa")["changes"]

    assert {(change["was"], change["now"], change["why"]) for change in changes} == {("pass", "unknown", "age")}


def test_nothing_changed_says_so(scanned: Desk) -> None:
    """Silence would leave open whether anything was compared."""
    scanned.clock.move(DAY)
    scanned.world.run()

    compare("cli/findings/nothing-changed-says-so", scanned.says("findings", "--since", "2026-03-01"))
