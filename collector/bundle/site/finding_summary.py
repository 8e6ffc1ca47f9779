"""What is remembered of findings while they stream by, for the pages of controls."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.core.checks import Status

if TYPE_CHECKING:
    from collector.core.isms.exceptions import Acceptance
    from collector.report.findings.finding_views import FindingView

    Found = tuple[FindingView, Acceptance | None]


_OPEN = 40
"""Open and unknown findings of each check that are remembered for the pages of its controls."""


_OPENED = (Status.FAIL.value, Status.UNKNOWN.value)


@dataclass
class FindingSummary:
    """What is remembered of findings while they stream by: counts by check and source, and the first open ones."""

    counts: defaultdict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    open: defaultdict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    more: set[str] = field(default_factory=set)

    def take(self, finding: FindingView, covered: Acceptance | None) -> None:
        """Count a finding, and keep it where it is open and among the first of its check."""
        if finding.elsewhere:
            self.counts[finding.check, finding.source]["elsewhere"] += 1
            return
        self.counts[finding.check, finding.source]["accepted" if covered is not None else finding.status] += 1
        if finding.status in _OPENED:
            if len(self.open[finding.check]) < _OPEN:
                self.open[finding.check].append((finding, covered))
            else:
                self.more.add(finding.check)
