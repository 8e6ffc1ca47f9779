"""Lists of findings in sections: one for each verdict, severity or age, so that each number can lead to its list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.bundle.page_paths import check_page
from collector.core.checks import Status

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from collector.bundle.site.buckets import Buckets
    from collector.bundle.site.finding_summary import Found
    from collector.core.isms.exceptions import Acceptance
    from collector.report.findings.finding_views import FindingView

A_PAGE = 500
"""Findings on a page: some hundred kilobytes, which a telephone opens at once."""

ACCEPTED, ELSEWHERE = "accepted", "elsewhere"

VERDICTS = (
    (Status.FAIL.value, "Fail"),
    (ACCEPTED, "Fail, accepted"),
    (Status.UNKNOWN.value, "Unknown"),
    (Status.PASS.value, "Pass"),
    (Status.NOT_APPLICABLE.value, "No resources"),
    (ELSEWHERE, "Elsewhere"),
)
"""How findings are counted, in the order in which they are worth reading, with the words for people."""


def verdict_of(finding: FindingView, covered: Acceptance | None) -> str:
    """Return under which of VERDICTS a finding is counted."""
    if finding.elsewhere:
        return ELSEWHERE
    return finding.status if covered is None else ACCEPTED


@dataclass(frozen=True)
class Section:
    """Findings under one heading. `count` is of the whole section; `is_continued` on all of its pages but the first."""

    anchor: str
    title: str
    count: int
    is_continued: bool = False
    found: list[Found] = field(default_factory=list)


def paged(buckets: Buckets[Found], sections: Iterable[tuple[Hashable, str, str]]) -> Iterator[list[Section]]:
    """Yield the pages of a list, each with its sections; a section is (bucket, anchor, title). Empty ones are left out.

    A list without findings has one page without sections. Two pages are in memory at most.
    """
    page: list[Section] = []
    on_page = 0
    for bucket, anchor, title in sections:
        if not buckets.counts[bucket]:
            continue
        current = Section(anchor, title, buckets.counts[bucket])
        page.append(current)
        for item in buckets.read(bucket):
            if on_page == A_PAGE:
                if not current.found:
                    page.pop()
                else:
                    current = Section(anchor, title, current.count, is_continued=True)
                yield page
                page, on_page = [current], 0
            current.found.append(item)
            on_page += 1
    yield page


def number_of_pages(findings: int) -> int:
    """Return on how many pages so many findings are."""
    return max(1, -(-findings // A_PAGE))


@dataclass
class FindingPlaces:
    """Where the findings of a check with a verdict in a source are listed; filled while the pages are written."""

    _at: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def remember(self, check: str, number: int, page: Iterable[Section]) -> None:
        """Note the sections that begin on a page of a check."""
        for section in page:
            if not section.is_continued:
                verdict, source = verdict_of(*section.found[0]), section.found[0][0].source
                self._at.setdefault((check, verdict), {})[source] = f"{check_page(check, number)}#{section.anchor}"

    def of(self, check: str, verdict: str, source: str = "") -> str:
        """Return the address of a list; where no source is named and several have one, that of all findings."""
        found = self._at.get((check, verdict), {})
        if source in found:
            return found[source]
        return next(iter(found.values())) if len(found) == 1 else f"{check_page(check)}#findings"
