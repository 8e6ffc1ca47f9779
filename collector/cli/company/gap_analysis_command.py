"""`annexd gap-analysis`: what fails, what is not established, what needs a person; by what closes most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.cli.terminal.page import Styled
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.report.controls.gap_analysis import ControlGapsView, ObstacleView

_SCREENFUL = 15

_TITLES = {
    "fails": "What fails",
    "unknown": "What is not established, and what would make it known",
    "person": "What needs a person",
}


_LABELS = {"fails": "to fix", "unknown": "to fix", "person": "needed"}
"""What stands before the words on what to do, by the list."""


def gap_analysis(
    ctx: typer.Context,
    framework: Annotated[
        list[str] | None, typer.Option(help="Only of this framework version, such as iso27001:2022; may be repeated.")
    ] = None,
    earlier: Annotated[
        str | None,
        typer.Option("--from", metavar="VERSION", help="Moving from this framework version, such as iso27001:2013."),
    ] = None,
    later: Annotated[
        str, typer.Option("--to", metavar="VERSION", help="The framework version that is moved to.")
    ] = "iso27001:2022",
    mappings: Annotated[
        bool, typer.Option("--mappings", help="Controls that no check is mapped to, and checks mapped to no control.")
    ] = False,
    as_of: AsOf = None,
) -> None:
    """Show what closes most open controls.

    What fails, what is not established and what needs a person, with the number of controls that each keeps from having
    evidence on file. With --from it shows what moving to another framework version takes.
    """
    if mappings:
        from collector.cli.terminal.mapping_gaps_page import show_gaps
        from collector.report.controls.mapping_gap_views import gaps_view

        give(ctx, gaps_view(session(ctx).open_app()), show_gaps)
        return
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        if earlier is not None:
            from collector.cli.company.transition_page import show_transition
            from collector.report.controls.transition_views import transition_view

            give(ctx, transition_view(assessed(reading), earlier, later), show_transition)
            return
        from collector.report.controls.gap_analysis import control_gaps_view

        shape = control_gaps_view(assessed(reading), framework or ())
    give(ctx, shape, show_control_gaps)


def show_control_gaps(shape: ControlGapsView, out: Page) -> None:
    """Print the three lists of each framework version."""
    from collector.report.controls.status_view import show_edition

    out.line(f"as of {show_moment(shape.at)}; systems in scope seen completely: {shape.coverage}")
    for framework in shape.frameworks:
        out.gap()
        out.line(Styled(show_edition(framework.name, framework.edition), "bold"))
        for sort, title in _TITLES.items():
            mine = [obstacle for obstacle in framework.obstacles if obstacle.sort == sort]
            out.head(f"{title}: {plural(len(mine), 'entry', 'entries')}")
            for obstacle in mine[:_SCREENFUL]:
                _show(obstacle, out)
            if len(mine) > _SCREENFUL:
                out.line(f"and {len(mine) - _SCREENFUL} more: annexd gap-analysis --json has them all", indent=2)


def _show(obstacle: ObstacleView, out: Page) -> None:
    closes = f", the last thing for {obstacle.closes}" if obstacle.closes else ""
    out.line(Styled(obstacle.about, "bold"), f"touches {plural(len(obstacle.controls), 'control')}{closes}", indent=2)
    out.paragraph(", ".join(obstacle.controls), indent=6)
    if obstacle.mend and obstacle.mend not in obstacle.about:
        out.paragraph(f"{_LABELS[obstacle.sort]}: {obstacle.mend}", indent=6)
