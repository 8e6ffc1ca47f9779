"""The pages of controls: their list, and the story of each over the period."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from collector.bundle.site.page_paths import control_page
from collector.core.controls import Strength

if TYPE_CHECKING:
    from datetime import datetime

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.bundle.site.noted_findings import NotedFindings
    from collector.report.company.soa_views import DecisionView
    from collector.report.controls.control_views import ControlView, FrameworkControls
    from collector.report.periods.period_views import ControlPeriod

_MOST = 100
"""Open findings that the page of a control repeats."""

_STRENGTHS = (
    (Strength.DIRECT, "Checks that test it", "A fail is an open deviation of this control; a pass proves only this."),
    (Strength.SUPPORTING, "Checks that support it", "They neither establish it nor fail it."),
    (Strength.CONTEXTUAL, "Background", "Of no weight for its state."),
)

_COUNTS = (
    ("pass", "Pass"),
    ("fail", "Fail"),
    ("accepted", "Accepted"),
    ("unknown", "Not established"),
    ("not_applicable", "Nothing to check"),
)


def write_controls(dossier: BundleContents, pages: BundlePages, noted: NotedFindings) -> None:
    """Write the list of the controls, and a page for each row of it."""
    over = {(one.framework, one.id, one.role): one for one in dossier.period.controls}

    def period_of(control: ControlView) -> ControlPeriod | None:
        return over.get((control.framework, control.id, control.role))

    pages.write("controls.html", "controls.html", frameworks=dossier.frameworks, themes=_themes, period_of=period_of)
    decisions = {(one.framework, one.id, one.role): one for one in dossier.soa.decisions}
    for framework in dossier.frameworks:
        for control in framework.controls:
            decision = decisions.get((framework.id, control.id, control.role))
            _write_control(dossier, pages, noted, framework, control, period_of(control), decision)


def _themes(controls: list[ControlView]) -> list[tuple[str, list[ControlView]]]:
    return [(theme, list(mine)) for theme, mine in groupby(controls, key=lambda one: one.theme)]


def _write_control(
    dossier: BundleContents,
    pages: BundlePages,
    noted: NotedFindings,
    framework: FrameworkControls,
    control: ControlView,
    over: ControlPeriod | None,
    decision: DecisionView | None,
) -> None:
    direct = [one.check for one in control.checks if one.strength == Strength.DIRECT.value]
    found = [one for check in direct for one in noted.open.get(check, ())]
    tracks = [one for one in dossier.period.checks if one.check in direct]
    pages.write(
        control_page(control),
        "control.html",
        framework=framework,
        control=control,
        over=over,
        decision=decision,
        soa=dossier.soa,
        tracks=tracks,
        segments=_changes(over),
        strengths=[(strength.value, title, what) for strength, title, what in _STRENGTHS],
        count_words=_COUNTS,
        open_=found[:_MOST],
        more=len(found) > _MOST or any(check in noted.more for check in direct),
    )


def _changes(over: ControlPeriod | None) -> list[tuple[datetime, str]]:
    return [] if over is None else [(one.start, change) for one in over.segments for change in one.changes]
