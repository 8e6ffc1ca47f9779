"""`annexd gaps`: what fails, what is unknown and what would make it known, what needs a person; by what closes most."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.app.output import Mark
from collector.app.reading.asking import AsOf, give, opened, show_moment, some
from collector.app.reading.obstacles import by_obstacle
from collector.app.reading.status import count_states, show_edition
from collector.app.toml_file import would_do
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.app.output import Page
    from collector.app.reading.assessment import Assessment

_SCREENFUL = 15

_TITLES = {
    "fails": "What fails",
    "unknown": "What is not established, and what would make it known",
    "person": "What needs a person",
}


class ObstacleShape(Struct, frozen=True, kw_only=True):
    """One thing in the way. `closes` counts the controls for which it is the last one, of those in `controls`."""

    sort: str
    about: str
    mend: str
    closes: int
    controls: list[str]


class FrameworkGapsShape(Struct, frozen=True, kw_only=True):
    """One edition with what is in the way."""

    id: str
    name: str
    edition: str
    states: dict[str, int]
    obstacles: list[ObstacleShape]


class ControlGapsShape(Struct, frozen=True, kw_only=True, tag="annexd.gaps/1", tag_field="schema"):
    """What `annexd gaps --json` prints."""

    at: datetime
    as_of: datetime | None
    coverage: str
    frameworks: list[FrameworkGapsShape]


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
    from collector.app.reading.assessment import assessed

    with opened(ctx, as_of) as reading:
        if earlier is not None:
            from collector.app.company.transition_page import show_transition
            from collector.app.company.transition_shapes import transition_shape

            give(ctx, transition_shape(assessed(reading), earlier, later), show_transition)
            return
        shape = control_gaps_shape(assessed(reading), framework or ())
    give(ctx, shape, show_control_gaps)


def control_gaps_shape(assessment: Assessment, editions: Sequence[str] = ()) -> ControlGapsShape:
    """Return what is in the way, what closes most first. Raises ConfigError on an edition that is not in use."""
    reading = assessment.reading
    known = [framework.id for framework, _ in assessment.frameworks]
    for one in editions:
        if one not in known:
            raise ConfigError(f"the framework {one!r} is not in use", mend=would_do(one, known, "in use are"))
    return ControlGapsShape(
        at=reading.at,
        as_of=reading.as_of,
        coverage=str(assessment.evidence.coverage),
        frameworks=[
            FrameworkGapsShape(
                id=framework.id,
                name=framework.name,
                edition=framework.edition,
                states=count_states(state.status for state in states),
                obstacles=sorted(
                    (
                        ObstacleShape(sort=one.sort, about=one.about, mend=one.mend, closes=alone, controls=names)
                        for one, (names, alone) in by_obstacle(assessment, framework).items()
                    ),
                    key=lambda one: (-one.closes, -len(one.controls), one.about),
                ),
            )
            for framework, states in assessment.frameworks
            if not editions or framework.id in editions
        ],
    )


def show_control_gaps(shape: ControlGapsShape, out: Page) -> None:
    """Print the three lists of each edition."""
    out.line(f"as of {show_moment(shape.at)}; systems in scope seen completely: {shape.coverage}")
    for framework in shape.frameworks:
        out.gap()
        out.line(Mark(show_edition(framework.name, framework.edition), "bold"))
        for sort, title in _TITLES.items():
            mine = [one for one in framework.obstacles if one.sort == sort]
            out.head(f"{title}: {some(len(mine), 'entry', 'entries')}")
            for one in mine[:_SCREENFUL]:
                _show(one, out)
            if len(mine) > _SCREENFUL:
                out.line(f"and {len(mine) - _SCREENFUL} more: annexd gaps --json has them all", indent=2)


def _show(one: ObstacleShape, out: Page) -> None:
    closes = f", the last thing for {one.closes}" if one.closes else ""
    out.line(Mark(one.about, "bold"), f"touches {some(len(one.controls), 'control')}{closes}", indent=2)
    out.paragraph(", ".join(one.controls), indent=6)
    if one.mend and one.mend not in one.about:
        out.paragraph(f"to mend: {one.mend}", indent=6)
