"""`annexd actions`: what people say of a deviation, beside what annexd has seen of it since."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.register_builders import CLOSED, write_actions
from tests.cli.texts import compare
from tests.played.platform import PROTECTION, a_repo, an_org

if TYPE_CHECKING:
    from tests.cli.conftest import Desk


def only(desk: Desk) -> Any:
    """The one action, as machines read it."""
    (action,) = desk.json("actions")["actions"]
    return action


def rescan(desk: Desk, **projects: list[dict[str, Any]]) -> None:
    """Let a day go by, change the repositories, and look again."""
    desk.clock.move(timedelta(days=1))
    if projects:
        desk.platform.orgs["acme"] = an_org(projects=projects)
    desk.world.run()


def test_a_deviation_that_still_fails_says_so(scanned: Desk) -> None:
    """Whatever was done by hand, the check has not seen it."""
    write_actions(scanned, {})

    assert only(scanned)["retest"]["outcome"] == "still fails"
    compare("cli/actions/a-deviation-that-still-fails-says-so", scanned.says("actions"))


def test_what_was_mended_is_fixed(scanned: Desk) -> None:
    """The same rule passes on other evidence."""
    write_actions(scanned, {})
    rescan(scanned, api=[a_repo("core"), a_repo("docs"), a_repo("edge")], web=[a_repo("site")])

    assert only(scanned)["retest"]["counts"] == {"fixed": 1}


def test_what_was_deleted_is_not_fixed(scanned: Desk) -> None:
    """It left fail, and nobody mended anything."""
    write_actions(scanned, {})
    rescan(scanned, api=[a_repo("core"), a_repo("edge")], web=[a_repo("site")])

    assert only(scanned)["retest"]["outcome"] == "subject gone"
    compare("cli/actions/what-was-deleted-is-not-fixed", scanned.says("actions"))


def test_what_nobody_can_see_any_more_is_not_established(scanned: Desk) -> None:
    """A refusal mends nothing, and an old pass is none."""
    write_actions(scanned, {})
    scanned.platform.deny(PROTECTION)
    rescan(scanned)

    assert only(scanned)["retest"]["outcome"] == "not established"


def test_a_fix_that_was_seen_too_long_ago_is_not_established(scanned: Desk) -> None:
    """It was mended once; today nobody knows."""
    write_actions(scanned, {})
    rescan(scanned, api=[a_repo("core"), a_repo("docs")])
    scanned.clock.move(timedelta(days=3))

    assert only(scanned)["retest"]["outcome"] == "not established"


def test_a_deviation_that_annexd_never_saw_is_not_called_mended(scanned: Desk) -> None:
    """A pass of today says nothing of what somebody saw before."""
    write_actions(scanned, {"subject": "core"})

    assert only(scanned)["retest"]["outcome"] == "never seen failing"


def test_a_closed_action_that_still_fails_is_a_contradiction(scanned: Desk) -> None:
    """It is the line that an auditor looks for."""
    write_actions(scanned, CLOSED)
    text = scanned.says("actions")

    compare("cli/actions/a-closed-action-that-still-fails-is-a-contradiction", text)
    assert scanned.json("actions")["contradictions"] == 1


def test_late_actions_are_counted_where_everybody_looks(scanned: Desk) -> None:
    """In the status, and on the page of the control that its check tests."""
    write_actions(
        scanned, {"found_on": "2026-02-01", "due": "2026-02-28"}, {"id": "CA-2", "controls": ["played:1/2.1"]}
    )

    assert scanned.json("status")["actions"]["late"] == 1
    compare("cli/actions/late-actions-are-counted-where-everybody-looks-1", scanned.says("status"))
    compare("cli/actions/late-actions-are-counted-where-everybody-looks-2", scanned.says("controls", "show", "1.2"))
    compare("cli/actions/late-actions-are-counted-where-everybody-looks-3", scanned.says("controls", "show", "2.1"))


def test_an_action_in_words_has_no_retest(scanned: Desk) -> None:
    """No check can speak of a badge."""
    write_actions(scanned, {"check": None, "source": None, "deviation": "badges of leavers"})

    assert only(scanned)["retest"] is None
    compare("cli/actions/an-action-in-words-has-no-retest", scanned.says("actions"))


def test_without_a_file_nothing_is_stated(scanned: Desk) -> None:
    """No register is not an empty one."""
    compare("cli/actions/without-a-file-nothing-is-stated", scanned.says("actions"))
    assert scanned.json("status")["actions"] == {}


@pytest.mark.parametrize(
    ("but", "says"),
    [
        ({"check": "played_repo_protekted"}, "the nearest is played_repo_protected"),
        ({"source": "cod"}, "the nearest is code"),
        ({"controls": ["played:1/1.3"]}, "the nearest is played:1/1."),
        ({"controls": ["1.2"]}, "does not name a framework version"),
        ({"closed_on": "2026-03-01"}, "nothing says reviewed_on"),
        ({"result": "splendid"}, "result"),
        ({"ownr": "Ann"}, "the nearest is owner"),
        ({"due": None}, "this key is required"),
    ],
)
def test_an_action_that_cannot_be_is_refused(scanned: Desk, but: dict[str, Any], says: str) -> None:
    """With file, line and key, and the nearest word that would do."""
    write_actions(scanned, {}, {"id": "CA-2"} | but)
    error = scanned.says("actions", code=3)

    assert says in error
    assert int(error.split("actions.toml:")[1].split(":")[0]) >= 10
