"""`annexd retention`: what the policy would drop, and dropping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.actions.retention import RetentionView, carry_out
from collector.cli.terminal.options import give
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page


def retention(
    ctx: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Drop them; the record says so first.")] = False,
) -> None:
    """Show which bodies are older than the policy keeps them, and drop them if asked to."""
    from collector.company.recording import bring_in
    from collector.engine.clock import SystemClock
    from collector.setup.operator import operator

    app = session(ctx).open_app()
    now = SystemClock().now()
    with app.open_store(writer=apply) as store:
        if apply:
            bring_in(app, store, now)
        shape = carry_out(app.config.retention, store.erasing, now, by=operator() if apply else None)
    give(ctx, shape, show_retention)


def show_retention(shape: RetentionView, out: Page) -> None:
    """Print what the policy says and does."""
    if shape.before is None:
        out.line("everything is kept: [retention] bodies is not set")
        return
    out.line(f"bodies are kept for {shape.bodies_kept} after they were superseded: since {show_moment(shape.before)}")
    for lock in shape.locked:
        why = f": {lock.because}" if lock.because is not None else ""
        out.line(f"locked {show_moment(lock.since)} to {show_moment(lock.until)}{why}", indent=2)
    what = f"{plural(shape.bodies, 'body', 'bodies')} and {plural(shape.facts, 'blob')} of facts"
    if shape.applied:
        out.line(f"{what} were dropped; their digests and the record stay")
    else:
        out.line(f"{what} are older; --apply drops them for good")
