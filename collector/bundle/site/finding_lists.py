"""The lists of findings of all checks that the numbers of the cover and of the charts lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.bundle.page_paths import list_page
from collector.bundle.site.finding_sections import ACCEPTED, ELSEWHERE, number_of_pages, paged
from collector.bundle.site.finding_summary import LOST
from collector.bundle.site.open_ages import AGES, buckets_of, severities
from collector.core.checks import Status

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from collector.bundle.site.bundle_pages import BundlePages
    from collector.bundle.site.finding_summary import FindingSummary

    Sections = Sequence[tuple[Hashable, str, str]]

_UNKNOWN = Status.UNKNOWN.value

_SINGLE = (
    (ACCEPTED, "Accepted deviations", "They still fail. An exception changes no verdict."),
    (_UNKNOWN, "Unknown", "What could not be looked at: neither good nor bad. It makes a control Not established."),
    (LOST, "Last seen failing", "They failed when they were last seen, were not seen since, and are still open."),
    (
        ELSEWHERE,
        "Fails elsewhere",
        "Of systems that are not in scope: they decide nothing and are counted nowhere else.",
    ),
)


class AgeCell(Struct, frozen=True):
    """How many findings of a severity have an age; `href` is their list, empty where there are none."""

    count: int
    href: str


class AgeRow(Struct, frozen=True):
    """A severity with its open findings by age, the oldest first; `href` lists all of them."""

    severity: str
    total: int
    href: str
    cells: tuple[AgeCell, ...]


class Facet(Struct, frozen=True):
    """A list of findings with its number."""

    name: str
    title: str
    count: int
    href: str


def fail_list(severity: str) -> str:
    """Return the name of the list of what fails with a severity and is not accepted."""
    return f"fail-{severity}"


def open_by_age(summary: FindingSummary) -> list[AgeRow]:
    """Return the open findings in scope by severity and age."""
    counts = summary.lists.counts
    rows = []
    for severity in severities(counts):
        page = list_page(fail_list(severity))
        cells = []
        for bucket in buckets_of(severity):
            count = counts[bucket]
            cells.append(AgeCell(count, f"{page}#{bucket[2]}" if count else ""))
        total = sum(cell.count for cell in cells)
        rows.append(AgeRow(severity, total, page if total else "", tuple(cells)))
    return rows


def facets(summary: FindingSummary) -> list[Facet]:
    """Return the lists of findings that are not empty, with their numbers."""
    made = [
        Facet(fail_list(row.severity), f"Fail, {row.severity}", row.total, row.href) for row in open_by_age(summary)
    ]
    made += [Facet(name, title, summary.lists.counts[name], list_page(name)) for name, title, _ in _SINGLE]
    return [facet for facet in made if facet.count]


def write_lists(pages: BundlePages, summary: FindingSummary) -> None:
    """Write each list that is not empty, as long ones over several pages."""
    shown = facets(summary)
    for name, title, note, sections in _lists(summary):
        if any(facet.name == name for facet in shown):
            _write(pages, summary, shown, name, (title, note), sections)


def _lists(summary: FindingSummary) -> Iterator[tuple[str, str, str, Sections]]:
    words = {name: words for name, words, _ in AGES}
    note = "In scope, failing and not accepted, by how long each has failed."
    for severity in severities(summary.lists.counts):
        sections = [(bucket, bucket[2], words[bucket[2]]) for bucket in buckets_of(severity)]
        yield fail_list(severity), f"Open deviations, {severity}", note, sections
    for name, title, note in _SINGLE:
        yield name, title, note, [(name, "all", title)]


def _write(
    pages: BundlePages,
    summary: FindingSummary,
    shown: Sequence[Facet],
    name: str,
    head: tuple[str, str],
    sections: Sections,
) -> None:
    made = iter(enumerate(paged(summary.lists, sections), start=1))
    number, page = next(made)
    while True:
        following = next(made, None)
        pages.write(
            list_page(name, number),
            "finding_list.html",
            name=name,
            title=head[0],
            note=head[1],
            facets=shown,
            sections=page,
            number=number,
            pages=number_of_pages(sum(summary.lists.counts[bucket] for bucket, _, _ in sections)),
        )
        if following is None:
            return
        number, page = following
