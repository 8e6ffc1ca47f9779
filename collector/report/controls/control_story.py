"""What the company itself says of one control: its decision, the risks that it is to treat, the actions about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.controls import Strength
from collector.report.company.action_views import action_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.assess import ControlState
    from collector.core.controls import Framework
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


def actions_of(assessment: Assessment, framework: Framework, state: ControlState) -> Iterator[ActionOfControl]:
    """Yield the corrective actions about a control."""
    day, direct = assessment.reading.at.date(), state.control.linked(Strength.DIRECT, state.role)
    for one in assessment.company.actions:
        if one.was_found_by(day) and (f"{framework.id}/{state.control.id}" in one.controls or one.check in direct):
            made = action_view(one, day, None)
            yield ActionOfControl(
                id=one.id, state=made.state, late=made.late, deviation=made.deviation, owner=one.owner, due=one.due
            )


def treated_by(assessment: Assessment, framework: Framework, state: ControlState) -> Iterator[str]:
    """Yield the risks that a control is to treat, with what remains of each."""
    register = assessment.company.risks
    for one in () if register is None else register.known(assessment.reading.at.date()):
        if f"{framework.id}/{state.control.id}" in one.controls:
            rest = "what remains is not estimated" if one.residual is None else f"{one.remaining} remains"
            yield f"{one.id} {one.title} ({one.treatment}; {one.level}, {rest})"


def decision_of(assessment: Assessment, framework: Framework, state: ControlState) -> DecisionOfControl | None:
    """Return what the statement of applicability says; None where it says nothing, or is not in force."""
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
