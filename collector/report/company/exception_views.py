"""Accepted deviations: by whom, until when, and how many failing resources each covers now."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collector.core.isms.exceptions import Acceptance
    from collector.report.state.assessment import Assessment


class ExceptionView(Struct, frozen=True, kw_only=True):
    """One exception; `state` is in force, not yet, not in the log yet, expired or too wide.

    `covers` counts failing subjects. `logged_at` is when the log first had it as it is; `late`: after its approval.
    """

    id: str
    state: str
    kind: str
    check: str
    source: str
    scope: list[str]
    subject: str
    max_subjects: int | None
    matches: int
    covers: int
    reason: str
    owner: str
    approver: str
    approval_ref: str
    approved_on: date
    expires: date
    renewals: int
    logged_at: datetime | None
    late: bool


class ExceptionsView(Struct, frozen=True, kw_only=True, tag="annexd.exceptions/1", tag_field="schema"):
    """What `annexd exceptions --json` prints; `next_expiry` is of those in force.

    `company_files` says which state of the files this is, where it is not today's or not all of it is in the log.
    """

    at: datetime
    as_of: datetime | None
    next_expiry: date | None
    company_files: tuple[str, ...]
    exceptions: list[ExceptionView]


def exceptions_view(assessment: Assessment) -> ExceptionsView:
    """Return the exceptions, the next to expire first."""
    reading, files = assessment.reading, assessment.files
    made = [
        _shape(one, reading.at.date(), assessment.failing.get(one.id, 0), files.logged.get(one.id))
        for one in files.company.exceptions
    ]
    made.sort(key=lambda one: (one.expires, one.id))
    return ExceptionsView(
        at=reading.at,
        as_of=reading.as_of,
        next_expiry=min((one.expires for one in made if one.state == "in force"), default=None),
        company_files=files.notes,
        exceptions=made,
    )


def _shape(one: Acceptance, day: date, matches: int, logged: datetime | None) -> ExceptionView:
    state = _state(one, day, matches, logged)
    return ExceptionView(
        id=one.id,
        state=state,
        kind=one.kind.value,
        check=one.check,
        source=one.source,
        scope=list(one.scope),
        subject=one.subject,
        max_subjects=one.max_subjects,
        matches=matches,
        covers=matches if state == "in force" else 0,
        reason=one.reason,
        owner=one.owner,
        approver=one.approver,
        approval_ref=one.approval_ref,
        approved_on=one.approved_on,
        expires=one.expires,
        renewals=one.renewals,
        logged_at=logged,
        late=logged is not None and logged.date() > one.approved_on,
    )


def _state(one: Acceptance, day: date, matches: int, logged: datetime | None) -> str:
    if one.expires < day:
        return "expired"
    if logged is None:
        return "not in the log yet"
    if day < one.approved_on:
        return "not yet"
    return "too wide" if one.max_subjects is not None and matches > one.max_subjects else "in force"
