"""`annexd status`: one screen, the same numbers for people and machines."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.cli.texts import compare
from tests.played.platform import HOOKS, MEMBERS

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)


def test_text_and_json_hold_the_same_numbers(scanned: Desk) -> None:
    """A page that a person reads and a document that a machine reads must not be two truths."""
    text, shape = scanned.says("status"), scanned.json("status")
    verdicts = shape["verdicts"]

    compare("cli/status/text-and-json-hold-the-same-numbers", text)
    assert verdicts == {"pass": 23, "fail": 1, "unknown": 0, "not_applicable": 0}
    assert "\n  1 fail / 23 pass\n" in text
    assert shape["sources"][0]["tasks"] == {
        "complete": 6,
        "partial": 0,
        "denied": 0,
        "failed": 0,
        "skipped": 0,
        "not_run": 0,
    }


def test_the_five_states_are_all_counted_with_their_labels(scanned: Desk) -> None:
    """A state that is left out because it is empty would be looked for."""
    text, shape = scanned.says("status"), scanned.json("status")

    assert shape["frameworks"][0]["states"] == {
        "failing": 1,
        "unknown": 1,
        "incomplete": 1,
        "evidenced": 0,
        "excluded": 0,
    }
    for line in ("Open deviations   1", "Not established   1", "Records missing   1", "Evidence on file  0"):
        assert line in text
    compare("cli/status/the-five-states-are-all-counted-with-their-labels", text)


def test_what_could_not_be_looked_at_is_on_the_page_by_permission(desk: Desk) -> None:
    """It is the page's reason to exist."""
    desk.platform.deny(MEMBERS)
    desk.platform.deny(HOOKS)
    desk.world.run()
    text = desk.says("status")

    compare("cli/status/what-could-not-be-looked-at-is-on-the", text)


def test_before_the_first_scan_the_page_says_so(desk: Desk) -> None:
    """An empty store is not a clean company."""
    text, shape = desk.says("status"), desk.json("status")

    compare("cli/status/before-the-first-scan-the-page-says-so", text)
    assert "never seen" in text
    assert shape["run"] is None
    assert shape["unjudged"] > 0


def test_the_next_scan_is_due_when_the_oldest_evidence_is(scanned: Desk) -> None:
    """Later than that, verdicts begin to lapse."""
    assert "2026-03-02T06:00:00Z: code" in scanned.says("status")

    scanned.clock.move(DAY)

    compare("cli/status/the-next-scan-is-due-when-the-oldest-evidence", scanned.says("status"))


def test_the_past_is_shown_as_of_its_day(scanned: Desk) -> None:
    """What an auditor asks in March about January."""
    scanned.clock.move(2 * DAY)
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    scanned.world.run()
    then, now = scanned.json("status", "--as-of", "2026-03-01"), scanned.json("status")

    assert (then["verdicts"]["fail"], now["verdicts"]["fail"]) == (1, 2)
    assert then["as_of"] == "2026-03-01T23:59:59.999999Z"
    compare("cli/status/the-past-is-shown-as-of-its-day", scanned.says("status", "--as-of", "2026-03-01"))


def test_a_moment_to_come_is_a_mistake_of_use(scanned: Desk) -> None:
    """The exit code of usage, not of findings."""
    scanned.says("status", "--as-of", "2099-01-01", code=2)


def test_a_source_that_was_taken_out_is_named(scanned: Desk) -> None:
    """Its verdicts did not vanish, they became unknown."""
    scanned.app.names[:] = []

    compare("cli/status/a-source-that-was-taken-out-is-named", scanned.says("status"))
