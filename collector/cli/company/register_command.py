"""`annexd register`: the documents that clauses 4 to 10 ask for, the audit programme and the management reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.core.plain_text import show_moment

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
        "The register is the company's word. A record is what was filed with annexd attest: its leaf is named.",
        indent=2,
    )
    out.head("What the clauses ask for")
    out.rows(row for one in shape.required for row in _required(one))
    if shape.besides:
        out.head("Documents besides")
        out.rows((one.state, one.id, _document(one)) for one in shape.besides)
    out.head("Internal audits (clause 9.2)")
    if not shape.audits:
        out.line("none is planned and none was held, as far as the register says", indent=2)
    out.rows(row for one in shape.audits for row in _audit(one))
    out.head("Management reviews (clause 9.3)")
    if not shape.reviews:
        out.line("none is planned and none was held, as far as the register says", indent=2)
    out.rows((one.state, one.id, _review(one)) for one in shape.reviews)


def _required(one: RequiredView) -> Iterator[Sequence[Cell]]:
    from collector.cli.terminal.page import Styled

    yield Styled(one.state, "bold" if one.state != "in force" else ""), one.clause, one.title
    for document in one.documents:
        yield "", "", f"{document.id}: {_document(document)}"


def _document(one: DocumentView) -> str:
    approved = "not approved" if one.approved_on is None else f"approved {one.approved_on} by {one.approved_by}"
    filed = "nothing filed" if one.leaf is None else f"filed at leaf {one.leaf}"
    return (
        f"{one.title}, version {one.version}, {approved}, owner {one.owner}, next review {one.next_review},"
        f" {one.where}; {filed}"
    )


def _audit(one: AuditView) -> Iterator[Sequence[Cell]]:
    when = f"planned for {one.planned_for}" if one.held_on is None else f"held {one.held_on}"
    yield one.state, one.id, f"{one.covers}, {when}, by {one.auditor} ({one.impartial})"
    if one.held_on is not None:
        yield (
            "",
            "",
            f"{one.result}; report: {one.report}; reported to {one.reported_to or 'nobody, as far as is stated'}",
        )


def _review(one: ReviewView) -> str:
    if one.held_on is None:
        return f"planned for {one.planned_for}"
    people = ", ".join(one.participants)
    decided = f"{one.decisions} decisions, {one.open_decisions} of them open"
    return f"held {one.held_on} with {people}; minutes: {one.minutes}; {decided}"
