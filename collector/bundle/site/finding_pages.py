"""The pages of checks: what they showed over the period, and their findings at its end, streamed some at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.bundle.site.finding_summary import FindingSummary
from collector.bundle.site.page_paths import check_page
from collector.report.findings.method_statement import method_statement, source_of_fields
from collector.setup.company_limits import shown_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.bundle.site.finding_summary import Found
    from collector.core.checks import Check
    from collector.report.controls.control_views import ControlView
    from collector.report.findings.method_statement import MethodStatement
    from collector.report.periods.period_views import CheckPeriod

    UsedBy = dict[str, list[tuple[ControlView, str]]]

A_PAGE = 500
"""Findings on a page: some hundred kilobytes, which a telephone opens at once."""


_WORDS = (
    ("fail", "Fail"),
    ("accepted", "Accepted"),
    ("unknown", "Not established"),
    ("pass", "Pass"),
    ("not_applicable", "No resources"),
    ("elsewhere", "Elsewhere"),
)


@dataclass(frozen=True)
class CheckRow:
    """A check in a source. `over` is None where it was not observed in the period."""

    check: str
    title: str
    severity: str
    source: str
    counts: Counter[str]
    over: CheckPeriod | None


def write_checks(contents: BundleContents, pages: BundlePages) -> FindingSummary:
    """Write the list of the checks and the pages of each; return what was seen on the way."""
    summary, used_by = FindingSummary(), _used_by(contents)
    for check, found in groupby(contents.findings(), key=lambda pair: pair[0].check):
        _write_check(contents, pages, check, _summarized(summary, found), used_by)
    over = {
        (period.check, period.source): period
        for period in contents.period.checks
        if contents.checks is None or period.check in contents.checks
    }
    seen = {check for check, _ in summary.counts}
    for check in sorted({*used_by, *(check for check, _ in over)} - seen):
        _write_check(contents, pages, check, iter(()), used_by)
    rows = [
        _row(contents, check, source, summary.counts[check, source], over.get((check, source)))
        for check, source in sorted({*summary.counts, *over})
    ]
    pages.write("checks.html", "checks.html", rows=rows, row_words=_WORDS)
    return summary


def _summarized(summary: FindingSummary, found: Iterator[Found]) -> Iterator[Found]:
    for finding, covered in found:
        summary.take(finding, covered)
        yield finding, covered


def _used_by(contents: BundleContents) -> UsedBy:
    made: defaultdict[str, list[tuple[ControlView, str]]] = defaultdict(list)
    for control in contents.controls:
        for check in control.checks:
            made[check.check].append((control, check.strength))
    return dict(made)


def _write_check(
    contents: BundleContents, pages: BundlePages, check: str, found: Iterator[Found], used_by: UsedBy
) -> None:
    """Write the findings of a check, at most A_PAGE on each page; a check without findings has one page."""
    known = contents.reading.check(check)
    rule = contents.reading.rules.get(check)
    number, on_page = 1, _some(found)
    while True:
        following = _some(found)
        pages.write(
            check_page(check, number),
            "findings.html",
            check=check,
            title="" if known is None else known.title,
            severity="not part of this installation" if known is None else known.severity,
            fix="" if known is None else known.fix,
            limits={} if rule is None else shown_limits(contents.app.config, rule),
            used_by=used_by.get(check, []),
            number=number,
            method=_method(contents, known, used_by) if number == 1 else None,
            source_of_fields=source_of_fields,
            found=on_page,
            more=bool(following),
        )
        if not following:
            return
        number, on_page = number + 1, following


def _method(contents: BundleContents, check: Check[...] | None, used_by: UsedBy) -> MethodStatement | None:
    """Return how a check is carried out, for the controls in this bundle; None where it is not installed."""
    if check is None:
        return None
    shown = {(control.framework, control.id) for control, _ in used_by.get(check.id, [])}
    frameworks = [
        replace(
            framework,
            controls=tuple(control for control in framework.controls if (framework.id, control.id) in shown),
        )
        for framework, _ in contents.assessment.frameworks
    ]
    return method_statement(contents.app, check, frameworks)


def _some(found: Iterator[Found]) -> list[Found]:
    return [finding for _, finding in zip(range(A_PAGE), found, strict=False)]


def _row(contents: BundleContents, check: str, source: str, counts: Counter[str], over: CheckPeriod | None) -> CheckRow:
    known = contents.reading.check(check)
    return CheckRow(
        check=check,
        title="" if known is None else known.title,
        severity="not part of this installation" if known is None else known.severity,
        source=source,
        counts=counts,
        over=over,
    )
