"""The scope: what was not seen is never silent, and no list hides what stands on another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.report.state.assessment import assessed
from tests.cli.company_builders import a_system, write_scope
from tests.cli.texts import compare
from tests.played.platform import MEMBERS, an_org

if TYPE_CHECKING:
    from collector.core.tally import Coverage
    from tests.cli.conftest import Desk


def coverage(desk: Desk) -> Coverage:
    """How well the systems in scope were seen."""
    return assessed(desk.reading()).evidence.coverage


def test_a_system_that_was_seen_whole_counts(scanned: Desk) -> None:
    """Every task in it showed everything."""
    write_scope(scanned, a_system(), a_system(name="HR", source="none"))

    assert str(coverage(scanned)) == "1 of 2 systems"
    assert coverage(scanned).no_source == ("HR",)


def test_a_refusal_today_takes_a_system_off_the_whole_ones_at_once(scanned: Desk) -> None:
    """Verdicts of yesterday stand; that all of it was seen does not."""
    write_scope(scanned)
    scanned.clock.move(timedelta(days=1))
    scanned.platform.deny(MEMBERS)
    scanned.world.run()

    assert coverage(scanned).partly == ("Code",)


def test_a_system_whose_evidence_is_too_old_is_not_whole(scanned: Desk) -> None:
    """Nobody knows what is there now."""
    write_scope(scanned)
    scanned.clock.move(timedelta(days=3))

    assert coverage(scanned).complete == ()


def test_a_system_in_a_part_of_a_source_is_not_seen_with_another_part(scanned: Desk) -> None:
    """One organization of a source says nothing of the next."""
    write_scope(scanned, a_system(scope=["acme"]), a_system(name="Other", scope=["globex"]))

    assert (coverage(scanned).complete, coverage(scanned).never) == (("Code",), ("Other",))


@pytest.mark.parametrize(("since", "until", "count"), [("2026-03-02", None, 0), ("2026-03-01", "2026-03-01", 1)])
def test_a_system_is_in_scope_on_both_days_of_its_span(
    scanned: Desk, since: str, until: str | None, count: int
) -> None:
    """The played clock says 1 March."""
    write_scope(scanned, a_system(in_scope_from=since, in_scope_until=until))

    assert coverage(scanned).required == count


def test_a_scope_that_is_approved_later_states_nothing_yet(scanned: Desk) -> None:
    """Who signs afterwards did not decide before."""
    write_scope(scanned, approved_on="2026-03-02")

    assert not coverage(scanned).stated


def test_what_is_collected_and_what_is_in_scope_are_held_against_each_other(scanned: Desk) -> None:
    """Both differences are questions that an auditor asks."""
    write_scope(scanned, a_system(name="Other", scope=["globex"]), a_system(name="HR", source="none"))
    shape, text = scanned.json("scope"), scanned.says("scope")

    assert shape["not_collected"] == ["Other", "HR"]
    assert shape["not_in_scope"] == ["code: acme"]
    assert shape["unlisted"] == ["code"]
    compare("cli/scope/what-is-collected-and-what-is-in-scope-are", text)


def test_what_exists_and_is_in_no_list_is_told(scanned: Desk) -> None:
    """An organization that was added and never looked at is in neither list."""
    write_scope(scanned, a_system(scope=["acme"]))
    scanned.platform.orgs["globex"] = an_org()

    assert scanned.json("scope")["in_neither"] == ["code: globex"]


def test_without_a_scope_no_page_pretends_that_there_is_one(scanned: Desk) -> None:
    """Coverage reads "not stated", and the page says what to write."""
    compare("cli/scope/without-a-scope-no-page-pretends-that-there-is", scanned.says("scope"))
    assert scanned.json("scope")["coverage"] == "not stated"


@pytest.mark.parametrize(
    ("but", "says"),
    [
        ({"source": "cod"}, "the nearest is code"),
        ({"owner": None}, "this key is required"),
        ({"colour": "red"}, "there is no such key"),
        ({"source": "none", "scope": ["a"]}, "a place in no source"),
        ({"in_scope_until": "2025-01-01"}, "it ends before it begins"),
    ],
)
def test_a_scope_that_cannot_be_is_refused_with_its_line(scanned: Desk, but: dict[str, object], says: str) -> None:
    """The second entry is wrong, and the message names a line of the second."""
    write_scope(scanned, a_system(), a_system(**({"name": "Two"} | but)))
    error = scanned.says("scope", code=3)

    assert says in error
    assert int(error.split("scope.toml:")[1].split(":")[0]) >= 11


def test_a_file_that_is_named_and_missing_is_an_error(scanned: Desk) -> None:
    """A mistyped path would otherwise read as nothing stated."""
    scanned.set('[company]\nscope = "isms/scope.toml"\n')

    compare("cli/scope/a-file-that-is-named-and-missing-is-an", scanned.says("scope", code=3))
