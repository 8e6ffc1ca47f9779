"""The pages of checks: what they showed over the period, and their findings at its end, streamed some at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.bundle.page_paths import check_page, slug
from collector.bundle.site.buckets import Buckets
from collector.bundle.site.finding_lists import facets, open_by_age
from collector.bundle.site.finding_sections import VERDICTS, number_of_pages, paged, verdict_of
from collector.bundle.site.open_ages import AGES
from collector.core.isms.exceptions import Acceptance
from collector.report.findings.finding_views import FindingView
from collector.report.findings.method_statement import method_statement
from collector.setup.company_limits import shown_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.bundle.site.finding_summary import FindingSummary, Found
    from collector.core.checks import Check
    from collector.report.controls.control_views import ControlView
    from collector.report.findings.method_statement import MethodStatement
    from collector.report.periods.period_views import CheckPeriod

    UsedBy = dict[str, list[tuple[ControlView, str]]]


@dataclass(frozen=True)
class CheckRow:
    """A check in a source. `over` is None where it was not observed in the period."""

    check: str
    title: str
    severity: str
    source: str
    counts: Counter[str]
    over: CheckPeriod | None


def found_buckets() -> Buckets[Found]:
    """Return empty buckets for findings, each with the exception that covers it."""
    return Buckets(tuple[FindingView, Acceptance | None])


def summarized(contents: BundleContents, summary: FindingSummary) -> FindingSummary:
    """Let all findings stream by once; return what is remembered of them."""
    for finding, covered in contents.findings():
        summary.take(finding, covered)
    return summary


def write_checks(contents: BundleContents, pages: BundlePages, summary: FindingSummary) -> None:
    """Write the list of the checks and the pages of each, in the order in which previous and next lead.

    A check has a page where it has findings, where it was observed in the period, or where a control in this bundle
    needs it of a platform that is configured, disabled or not. Of other platforms' checks nothing was looked at.
    """
    used_by = _used_by(contents)
    here = {check for connector in contents.app.used.values() for check in connector.checks}
    over = {
        (period.check, period.source): period
        for period in contents.period.checks
        if contents.checks is None or period.check in contents.checks
    }
    seen = {check for check, _ in summary.counts}
    ids = sorted({*seen, *(used_by.keys() & here), *(check for check, _ in over)})
    pages.checks = frozenset(ids)
    beside = {check: (before, after) for before, check, after in zip(["", *ids], ids, [*ids[1:], ""], strict=False)}
    for check, found in groupby(contents.findings(), key=lambda pair: pair[0].check):
        _write_check(contents, pages, check, found, used_by, beside[check])
    for check in ids:
        if check not in seen:
            _write_check(contents, pages, check, iter(()), used_by, beside[check])
    rows = [
        _row(contents, check, source, summary.counts[check, source], over.get((check, source)))
        for check, source in sorted({*summary.counts, *over})
    ]
    pages.write(
        "checks.html",
        "checks.html",
        rows=rows,
        verdicts=VERDICTS,
        ages=AGES,
        by_age=open_by_age(summary),
        facets=facets(summary),
        trend=pages.trend,
    )


def _used_by(contents: BundleContents) -> UsedBy:
    made: defaultdict[str, list[tuple[ControlView, str]]] = defaultdict(list)
    for control in contents.controls:
        for check in control.checks:
            made[check.check].append((control, check.strength))
    return dict(made)


def _write_check(
    contents: BundleContents,
    pages: BundlePages,
    check: str,
    found: Iterable[Found],
    used_by: UsedBy,
    beside: tuple[str, str],
) -> None:
    """Write the findings of a check, in sections and on as many pages as they need; one without findings has one."""
    known = contents.reading.check(check)
    rule = contents.reading.rules.get(check)
    with found_buckets() as buckets:
        sources: dict[str, None] = {}
        for finding, covered in found:
            sources.setdefault(finding.source)
            buckets.add((verdict_of(finding, covered), finding.source), (finding, covered))
        made = iter(enumerate(paged(buckets, _sections(list(sources))), start=1))
        number, page = next(made)
        while True:
            following = next(made, None)
            pages.places.remember(check, number, page)
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
                sources=list(sources),
                sections=page,
                pages=number_of_pages(buckets.counts.total()),
                previous_check=beside[0],
                next_check=beside[1],
            )
            if following is None:
                return
            number, page = following


def _sections(sources: list[str]) -> Iterator[tuple[tuple[str, str], str, str]]:
    for verdict, word in VERDICTS:
        for source in sources:
            where = f" in {source}" if len(sources) > 1 else ""
            yield (verdict, source), f"{verdict}-{slug(source)}", f"{word}{where}"


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
