"""The pages of controls: their lists, and the story of each over the period.

A control to which a check is mapped has a page of its own. The others are based on records alone: they share one page
for each framework version, so that nobody has to open a hundred pages that say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collector.bundle.page_paths import control_anchor, control_page, records_only_page
from collector.bundle.site.control_lists import labels, roles, states_of, themes, write_control_lists
from collector.bundle.site.finding_sections import VERDICTS
from collector.core.controls import Strength

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.bundle.site.finding_summary import FindingSummary, Found
    from collector.core.periods import ObservationCounts
    from collector.report.company.soa_views import DecisionView
    from collector.report.controls.control_views import ControlView, FrameworkControls
    from collector.report.periods.period_views import CheckPeriod, ControlPeriod

_MOST = 100
"""Open findings that the page of a control repeats."""

_STRENGTHS = (
    (Strength.DIRECT, "Checks that test it", "A fail is an open deviation of this control; a pass proves only this."),
    (Strength.SUPPORTING, "Checks that support it", "They neither establish it nor fail it."),
    (Strength.CONTEXTUAL, "Background", "Not counted for its state."),
)


@dataclass(frozen=True)
class ControlOnPage:
    """Everything that a page says of a control. `before` and `after` are its neighbours in the framework version."""

    framework: FrameworkControls
    control: ControlView
    over: ControlPeriod | None
    decision: DecisionView | None
    before: ControlView | None
    after: ControlView | None
    timelines: Sequence[CheckPeriod]
    not_made: str
    segments: Sequence[tuple[datetime, str]]
    open_: Sequence[Found]
    more: bool


def write_controls(contents: BundleContents, pages: BundlePages, summary: FindingSummary) -> None:
    """Write the lists of the controls, and what is to be said of each: on its own page, or beside others like it."""
    over = {(period.framework, period.id, period.role): period for period in contents.period.controls}

    def period_of(control: ControlView) -> ControlPeriod | None:
        return over.get((control.framework, control.id, control.role))

    pages.write(
        "controls.html",
        "controls.html",
        frameworks=contents.frameworks,
        themes=themes,
        states_of=states_of,
        roles=roles,
        labels=labels,
        period_of=period_of,
    )
    write_control_lists(contents, pages)
    decisions = {(decision.framework, decision.id, decision.role): decision for decision in contents.soa.decisions}
    shared = {"soa": contents.soa, "strengths": _STRENGTHS, "verdicts": VERDICTS[:-1]}
    for framework in contents.frameworks:
        controls = framework.controls
        together = []
        for before, control, after in zip([None, *controls], controls, [*controls[1:], None], strict=False):
            decision = decisions.get((framework.id, control.id, control.role))
            made = _on_page(contents, summary, framework, control, period_of(control), decision)
            made = replace(made, before=before, after=after)
            if control.checks:
                pages.write(control_page(control), "control.html", shown=made, **shared)
            else:
                together.append(made)
        if together:
            pages.write(
                records_only_page(framework.id),
                "controls_without_checks.html",
                framework=framework,
                every=together,
                anchor_of=control_anchor,
                **shared,
            )


def _on_page(
    contents: BundleContents,
    summary: FindingSummary,
    framework: FrameworkControls,
    control: ControlView,
    over: ControlPeriod | None,
    decision: DecisionView | None,
) -> ControlOnPage:
    direct = [check.check for check in control.checks if check.strength == Strength.DIRECT.value]
    found = [finding for check in direct for finding in summary.open.get(check, ())]
    return ControlOnPage(
        framework=framework,
        control=control,
        over=over,
        decision=decision,
        before=None,
        after=None,
        timelines=[period for period in contents.period.checks if period.check in direct],
        not_made="" if over is None else _not_made(over.counts),
        segments=_changes(over),
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
