"""`annexd exceptions`: what is accepted, by whom, until when, and how many failing subjects it covers now."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.app.reading.asking import AsOf, give, opened, show_moment, some

if TYPE_CHECKING:
    from collector.app.output import Page
    from collector.app.reading.assessment import Assessment
    from collector.core.exceptions import Acceptance


class ExceptionShape(Struct, frozen=True, kw_only=True):
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


class ExceptionsShape(Struct, frozen=True, kw_only=True, tag="annexd.exceptions/1", tag_field="schema"):
    """What `annexd exceptions --json` prints; `next_expiry` is of those in force.

    `company_files` says which state of the files this is, where it is not today's or not all of it is in the log.
    """

    at: datetime
    as_of: datetime | None
    next_expiry: date | None
    company_files: tuple[str, ...]
    exceptions: list[ExceptionShape]


def exceptions(
    ctx: typer.Context,
    from_prowler: Annotated[
        Path | None,
        typer.Option("--from-prowler", metavar="FILE", help="Draft exceptions from a Prowler mutelist, and end."),
    ] = None,
    source: Annotated[str, typer.Option(help="The source that a draft is for.")] = "",
    as_of: AsOf = None,
) -> None:
    """Show the deviations that are accepted, until when, and what they cover."""
    if from_prowler is not None:
        from collector.app.company.prowler_mutelist import draft_from

        typer.echo(draft_from(from_prowler, source), nl=False)
        return
    from collector.app.reading.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = exceptions_shape(assessed(reading))
    give(ctx, shape, show_exceptions)


def exceptions_shape(assessment: Assessment) -> ExceptionsShape:
    """Return the exceptions, the next to expire first."""
    reading, files = assessment.reading, assessment.files
    made = [
        _shape(one, reading.at.date(), assessment.failing.get(one.id, 0), files.logged.get(one.id))
        for one in files.company.exceptions
    ]
    made.sort(key=lambda one: (one.expires, one.id))
    return ExceptionsShape(
        at=reading.at,
        as_of=reading.as_of,
        next_expiry=min((one.expires for one in made if one.state == "in force"), default=None),
        company_files=files.notes,
        exceptions=made,
    )


def _shape(one: Acceptance, day: date, matches: int, logged: datetime | None) -> ExceptionShape:
    state = _state(one, day, matches, logged)
    return ExceptionShape(
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


def show_exceptions(shape: ExceptionsShape, out: Page) -> None:
    """Print the page for people."""
    count = some(len(shape.exceptions), "exception")
    out.line(f"{count} as of {show_moment(shape.at)}; next expiry: {shape.next_expiry or 'none'}")
    out.paragraph("An exception changes no verdict: what it covers still fails, and is counted as accepted.", indent=2)
    for one in shape.exceptions:
        out.head(f"{one.id}: {one.state}")
        subject = one.subject or "the scope itself"
        out.rows(
            [
                ("about", f"{one.check} in {one.source} {'/'.join(one.scope)}: {subject}"),
                ("kind", one.kind.replace("_", " ")),
                ("covers now", _of(one)),
                ("because", one.reason),
                ("owner", one.owner),
                (
                    "approved",
                    f"{one.approved_on} by {one.approver}: {one.approval_ref} (approval stated, not verified)",
                ),
                ("in the log", _logged(one)),
                ("expires", f"{one.expires}, renewed {some(one.renewals, 'time')}"),
            ]
        )


def _logged(one: ExceptionShape) -> str:
    if one.logged_at is None:
        return "not yet: it covers nothing until annexd record, or the next scan, has put it there"
    day = one.logged_at.date()
    return f"logged late on {day}: it counts from then" if one.late else f"since {day}"


def _of(one: ExceptionShape) -> str:
    if one.state == "too wide":
        return f"nothing: it matches {one.matches} failing subjects, and {one.max_subjects} were approved"
    return some(one.covers, "failing subject")
