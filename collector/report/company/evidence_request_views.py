"""Evidence requests: which records are missing or end soon, for which controls, and whose they are."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.assess import ControlStatus
from collector.core.attestations import RecordOnFile
from collector.core.tally import RecordState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.controls import Ask
    from collector.report.state.assessment import Assessment


_SOON = timedelta(days=30)


ENDS_SOON = "ends soon"
"""Valid, and not for much longer."""


class AskLineView(Struct, frozen=True, kw_only=True):
    """One record. `due` is the day after the last one on which it is valid; None: at once. `late`: entered late."""

    ask: str
    kind: str
    state: str
    controls: list[str]
    owner: str | None
    due: date | None
    every: str | None
    text: str
    leaf: int | None
    stated_by: str | None
    reviewed_by: str | None
    approved_on: date | None
    logged_at: datetime | None
    late: bool


class AsksView(Struct, frozen=True, kw_only=True, tag="annexd.asks/1", tag_field="schema"):
    """What `annexd asks --json` prints. `counts` are of all that is asked.

    `excluded` counts records of controls that the SoA excludes.
    """

    at: datetime
    as_of: datetime | None
    counts: dict[str, int]
    excluded: int
    asks: list[AskLineView]


def asks_view(assessment: Assessment, *, owner: str | None = None, every: bool = False) -> AsksView:
    """Return the records that are asked for, what is due first. Controls that the SoA excludes ask for nothing now."""
    reading = assessment.reading
    owners = _owners(assessment)
    lines: dict[str, AskLineView] = {}
    excluded: set[str] = set()
    for control, ask, is_excluded in _asked(assessment):
        if is_excluded:
            excluded.add(ask.id)
            continue
        line = lines.get(ask.id)
        if line is None:
            line = lines[ask.id] = _line(ask, assessment.records[ask.id], owners.get(control), reading.at.date())
        if control not in line.controls:
            line.controls.append(control)
    states = [*(state.value for state in RecordState), ENDS_SOON]
    shown = [
        one
        for one in lines.values()
        if (every or one.state != RecordState.VALID.value) and (owner is None or one.owner == owner)
    ]
    return AsksView(
        at=reading.at,
        as_of=reading.as_of,
        counts={state: sum(one.state == state for one in lines.values()) for state in states},
        excluded=len(excluded - lines.keys()),
        asks=sorted(shown, key=lambda one: (one.due or date.min, -len(one.controls))),
    )


def _asked(assessment: Assessment) -> Iterator[tuple[str, Ask, bool]]:
    for framework, states in assessment.frameworks:
        for state in states:
            for ask in state.control.asked(state.role):
                yield f"{framework.id}/{state.control.id}", ask, state.status is ControlStatus.EXCLUDED


def _owners(assessment: Assessment) -> dict[str, str]:
    soa = assessment.company.soa
    return {row.id: row.owner for row in (() if soa is None else soa.rows) if row.owner is not None}


def _line(ask: Ask, record: RecordOnFile, owner: str | None, day: date) -> AskLineView:
    filed = record.filed
    valid = record.state is RecordState.VALID
    soon = valid and record.until is not None and record.until - day <= _SOON
    due = record.until + timedelta(days=1) if record.until is not None and valid else None
    return AskLineView(
        ask=ask.id,
        kind=ask.kind.value,
        state=ENDS_SOON if soon else record.state.value,
        controls=[],
        owner=owner,
        due=due,
        every=ask.every,
        text=ask.text,
        leaf=None if filed is None else filed.leaf,
        stated_by=None if filed is None else f"{filed.attestation.stated_by.name}, {filed.attestation.stated_by.role}",
        reviewed_by=None if filed is None else filed.attestation.reviewed_by,
        approved_on=None if filed is None else filed.attestation.approved_on,
        logged_at=None if filed is None else filed.logged_at,
        late=filed is not None and filed.is_late,
    )
