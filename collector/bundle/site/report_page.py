"""The report to print: at most twelve pages of A4 for whoever does not read the whole site.

Every list in it is cut to a number of lines and every text to a length, and says how many more there are and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from collector.bundle.cover_rows import gist
from collector.bundle.drawn_populations import populations
from collector.bundle.site.control_lists import labels, roles, states_of, themes
from collector.bundle.site.finding_lists import open_by_age
from collector.bundle.site.open_ages import AGES
from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.tally import RecordState
from collector.report.company.owed_records import owed_records
from collector.report.findings.finding_filter import SEVERITIES

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import TypeVar

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.bundle.site.finding_summary import FindingSummary
    from collector.report.controls.control_views import FrameworkControls

    T = TypeVar("T")

_LONGEST = 150
"""Characters of a text."""

_MOST = 30
"""Lines of the lists that matter most: checks that fail, controls with deviations, missing records."""

_SOME = 12
"""Lines of the other lists."""

_THEMES = 44
"""Themes with a bar; further ones are on the page of the controls."""


@dataclass(frozen=True)
class Cut:
    """The first things of a list, and how many more there are."""

    first: Sequence[object]
    more: int


@dataclass(frozen=True)
class FailingCheck:
    """A check with open deviations. `of` counts its findings in scope, `since` is when the oldest one began to fail."""

    check: str
    title: str
    severity: str
    fails: int
    of: int
    since: datetime
    controls: str


@dataclass(frozen=True)
class ThemeRow:
    """The states of the controls of one theme, in one framework version and role."""

    framework: FrameworkControls
    role: str | None
    theme: str
    states: Counter[str]


def write_report(contents: BundleContents, pages: BundlePages, summary: FindingSummary) -> None:
    """Write report.html."""
    assessment = contents.assessment
    chosen = {f"{control.framework}/{control.id}" for control in contents.controls}
    missing = [
        record
        for record in owed_records(assessment, chosen)
        if not record.excluded and record.record.state is not RecordState.VALID
    ]
    failing = [control for control in contents.controls if control.status == ControlStatus.FAILING.value]
    over = {(period.framework, period.id, period.role): period for period in contents.period.controls}
    logged, day = assessment.files.logged, contents.at.date()
    in_effect = [found for found in assessment.company.exceptions if found.in_effect(day, logged.get(found.id))]
    cuts = sorted((segment.start, gist(change)) for segment in contents.period.segments for change in segment.changes)
    pages.write(
        "report.html",
        "report.html",
        points={point.number: point for point in pages.cover.points},
        frameworks=contents.frameworks,
        labels=labels(),
        states_of=states_of,
        roles=roles,
        by_theme=_cut(_themes(contents), _THEMES),
        ages=AGES,
        by_age=open_by_age(summary),
        trend=pages.trend,
        failing_checks=_cut(_failing_checks(contents, summary), _MOST),
        failing_controls=_cut(failing, _MOST),
        over=over,
        failures=_cut(assessment.collection_failures, _SOME),
        missing=_cut(missing, _MOST),
        exceptions=_cut(in_effect, _SOME),
        actions=_cut(contents.actions.actions, _SOME),
        cuts=_cut(cuts, _SOME),
        populations=_cut(contents.once(populations), _SOME),
        short=_short,
    )


def _cut(found: Iterable[T], most: int) -> Cut:
    """Return the first things, and the number of the others."""
    every = iter(found)
    first = list(islice(every, most))
    return Cut(first, sum(1 for _ in every))


def _themes(contents: BundleContents) -> Iterator[ThemeRow]:
    for framework in contents.frameworks:
        for role in roles(framework.controls):
            for theme, controls in themes([control for control in framework.controls if control.role == role]):
                yield ThemeRow(framework, role, theme, states_of(controls))


def _failing_checks(contents: BundleContents, summary: FindingSummary) -> list[FailingCheck]:
    """Return the checks with open deviations, the worst and those with most of them first."""
    mapped: dict[str, list[str]] = {}
    for control in contents.controls:
        for link in control.checks:
            mapped.setdefault(link.check, []).append(control.id)
    made = []
    for check, since in summary.oldest.items():
        known = contents.reading.check(check)
        counts = [found for (of, _), found in summary.counts.items() if of == check]
        made.append(
            FailingCheck(
                check=check,
                title="" if known is None else known.title,
                severity="unknown" if known is None else known.severity,
                fails=sum(found[Status.FAIL.value] for found in counts),
                of=sum(found.total() - found["elsewhere"] for found in counts),
                since=since,
                controls=", ".join(dict.fromkeys(mapped.get(check, ()))),
            )
        )
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    return sorted(made, key=lambda row: (order.get(row.severity, len(order)), -row.fails, row.check))


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[:most]} ..."
