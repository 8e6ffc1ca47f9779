"""Exceptions: accepted deviations are counted apart and never away, and nothing unknown is ever covered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.assess import ControlState, ControlStatus
from collector.core.checks import Status
from collector.report.state.assessment import Assessment, assessed
from tests.cli.company_builders import write_exceptions, write_scope
from tests.cli.texts import compare
from tests.played.platform import MEMBERS, PROTECTION, a_repo, an_org

if TYPE_CHECKING:
    from pathlib import Path

    from collector.core.tally import FindingCounts
    from tests.cli.conftest import Desk

CHECK = "played_repo_protected"


def tally(desk: Desk, check: str = CHECK) -> FindingCounts:
    """What is counted of a check."""
    return assessed(desk.reading()).evidence.tallies[check]


def control(found: Assessment, id_: str = "1.2") -> ControlState:
    """One control."""
    ((_, states),) = found.frameworks
    return next(state for state in states if state.control.id == id_)


def test_an_accepted_deviation_is_counted_apart_and_its_verdict_stays(scanned: Desk) -> None:
    """Somebody bears it; it is not gone."""
    before = assessed(scanned.reading()).verdicts
    write_exceptions(scanned, {})
    found = assessed(scanned.reading())

    assert (tally(scanned).passes, tally(scanned).fails, tally(scanned).accepted) == (3, 0, 1)
    assert found.verdicts == before
    assert control(found).status is not ControlStatus.EVIDENCED
    assert "accepted until 2026-12-31 (EX-1)" in tally(scanned).reasons[0]


def test_where_everything_is_accepted_the_control_still_fails(desk: Desk) -> None:
    """Otherwise a page of exceptions would be a page in order."""
    desk.platform.orgs["acme"] = an_org(projects={"api": [a_repo("docs", protection=None)]})
    desk.world.run()
    write_exceptions(desk, {})

    assert control(assessed(desk.reading())).status is ControlStatus.FAILING


def test_nothing_unknown_is_covered(scanned: Desk) -> None:
    """Who accepts a deviation has not accepted not knowing."""
    write_exceptions(scanned, {"subject": "*", "max_subjects": 9})
    scanned.clock.move(timedelta(days=3))

    assert (tally(scanned).accepted, tally(scanned).unknown, tally(scanned).lost) == (0, 4, 1)


def test_a_part_that_was_not_read_is_not_covered(desk: Desk) -> None:
    """A pattern over all repositories covers none whose protection nobody could read."""
    desk.platform.deny(PROTECTION)
    desk.world.run()
    write_exceptions(desk, {"subject": "*", "max_subjects": 9})

    assert (tally(desk).accepted, tally(desk).fails) == (0, 0)
    assert tally(desk).unknown > 0


@pytest.mark.parametrize(
    ("but", "accepted"),
    [
        ({"approved_on": "2026-03-01", "expires": "2026-03-02"}, 1),
        ({"approved_on": "2026-03-02"}, 0),
        ({"expires": "2026-03-01"}, 1),
        ({"expires": "2026-02-28"}, 0),
        ({"subject": "edge"}, 0),
        ({"subject": "d*", "max_subjects": 1}, 1),
        ({"scope": ["acme", "api"]}, 1),
        ({"scope": ["globex"]}, 0),
    ],
)
def test_it_counts_on_its_days_and_for_its_subjects_only(scanned: Desk, but: dict[str, Any], accepted: int) -> None:
    """Both edges of everything that limits it; the played clock says 1 March."""
    write_exceptions(scanned, but)

    assert (tally(scanned).accepted, tally(scanned).fails) == (accepted, 1 - accepted)


def test_a_pattern_that_has_grown_covers_nothing(desk: Desk) -> None:
    """One subject was approved; which of the two it was, nobody can say."""
    desk.platform.orgs["acme"] = an_org(
        projects={"api": [a_repo("docs", protection=None), a_repo("demo", protection=None), a_repo("core")]}
    )
    desk.world.run()
    write_exceptions(desk, {"subject": "d*", "max_subjects": 1})

    assert (tally(desk).accepted, tally(desk).fails) == (0, 2)
    assert "matches more resources than the 1 approved" in tally(desk).reasons[0]
    assert desk.json("exceptions")["exceptions"][0]["state"] == "too wide"


def test_what_expired_is_told_beside_the_deviation(scanned: Desk) -> None:
    """It was accepted once, and is open again."""
    write_exceptions(scanned, {"expires": "2026-02-28"})

    assert "exception EX-1 expired on 2026-02-28" in tally(scanned).reasons[0]


def test_the_list_has_the_next_expiry_first(scanned: Desk) -> None:
    """That is the one to decide about."""
    write_exceptions(scanned, {}, {"id": "EX-2", "expires": "2026-06-30", "subject": "core"})
    shape, text = scanned.json("exceptions"), scanned.says("exceptions")

    assert shape["next_expiry"] == "2026-06-30"
    assert [(exception["id"], exception["covers"]) for exception in shape["exceptions"]] == [("EX-2", 0), ("EX-1", 1)]
    compare("cli/exceptions/the-list-has-the-next-expiry-first", text)


@pytest.mark.parametrize(
    ("but", "says"),
    [
        ({"approver": "ann "}, "does not approve it"),
        ({"subject": "d*"}, "max_subjects"),
        ({"expires": "2027-02-03"}, "twelve months are allowed"),
        ({"check": "played_repo_protekted"}, "the nearest is played_repo_protected"),
        ({"source": "cod"}, "the nearest is code"),
        ({"approval_ref": None}, "this key is required"),
        ({"kind": "ignored"}, "kind"),
        ({"expires": "2026-01-01"}, "it expires before it begins"),
    ],
)
def test_an_exception_that_cannot_be_is_refused(scanned: Desk, but: dict[str, Any], says: str) -> None:
    """With file, line and key, and the nearest word that would do."""
    write_exceptions(scanned, {}, {"id": "EX-2"} | but)
    error = scanned.says("exceptions", code=3)

    assert says in error
    assert int(error.split("exceptions.toml:")[1].split(":")[0]) >= 13


def test_twelve_months_of_a_leap_year_are_allowed(scanned: Desk) -> None:
    """From 1 March 2027 to the same day of 2028 there are 366 days."""
    write_exceptions(scanned, {"approved_on": "2027-03-01", "expires": "2028-03-01"})

    assert scanned.json("exceptions")["exceptions"][0]["state"] == "not yet"


def test_a_prowler_mutelist_becomes_a_draft_that_asks_for_what_it_lacks(scanned: Desk, tmp_path: Path) -> None:
    """Nobody approved it, and it never ends; both have to be decided."""
    (tmp_path / "mute.json").write_text(
        '{"Mutelist": {"Accounts": {"*": {"Checks": {"repo_check": {"Resources": ["d.*"], "Regions": ["*"]}}}}}}'
    )
    text = scanned.says("exceptions", "--from-prowler", "mute.json", "--source", "code")

    compare("cli/exceptions/a-prowler-mutelist-becomes-a-draft-that-asks-for-1", text)
    for key in ("approver", "approval_ref", "approved_on", "expires", "max_subjects"):
        assert f"\n{key} " in text
    (tmp_path / "exceptions.toml").write_text(text)
    compare("cli/exceptions/a-prowler-mutelist-becomes-a-draft-that-asks-for-2", scanned.says("exceptions", code=3))


def test_a_file_that_is_no_mutelist_is_refused(scanned: Desk, tmp_path: Path) -> None:
    """An empty draft would look like an empty list."""
    (tmp_path / "mute.json").write_text("[]")

    compare(
        "cli/exceptions/a-file-that-is-no-mutelist-is-refused",
        scanned.says("exceptions", "--from-prowler", "mute.json", code=3),
    )


@pytest.mark.parametrize("operation", [MEMBERS, PROTECTION])
def test_taking_evidence_away_never_moves_towards_evidenced(desk: Desk, operation: str) -> None:
    """With scope and exceptions in place too: a refusal today can only take away."""
    write_scope(desk)
    write_exceptions(desk, {"subject": "*", "max_subjects": 9})
    desk.world.run()
    seen = assessed(desk.reading())
    desk.clock.move(timedelta(days=1))
    desk.platform.deny(operation)
    desk.world.run()
    refused = assessed(desk.reading())

    for id_ in ("1.1", "1.2", "2.1"):
        before, after = control(seen, id_), control(refused, id_)
        assert RANK[after.status] <= RANK[before.status]
        assert after.counts.passes <= before.counts.passes
        assert after.coverage.seen < before.coverage.seen
    assert refused.verdicts[Status.PASS] <= seen.verdicts[Status.PASS]


RANK = {
    ControlStatus.FAILING: 1,
    ControlStatus.UNKNOWN: 1,
    ControlStatus.INCOMPLETE: 2,
    ControlStatus.EVIDENCED: 3,
}
"""Failing and unknown are neither better than the other."""
