"""The status of a control, case by case, as a lead auditor would have it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from collector.core.assess import ControlStatus
from collector.core.controls import Ask, AskKind, Shows, Strength
from collector.core.tally import Coverage, FindingCounts, RecordState
from tests.core.assess_builders import AT, a_control, a_tally, evidence, state, texts_of
from tests.golden_parts import compare_part


def test_all_there_and_good_is_evidence_on_file() -> None:
    """The best status says what was seen, and leaves the conclusion to the auditor."""
    seen = state(evidence())

    assert (seen.status, seen.label) == (ControlStatus.EVIDENCED, "Evidence on file")
    assert seen.reasons == ()
    assert seen.basis == ("observed", "record")
    assert (seen.coverage.seen, seen.coverage.required) == (2, 2)
    assert (seen.counts.fails, seen.counts.not_established, seen.counts.records_missing) == (0, 0, 0)
    assert str(AT.date()) in seen.sentence
    compare_part("core/control_texts", "evidenced", texts_of(seen))


def test_a_fail_of_a_direct_check_fails_the_control() -> None:
    """One open deviation is enough, and its count is on the label."""
    seen = state(evidence(a_tally("mfa", fails=2, reasons=("ann has no second factor",))))

    assert (seen.status, seen.label) == (ControlStatus.FAILING, "Open deviations (2)")
    assert (seen.counts.fails, len(seen.reasons), len(seen.contradictions)) == (2, 1, 1)
    compare_part("core/control_texts", "failing direct check", texts_of(seen))


@pytest.mark.parametrize("check", ["key", "note"])
def test_weaker_links_never_fail_a_control(check: str) -> None:
    """A supporting check tests something that this control does not ask for."""
    seen = state(evidence(a_tally(check, passes=0, fails=9, unknown=9, disabled=True)))

    assert seen.status is ControlStatus.EVIDENCED
    assert seen.counts.fails == 0
    assert {link.check: link.tally.fails for link in seen.links if link.tally is not None}[check] == 9


def test_weaker_links_never_establish_a_control() -> None:
    """Plausible is not shown: without a direct check it rests on its records, and the label says so."""
    checks = {name: link for name, link in a_control().checks.items() if link.strength is not Strength.DIRECT}

    seen = state(evidence(a_tally("key"), a_tally("note")), a_control(checks=checks))

    assert (seen.status, seen.label) == (ControlStatus.EVIDENCED, "Evidence on file, records only")
    assert (seen.basis, seen.counts.passes) == (("record",), 0)
    compare_part("core/control_texts", "no direct check", texts_of(seen))


@pytest.mark.parametrize(
    ("tally", "reason"),
    [
        (a_tally("mfa", passes=0, ran=False), "mfa: was not run"),
        (a_tally("mfa", ran=False), "mfa: was not run"),
        (a_tally("mfa", disabled=True), "mfa: is disabled"),
        (a_tally("mfa", passes=0), "mfa: gave no finding"),
        (a_tally("mfa", unknown=1, reasons=("needs iam:Get",)), "mfa: 1 of 4 not established: needs iam:Get"),
        (
            a_tally("mfa", lost=1, lost_since=date(2026, 2, 1)),
            "mfa: 1 last seen failing since 2026-02-01, not seen any more and still open",
        ),
    ],
)
def test_what_was_not_seen_is_not_established(tally: FindingCounts, reason: str) -> None:
    """Not knowing is a result, with its reason, and the passes beside it change nothing."""
    seen = state(evidence(tally))

    assert (seen.status, seen.label) == (ControlStatus.UNKNOWN, "Not established")
    assert seen.reasons == (reason,)


def test_a_check_that_is_not_counted_was_not_run() -> None:
    """Leaving a check out must not be a way to get rid of it."""
    seen = state(evidence(tallies={"mfa": a_tally("mfa")}))

    assert seen.status is ControlStatus.UNKNOWN
    assert [reason.partition(":")[0] for reason in seen.reasons] == ["root"]
    assert seen.counts.not_established == 1
    compare_part("core/control_texts", "check without a count", texts_of(seen))


def test_disabling_a_failing_check_does_not_close_its_deviations() -> None:
    """A finding leaves `fail` as fixed or gone, never as not looked at."""
    seen = state(evidence(a_tally("mfa", fails=1, disabled=True)))

    assert seen.status is ControlStatus.FAILING
    assert (seen.counts.fails, seen.counts.not_established) == (1, 1)
    compare_part("core/control_texts", "disabled check that fails", texts_of(seen))


def test_accepted_deviations_stay_in_the_count() -> None:
    """An exception is a decision, not a repair."""
    seen = state(evidence(a_tally("mfa", passes=12, accepted=2)))

    assert seen.status is ControlStatus.EVIDENCED
    assert (seen.counts.passes, seen.counts.accepted) == (15, 2)


@pytest.mark.parametrize("unknown", [0, 1])
def test_nothing_but_accepted_deviations_is_failing(unknown: int) -> None:
    """A control that holds for nobody does not hold, however well that was approved."""
    seen = state(evidence(a_tally("mfa", passes=0, accepted=2, unknown=unknown)))

    assert (seen.status, seen.label) == (ControlStatus.FAILING, "Open deviations (2)")


@pytest.mark.parametrize(
    ("coverage", "seen_of_required", "case"),
    [
        (Coverage(stated=False), (0, 0), "not stated"),
        (Coverage(stated=True), (0, 0), "no system"),
        (Coverage(stated=True, complete=("a",), partly=("b",)), (1, 2), "seen in part"),
        (Coverage(stated=True, complete=("a",), never=("b", "c")), (1, 3), "not seen"),
        (Coverage(stated=True, complete=("a",), no_source=("b",)), (1, 2), "without a source"),
    ],
)
def test_a_system_that_was_not_seen_leaves_the_control_open(
    coverage: Coverage, seen_of_required: tuple[int, int], case: str
) -> None:
    """Nobody can say "every system" who has not seen every system, or does not know which they are."""
    seen = state(evidence(coverage=coverage))

    assert seen.status is ControlStatus.UNKNOWN
    assert len(seen.reasons) == 1
    assert (seen.coverage.seen, seen.coverage.required) == seen_of_required
    compare_part("core/control_texts", f"coverage: {case}", texts_of(seen))


@pytest.mark.parametrize("stated", [False, True])
def test_without_a_scope_records_alone_are_not_enough(*, stated: bool) -> None:
    """The list of systems is one more record that people owe, and an empty one is none."""
    records_only = a_control(shows=Shows.NONE, checks={})

    seen = state(evidence(coverage=Coverage(stated=stated)), records_only)

    assert (seen.status, seen.label) == (ControlStatus.INCOMPLETE, "Records missing (1)")


def test_a_control_that_no_platform_shows_rests_on_its_records() -> None:
    """For doors and contracts the records are the evidence; the sentence does not speak of checks that ran."""
    seen = state(evidence(), a_control(shows=Shows.NONE, checks={}))

    assert seen.status is ControlStatus.EVIDENCED
    assert seen.basis == ("record",)
    assert "ran on" not in seen.sentence
    compare_part("core/control_texts", "records only", texts_of(seen))


@pytest.mark.parametrize("on_file", [RecordState.EXPIRED, RecordState.MISSING, RecordState.STATEMENT_ONLY, None])
@pytest.mark.parametrize("kind", list(AskKind))
def test_an_ask_is_met_by_a_valid_record_only(on_file: RecordState | None, kind: AskKind) -> None:
    """Somebody's word is not the document that was asked for, whatever kind it is."""
    control = a_control(asks=(Ask(id="8.5-a", kind=kind, text="Standard."),))
    records = {} if on_file is None else {"8.5-a": on_file}

    seen = state(evidence(records=records), control)

    assert (seen.status, seen.label) == (ControlStatus.INCOMPLETE, "Records missing (1)")
    assert seen.reasons == (f"8.5-a {'missing' if on_file is None else on_file}: Standard.",)


def test_checks_alone_never_carry_a_control() -> None:
    """Every control has a governing document; a mapping that asks for none is not finished."""
    assert state(evidence(), a_control(asks=())).status is ControlStatus.INCOMPLETE


@pytest.mark.parametrize("aside", [a_tally("mfa", passes=0, nothing=4), a_tally("mfa", passes=0, in_scope=False)])
def test_nothing_to_check_is_no_deviation_and_no_gap(aside: FindingCounts) -> None:
    """A company without that kind of system, or that platform, has nothing to repair there."""
    assert state(evidence(aside)).status is ControlStatus.EVIDENCED


def test_if_no_direct_check_has_a_subject_people_have_to_say_why() -> None:
    """Empty lists show no control at work; the SoA has to exclude it or say how it is met."""
    empty = [a_tally(check, passes=0, nothing=1) for check in ("mfa", "root")]

    seen = state(evidence(*empty))

    assert (seen.status, seen.label) == (ControlStatus.INCOMPLETE, "Records missing (1)")
    assert seen.counts.nothing == 2


def test_only_a_list_of_systems_can_put_a_platform_out_of_scope() -> None:
    """Otherwise forgetting a platform would look the same as not having it."""
    aside = a_tally("mfa", passes=0, ran=False, in_scope=False)

    seen = state(evidence(aside, coverage=Coverage(stated=False)))

    assert seen.status is ControlStatus.UNKNOWN
    assert any(reason.startswith("mfa:") for reason in seen.reasons)
    compare_part("core/control_texts", "platform without a list of systems", texts_of(seen))


def test_findings_of_a_platform_that_is_out_of_scope_still_count() -> None:
    """Whatever was found belongs to somebody; only silence may be left aside."""
    old = a_tally("mfa", ran=False, in_scope=False)

    seen = state(evidence(old))

    assert (seen.status, len(seen.reasons)) == (ControlStatus.UNKNOWN, 1)
    assert seen.reasons[0].startswith("mfa:")


def test_an_exception_never_covers_what_is_not_known() -> None:
    """Accepting two deviations says nothing of the third subject, which nobody saw."""
    seen = state(evidence(a_tally("mfa", passes=1, accepted=2, unknown=1)))

    assert seen.status is ControlStatus.UNKNOWN
    assert (seen.counts.not_established, len(seen.reasons)) == (1, 1)
    compare_part("core/control_texts", "accepted and unknown", texts_of(seen))


def test_a_check_that_was_not_run_still_tells_what_it_lost() -> None:
    """A deviation must not vanish behind the reason why nobody looked again."""
    seen = state(evidence(a_tally("mfa", passes=0, ran=False, lost=2)))

    assert (seen.counts.lost, len(seen.reasons)) == (2, 2)
    compare_part("core/control_texts", "not run, last seen failing", texts_of(seen))


def test_the_age_of_a_status_is_that_of_its_oldest_finding() -> None:
    """A control is as fresh as the stalest thing that it rests on, weaker links aside."""
    older, oldest = AT - timedelta(days=2), AT - timedelta(days=9)

    seen = state(evidence(a_tally("root", oldest_at=older), a_tally("key", oldest_at=oldest)))

    assert seen.oldest_at == older
