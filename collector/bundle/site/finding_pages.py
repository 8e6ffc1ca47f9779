"""The pages of checks: what they showed over the period, and their findings at its end, streamed some at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from collector.bundle.site.noted_findings import NotedFindings
from collector.bundle.site.page_paths import check_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.bundle.site.noted_findings import Found
    from collector.report.controls.control_views import ControlView
    from collector.report.periods.period_views import CheckPeriod

    UsedBy = dict[str, list[tuple[ControlView, str]]]

A_PAGE = 500
"""Findings on a page: some hundred kilobytes, which a telephone opens at once."""


_WORDS = (
    ("fail", "Fail"),
    ("accepted", "Accepted"),
    ("unknown", "Not established"),
    ("pass", "Pass"),
    ("not_applicable", "Nothing to check"),
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


def write_checks(dossier: BundleContents, pages: BundlePages) -> NotedFindings:
    """Write the list of the checks and the pages of each; return what was seen on the way."""
    noted, used_by = NotedFindings(), _used_by(dossier)
    for check, found in groupby(dossier.findings(), key=lambda one: one[0].check):
        _write_check(dossier, pages, check, _noting(noted, found), used_by)
    over = {
        (one.check, one.source): one
        for one in dossier.period.checks
        if dossier.checks is None or one.check in dossier.checks
    }
    seen = {check for check, _ in noted.counts}
    for check in sorted({*used_by, *(check for check, _ in over)} - seen):
        _write_check(dossier, pages, check, iter(()), used_by)
    rows = [
        _row(dossier, check, source, noted.counts[check, source], over.get((check, source)))
        for check, source in sorted({*noted.counts, *over})
    ]
    pages.write("checks.html", "checks.html", rows=rows, row_words=_WORDS)
    return noted


def _noting(noted: NotedFindings, found: Iterator[Found]) -> Iterator[Found]:
    for one, covered in found:
        noted.take(one, covered)
        yield one, covered


def _used_by(dossier: BundleContents) -> UsedBy:
    made: defaultdict[str, list[tuple[ControlView, str]]] = defaultdict(list)
    for control in dossier.controls:
        for check in control.checks:
            made[check.check].append((control, check.strength))
    return dict(made)


def _write_check(
    dossier: BundleContents, pages: BundlePages, check: str, found: Iterator[Found], used_by: UsedBy
) -> None:
    """Write the findings of a check, some on each page; a check without any has one page that says so."""
    known = dossier.reading.check(check)
    rule = dossier.reading.rules.get(check)
    number, held = 1, _some(found)
    while True:
        following = _some(found)
        pages.write(
            check_page(check, number),
            "findings.html",
            check=check,
            title="" if known is None else known.title,
            severity="not part of this installation" if known is None else known.severity,
            fix="" if known is None else known.fix,
            limits={} if rule is None else rule.shown_limits,
            used_by=used_by.get(check, []),
            number=number,
            found=held,
            more=bool(following),
        )
        if not following:
            return
        number, held = number + 1, following


def _some(found: Iterator[Found]) -> list[Found]:
    return [one for _, one in zip(range(A_PAGE), found, strict=False)]


def _row(dossier: BundleContents, check: str, source: str, counts: Counter[str], over: CheckPeriod | None) -> CheckRow:
    known = dossier.reading.check(check)
    return CheckRow(
        check=check,
        title="" if known is None else known.title,
        severity="not part of this installation" if known is None else known.severity,
        source=source,
        counts=counts,
        over=over,
    )
