"""Evidence requests: which records are missing or end soon, for which controls, and whose they are."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field

from collector.core.attestations import same_files
from collector.core.tally import RecordState
from collector.report.company.owed_records import OwedRecord, owed_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.core.attestations import Filed
    from collector.core.canonical import Digest
    from collector.report.state.assessment import Assessment


_SOON = timedelta(days=30)


ENDS_SOON = "ends soon"
"""Valid, and not for much longer."""


class EvidenceRequestLine(Struct, frozen=True, kw_only=True):
    """One record. `due` is the day after the last one on which it is valid; None: at once. `late`: entered late.

    `also` are other requests that the same record answers; `same_file` are requests answered by a copy of this file.
    """

    request: str = field(name="ask")
    kind: str
    state: str
    controls: list[str]
    also: list[str]
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
    same_file: list[str]


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
    owed = owed_records(assessment)
    twice = same_files(assessment.filed)
    lines = [_line(record, owners, twice, reading.at.date()) for record in owed if not record.excluded]
    states = [*(state.value for state in RecordState), ENDS_SOON]
    shown = [
        line
        for line in lines
        if (every or line.state != RecordState.VALID.value) and (owner is None or line.owner == owner)
    ]
    return EvidenceRequestsView(
        at=reading.at,
        as_of=reading.as_of,
        counts={state: sum(line.state == state for line in lines) for state in states},
        excluded=sum(record.excluded for record in owed),
        requests=sorted(shown, key=lambda line: (line.due or date.min, -len(line.controls))),
    )


def _owners(assessment: Assessment) -> dict[str, str]:
    soa = assessment.company.soa
    return {row.id: row.owner for row in (() if soa is None else soa.rows) if row.owner is not None}


def _line(
    owed: OwedRecord, owners: Mapping[str, str], twice: Mapping[Digest, tuple[Filed, ...]], day: date
) -> EvidenceRequestLine:
    request, record = owed.request, owed.record
    filed = record.filed
    valid = record.state is RecordState.VALID
    soon = valid and record.until is not None and record.until - day <= _SOON
    due = record.until + timedelta(days=1) if record.until is not None and valid else None
    return EvidenceRequestLine(
        request=request.id,
        kind=request.kind.value,
        state=ENDS_SOON if soon else record.state.value,
        controls=list(owed.controls),
        also=[ask.id for ask in owed.asks if ask.id != request.id],
        owner=next((owners[control] for control in owed.controls if control in owners), None),
        due=due,
        every=request.every,
        text=request.text,
        leaf=None if filed is None else filed.leaf,
        stated_by=None if filed is None else f"{filed.attestation.stated_by.name}, {filed.attestation.stated_by.role}",
        reviewed_by=None if filed is None else filed.attestation.reviewed_by,
        approved_on=None if filed is None else filed.attestation.approved_on,
        logged_at=None if filed is None else filed.logged_at,
        late=filed is not None and filed.is_late,
        same_file=[] if filed is None else same_file_as(filed, twice),
    )


def same_file_as(filed: Filed, twice: Mapping[Digest, tuple[Filed, ...]]) -> list[str]:
    """Return the other requests that were answered with the same file as this one."""
    digest = filed.attestation.digest
    others = () if digest is None else twice.get(digest, ())
    return list(dict.fromkeys(other.attestation.ask for other in others if other.leaf != filed.leaf))
