"""`annexd review`: the input pack of a management review, as Markdown or as data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.session import session
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collector.core.periods import Period
    from collector.report.periods.review_views import ReviewPackView


def review(
    ctx: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, included.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, included.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; it must not exist.", show_default="stdout")
    ] = None,
) -> None:
    """Write the input pack of a management review."""
    from collector.cli.terminal.days import days_of
    from collector.pages.review_page import markdown
    from collector.report.json_text import json_text

    shape = _shape(ctx, days_of(first, last, "UTC"))
    text = json_text(shape) + "\n" if session(ctx).json else markdown(shape)
    if out is None:
        typer.echo(text, nl=False)
        return
    if out.exists():
        raise ConfigError(f"{out} is there already", so="nothing is overwritten", mend="name another file")
    out.write_text(text, encoding="utf-8")


def _shape(ctx: typer.Context, days: Period) -> ReviewPackView:
    from collector.engine.clock import SystemClock
    from collector.report.periods.metrics_views import metrics_view
    from collector.report.periods.review_views import review_view
    from collector.report.state.assessment import assessed
    from collector.report.state.known import Reading

    now = SystemClock().now()
    if days.start >= now:
        raise typer.BadParameter(f"{days.first} is yet to come: nothing has been seen of it", param_hint="--from")
    app, end = session(ctx).open_app(), min(days.end, now)
    with app.open_store(writer=False) as store:
        then = assessed(Reading(app, store, days.start, as_of=days.start))
        at_end = assessed(Reading(app, store, end, as_of=None if end == now else end))
        measured = metrics_view(app, store, [days.start, end], now)
        return review_view(then, at_end, measured, days.first, min(days.last, end.date()))
