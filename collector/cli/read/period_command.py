"""`annexd period`: what was observed over a period, how often, and what was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.days import days_of
from collector.cli.terminal.options import give
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.cli.terminal.page import Page
    from collector.core.periods import ObservationCounts, Segment
    from collector.report.periods.period_views import (
        CheckPeriod,
        ControlPeriod,
        FailedCollections,
        LongestFailure,
        PeriodView,
    )

_LINES = 20
"""Collection failures that people are given; machines get all."""


def period(
    ctx: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, included.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, included.")],
    control: Annotated[
        list[str] | None, typer.Option(help="Only this control and its checks, such as 8.5; may be repeated.")
    ] = None,
    check: Annotated[list[str] | None, typer.Option(help="Only this check; may be repeated.")] = None,
    zone: Annotated[str, typer.Option(help="The time zone of the days, such as Europe/Zurich.")] = "UTC",
) -> None:
    """Show what was planned, observed and missed in a period.

    For each control and check: what each observation showed, the longest failure, and the collection failures.
    """
    from collector.engine.clock import SystemClock
    from collector.report.periods.period_history import period_history
    from collector.report.periods.period_views import checks_asked_for, period_view
    from collector.report.state.assessment import assessed
    from collector.report.state.known import Reading

    now = SystemClock().now()
    days = days_of(first, last, zone)
    if days.start >= now:
        raise typer.BadParameter(f"{first} is yet to come: nothing has been seen of it", param_hint="--from")
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        end = min(days.end, now)
        reading = Reading(app, store, end, as_of=None if end == now else end)
        at_end = assessed(reading)
        only = checks_asked_for(at_end, checks=check or (), controls=control or ())
        found = period_history(app, store, store.history, days.start, end, reading.decides, only)
        shape = period_view(days, found, at_end, checks=check or (), controls=control or ())
    give(ctx, shape, show_period)


def show_period(shape: PeriodView, out: Page) -> None:
    """Print a period for people."""
    from collector.cli.terminal.page import Styled

    out.line(Styled(f"{shape.first} to {shape.last}", "bold"), f"both days included, {shape.zone}")
    out.line(f"that is from {show_moment(shape.start)} up to {show_moment(shape.end)} (UTC)", indent=2)
    if shape.until < shape.end:
        out.line(f"it is not over yet: this reaches up to {show_moment(shape.until)}", indent=2)
    for note in shape.company_files:
        out.paragraph(f"at the end: {note}", indent=2)
    _show_segments("Changes of rules, mappings and company files", shape.segments, out)
    if shape.controls:
        out.head("Controls, by their direct checks; the state is that at the end of the period")
        out.paragraph("evaluated then, with today's mapping", indent=2)
    observed = [item for item in shape.controls if item.interval is not None or len(shape.controls) == 1]
    for item in observed:
        _show_control(item, out)
    _show_unobserved([item for item in shape.controls if item not in observed], out)
    out.head("Checks")
    for check in shape.checks:
        _show_check(check, out)
    if not shape.checks:
        out.line("none was run in this period", indent=2)
    if shape.not_installed:
        out.paragraph(f"with verdicts, and not installed here: {', '.join(shape.not_installed)}", indent=2)
    _show_gaps(shape.collection_failures, out)


def _show_control(item: ControlPeriod, out: Page) -> None:
    from collector.cli.terminal.page import Styled

    out.line(Styled(item.id, "bold"), item.title, indent=2)
    out.line("at the end:", Styled(item.label, "grey" if item.status in {"unknown", "excluded"} else ""), indent=6)
    out.paragraph(item.sentence, indent=6)
    _show_numbers(item.counts, item.longest_fail, out)
    if item.never_run:
        out.paragraph(f"never run: {', '.join(item.never_run)}", indent=6)


def _show_unobserved(controls: Sequence[ControlPeriod], out: Page) -> None:
    """Print the controls of which nothing was planned, so nothing was observed, with their state at the end."""
    from itertools import groupby

    if controls:
        out.head("Controls of which nothing was observed")
    for sentence, same in groupby(sorted(controls, key=lambda item: item.sentence), key=lambda item: item.sentence):
        out.paragraph(sentence, indent=2)
        out.paragraph("; ".join(f"{item.id} {item.label}" for item in same), indent=6)


def _show_check(item: CheckPeriod, out: Page) -> None:
    from collector.cli.terminal.page import Styled

    out.line(Styled(item.check, "bold"), f"in {item.source} ({item.severity})", indent=2)
    out.paragraph(item.sentence, indent=6)
    _show_numbers(item.counts, item.longest_fail, out)
    first = "never" if item.first_observed is None else show_moment(item.first_observed)
    out.line(f"first observed: {first}", indent=6)
    _show_segments("", item.segments, out)


def _show_numbers(counts: ObservationCounts, longest_fail: LongestFailure | None, out: Page) -> None:
    from collector.cli.terminal.resource_names import resource_name
    from collector.core.periods import SlotState, by_state_text

    shown = {"no resources" if state == SlotState.NOTHING else state: count for state, count in counts.by_state.items()}
    out.line(
        f"{by_state_text(shown)} / {counts.missed} missed / {counts.not_observed} not observed / {counts.late} late",
        indent=6,
    )
    if longest_fail is not None:
        until = "still failing at the end" if longest_fail.until is None else f"until {show_moment(longest_fail.until)}"
        resource = resource_name(longest_fail.check, longest_fail.scope, longest_fail.subject)
        out.paragraph(
            f"longest failing: {longest_fail.days}d, {longest_fail.check} on {resource} in {longest_fail.source},"
            f" since {show_moment(longest_fail.since)}, {until}",
            indent=6,
        )


def _show_segments(title: str, segments: Sequence[Segment], out: Page) -> None:
    changed = [item for item in segments if item.changes]
    if title:
        out.head(title)
        if not changed:
            out.line("the same throughout", indent=2)
    for item in changed:
        for change in item.changes:
            out.paragraph(f"from {show_moment(item.start)}: {change}", indent=2 if title else 6)


def _show_gaps(gaps: Sequence[FailedCollections], out: Page) -> None:
    out.head("Collection failures")
    if not gaps:
        out.line("none: every collection was complete in each of its intervals", indent=2)
    for item in gaps[:_LINES]:
        where = item.tasks[0] if len(item.tasks) == 1 else f"{item.source}: {plural(len(item.tasks), 'collection')}"
        when = f"{show_moment(item.since)} to {show_moment(item.until)}"
        out.line(f"{item.how.replace('_', ' ')}, {plural(item.count, 'time')}: {where}, {when}", indent=2)
        out.paragraph(item.why, indent=6)
    if len(gaps) > _LINES:
        out.line(f"and {len(gaps) - _LINES} more: annexd period --json has them all", indent=2)
