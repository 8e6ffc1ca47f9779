"""`annexd next`: the steps from nothing to evidence on file, and which one is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from collector.cli.terminal.options import give
from collector.cli.terminal.session import session

if TYPE_CHECKING:
    from collector.cli.read.next_steps import NextView
    from collector.cli.terminal.page import Page


def next_(ctx: typer.Context) -> None:
    """Show what to do next.

    The steps of a first week: configuration, first scan, permissions, scope, SoA, evidence requests, and then the ten
    things that close most open controls.
    """
    give(ctx, _view(ctx), show_next)


def _view(ctx: typer.Context) -> NextView:
    from collector.cli.read.next_steps import next_view
    from collector.engine.clock import SystemClock
    from collector.report.state.assessment import assessed
    from collector.report.state.known import Reading
    from collector.setup.config import chosen_path
    from collector.setup.store_file import exists

    cli_session = session(ctx)
    if cli_session.config is None and not chosen_path().exists():
        return next_view(None, None)
    app = cli_session.open_app()
    if not app.config.sources or not exists(app.config):
        return next_view(app, None)
    with app.open_store(writer=False) as store:
        scanned = next(iter(store.runs()), None) is not None
        return next_view(app, assessed(Reading(app, store, SystemClock().now())) if scanned else None)


def show_next(shape: NextView, out: Page) -> None:
    """Print the steps, what is next first in bold, and the ten things that close most."""
    from collector.cli.terminal.page import Styled
    from collector.core.plain_text import plural

    for number, step in enumerate(shape.steps, 1):
        mark = "done" if step.done else "next" if step.id == shape.next else "open"
        out.rows([(Styled(f"{number}. {mark:<4}", "bold" if mark == "next" else "grey"), step.title)], indent=0)
        if not step.done:
            out.paragraph(step.open, indent=9)
        if mark == "next":
            out.verbatim(step.commands, indent=9)
    if shape.closes_most:
        out.head("What closes most open controls")
        for gap in shape.closes_most:
            touched = plural(len(gap.controls), "control")
            said = f"the last thing for {gap.closes} of {touched}" if gap.closes else f"touches {touched}"
            out.line(Styled(gap.about, "bold"), said, indent=2)
            if gap.mend and gap.mend not in gap.about:
                out.paragraph(gap.mend, indent=6)
        out.line("annexd gap-analysis shows all of it.", indent=2)
    elif shape.next is None:
        out.line("Every step is done: annexd status shows the state of everything.")


def show_next_line(shape: NextView, out: Page) -> None:
    """Print one line about what is next, for the end of another page."""
    from collector.cli.read.next_steps import first_open

    step = first_open(shape)
    out.head("What to do next")
    if step is not None:
        out.line(f"{step.title}: {step.open}", indent=2)
    elif shape.closes_most:
        out.line(shape.closes_most[0].about, indent=2)
    else:
        out.line("nothing is open", indent=2)
        return
    out.line("annexd next shows all steps, and what closes most open controls", indent=2)
