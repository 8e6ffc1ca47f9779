"""Where the pages of a bundle lead: from a finding to its evidence, its provenance and how its check judges."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.bundle.page_paths import check_page, sheet_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.report.findings.finding_views import FindingView

_MOST = 6
"""Files of evidence that a row links to; the table of findings has all digests."""

_DIGITS = 8
"""Digits of a digest by which a person tells one file from another."""


class Link(Struct, frozen=True):
    """A link of a page: `href` is from the folder of the site, and empty where there is nothing to lead to."""

    text: str
    href: str = ""


def method_anchor(check: str) -> str:
    """Return where a page says how a check judges."""
    return f"{check_page(check)}#method"


@dataclass
class SiteLinks:
    """Knows which files and pages the bundle has.

    `sheets` has the provenance sheets by source and kind, and in each the number of the collection of an account,
    region or repository; it is filled while the sheets are written.
    """

    contents: BundleContents
    bag: Bag
    sheets: dict[tuple[str, str], dict[tuple[str, ...], int]] = field(default_factory=dict)

    def of_finding(self, finding: FindingView) -> tuple[Link, ...]:
        """Return the links of a finding: its evidence, its provenance, and how the check judges."""
        known = self.contents.reading.check(finding.check)
        method = () if known is None else (Link("how it is judged", method_anchor(finding.check)),)
        return (*self._evidence(finding), *self._provenance(finding), *method)

    def sheet(self, source: str, kind: str) -> str:
        """Return the provenance sheet of a kind in a source; empty where there is none."""
        return sheet_page(source, kind) if (source, kind) in self.sheets else ""

    def evidence(self, digest: str) -> Link:
        """Return the link to the file with a digest; without `href` where the bundle does not have it."""
        name = digest.removeprefix("sha256:")
        leaf = self._lists.get(digest)
        path = f"evidence/{name[:2]}/{name}.json" if leaf is None else f"inventory/{leaf}.jsonl"
        text = f"evidence {name[:_DIGITS]}" if leaf is None else f"whole list, log entry {leaf}"
        if f"data/{path}" in self.bag.entries:
            return Link(text, path)
        return Link(f"{text} (not in this bundle)")

    def _evidence(self, finding: FindingView) -> Iterator[Link]:
        for digest in finding.evidence[:_MOST]:
            yield self.evidence(digest)
        if len(finding.evidence) > _MOST:
            yield Link(f"{len(finding.evidence) - _MOST} more in the table of findings", "csv/findings.csv")
        if not finding.evidence:
            yield Link("no evidence was read")

    def _provenance(self, finding: FindingView) -> Iterator[Link]:
        for kind in self._kinds(finding.check):
            scopes = self.sheets.get((finding.source, kind))
            if scopes is not None:
                number = scopes.get(finding.scope)
                at = "" if number is None else f"#c{number}"
                yield Link(f"provenance of {kind}", f"{sheet_page(finding.source, kind)}{at}")

    def _kinds(self, check: str) -> tuple[str, ...]:
        known = self.contents.reading.check(check)
        return () if known is None else tuple(dict.fromkeys(need.kind.name for need in known.needs))

    @cached_property
    def _lists(self) -> dict[str, int]:
        found = self.contents.store.last_complete(as_of=self.contents.at)
        pairs = ((seen.inventory, seen.list_leaf) for seen in found)
        return {inventory: leaf for inventory, leaf in pairs if inventory is not None and leaf is not None}
