"""The statement of applicability beside the evidence, as machines read it and as pages are made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.assess import ControlState
    from collector.core.controls import Framework
    from collector.core.isms.soa import SoaRow, Statement
    from collector.report.state.assessment import Assessment


class DecisionView(Struct, frozen=True, kw_only=True):
    """One control: its decision and its state. `applicable` is None where nothing was decided."""

    framework: str
    id: str
    title: str
    role: str | None
    applicable: bool | None
    grounds: tuple[str, ...]
    because: str
    implemented: str | None
    planned_for: date | None
    owner: str | None
    risks: tuple[str, ...]
    label: str
    counts_text: str
    contradictions: tuple[str, ...]


class OwnView(Struct, frozen=True, kw_only=True):
    """A control that is in none of the frameworks."""

    id: str
    title: str
    source: str
    because: str
    implemented: str
    planned_for: date | None
    owner: str | None


class SoaView(Struct, frozen=True, kw_only=True, tag="annexd.soa/1", tag_field="schema"):
    """What `annexd soa check --json` prints. `version` is None where there is no statement."""

    at: datetime
    as_of: datetime | None
    version: str | None
    approved_by: str | None
    approved_on: date | None
    effective_from: date | None
    in_force: bool
    coverage: str
    undecided: int
    contradictions: int
    decisions: list[DecisionView]
    own: list[OwnView]


def soa_view(assessment: Assessment) -> SoaView:
    """Return every control of the editions in use with its decision."""
    soa, reading = assessment.company.soa, assessment.reading
    rows = {(row.id, row.role): row for row in soa.rows} if soa is not None else {}
    made = [
        _decision(framework, state, rows.get((id_, state.role)) or rows.get((id_, None)))
        for framework, states in assessment.frameworks
        if framework.soa
        for state in states
        for id_ in [f"{framework.id}/{state.control.id}"]
    ]
    return SoaView(
        at=reading.at,
        as_of=reading.as_of,
        version=None if soa is None else soa.version,
        approved_by=None if soa is None else soa.approved_by,
        approved_on=None if soa is None else soa.approved_on,
        effective_from=None if soa is None else soa.effective_from,
        in_force=soa is not None and soa.in_force(reading.at.date()),
        coverage=str(assessment.evidence.coverage),
        undecided=sum(decision.applicable is None for decision in made),
        contradictions=sum(len(decision.contradictions) for decision in made),
        decisions=made,
        own=list(_own(soa)),
    )


def _own(soa: Statement | None) -> Iterator[OwnView]:
    for row in () if soa is None else soa.own:
        yield OwnView(
            id=row.id,
            title=row.title,
            source=row.source,
            because=row.because,
            implemented=row.implemented,
            planned_for=row.planned_for,
            owner=row.owner,
        )


def _decision(framework: Framework, state: ControlState, row: SoaRow | None) -> DecisionView:
    return DecisionView(
        framework=framework.id,
        id=state.control.id,
        title=state.control.title,
        role=state.role,
        applicable=None if row is None else row.applicable,
        grounds=() if row is None else row.grounds,
        because="" if row is None else row.because,
        implemented=None if row is None else row.implemented,
        planned_for=None if row is None else row.planned_for,
        owner=None if row is None else row.owner,
        risks=() if row is None else row.risks,
        label=state.label,
        counts_text=str(state.counts),
        contradictions=state.contradictions,
    )


def decided(decision: DecisionView) -> str:
    """Write a decision in words."""
    if decision.applicable is None:
        return "not decided"
    if not decision.applicable:
        return "excluded"
    day = "" if decision.planned_for is None else f" for {decision.planned_for}"
    return f"applies, implemented: {decision.implemented}{day}"
