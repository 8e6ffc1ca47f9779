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
    out.line(f"{late}; {plural(shape.contradictions, 'inconsistency')}", indent=2)
    for entry in shape.actions:
        _show(entry, out)


def _show(entry: ActionView, out: Page) -> None:
    from collector.cli.terminal.page import Styled
    from collector.report.company.action_views import follow_up_text

    late = ", late" if entry.late and entry.state != "overdue" else ""
    out.head(f"{entry.id}: {entry.state}{late}")
    rows = [
        ("deviation", f"{entry.deviation} (found {entry.found_on}, {entry.origin})"),
        ("corrected", entry.correction),
        ("elsewhere", entry.extent),
        ("cause", entry.cause or "not stated yet"),
        ("action", entry.action or "not stated yet"),
        ("owner", f"{entry.owner}, due {entry.due}" + ("" if entry.done_on is None else f", done {entry.done_on}")),
    ]
    if entry.controls:
        rows.append(("controls", ", ".join(entry.controls)))
    rows.append(("re-test", "no check is mapped to it" if entry.follow_up is None else follow_up_text(entry.follow_up)))
    rows.append(("effect", _effect(entry)))
    if entry.closed_on is not None:
        rows.append(("closed", f"{entry.closed_on} by {entry.closed_by}"))
    out.rows(rows)
    for against in entry.contradictions:
        out.paragraph(Styled(f"inconsistent: {against}", "bold"), indent=2)


def _effect(action: ActionView) -> str:
    if action.reviewed_on is not None:
        return f"{action.result}, reviewed {action.reviewed_on} by {action.reviewed_by}"
    return "not reviewed" if action.review_on is None else f"to be reviewed {action.review_on}"
