"""`annexd gaps`: what fails, what is unknown and what would make it known, what needs a person; by what closes most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.cli.terminal.page import Styled
from collector.core.plain_text import plural, show_moment
from collector.report.controls.gap_analysis import ControlGapsView, ObstacleView, control_gaps_view
from collector.report.controls.status_view import show_edition

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page

_SCREENFUL = 15

_TITLES = {
    "fails": "What fails",
    "unknown": "What is not established, and what would make it known",
    "person": "What needs a person",
}


def gaps(
    ctx: typer.Context,
    framework: Annotated[list[str] | None, typer.Option(help="Only of this edition, such as iso27001:2022.")] = None,
    earlier: Annotated[
        str | None, typer.Option("--from", metavar="EDITION", help="Moving over from this edition, as iso27001:2013.")
    ] = None,
    later: Annotated[
        str, typer.Option("--to", metavar="EDITION", help="The edition that is moved to.")
    ] = "iso27001:2022",
    as_of: AsOf = None,
) -> None:
    """Show what keeps controls from being evidenced, by what closes most.

    With --from it shows what moving to another edition takes.
    """
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        if earlier is not None:
            from collector.cli.company.transition_page import show_transition
            from collector.report.controls.transition_views import transition_view

            give(ctx, transition_view(assessed(reading), earlier, later), show_transition)
            return
        shape = control_gaps_view(assessed(reading), framework or ())
    give(ctx, shape, show_control_gaps)


def show_control_gaps(shape: ControlGapsView, out: Page) -> None:
    """Print the three lists of each edition."""
    out.line(f"as of {show_moment(shape.at)}; systems in scope seen completely: {shape.coverage}")
    for framework in shape.frameworks:
        out.gap()
        out.line(Styled(show_edition(framework.name, framework.edition), "bold"))
        for sort, title in _TITLES.items():
            mine = [one for one in framework.obstacles if one.sort == sort]
            out.head(f"{title}: {plural(len(mine), 'entry', 'entries')}")
            for one in mine[:_SCREENFUL]:
                _show(one, out)
            if len(mine) > _SCREENFUL:
                out.line(f"and {len(mine) - _SCREENFUL} more: annexd gaps --json has them all", indent=2)


def _show(one: ObstacleView, out: Page) -> None:
    closes = f", the last thing for {one.closes}" if one.closes else ""
    out.line(Styled(one.about, "bold"), f"touches {plural(len(one.controls), 'control')}{closes}", indent=2)
    out.paragraph(", ".join(one.controls), indent=6)
    if one.mend and one.mend not in one.about:
        out.paragraph(f"to mend: {one.mend}", indent=6)
