"""`annexd exceptions`: what is accepted, by whom, until when, and how many failing resources it covers now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.cli.terminal.resource_names import resource_name
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.report.company.exception_views import ExceptionsView, ExceptionView, exceptions_view

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page


def exceptions(
    ctx: typer.Context,
    from_prowler: Annotated[
        Path | None,
        typer.Option("--from-prowler", metavar="FILE", help="Draft exceptions from a Prowler mutelist, and end."),
    ] = None,
    source: Annotated[str, typer.Option("--source", "-s", help="The source that a draft is for.")] = "",
    as_of: AsOf = None,
) -> None:
    """Show accepted deviations, and until when they hold."""
    if from_prowler is not None:
        from collector.company.prowler_mutelist import draft_from

        text = draft_from(from_prowler, source)
        if session(ctx).json:
            from collector.cli.terminal.page import print_json

            print_json({"schema": "annexd.exceptions_draft/1", "text": text})
        else:
            typer.echo(text, nl=False)
        return
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = exceptions_view(assessed(reading))
    give(ctx, shape, show_exceptions)


def show_exceptions(shape: ExceptionsView, out: Page) -> None:
    """Print the page for people."""
    count = plural(len(shape.exceptions), "exception")
    out.line(f"{count} as of {show_moment(shape.at)}; next expiry: {shape.next_expiry or 'none'}")
    out.paragraph("An exception changes no verdict: what it covers still fails, and is counted as accepted.", indent=2)
    for entry in shape.exceptions:
        out.head(f"{entry.id}: {entry.state}")
        resource = resource_name(entry.check, entry.scope, entry.subject)
        out.rows(
            [
                ("about", f"{entry.check} in {entry.source}:{show_scope(tuple(entry.scope))}: {resource}"),
                ("kind", entry.kind.replace("_", " ")),
                ("covers now", _of(entry)),
                ("because", entry.reason),
                ("owner", entry.owner),
                (
                    "approved",
                    f"{entry.approved_on} by {entry.approver}: {entry.approval_ref} (approval stated, not verified)",
                ),
                ("in the log", _logged(entry)),
                ("expires", f"{entry.expires}, renewed {plural(entry.renewals, 'time')}"),
            ]
        )


def _logged(exception: ExceptionView) -> str:
    if exception.logged_at is None:
        return "not yet: it covers nothing until annexd company-files record, or the next scan, has put it there"
    day = exception.logged_at.date()
    return f"logged late on {day}: it counts from then" if exception.late else f"since {day}"


def _of(exception: ExceptionView) -> str:
    if exception.state == "too wide":
        return f"nothing: it matches {exception.matches} failing resources, and {exception.max_subjects} were approved"
    return plural(exception.covers, "failing resource")
