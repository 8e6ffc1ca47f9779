"""The site: which pages there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.drawn_populations import populations
from collector.bundle.site.bundle_pages import BundlePages
from collector.bundle.site.control_pages import write_controls
from collector.bundle.site.finding_pages import write_checks
from collector.bundle.site.provenance_pages import write_sheets
from collector.report.company.action_views import retest_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.sampling.draws import DrawnItem


def site(dossier: BundleContents, bag: Bag) -> None:
    """Write every page of the site into the bag, the cover first."""
    pages = BundlePages(dossier, bag)
    pages.write("index.html", "cover.html", cover=pages.cover)
    noted = write_checks(dossier, pages)
    write_controls(dossier, pages, noted)
    _write_coverage(dossier, pages)
    pages.write("changes.html", "changes.html", changes=dossier.changes, cuts=list(_cuts(dossier)))
    _write_records(dossier, pages)
    _write_populations(dossier, pages)
    write_sheets(dossier, pages)


def sample_pages(dossier: BundleContents, bag: Bag) -> None:
    """Write the pages of a sample: a cover that says so, and what was drawn."""
    pages = BundlePages(dossier, bag)
    pages.write("index.html", "cover.html", cover=pages.cover)
    _write_populations(dossier, pages)


def _write_coverage(dossier: BundleContents, pages: BundlePages) -> None:
    found = dossier.assessment.reconciled
    pages.write(
        "coverage.html",
        "coverage.html",
        coverage=dossier.assessment.evidence.coverage,
        systems=dossier.scoped.systems,
        extents=dossier.scoped.extents,
        reconciled=[
            ("In scope, and not looked at", found.not_collected),
            ("Looked at, and not in scope", found.not_in_scope),
            ("There, and in neither list", found.in_neither),
            ("Sources without a complete list of their own", found.unlisted),
        ],
        gaps=dossier.assessment.gaps,
        ledger=dossier.period.gaps,
    )


def _write_records(dossier: BundleContents, pages: BundlePages) -> None:
    ours = dossier.assessment
    asked = {ask.id for control in dossier.controls for ask in control.asks}
    pages.write(
        "records.html",
        "records.html",
        exceptions=ours.company.exceptions,
        failing=ours.failing,
        logged=ours.files.logged,
        actions=dossier.actions,
        risks=dossier.risks,
        retest_text=retest_text,
        day=dossier.at.date(),
        records=[(id_, one) for id_, one in ours.records.items() if one.filed is not None and id_ in asked],
        soa=dossier.soa,
    )


def _write_populations(dossier: BundleContents, pages: BundlePages) -> None:
    def hidden(kind: str, item: DrawnItem) -> str:
        if dossier.is_withheld(item.source, kind, item.scope, item.key):
            return "withheld"
        return pages.subject(item.key)

    pages.write("populations.html", "populations.html", populations=dossier.once(populations), hidden=hidden)


def _cuts(dossier: BundleContents) -> Iterator[tuple[datetime, str]]:
    """Yield what became another rule in the period, in the order of time."""
    found = [(one.start, change) for one in dossier.period.segments for change in one.changes]
    found += [
        (segment.start, f"{check.check} in {check.source}: {change}")
        for check in dossier.period.checks
        for segment in check.segments
        for change in segment.changes
    ]
    yield from sorted(found)
