"""`annexd requests`: what auditors asked for, and what was done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.audit.known_audits import require_audits
from collector.cli.terminal.options import AsOf, give, moment_of, unknown_word
from collector.cli.terminal.session import session
from collector.core.plain_text import show_moment
from collector.report.company.audit_request_views import RequestsView, requests_view

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page


def requests(
    ctx: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="NUMBER", help="Only this request, with all acts and their texts.")
    ] = None,
    audit: Annotated[str | None, typer.Option(help="Only those of this audit, by its id in [[web.audits]].")] = None,
    as_of: AsOf = None,
) -> None:
    """List what auditors asked for, and what was answered.

    It reads the log. People act on the pages of annexd web, where they sign in.
    """
    from collector.engine.clock import SystemClock

    now = SystemClock().now()
    moment = now if as_of is None else moment_of(as_of, now)
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        if audit is not None:
            web = app.config.web
            require_audits(store, [audit], () if web is None else (known.id for known in web.audits))
        view = requests_view(store, moment, None if as_of is None else moment, audit=audit)
    if number is None:
        give(ctx, view, show_all)
        return
    found = [request for request in view.requests if request.number == number]
    if not found:
        known = {str(request.number): request for request in view.requests}
        raise unknown_word(str(number), known, "request", "annexd requests has them all")
    give(ctx, RequestsView(at=view.at, counts=view.counts, requests=found), show_one)


def show_all(view: RequestsView, out: Page) -> None:
    """Print the requests, a line each."""
    counts = " / ".join(f"{count} {state}" for state, count in view.counts.items())
    out.line(f"Evidence requests of audits as of {show_moment(view.at)}: {counts or 'none'}")
    out.rows(
        (
            f"{request.number}  {request.state}",
            request.text.split("\n")[0],
            f"due {request.due}{', late' if request.overdue else ''}" if request.due else "",
        )
        for request in view.requests
    )


def show_one(view: RequestsView, out: Page) -> None:
    """Print a request with all its acts."""
    (request,) = view.requests
    out.head(f"Request {request.number} of {request.audit}: {request.state}")
    out.rows(
        [
            ("for", ", ".join(request.controls) or "no control named"),
            ("due", "not stated" if request.due is None else f"{request.due}{', late' if request.overdue else ''}"),
        ]
    )
    for act in request.acts:
        out.gap()
        out.line(f"{act.verb}: {act.name}, {act.role}, {show_moment(act.logged_at)}, log entry {act.leaf}")
        out.line(f"{act.subject} at {act.issuer}", indent=2)
        if act.refused:
            out.paragraph(f"It changes nothing: {act.refused}.", indent=2)
        for line in act.text.split("\n"):
            out.paragraph(line, indent=2)
        if act.records:
            out.line(f"records on file: log entries {', '.join(map(str, act.records))}", indent=2)
        if act.file is not None:
            out.line(f"{act.file} {act.digest}", indent=2)
