"""The site: which pages there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.drawn_populations import populations
from collector.bundle.site.bundle_pages import BundlePages
from collector.bundle.site.control_pages import write_controls
from collector.bundle.site.finding_pages import write_checks
from collector.bundle.site.provenance_pages import write_sheets
from collector.report.company.action_views import follow_up_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.sampling.draws import DrawnItem


def site(contents: BundleContents, bag: Bag) -> None:
    """Write every page of the site into the bag, the cover first."""
    pages = BundlePages(contents, bag)
    pages.write("index.html", "cover.html", cover=pages.cover)
    summary = write_checks(contents, pages)
    write_controls(contents, pages, summary)
    _write_coverage(contents, pages)
    pages.write("changes.html", "changes.html", changes=contents.changes, cuts=list(_cuts(contents)))
    _write_records(contents, pages)
    _write_populations(contents, pages)
    write_sheets(contents, pages)


def sample_pages(contents: BundleContents, bag: Bag) -> None:
    """Write the pages of a sample bundle: the cover, and the populations with their samples."""
    pages = BundlePages(contents, bag)
    pages.write("index.html", "cover.html", cover=pages.cover)
    _write_populations(contents, pages)


def _write_coverage(contents: BundleContents, pages: BundlePages) -> None:
    found = contents.assessment.reconciled
    pages.write(
        "coverage.html",
        "coverage.html",
        coverage=contents.assessment.evidence.coverage,
        systems=contents.scoped.systems,
        extents=contents.scoped.extents,
        reconciled=[
            ("In scope, not collected", found.not_collected),
            ("Collected, not in scope", found.not_in_scope),
            ("Exists, in neither list", found.in_neither),
            ("Sources without a complete list of their own", found.unlisted),
        ],
        failures=contents.assessment.collection_failures,
        failed=contents.period.collection_failures,
    )


def _write_records(contents: BundleContents, pages: BundlePages) -> None:
    assessment = contents.assessment
    asked = {request.id for control in contents.controls for request in control.evidence_requests}
    pages.write(
        "records.html",
        "records.html",
        exceptions=assessment.company.exceptions,
        failing=assessment.failing,
        logged=assessment.files.logged,
        actions=contents.actions,
        risks=contents.risks,
        follow_up_text=follow_up_text,
        day=contents.at.date(),
        records=[
            (id_, record) for id_, record in assessment.records.items() if record.filed is not None and id_ in asked
        ],
        soa=contents.soa,
    )


def _write_populations(contents: BundleContents, pages: BundlePages) -> None:
    def hidden(kind: str, item: DrawnItem) -> str:
        if contents.is_withheld(item.source, kind, item.scope, item.key):
            return "withheld"
        return pages.resource(item.source, item.scope, item.key)

    pages.write("populations.html", "populations.html", populations=contents.once(populations), hidden=hidden)


def _cuts(contents: BundleContents) -> Iterator[tuple[datetime, str]]:
    """Yield the changes of rules, scope and SoA in the period, in the order of time."""
    found = [(segment.start, change) for segment in contents.period.segments for change in segment.changes]
    found += [
        (segment.start, f"{check.check} in {check.source}: {change}")
        for check in contents.period.checks
        for segment in check.segments
        for change in segment.changes
    ]
    yield from sorted(found)
