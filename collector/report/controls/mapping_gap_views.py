"""What the mappings leave open: controls without checks, and checks without controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collector.setup.app import App


class FrameworkGaps(Struct, frozen=True, kw_only=True):
    """What one mapping leaves open, on both sides, with the titles."""

    id: str
    controls: dict[str, str]
    checks: dict[str, str]


class GapsView(Struct, frozen=True, kw_only=True, tag="annexd.mapping_gaps/1", tag_field="schema"):
    """What `annexd controls --gaps --json` prints."""

    frameworks: list[FrameworkGaps]


def gaps_view(app: App) -> GapsView:
    """Return the controls without a mapped check, and the checks without a mapped control."""
    import mappings

    made = []
    for framework in app.frameworks():
        found = mappings.gaps(framework, app.checks)
        titles = {control.id: control.title for control in framework.controls}
        made.append(
            FrameworkGaps(
                id=framework.id,
                controls={id_: titles[id_] for id_ in found.controls},
                checks={id_: app.checks[id_].title for id_ in found.checks},
            )
        )
    return GapsView(frameworks=made)
