"""`annexd evidence-request list`: which requests are open or expire soon, for which controls, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.core.plain_text import plural, show_moment
from collector.report.company.evidence_request_views import EvidenceRequestsView, evidence_requests_view

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page


def list_requests(
    ctx: typer.Context,
    owner: Annotated[str | None, typer.Option(help="Only of controls of this owner in the SoA.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are valid.")] = False,
    as_of: AsOf = None,
) -> None:
    """List the evidence requests that are open or expire soon."""
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = evidence_requests_view(assessed(reading), owner=owner, every=every)
    give(ctx, shape, show_requests)


def show_requests(shape: EvidenceRequestsView, out: Page) -> None:
    """Print the requests."""
    counts = " / ".join(f"{count} {state}" for state, count in shape.counts.items())
    out.line(f"Evidence requests as of {show_moment(shape.at)}: {counts}")
    if shape.excluded:
        out.line(
            f"not counted: {plural(shape.excluded, 'evidence request')} of controls that the SoA excludes", indent=2
        )
    for request in shape.requests:
        out.head(f"{request.request} ({request.kind}): {request.state}")
        out.paragraph(request.text, indent=2)
        rows = [
            ("for", ", ".join(request.controls)),
            *([("also answers", ", ".join(request.also))] if request.also else []),
            ("owner", request.owner or "not stated in the SoA"),
            ("due", "now" if request.due is None else str(request.due)),
        ]
        if request.leaf is not None:
            late = ", a late entry" if request.late else ""
            logged = "" if request.logged_at is None else f", logged {show_moment(request.logged_at)}{late}"
            rows.append(("record", f"log entry {request.leaf}: approved {request.approved_on}{logged}"))
            rows.append(("as stated", f"by {request.stated_by}; reviewed by {request.reviewed_by}"))
            if request.same_file:
                rows.append(("same file", f"was also filed for {', '.join(request.same_file)}"))
        out.rows(rows)
