"""`annexd actions`: corrective actions, what asks for somebody first, beside what annexd has seen since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, one_of, opened
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.report.company.action_views import ActionsView, ActionView

_STATES = ("overdue", "not effective", "to be reviewed", "open", "closed")


def actions(
    ctx: typer.Context,
    state: Annotated[
        list[str] | None, typer.Option(help='overdue, open, closed, "to be reviewed" or "not effective".')
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Show corrective actions, and what is late.

    Also what is to be reviewed, and what annexd has seen of each deviation since.
    """
    from collector.report.company.action_views import actions_view
    from collector.report.state.assessment import assessed

    states = one_of(state, _STATES, "--state")
    with opened(ctx, as_of) as reading:
        shape = actions_view(assessed(reading), states)
    give(ctx, shape, show_actions)


def show_actions(shape: ActionsView, out: Page) -> None:
    """Print the register of actions."""
    if not shape.stated:
        out.line(f"There are no corrective actions on file as of {show_moment(shape.at)}: actions.toml holds them.")
        return
    counts = " / ".join(f"{shape.counts[state]} {state}" for state in _STATES)
    out.line(f"Corrective actions as of {show_moment(shape.at)}: {counts}")
    late = plural(shape.counts["late"], "action is late", "actions are late")
    out.line(f"{late}; {plural(shape.contradictions, 'contradiction')}", indent=2)
    for one in shape.actions:
        _show(one, out)


def _show(one: ActionView, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.report.company.action_views import retest_text

    late = ", late" if one.late and one.state != "overdue" else ""
    out.head(f"{one.id}: {one.state}{late}")
    rows = [
        ("deviation", f"{one.deviation} (found {one.found_on}, {one.origin})"),
        ("corrected", one.correction),
        ("elsewhere", one.extent),
        ("cause", one.cause or "not stated yet"),
        ("action", one.action or "not stated yet"),
        ("owner", f"{one.owner}, due {one.due}" + ("" if one.done_on is None else f", done {one.done_on}")),
    ]
    if one.controls:
        rows.append(("controls", ", ".join(one.controls)))
    rows.append(("re-test", "no check speaks of it" if one.retest is None else retest_text(one.retest)))
    rows.append(("effect", _effect(one)))
    if one.closed_on is not None:
        rows.append(("closed", f"{one.closed_on} by {one.closed_by}"))
    out.rows(rows)
    for against in one.contradictions:
        out.paragraph(Styled(f"contradiction: {against}", "bold"), indent=2)


def _effect(one: ActionView) -> str:
    if one.reviewed_on is not None:
        return f"{one.result}, reviewed {one.reviewed_on} by {one.reviewed_by}"
    return "not reviewed" if one.review_on is None else f"to be reviewed {one.review_on}"
