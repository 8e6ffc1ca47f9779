"""`annexd register`: the documents that clauses 4 to 10 ask for, the audit programme and the management reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.cli.terminal.page import Cell, Page
    from collector.report.company.register_views import (
        AuditView,
        DocumentView,
        RegisterView,
        RequiredView,
        ReviewView,
    )


def register(ctx: typer.Context, as_of: AsOf = None) -> None:
    """Show the documents of clauses 4 to 10, and audits.

    With internal audits and management reviews, as register.toml and filed records have them.
    """
    from collector.report.company.register_views import register_view
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = register_view(assessed(reading))
    give(ctx, shape, show_register)


def show_register(shape: RegisterView, out: Page) -> None:
    """Print the register."""
    counts = " / ".join(f"{count} {state}" for state, count in shape.counts.items())
    out.line(f"Documents that clauses 4 to 10 ask for, as of {show_moment(shape.at)}: {counts}")
    if not shape.stated:
        out.paragraph("There is no register on file: register.toml holds it.", indent=2)
    out.paragraph(
        "The register is the company's statement. A record is what was filed with annexd evidence-request answer: its"
        " log entry is named.",
        indent=2,
    )
    out.head("What the clauses ask for")
    out.rows(row for entry in shape.required for row in _required(entry))
    if shape.besides:
        out.head("Documents besides")
        out.rows((entry.state, entry.id, _document(entry)) for entry in shape.besides)
    out.head("Internal audits (clause 9.2)")
    if not shape.audits:
        out.line("none is planned and none was held, as far as the register says", indent=2)
    out.rows(row for entry in shape.audits for row in _audit(entry))
    out.head("Management reviews (clause 9.3)")
    if not shape.reviews:
        out.line("none is planned and none was held, as far as the register says", indent=2)
    out.rows((entry.state, entry.id, _review(entry)) for entry in shape.reviews)


def _required(entry: RequiredView) -> Iterator[Sequence[Cell]]:
    from collector.cli.terminal.page import Styled

    yield Styled(entry.state, "bold" if entry.state != "in force" else ""), entry.clause, entry.title
    for document in entry.documents:
        yield "", "", f"{document.id}: {_document(document)}"


def _document(entry: DocumentView) -> str:
    approved = "not approved" if entry.approved_on is None else f"approved {entry.approved_on} by {entry.approved_by}"
    filed = "no record filed" if entry.leaf is None else f"record filed, log entry {entry.leaf}"
    return (
        f"{entry.title}, version {entry.version}, {approved}, owner {entry.owner}, next review {entry.next_review},"
        f" {entry.where}; {filed}"
    )


def _audit(entry: AuditView) -> Iterator[Sequence[Cell]]:
    when = f"planned for {entry.planned_for}" if entry.held_on is None else f"held {entry.held_on}"
    yield entry.state, entry.id, f"{entry.covers}, {when}, by {entry.auditor} ({entry.impartial})"
    if entry.held_on is not None:
        yield (
            "",
            "",
            f"{entry.result}; report: {entry.report}; reported to {entry.reported_to or 'nobody, as far as is stated'}",
        )


def _review(entry: ReviewView) -> str:
    if entry.held_on is None:
        return f"planned for {entry.planned_for}"
    people = ", ".join(entry.participants)
    decided = f"{plural(entry.decisions, 'decision')}, {entry.open_decisions} open"
    return f"held {entry.held_on} with {people}; minutes: {entry.minutes}; {decided}"
