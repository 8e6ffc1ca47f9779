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
    from collector.bundle.site.finding_summary import FindingSummary
    from collector.core.periods import ObservationCounts
    from collector.report.company.soa_views import DecisionView
    from collector.report.controls.control_views import ControlView, FrameworkControls
    from collector.report.periods.period_views import ControlPeriod

_MOST = 100
"""Open findings that the page of a control repeats."""

_STRENGTHS = (
    (Strength.DIRECT, "Checks that test it", "A fail is an open deviation of this control; a pass proves only this."),
    (Strength.SUPPORTING, "Checks that support it", "They neither establish it nor fail it."),
    (Strength.CONTEXTUAL, "Background", "Not counted for its state."),
)

_COUNTS = (
    ("pass", "Pass"),
    ("fail", "Fail"),
    ("accepted", "Accepted"),
    ("unknown", "Not established"),
    ("not_applicable", "No resources"),
)


def write_controls(contents: BundleContents, pages: BundlePages, summary: FindingSummary) -> None:
    """Write the list of the controls, and a page for each row of it."""
    over = {(period.framework, period.id, period.role): period for period in contents.period.controls}

    def period_of(control: ControlView) -> ControlPeriod | None:
        return over.get((control.framework, control.id, control.role))

    pages.write("controls.html", "controls.html", frameworks=contents.frameworks, themes=_themes, period_of=period_of)
    decisions = {(decision.framework, decision.id, decision.role): decision for decision in contents.soa.decisions}
    for framework in contents.frameworks:
        for control in framework.controls:
            decision = decisions.get((framework.id, control.id, control.role))
            _write_control(contents, pages, summary, framework, control, period_of(control), decision)


def _themes(controls: list[ControlView]) -> list[tuple[str, list[ControlView]]]:
    return [(theme, list(of_theme)) for theme, of_theme in groupby(controls, key=lambda control: control.theme)]


def _write_control(
    contents: BundleContents,
    pages: BundlePages,
    summary: FindingSummary,
    framework: FrameworkControls,
    control: ControlView,
    over: ControlPeriod | None,
    decision: DecisionView | None,
) -> None:
    direct = [check.check for check in control.checks if check.strength == Strength.DIRECT.value]
    found = [finding for check in direct for finding in summary.open.get(check, ())]
    timelines = [period for period in contents.period.checks if period.check in direct]
    pages.write(
        control_page(control),
        "control.html",
        framework=framework,
        control=control,
        over=over,
        decision=decision,
        soa=contents.soa,
        timelines=timelines,
        not_made="" if over is None else _not_made(over.counts),
        segments=_changes(over),
        strengths=[(strength.value, title, what) for strength, title, what in _STRENGTHS],
        count_words=_COUNTS,
        open_=found[:_MOST],
        more=len(found) > _MOST or any(check in summary.more for check in direct),
    )


def _changes(over: ControlPeriod | None) -> list[tuple[datetime, str]]:
    return [] if over is None else [(segment.start, change) for segment in over.segments for change in segment.changes]


def _not_made(counts: ObservationCounts) -> str:
    """Return how many evaluations were missed or late, as the end of a sentence; what is zero is left out."""
    parts = ((counts.missed, "missed"), (counts.late, "late"), (counts.not_observed, "before the first observation"))
    text = ", ".join(f"{count} {word}" for count, word in parts if count)
    return f" {text}." if text else ""
