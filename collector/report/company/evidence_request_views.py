"""Evidence requests: which records are missing or end soon, for which controls, and whose they are."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field

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


class EvidenceRequestLine(Struct, frozen=True, kw_only=True):
    """One record. `due` is the day after the last one on which it is valid; None: at once. `late`: entered late."""

    request: str = field(name="ask")
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


class EvidenceRequestsView(Struct, frozen=True, kw_only=True, tag="annexd.asks/1", tag_field="schema"):
    """What `annexd asks --json` prints. `counts` are of all evidence requests.

    `excluded` counts records of controls that the SoA excludes.
    """

    at: datetime
    as_of: datetime | None
    counts: dict[str, int]
    excluded: int
    requests: list[EvidenceRequestLine] = field(name="asks")


def evidence_requests_view(
    assessment: Assessment, *, owner: str | None = None, every: bool = False
) -> EvidenceRequestsView:
    """Return the evidence requests, those due first; those of controls that the SoA excludes are left out."""
    reading = assessment.reading
    owners = _owners(assessment)
    lines: dict[str, EvidenceRequestLine] = {}
    excluded: set[str] = set()
    for control, request, is_excluded in _requested(assessment):
        if is_excluded:
            excluded.add(request.id)
            continue
        line = lines.get(request.id)
        if line is None:
            line = lines[request.id] = _line(
                request, assessment.records[request.id], owners.get(control), reading.at.date()
            )
        if control not in line.controls:
            line.controls.append(control)
    states = [*(state.value for state in RecordState), ENDS_SOON]
    shown = [
        line
        for line in lines.values()
        if (every or line.state != RecordState.VALID.value) and (owner is None or line.owner == owner)
    ]
    return EvidenceRequestsView(
        at=reading.at,
        as_of=reading.as_of,
        counts={state: sum(line.state == state for line in lines.values()) for state in states},
        excluded=len(excluded - lines.keys()),
        requests=sorted(shown, key=lambda line: (line.due or date.min, -len(line.controls))),
    )


def _requested(assessment: Assessment) -> Iterator[tuple[str, Ask, bool]]:
    for framework, states in assessment.frameworks:
        for state in states:
            for request in state.control.asked(state.role):
                yield f"{framework.id}/{state.control.id}", request, state.status is ControlStatus.EXCLUDED


def _owners(assessment: Assessment) -> dict[str, str]:
    soa = assessment.company.soa
    return {row.id: row.owner for row in (() if soa is None else soa.rows) if row.owner is not None}


def _line(request: Ask, record: RecordOnFile, owner: str | None, day: date) -> EvidenceRequestLine:
    filed = record.filed
    valid = record.state is RecordState.VALID
    soon = valid and record.until is not None and record.until - day <= _SOON
    due = record.until + timedelta(days=1) if record.until is not None and valid else None
    return EvidenceRequestLine(
        request=request.id,
        kind=request.kind.value,
        state=ENDS_SOON if soon else record.state.value,
        controls=[],
        owner=owner,
        due=due,
        every=request.every,
        text=request.text,
        leaf=None if filed is None else filed.leaf,
        stated_by=None if filed is None else f"{filed.attestation.stated_by.name}, {filed.attestation.stated_by.role}",
        reviewed_by=None if filed is None else filed.attestation.reviewed_by,
        approved_on=None if filed is None else filed.attestation.approved_on,
        logged_at=None if filed is None else filed.logged_at,
        late=filed is not None and filed.is_late,
    )
