"""`annexd review`: the input pack of a management review, as Markdown or as data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.app.session import session
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collector.app.company.review_shapes import ReviewPackShape
    from collector.core.periods import Period


def review(
    ctx: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, included.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, included.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; it must not exist.", show_default="stdout")
    ] = None,
) -> None:
    """Write the input pack of a management review."""
    from collector.app.company.review_page import markdown
    from collector.app.output import json_text
    from collector.app.times.period_command import days_of

    shape = _shape(ctx, days_of(first, last, "UTC"))
    text = json_text(shape) + "\n" if session(ctx).json else markdown(shape)
    if out is None:
        typer.echo(text, nl=False)
        return
    if out.exists():
        raise ConfigError(f"{out} is there already", so="nothing is overwritten", mend="name another file")
    out.write_text(text, encoding="utf-8")


def _shape(ctx: typer.Context, days: Period) -> ReviewPackShape:
    from collector.app.company.review_shapes import review_shape
    from collector.app.reading.assessment import assessed
    from collector.app.reading.known import Reading
    from collector.app.times.metrics_shapes import metrics_shape
    from collector.engine.clock import SystemClock

    now = SystemClock().now()
    if days.start >= now:
        raise typer.BadParameter(f"{days.first} is yet to come: nothing has been seen of it", param_hint="--from")
    app, end = session(ctx).open_app(), min(days.end, now)
    with app.open_store(writer=False) as store:
        then = assessed(Reading(app, store, days.start, as_of=days.start))
        at_end = assessed(Reading(app, store, end, as_of=None if end == now else end))
        measured = metrics_shape(app, store, [days.start, end], now)
        return review_shape(then, at_end, measured, days.first, min(days.last, end.date()))
