"""What rests on records, what a person reviewed in the place of a source, and fails that cannot be read any more."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from collector.core.assess import ControlState, ControlStatus
from collector.core.controls import Shows, Strength
from collector.core.tally import Coverage, RecordState
from tests.core.assess_builders import a_control, a_tally, evidence, state, texts_of
from tests.golden_parts import compare_part

REVIEW = {"HR": "by Ann on 2026-02-01, valid until 2027-01-31"}
ON_AWS = {"mfa": "aws", "root": "aws"}


def supported(**but: Any) -> ControlState:
    """A control with supporting checks alone."""
    checks = {name: link for name, link in a_control().checks.items() if link.strength is Strength.SUPPORTING}
    return state(evidence(a_tally("key"), **but), a_control(checks=checks))


@pytest.mark.parametrize("shows", list(Shows))
def test_no_check_is_no_reason_to_be_unknown(shows: Shows) -> None:
    """Half of the controls could never leave "not established", whatever people filed."""
    seen = state(evidence(), a_control(shows=shows, checks={}))

    assert (seen.status, seen.records_only) == (ControlStatus.EVIDENCED, True)
    assert "No check here tests this control" in seen.sentence


@pytest.mark.parametrize("record", [RecordState.EXPIRED, RecordState.MISSING, RecordState.STATEMENT_ONLY])
def test_records_alone_have_to_be_all_of_them(record: RecordState) -> None:
    """One that is not valid is a record missing, and nothing worse."""
    seen = supported(records={"8.5-a": RecordState.VALID, "8.5-b": record})

    assert (seen.status, seen.label) == (ControlStatus.INCOMPLETE, "Records missing (1)")


def test_a_failing_supporting_check_neither_fails_nor_hides() -> None:
    """The reader sees the fail beside the state, which is not made of it."""
    checks = {name: link for name, link in a_control().checks.items() if link.strength is Strength.SUPPORTING}
    seen = state(evidence(a_tally("key", fails=2)), a_control(checks=checks))

    assert seen.status is ControlStatus.EVIDENCED
    assert [link.tally.fails for link in seen.links if link.tally is not None] == [2]


@pytest.mark.parametrize(
    "tally",
    [a_tally("mfa", passes=0, ran=False), a_tally("mfa", passes=0, unknown=1), a_tally("mfa", disabled=True)],
)
def test_a_check_that_exists_and_could_not_run_is_unknown(tally: Any) -> None:
    """Records do not stand for a look that was planned; the count says how many looks could not be made."""
    seen = state(evidence(tally))

    assert seen.status is ControlStatus.UNKNOWN
    assert seen.counts.not_run == 1
    assert "1 check could not run" in str(seen.counts)


def test_checks_of_platforms_that_are_not_in_scope_are_none_here() -> None:
    """A company without that platform owes its records, and nobody can run those checks for it."""
    aside = [a_tally(check, passes=0, ran=False, in_scope=False) for check in ("mfa", "root")]

    assert state(evidence(*aside)).label == "Evidence on file, records only"
    assert state(evidence(*aside, coverage=Coverage(stated=False))).status is ControlStatus.UNKNOWN


def test_a_system_that_no_direct_check_looks_at_is_named_and_blocks_nothing() -> None:
    """No check of these would ever say anything of the personnel files."""
    coverage = Coverage(stated=True, complete=("shop",), no_source=("HR",))
    seen = state(evidence(coverage=coverage, platforms={"shop": "aws", "HR": "personio"}, platform_of=ON_AWS))

    assert seen.status is ControlStatus.EVIDENCED
    assert str(seen.coverage) == "1 of 2 systems"
    assert "No direct check looks at: HR." in seen.sentence
    compare_part("core/control_texts", "a system of another platform", texts_of(seen))


@pytest.mark.parametrize("platforms", [{"shop": "aws", "HR": "aws"}, {"shop": "aws"}])
def test_a_system_that_a_direct_check_would_look_at_blocks(platforms: dict[str, str]) -> None:
    """On the same platform, or on one that nobody has named."""
    coverage = Coverage(stated=True, complete=("shop",), no_source=("HR",))
    seen = state(evidence(coverage=coverage, platforms=platforms, platform_of=ON_AWS))

    assert (seen.status, seen.reasons) == (ControlStatus.UNKNOWN, ("in scope but without a source: HR",))


def test_a_review_by_a_person_stands_for_a_system_without_a_source_and_says_so() -> None:
    """The basis is a record, and the sentence names who reviewed it, and when."""
    seen = state(evidence(coverage=Coverage(stated=True, complete=("shop",), reviewed=REVIEW)))

    assert seen.status is ControlStatus.EVIDENCED
    assert "record" in seen.basis
    assert str(seen.coverage) == "1 of 2 systems, 1 reviewed by a person"
    compare_part("core/control_texts", "a system that a person reviewed", texts_of(seen))


def test_a_fail_that_cannot_be_read_any_more_still_fails_until_it_is_too_old() -> None:
    """Refusing a permission is not a way to close a deviation."""
    gone = a_tally("mfa", unknown=1, lost=1, lost_since=date(2026, 2, 1), reasons=("refused",))
    standing, old = state(evidence(replace(gone, standing=1))), state(evidence(gone))

    assert (standing.status, standing.label) == (ControlStatus.FAILING, "Open deviations (1)")
    assert (old.status, old.counts.lost) == (ControlStatus.UNKNOWN, 1)
    assert any("last seen failing since 2026-02-01" in reason for reason in old.reasons)
    compare_part("core/control_texts", "a fail that cannot be read any more", texts_of(standing))
