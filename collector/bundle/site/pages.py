"""The site: which pages there are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from collector.bundle.drawn_populations import populations
from collector.bundle.page_paths import control_page
from collector.bundle.sampled_items import Verdicts, is_of_changes, sheet_items
from collector.bundle.shown_names import ShownNames
from collector.bundle.site.bundle_pages import BundlePages
from collector.bundle.site.control_pages import write_controls
from collector.bundle.site.finding_lists import write_lists
from collector.bundle.site.finding_pages import found_buckets, summarized, write_checks
from collector.bundle.site.finding_summary import FindingSummary
from collector.bundle.site.provenance_pages import write_sheets
from collector.bundle.site.report_page import write_report
from collector.core.tally import RecordState
from collector.report.company.action_views import follow_up_text
from collector.report.company.owed_records import owed_records
from collector.setup.company_limits import defaults_in_force

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents


def site(contents: BundleContents, bag: Bag) -> None:
    """Write every page of the site into the bag, the cover first, those of single findings last."""
    pages = BundlePages(contents, bag)
    pages.write("index.html", "cover.html", cover=pages.cover)
    # Findings lead to their provenance, and the pages of controls to those of findings: each comes after what it needs.
    write_sheets(contents, pages)
    with found_buckets() as lists:
        summary = summarized(contents, FindingSummary(contents.at, lists))
        write_lists(pages, summary)
        write_checks(contents, pages, summary)
        write_controls(contents, pages, summary)
        write_report(contents, pages, summary)
    pages.single.write()
    _write_coverage(contents, pages)
    _write_changes(contents, pages)
    _write_records(contents, pages)
    _write_populations(contents, pages)


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


def _write_changes(contents: BundleContents, pages: BundlePages) -> None:
    force = contents.store.in_force(as_of=contents.at)
    rules = () if force is None else force.rules
    config = contents.app.config
    in_use = {rule.check.id: rule.check for rule in contents.reading.rules.values()}
    pages.write(
        "changes.html",
        "changes.html",
        changes=contents.changes,
        cuts=list(_cuts(contents)),
        disabled=sorted(rule.check for rule in rules if not rule.enabled),
        loosened=[(rule.check, rule.reason) for rule in rules if rule.enabled and rule.reason],
        defaults=[(id_, found) for id_, check in in_use.items() if (found := defaults_in_force(config, check))],
    )


def _write_records(contents: BundleContents, pages: BundlePages) -> None:
    assessment = contents.assessment
    asked = {request.id for control in contents.controls for request in control.evidence_requests}
    chosen = {f"{control.framework}/{control.id}" for control in contents.controls}
    owed = [record for record in owed_records(assessment, chosen) if not record.excluded]
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
        missing=[record for record in owed if record.record.state is not RecordState.VALID],
        control_pages={f"{control.framework}/{control.id}": control_page(control) for control in contents.controls},
    )


def _write_populations(contents: BundleContents, pages: BundlePages) -> None:
    found = contents.once(populations)
    names = ShownNames(contents)
    verdicts = Verdicts(contents, names, {population.kind for population in found})
    pages.write(
        "populations.html",
        "populations.html",
        populations=found,
        is_of_changes=is_of_changes,
        items_of=partial(sheet_items, contents, names, verdicts),
    )


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
