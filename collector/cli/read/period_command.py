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
    from collector.report.periods.period_views import CheckPeriod, ControlPeriod, GapOfTasks, PeriodView, SpellView

_LINES = 20
"""Gaps that people are given; machines get all."""


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
    from collector.report.periods.period_views import period_view
    from collector.report.periods.period_walk import walked
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
        found = walked(app, store, store.history, days.start, end)
        shape = period_view(days, found, assessed(reading), checks=check or (), controls=control or ())
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
        out.paragraph("judged then, with the mapping of today", indent=2)
    observed = [one for one in shape.controls if one.interval is not None or len(shape.controls) == 1]
    for one in observed:
        _show_control(one, out)
    _show_unobserved([one for one in shape.controls if one not in observed], out)
    out.head("Checks")
    for check in shape.checks:
        _show_check(check, out)
    if not shape.checks:
        out.line("none was run in this period", indent=2)
    if shape.not_installed:
        out.paragraph(f"with verdicts, and not part of this installation: {', '.join(shape.not_installed)}", indent=2)
    _show_gaps(shape.gaps, out)


def _show_control(one: ControlPeriod, out: Page) -> None:
    from collector.cli.terminal.page import Styled

    out.line(Styled(one.id, "bold"), one.title, indent=2)
    out.line("at the end:", Styled(one.label, "grey" if one.status in {"unknown", "excluded"} else ""), indent=6)
    out.paragraph(one.sentence, indent=6)
    _show_numbers(one.counts, one.longest_fail, out)
    if one.never_run:
        out.paragraph(f"never run: {', '.join(one.never_run)}", indent=6)


def _show_unobserved(controls: Sequence[ControlPeriod], out: Page) -> None:
    """Print the controls of which nothing was planned, so nothing was observed, with their state at the end."""
    from itertools import groupby

    if controls:
        out.head("Controls of which nothing was observed")
    for sentence, same in groupby(sorted(controls, key=lambda one: one.sentence), key=lambda one: one.sentence):
        out.paragraph(sentence, indent=2)
        out.paragraph("; ".join(f"{one.id} {one.label}" for one in same), indent=6)


def _show_check(one: CheckPeriod, out: Page) -> None:
    from collector.cli.terminal.page import Styled

    out.line(Styled(one.check, "bold"), f"in {one.source} ({one.severity})", indent=2)
    out.paragraph(one.sentence, indent=6)
    _show_numbers(one.counts, one.longest_fail, out)
    first = "never" if one.first_observed is None else show_moment(one.first_observed)
    out.line(f"first observed: {first}", indent=6)
    _show_segments("", one.segments, out)


def _show_numbers(counts: ObservationCounts, longest_fail: SpellView | None, out: Page) -> None:
    from collector.core.periods import by_state_text
    from collector.report.findings.finding_filter import show_subject

    out.line(
        f"{by_state_text(counts.by_state)} / {counts.missed} missed / {counts.not_observed} not observed"
        f" / {counts.late} late",
        indent=6,
    )
    if longest_fail is not None:
        until = "still failing at the end" if longest_fail.until is None else f"until {show_moment(longest_fail.until)}"
        out.paragraph(
            f"longest failing: {plural(longest_fail.days, 'day')}, {longest_fail.check}"
            f" on {show_subject(longest_fail.subject)} in {longest_fail.source},"
            f" since {show_moment(longest_fail.since)}, {until}",
            indent=6,
        )


def _show_segments(title: str, segments: Sequence[Segment], out: Page) -> None:
    changed = [one for one in segments if one.changes]
    if title:
        out.head(title)
        if not changed:
            out.line("the same throughout", indent=2)
    for one in changed:
        for change in one.changes:
            out.paragraph(f"from {show_moment(one.start)}: {change}", indent=2 if title else 6)


def _show_gaps(gaps: Sequence[GapOfTasks], out: Page) -> None:
    out.head("Ledger of gaps")
    if not gaps:
        out.line("none: every task was looked at in each of its intervals, and showed everything", indent=2)
    for one in gaps[:_LINES]:
        where = one.tasks[0] if len(one.tasks) == 1 else f"{one.source}: {plural(len(one.tasks), 'task')}"
        when = f"{show_moment(one.since)} to {show_moment(one.until)}"
        out.line(f"{one.how.replace('_', ' ')}, {plural(one.count, 'time')}: {where}, {when}", indent=2)
        out.paragraph(one.why, indent=6)
    if len(gaps) > _LINES:
        out.line(f"and {len(gaps) - _LINES} more: annexd period --json has them all", indent=2)
