"""`annexd scope`: the systems in scope, how well each was seen, and what is on one list and not on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.core.attestations import SYSTEM
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.report.company.scope_views import ScopeView, scope_view

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page


def scope(ctx: typer.Context, as_of: AsOf = None) -> None:
    """Show the systems in scope, and how well each was seen.

    With what is collected and not in scope, and what the platforms have on neither list.
    """
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        shape = scope_view(assessed(reading))
    give(ctx, shape, show_scope_page)


def show_scope_page(shape: ScopeView, out: Page) -> None:
    """Print the page for people."""
    if shape.version is None:
        out.line("No scope is stated: write scope.toml beside the configuration.")
        out.paragraph("Until then nobody can say what was not seen, and no control has evidence on file.", indent=2)
    else:
        out.paragraph(f"Scope {shape.version}, approved by {shape.approved_by} on {shape.approved_on}")
        out.paragraph(shape.statement or "", indent=2)
        if not shape.stated:
            out.paragraph("It was not approved yet at this moment, so coverage is not stated.", indent=2)
    out.line(f"as of {show_moment(shape.at)}, seen completely: {shape.coverage}")
    if shape.systems:
        out.head("Systems in scope")
        heads = ("", "seen", "environment", "owner", "source")
        out.rows(
            (
                (
                    system.name,
                    system.seen if system.review is None else f"reviewed {system.review}, as stated",
                    system.environment,
                    system.owner,
                    f"{system.source} {show_scope(tuple(system.scope))}",
                )
                for system in shape.systems
            ),
            heads=heads,
        )
    for system in shape.systems:
        if system.seen == "no source":
            out.paragraph(f'a dated review may stand for it: annexd evidence-request answer "{SYSTEM}{system.name}"')
    for title, names in (
        ("In scope, and not collected", shape.not_collected),
        ("Collected, and not in scope", shape.not_in_scope),
        ("There according to the platform, and in neither list", shape.in_neither),
        ("Sources without a complete list of their own: there may be more than is known", shape.unlisted),
    ):
        out.head(f"{title}: {plural(len(names), 'entry', 'entries')}")
        out.rows(("-", name) for name in names)
