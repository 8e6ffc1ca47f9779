"""`annexd metrics`: measures over time, from the store as it was at each moment."""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import give, moment_of, one_of
from collector.cli.terminal.session import session
from collector.core.plain_text import show_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from collector.cli.terminal.page import Page
    from collector.report.periods.metrics_views import MetricsView, MetricView

_MOST = 400
"""Readings of a series: each looks at the whole store as it was."""


def metrics(
    ctx: typer.Context,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first reading: the end of it.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="The last reading: the end of it; now where left out.")
    ] = None,
    every: Annotated[str, typer.Option(metavar="SPAN", help="How far the readings are apart, such as 7d.")] = "7d",
    metric: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="A line for each reading, for a spreadsheet.")] = False,
) -> None:
    """Show measures over time, with their targets.

    Each with its formula, source and owner. What could not be seen is no number.
    """
    from collector.company.built_in_measures import MEASURES
    from collector.engine.clock import SystemClock
    from collector.report.periods.metrics_views import metrics_view

    now = SystemClock().now()
    chosen = one_of(metric, tuple(MEASURES), "--metric")
    moments = moments_of(first, last, every, now)
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        shape = metrics_view(app, store, moments, now, chosen)
    if as_csv and not session(ctx).json:
        write_csv(shape, sys.stdout)
    else:
        give(ctx, shape, show_metrics)


def moments_of(first: str | None, last: str | None, every: str, now: datetime) -> list[datetime]:
    """Return the moments that are asked for, the end included. Raises BadParameter on what cannot be."""
    from collector.core.spans import parse_span

    end = now if last is None else moment_of(last, now, "--to")
    if first is None:
        return [end]
    start = moment_of(first, now, "--from")
    if end < start:
        raise typer.BadParameter(f"{last} is before {first}", param_hint="--to")
    try:
        step = parse_span(every)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--every") from error
    if step < timedelta(hours=1):
        raise typer.BadParameter("readings are at least an hour apart", param_hint="--every")
    count = (end - start) // step
    if count > _MOST:
        raise typer.BadParameter(f"that is {count} readings; {_MOST} are made at most", param_hint="--every")
    found = [start + number * step for number in range(count + 1)]
    return found if found[-1] == end else [*found, end]


def show_metrics(shape: MetricsView, out: Page) -> None:
    """Print each measure with its readings."""
    from collector.cli.terminal.page import Styled
    from collector.report.periods.metrics_views import met_text, target_text, value_text

    out.line(f"Measures as of {show_moment(shape.at)}; what could not be seen is no number")
    if not shape.stated:
        out.paragraph("No target is on file: metrics.toml says what is wanted, and who answers for it.", indent=2)
    for metric in shape.metrics:
        latest = metric.points[-1]
        out.head(metric.title)
        rows = [("reading", Styled(value_text(metric, latest), "grey" if latest.value is None else "bold"))]
        if metric.owner is not None:
            rows.append(("target", Styled(f"{target_text(metric)}: {met_text(latest)}", "")))
            rows.append(("", Styled(f"since {metric.since}, because {metric.because}", "")))
            rows.append(("owner", Styled(f"{metric.owner}; evaluated by {metric.evaluated_by}", "")))
        rows.append(("formula", Styled(metric.formula, "")))
        rows.append(
            ("source", Styled(f"{', '.join(metric.source)}, to be read every {metric.every} ({metric.id})", ""))
        )
        out.rows(rows)
        if len(metric.points) > 1:
            out.rows(((f"{point.at.date()}", value_text(metric, point)) for point in metric.points), indent=4)


def write_csv(shape: MetricsView, out: TextIO) -> None:
    """Write a line for each reading. A value that is not established is an empty cell, and never 0."""
    sheet = csv.writer(out, lineterminator="\n")
    heads = ("metric", "at", "value", "part", "whole", "not_established", "why", "at_least", "at_most", "met", "owner")
    sheet.writerow(heads)
    for measure in shape.metrics:
        sheet.writerows(_lines(measure))


def _lines(metric: MetricView) -> Sequence[Sequence[object]]:
    return [
        [
            metric.id,
            show_moment(point.at),
            *(point.value, point.part, point.whole, point.not_established),
            _text(point.why),
            *(metric.at_least, metric.at_most),
            {True: "yes", False: "no", None: ""}[point.met],
            _text(metric.owner or ""),
        ]
        for point in metric.points
    ]


def _text(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
