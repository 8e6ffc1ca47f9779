"""`annexd replay`: judge stored evidence of an earlier moment again, and show what comes out otherwise."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import give, moment_of
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from collector.cli.terminal.page import Page
    from collector.report.periods.replay_views import ReplayedView, ReplayView

_SCREENFUL = 40


class Rules(StrEnum):
    """Whose checks and limits are applied."""

    TODAY = "today"
    NEW = "new"
    THEN = "then"


def replay(
    ctx: typer.Context,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="A day (its end, UTC), or a moment with its zone; left out: now."),
    ] = None,
    checks: Annotated[
        Rules,
        typer.Option(
            "--checks", "--rules", help="With the checks and limits of today (new is the same), or with those of then."
        ),
    ] = Rules.TODAY,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show by check what would change; exit code 1 where something would.")
    ] = False,
    check: Annotated[list[str] | None, typer.Option("--check", help="Only this check; may be repeated.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")
    ] = None,
) -> None:
    """Re-evaluate stored evidence; nothing is written.

    What comes out now stands beside what was recorded at that moment. After an upgrade and before its first scan,
    --rules new --diff shows which verdicts the new rules change on the evidence that there is.
    """
    from collector.engine.clock import SystemClock
    from collector.report.periods.replay_views import replay_view

    now = SystemClock().now()
    moment = now if as_of is None else moment_of(as_of, now)
    if diff:
        if checks is Rules.THEN:
            raise typer.BadParameter("it compares with the rules of today", param_hint="--diff")
        _give_diff(ctx, moment, now, check or (), source or ())
        return
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        shape = replay_view(
            app,
            store,
            store.history,
            as_of=moment,
            now=now,
            which="then" if checks is Rules.THEN else "today",
            checks=check or (),
            sources=source or (),
        )
    give(ctx, shape, show_replay)


def _give_diff(
    ctx: typer.Context, moment: datetime, now: datetime, checks: Collection[str], sources: Collection[str]
) -> None:
    from collector.cli.audit.rule_changes_page import show_rule_changes
    from collector.report.periods.rule_changes_views import rule_changes_view

    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        shape = rule_changes_view(app, store, store.history, as_of=moment, now=now, checks=checks, sources=sources)
    give(ctx, shape, show_rule_changes)
    if shape.differs:
        raise typer.Exit(1)


def show_replay(shape: ReplayView, out: Page) -> None:
    """Print a replay for people, the recorded verdict and the new one in columns of their own."""
    from collector.cli.audit.rule_changes_page import show_not_judged
    from collector.cli.terminal.page import Styled
    from collector.report.state.known import WORDS

    whose = "the enabled checks and limits of today" if shape.checks == "today" else "the checks and limits of then"
    out.line(Styled(f"As of {show_moment(shape.as_of)}", "bold"), f"{shape.heading}, by {whose}")
    out.paragraph("this is not the record: what was recorded stays as it is", indent=2)
    _show_run(shape, out)
    out.rows(
        (
            (word, str(shape.recorded_counts.get(status.value, 0)), str(shape.judged_counts.get(status.value, 0)))
            for status, word in WORDS.items()
        ),
        heads=("", "recorded", shape.heading),
    )
    out.line(f"{shape.same} of {plural(shape.judged, 'verdict')} are what was recorded", indent=2)
    out.head(f"Otherwise: {len(shape.differences)}")
    for item in shape.differences[:_SCREENFUL]:
        _show_difference(item, out)
    if len(shape.differences) > _SCREENFUL:
        out.line(f"and {len(shape.differences) - _SCREENFUL} more: annexd replay --json has them all", indent=2)
    show_not_judged(shape.not_judged, out)


def _show_run(shape: ReplayView, out: Page) -> None:
    run = shape.run
    if run is None:
        out.line("nothing had been recorded by then", indent=2)
        return
    same = "the same code as today" if run.code == shape.code else "other code than today"
    out.line(f"the newest run then was {run.run}, of version {run.version}, {same}", indent=2)
    if run.ended_at is None:
        out.paragraph(
            "it had not ended by then: what it had seen and not yet judged comes out otherwise below", indent=2
        )


def _show_difference(finding: ReplayedView, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.cli.terminal.resource_names import resource_name
    from collector.core.checks import Status
    from collector.core.scopes import show_scope
    from collector.report.state.known import WORDS

    recorded, judged = ("none" if word is None else WORDS[Status(word)] for word in (finding.recorded, finding.judged))
    out.line(
        Styled(finding.check, "bold"),
        Styled(resource_name(finding.check, finding.scope, finding.subject), "bold"),
        f"in {finding.source}:{show_scope(finding.scope)}",
        indent=2,
    )
    out.rows(
        [
            ("recorded", f"{recorded}: {finding.recorded_reason}" if finding.recorded is not None else "none"),
            ("re-evaluated", f"{judged}: {finding.judged_reason}" if finding.judged is not None else "none"),
            ("differs in", ", ".join(finding.differs_in)),
        ],
        indent=6,
    )
    if (
        finding.recorded_limits is not None
        and finding.judged_limits is not None
        and finding.recorded_limits != finding.judged_limits
    ):
        out.paragraph(f"limits {_limits(finding.recorded_limits)} then, {_limits(finding.judged_limits)} now", indent=6)


def _limits(limits: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in limits.items()) or "none"
