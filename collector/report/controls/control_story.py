"""The company's statements about one control: SoA decision, risks that it treats, corrective actions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.controls import Strength
from collector.core.tally import RecordState
from collector.report.company.action_views import action_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.assess import ControlState
    from collector.core.attestations import RecordOnFile
    from collector.core.controls import Ask, Framework
    from collector.report.state.assessment import Assessment


class ActionOfControl(Struct, frozen=True, kw_only=True):
    """A corrective action that names the control, or that is about a direct check of it."""

    id: str
    state: str
    late: bool
    deviation: str
    owner: str
    due: date


class DecisionOfControl(Struct, frozen=True, kw_only=True):
    """The row of the statement of applicability, in the version that is in force."""

    version: str
    applicable: bool
    because: str
    grounds: tuple[str, ...]
    implemented: str | None
    planned_for: date | None
    owner: str | None


class EvidenceRequestView(Struct, frozen=True, kw_only=True):
    """A record that people are asked for, and what is on file."""

    id: str
    kind: str
    every: str | None
    text: str
    state: str
    until: date | None
    leaf: int | None
    same_as: str | None = None


def evidence_request_view(request: Ask, record: RecordOnFile | None) -> EvidenceRequestView:
    """Return a request with what is on file for it."""
    return EvidenceRequestView(
        id=request.id,
        kind=request.kind.value,
        every=request.every,
        text=request.text,
        state=(RecordState.MISSING if record is None else record.state).value,
        until=None if record is None else record.until,
        leaf=None if record is None or record.filed is None else record.filed.leaf,
        same_as=request.same_as,
    )


def actions_of(assessment: Assessment, framework: Framework, state: ControlState) -> Iterator[ActionOfControl]:
    """Yield the corrective actions about a control."""
    day, direct = assessment.reading.at.date(), state.control.linked(Strength.DIRECT, state.role)
    for action in assessment.company.actions:
        if action.was_found_by(day) and (
            f"{framework.id}/{state.control.id}" in action.controls or action.check in direct
        ):
            made = action_view(action, day, None)
            yield ActionOfControl(
                id=action.id,
                state=made.state,
                late=made.late,
                deviation=made.deviation,
                owner=action.owner,
                due=action.due,
            )


def treated_by(assessment: Assessment, framework: Framework, state: ControlState) -> Iterator[str]:
    """Yield the risks that a control is to treat, with what remains of each."""
    register = assessment.company.risks
    for risk in () if register is None else register.known(assessment.reading.at.date()):
        if f"{framework.id}/{state.control.id}" in risk.controls:
            rest = "the remaining risk is not estimated" if risk.residual is None else f"{risk.remaining} remains"
            yield f"{risk.id} {risk.title} ({risk.treatment}; {risk.level}, {rest})"


def decision_of(assessment: Assessment, framework: Framework, state: ControlState) -> DecisionOfControl | None:
    """Return the decision of the SoA; None where there is none, or the SoA is not in force."""
    soa = assessment.company.soa
    if soa is None or not framework.soa or not soa.in_force(assessment.reading.at.date()):
        return None
    rows = {row.role: row for row in soa.rows if row.id == f"{framework.id}/{state.control.id}"}
    row = rows.get(state.role) or rows.get(None)
    if row is None:
        return None
    return DecisionOfControl(
        version=soa.version,
        applicable=row.applicable,
        because=row.because,
        grounds=row.grounds,
        implemented=row.implemented,
        planned_for=row.planned_for,
        owner=row.owner,
    )
