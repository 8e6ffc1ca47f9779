"""The gap analysis: what keeps controls from evidence on file, ordered by how many controls it closes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.errors import UsageError
from collector.report.controls.obstacles import by_obstacle
from collector.report.controls.status_view import count_states
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.report.state.assessment import Assessment


class ObstacleView(Struct, frozen=True, kw_only=True):
    """One thing in the way. `closes` counts the controls for which it is the last one, of those in `controls`."""

    sort: str
    about: str
    mend: str
    closes: int
    controls: list[str]


class FrameworkGapsView(Struct, frozen=True, kw_only=True):
    """One framework version with its obstacles."""

    id: str
    name: str
    edition: str
    states: dict[str, int]
    obstacles: list[ObstacleView]


class ControlGapsView(Struct, frozen=True, kw_only=True, tag="annexd.gaps/1", tag_field="schema"):
    """What `annexd gaps --json` prints."""

    at: datetime
    as_of: datetime | None
    coverage: str
    frameworks: list[FrameworkGapsView]


def control_gaps_view(assessment: Assessment, editions: Sequence[str] = ()) -> ControlGapsView:
    """Return the obstacles, those that close most first. Raises UsageError on an unknown framework version."""
    reading = assessment.reading
    known = [framework.id for framework, _ in assessment.frameworks]
    for name in editions:
        if name not in known:
            raise UsageError(f"the framework {name!r} is not in use", mend=would_do(name, known, "in use are"))
    return ControlGapsView(
        at=reading.at,
        as_of=reading.as_of,
        coverage=str(assessment.evidence.coverage),
        frameworks=[
            FrameworkGapsView(
                id=framework.id,
                name=framework.name,
                edition=framework.edition,
                states=count_states(state.status for state in states),
                obstacles=sorted(
                    (
                        ObstacleView(
                            sort=obstacle.sort, about=obstacle.about, mend=obstacle.mend, closes=alone, controls=names
                        )
                        for obstacle, (names, alone) in by_obstacle(assessment, framework).items()
                    ),
                    key=lambda view: (-view.closes, -len(view.controls), view.about),
                ),
            )
            for framework, states in assessment.frameworks
            if not editions or framework.id in editions
        ],
    )
