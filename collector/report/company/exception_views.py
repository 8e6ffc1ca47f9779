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

    `company_files` says which state of the files was used, where it is not today's or not all in the log.
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
        _view(exception, reading.at.date(), assessment.failing.get(exception.id, 0), files.logged.get(exception.id))
        for exception in files.company.exceptions
    ]
    made.sort(key=lambda view: (view.expires, view.id))
    return ExceptionsView(
        at=reading.at,
        as_of=reading.as_of,
        next_expiry=min((view.expires for view in made if view.state == "in force"), default=None),
        company_files=files.notes,
        exceptions=made,
    )


def _view(exception: Acceptance, day: date, matches: int, logged: datetime | None) -> ExceptionView:
    state = _state(exception, day, matches, logged)
    return ExceptionView(
        id=exception.id,
        state=state,
        kind=exception.kind.value,
        check=exception.check,
        source=exception.source,
        scope=list(exception.scope),
        subject=exception.subject,
        max_subjects=exception.max_subjects,
        matches=matches,
        covers=matches if state == "in force" else 0,
        reason=exception.reason,
        owner=exception.owner,
        approver=exception.approver,
        approval_ref=exception.approval_ref,
        approved_on=exception.approved_on,
        expires=exception.expires,
        renewals=exception.renewals,
        logged_at=logged,
        late=logged is not None and logged.date() > exception.approved_on,
    )


def _state(exception: Acceptance, day: date, matches: int, logged: datetime | None) -> str:
    if exception.expires < day:
        return "expired"
    if logged is None:
        return "not in the log yet"
    if day < exception.approved_on:
        return "not yet"
    return "too wide" if exception.max_subjects is not None and matches > exception.max_subjects else "in force"
