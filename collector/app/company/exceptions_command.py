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
    """One exception; `state` is in force, not yet, expired or too wide, and `covers` counts failing subjects."""

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


class ExceptionsShape(Struct, frozen=True, kw_only=True, tag="annexd.exceptions/1", tag_field="schema"):
    """What `annexd exceptions --json` prints; `next_expiry` is of those in force."""

    at: datetime
    as_of: datetime | None
    next_expiry: date | None
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
    reading = assessment.reading
    made = [_shape(one, reading.at.date(), assessment.failing.get(one.id, 0)) for one in assessment.company.exceptions]
    made.sort(key=lambda one: (one.expires, one.id))
    return ExceptionsShape(
        at=reading.at,
        as_of=reading.as_of,
        next_expiry=min((one.expires for one in made if one.state == "in force"), default=None),
        exceptions=made,
    )


def _shape(one: Acceptance, day: date, matches: int) -> ExceptionShape:
    state = _state(one, day, matches)
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
    )


def _state(one: Acceptance, day: date, matches: int) -> str:
    if day < one.approved_on:
        return "not yet"
    if one.expires < day:
        return "expired"
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
                ("expires", f"{one.expires}, renewed {some(one.renewals, 'time')}"),
            ]
        )


def _of(one: ExceptionShape) -> str:
    if one.state == "too wide":
        return f"nothing: it matches {one.matches} failing subjects, and {one.max_subjects} were approved"
    return some(one.covers, "failing subject")
