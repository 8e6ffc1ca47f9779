"""What holds for the status of a control whatever the evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from collector.core.assess import ControlState, ControlStatus, assess
from collector.core.controls import Ask, AskKind, Control, Framework, Link, Shows, Strength
from collector.core.tally import Applicability, Coverage, Evidence, FindingCounts, RecordState, Soa

AT = datetime(2026, 3, 31, tzinfo=UTC)
CHECKS = ("one", "two", "three")
FEW = st.sampled_from([0, 0, 1, 2])
FAR = {
    ControlStatus.EVIDENCED: 0,
    ControlStatus.INCOMPLETE: 1,
    # A failing control that is no longer seen is unknown, and no nearer to evidenced for that.
    ControlStatus.UNKNOWN: 2,
    ControlStatus.FAILING: 2,
}
"""How far a status is from evidenced."""


@st.composite
def controls(draw: st.DrawFn) -> Control:
    """Any control, with checks of all strengths."""
    kinds = draw(st.lists(st.sampled_from(AskKind), min_size=1, max_size=3))
    strengths = draw(st.dictionaries(st.sampled_from(CHECKS), st.sampled_from([*Strength, Strength.DIRECT])))
    return Control(
        id="1",
        title="One",
        theme="Theme",
        shows=draw(st.sampled_from(Shows)),
        cannot="Much.",
        asks=tuple(Ask(id=f"1-{number}", kind=kind, text="It.") for number, kind in enumerate(kinds)),
        checks={check: Link(strength=strength, because="it does") for check, strength in strengths.items()},
    )


@st.composite
def tallies(draw: st.DrawFn, check: str) -> FindingCounts:
    """Any tally; most of them good, so that all five states are reached."""
    return FindingCounts(
        check=check,
        passes=draw(st.sampled_from([0, 1, 2, 3])),
        fails=draw(st.sampled_from([0, 0, 0, 0, 1])),
        accepted=draw(FEW),
        unknown=draw(st.sampled_from([0, 0, 0, 0, 1])),
        nothing=draw(FEW),
        lost=draw(st.sampled_from([0, 0, 0, 0, 1])),
        standing=draw(st.sampled_from([0, 0, 0, 0, 1])),
        ran=draw(st.sampled_from([True, True, True, True, False])),
        disabled=draw(st.sampled_from([False, False, False, False, True])),
        in_scope=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def evidences(draw: st.DrawFn, control: Control) -> Evidence:
    """Any evidence for that control."""
    valid = [RecordState.VALID] * 6
    records = st.sampled_from([*valid, *RecordState])
    systems = st.sampled_from([(), (), (), ("b",)])
    coverage = Coverage(
        stated=draw(st.sampled_from([True, True, True, False])),
        complete=draw(st.sampled_from([("a",), ("a", "z"), ()])),
        partly=draw(systems),
        never=draw(systems),
        no_source=draw(systems),
        reviewed=draw(st.sampled_from([{}, {"r": "by Ann on 2026-03-01"}])),
    )
    row = Applicability(
        applicable=draw(st.sampled_from([True, True, True, False])),
        because="risk 1",
        implemented=draw(st.sampled_from(["yes", "yes", "yes", "partly", "planned", "no"])),
    )
    return Evidence(
        at=AT,
        coverage=coverage,
        tallies={check: draw(tallies(check)) for check in CHECKS},
        records={ask.id: draw(records) for ask in control.asks},
        soa=draw(st.sampled_from([Soa(version="1", decisions={"1": row})] * 4 + [None])),
        platforms=draw(st.dictionaries(st.sampled_from(["a", "b", "r", "z"]), st.sampled_from(["aws", "hr"]))),
        platform_of=draw(st.sampled_from([{}, dict.fromkeys(CHECKS, "aws")])),
    )


def state(control: Control, evidence: Evidence) -> ControlState:
    """The state of one control on that evidence."""
    framework = Framework(
        id="x:1", name="X", edition="1", title="X", status="current", confidence="none", controls=(control,)
    )
    (control_state,) = assess(framework, evidence)
    return control_state


def poorer(draw: st.DrawFn, control: Control, evidence: Evidence) -> Evidence:
    """The same evidence with one thing taken away."""
    check = draw(st.sampled_from(CHECKS))
    tally = evidence.tallies[check]

    def with_tally(**but: Any) -> Evidence:
        return replace(evidence, tallies={**evidence.tallies, check: replace(tally, **but)})

    ask = draw(st.sampled_from(control.asks)).id
    coverage = evidence.coverage
    takings = {
        "a tally": replace(evidence, tallies={k: v for k, v in evidence.tallies.items() if k != check}),
        "a run": with_tally(ran=False),
        "a check": with_tally(disabled=True),
        "sight of passes": with_tally(passes=0, unknown=tally.unknown + tally.passes),
        "sight of empty lists": with_tally(nothing=0, unknown=tally.unknown + tally.nothing),
        "sight of fails": with_tally(fails=0, unknown=tally.unknown + tally.fails, lost=tally.lost + tally.fails),
        "sight of fails, today": with_tally(
            fails=0,
            unknown=tally.unknown + tally.fails,
            lost=tally.lost + tally.fails,
            standing=tally.standing + tally.fails,
        ),
        "a review": replace(
            evidence,
            coverage=replace(coverage, reviewed={}, no_source=(*coverage.no_source, *coverage.reviewed)),
        ),
        "a platform": replace(evidence, platforms={}),
        "sight of accepted fails": with_tally(accepted=0, unknown=tally.unknown + tally.accepted),
        "all passes": with_tally(passes=0),
        "the scope": replace(evidence, coverage=replace(coverage, stated=False)),
        "sight of systems": replace(
            evidence, coverage=replace(coverage, complete=(), never=(*coverage.never, *coverage.complete))
        ),
        "a record": replace(evidence, records={k: v for k, v in evidence.records.items() if k != ask}),
        "a record's file": replace(
            evidence,
            records={**evidence.records, ask: draw(st.sampled_from([s for s in RecordState if s != "valid"]))},
        ),
        "the SoA": replace(evidence, soa=None),
    }
    return takings[draw(st.sampled_from(sorted(takings)))]


@settings(deadline=None)  # a busy machine is not a slow function
@given(data=st.data())
def test_taking_evidence_away_never_moves_a_control_towards_evidenced(data: st.DataObject) -> None:
    """Otherwise the way to a better report would be to look less."""
    control = data.draw(controls())
    evidence = data.draw(evidences(control))
    before = state(control, evidence)
    assume(before.status is not ControlStatus.EXCLUDED)

    less = data.draw(st.composite(poorer)(control, evidence))
    after = state(control, less)

    assert FAR[after.status] >= FAR[before.status]


@settings(deadline=None)  # a busy machine is not a slow function
@given(data=st.data())
def test_nothing_is_evidenced_without_a_pass_unless_it_says_records_only(data: st.DataObject) -> None:
    """Zero findings look the same as never having looked."""
    control = data.draw(controls())
    evidence = data.draw(evidences(control))
    blind = {check: replace(tally, passes=0) for check, tally in evidence.tallies.items()}

    seen = state(control, replace(evidence, tallies=blind))

    if seen.status is ControlStatus.EVIDENCED:
        assert seen.records_only
        assert seen.label == "Evidence on file, records only"
        assert all(not evidence.tallies[check].in_scope for check in control.linked(Strength.DIRECT))


@settings(deadline=None)  # a busy machine is not a slow function
@given(data=st.data())
def test_evidenced_needs_every_part(data: st.DataObject) -> None:
    """The sentence on the page is true of everything that carries the label."""
    control = data.draw(controls())
    evidence = data.draw(evidences(control))

    seen = state(control, evidence)

    if seen.status is ControlStatus.EVIDENCED:
        assert evidence.coverage.stated
        assert all(evidence.records[ask.id] is RecordState.VALID for ask in control.asks)
        assert (seen.counts.fails, seen.counts.lost, seen.counts.not_established, seen.counts.records_missing) == (
            (0,) * 4
        )
        assert seen.records_only or seen.covered.not_seen() == ()
        assert seen.reasons == ()


@settings(deadline=None)  # a busy machine is not a slow function
@given(data=st.data())
def test_an_exception_changes_no_count_but_that_of_fails(data: st.DataObject) -> None:
    """Accepting a deviation does not make anything seen that was not seen."""
    control = data.draw(controls())
    evidence = data.draw(evidences(control))
    accepted = {k: replace(t, fails=0, accepted=t.accepted + t.fails) for k, t in evidence.tallies.items()}

    before, after = state(control, evidence), state(control, replace(evidence, tallies=accepted))

    assert after.counts.not_established == before.counts.not_established
    assert after.counts.fails + after.counts.accepted == before.counts.fails + before.counts.accepted
    if before.counts.not_established:
        assert after.status is not ControlStatus.EVIDENCED
    if before.status is ControlStatus.UNKNOWN:
        assert after.status is ControlStatus.UNKNOWN


@settings(deadline=None)  # a busy machine is not a slow function
@given(data=st.data())
def test_weaker_links_decide_nothing(data: st.DataObject) -> None:
    """What a supporting check found may be read, never counted."""
    control = data.draw(controls())
    evidence = data.draw(evidences(control))
    direct = {check: link for check, link in control.checks.items() if link.strength is Strength.DIRECT}

    whole, bare = state(control, evidence), state(replace(control, checks=direct), evidence)

    assert (whole.status, whole.counts, whole.reasons) == (bare.status, bare.counts, bare.reasons)


@settings(deadline=None)  # a busy machine is not a slow function
@given(data=st.data())
def test_excluding_a_control_hides_no_count(data: st.DataObject) -> None:
    """The SoA decides on the label; what was found is printed all the same."""
    control = data.draw(controls())
    evidence = data.draw(evidences(control))
    found = ("passes", "fails", "accepted", "not_established", "nothing", "lost")
    out = Soa(version="2", decisions={"1": Applicability(applicable=False, because="not used")})

    before, after = state(control, evidence), state(control, replace(evidence, soa=out))

    assert after.status is ControlStatus.EXCLUDED
    assert [getattr(after.counts, name) for name in found] == [getattr(before.counts, name) for name in found]
    assert after.links == before.links


@settings(deadline=None)  # a busy machine is not a slow function
@given(data=st.data())
def test_every_status_but_the_best_gives_its_reasons(data: st.DataObject) -> None:
    """A status without a reason leaves its reader nothing to do."""
    control = data.draw(controls())
    evidence = data.draw(evidences(control))

    seen = state(control, evidence)

    assert bool(seen.reasons) or seen.status in {ControlStatus.EVIDENCED, ControlStatus.EXCLUDED}
