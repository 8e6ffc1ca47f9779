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


DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be dropped, and drop nothing.")]

retention = typer.Typer(add_completion=False, invoke_without_command=True)


@retention.callback()
def show(
    ctx: typer.Context,
    apply: Annotated[
        bool, typer.Option("--apply", hidden=True, help="An older form of annexd retention drop.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Show what is older than the retention policy; drop it.

    Without a subcommand nothing is dropped.
    """
    if ctx.invoked_subcommand is None:
        _carry_out(ctx, apply=apply and not dry_run)


@retention.command()
def drop(ctx: typer.Context, dry_run: DryRun = False) -> None:
    """Drop what is older than the retention policy; the log says so first."""
    _carry_out(ctx, apply=not dry_run)


def _carry_out(ctx: typer.Context, *, apply: bool) -> None:
    from collector.actions.export_proof import prove_source
    from collector.company.recording import bring_in
    from collector.engine.clock import SystemClock
    from collector.setup.this_machine import operator

    app = session(ctx).open_app()
    now = SystemClock().now()
    with app.open_store(writer=apply) as store:
        if apply:
            prove_source(store)  # by changed dates it would drop what is in force
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
    what = f"{plural(shape.bodies, 'body')} and {plural(shape.facts, 'blob')} of fields that change by themselves"
    if shape.applied:
        out.line(f"{what} were dropped; their digests and the log stay")
    else:
        out.line(f"{what} are older; annexd retention drop drops them for good")
