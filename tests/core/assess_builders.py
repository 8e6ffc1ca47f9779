"""One control and all that is good about it, for tests that take something away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from collector.core.assess import ControlState, assess
from collector.core.controls import Ask, AskKind, Control, Framework, Link, Role, Shows, Strength
from collector.core.tally import Applicability, Coverage, Evidence, FindingCounts, RecordState, Soa

AT = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
SEEN = Coverage(stated=True, complete=("shop", "code"))
IN_FORCE = Applicability(applicable=True, because="risk 7")


def a_control(**but: Any) -> Control:
    """Two direct checks, one of each weaker kind, two asks."""
    control = Control(
        id="8.5",
        title="Secure authentication",
        theme="Technological controls",
        shows=Shows.PART,
        cannot="Other ways in.",
        asks=(
            Ask(id="8.5-a", kind=AskKind.POLICY, every="12mo", text="Standard."),
            Ask(id="8.5-b", kind=AskKind.RECORD, every="12mo", text="List of systems."),
        ),
        checks={
            "mfa": Link(strength=Strength.DIRECT, because="a second factor is enrolled"),
            "root": Link(strength=Strength.DIRECT, because="also for root"),
            "key": Link(strength=Strength.SUPPORTING, because="by a device"),
            "note": Link(strength=Strength.CONTEXTUAL, because="for the reader"),
        },
    )
    return replace(control, **but)


def a_tally(check: str, **but: Any) -> FindingCounts:
    """Three passes, unless a test says otherwise."""
    return replace(FindingCounts(check=check, passes=3, ran=True, oldest_at=AT), **but)


def evidence(*tallies: FindingCounts, **but: Any) -> Evidence:
    """Everything there is, and good, except what a test says."""
    given = {"mfa": a_tally("mfa"), "root": a_tally("root"), **{tally.check: tally for tally in tallies}}
    everything = Evidence(
        at=AT,
        coverage=SEEN,
        tallies=given,
        records={"8.5-a": RecordState.VALID, "8.5-b": RecordState.VALID},
        soa=Soa(version="4", decisions={"8.5": IN_FORCE}),
    )
    return replace(everything, **but)


def soa(**but: Any) -> Soa:
    """The control applicable and implemented, unless a test says otherwise."""
    return Soa(version="4", decisions={"8.5": replace(IN_FORCE, **but)})


def states(evidence: Evidence, *controls: Control, role: Role | None = None, **but: Any) -> tuple[ControlState, ...]:
    """The states of these controls on that evidence."""
    framework = Framework(
        id="x:1", name="X", edition="1", title="X", status="current", confidence="none", controls=controls
    )
    return assess(replace(framework, **but), evidence, role)


def texts_of(control_state: ControlState) -> str:
    """Return every text of a control state that people read, a line each."""
    return "\n".join(
        (
            f"{control_state.label}: {control_state.sentence}",
            f"{control_state.counts} ({control_state.coverage})",
            *(f"reason: {reason}" for reason in control_state.reasons),
            *(f"contradiction: {text}" for text in control_state.contradictions),
        )
    )


def state(evidence: Evidence, control: Control | None = None, **but: Any) -> ControlState:
    """The state of one control on that evidence."""
    (control_state,) = states(evidence, a_control() if control is None else control, **but)
    return control_state
