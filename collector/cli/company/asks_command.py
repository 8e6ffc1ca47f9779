"""`annexd asks`: the work list of people: which records are missing, or end soon, for which controls, and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.core.plain_text import plural, show_moment
from collector.report.company.evidence_request_views import AsksView, asks_view

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page


def asks(
    ctx: typer.Context,
    owner: Annotated[str | None, typer.Option(help="Only of controls of this owner in the SoA.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are valid.")] = False,
    as_of: AsOf = None,
) -> None:
    """Show which records of people are missing or end soon."""
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = asks_view(assessed(reading), owner=owner, every=every)
    give(ctx, shape, show_asks)


def show_asks(shape: AsksView, out: Page) -> None:
    """Print the work list."""
    counts = " / ".join(f"{count} {state}" for state, count in shape.counts.items())
    out.line(f"Records of people as of {show_moment(shape.at)}: {counts}")
    if shape.excluded:
        out.line(f"besides, {plural(shape.excluded, 'record')} of controls that the SoA excludes", indent=2)
    for one in shape.asks:
        out.head(f"{one.ask} ({one.kind}): {one.state}")
        out.paragraph(one.text, indent=2)
        rows = [
            ("for", ", ".join(one.controls)),
            ("owner", one.owner or "not stated in the SoA"),
            ("due", "now" if one.due is None else str(one.due)),
        ]
        if one.leaf is not None:
            late = ", a late entry" if one.late else ""
            logged = "" if one.logged_at is None else f", logged {show_moment(one.logged_at)}{late}"
            rows.append(("on file", f"leaf {one.leaf}: approved {one.approved_on}{logged}"))
            rows.append(("stated by", f"{one.stated_by}; reviewed by {one.reviewed_by}"))
        out.rows(rows)
