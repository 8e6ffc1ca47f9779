"""What is remembered of findings while they stream by: counts, the first open ones, and the lists across checks."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.bundle.site.finding_sections import ACCEPTED, ELSEWHERE, verdict_of
from collector.bundle.site.open_ages import age_of, severity_of
from collector.core.checks import Status

if TYPE_CHECKING:
    from datetime import datetime

    from collector.bundle.site.buckets import Buckets
    from collector.core.isms.exceptions import Acceptance
    from collector.report.findings.finding_views import FindingView

    Found = tuple[FindingView, Acceptance | None]


_OPEN = 40
"""Open and unknown findings of each check that are remembered for the pages of its controls."""

LOST = "lost"
"""The bucket of findings that are unknown, failed when they were last seen, and are still open."""

_OPENED = (Status.FAIL.value, Status.UNKNOWN.value)


@dataclass
class FindingSummary:
    """What is remembered of all findings. `lists` has them by what a number of the cover or a chart counts.

    Its buckets are (fail, severity, age) for what fails and is not accepted, and else accepted, unknown, LOST and
    elsewhere; the last one has fails alone. `oldest` says by check since when a resource has failed, accepted
    ones aside.
    """

    at: datetime
    lists: Buckets[Found]
    counts: defaultdict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    open: defaultdict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    more: set[str] = field(default_factory=set)
    oldest: dict[str, datetime] = field(default_factory=dict)

    def take(self, finding: FindingView, covered: Acceptance | None) -> None:
        """Count a finding, put it into the lists that it belongs to, and keep it where it is among the first open."""
        verdict, found = verdict_of(finding, covered), (finding, covered)
        self.counts[finding.check, finding.source][verdict] += 1
        if verdict == ELSEWHERE:
            if finding.status == Status.FAIL.value:
                self.lists.add(ELSEWHERE, found)
            return
        if verdict == Status.FAIL.value:
            age = age_of(finding.since, self.at)
            self.lists.add((verdict, severity_of(finding), age), found)
            self.oldest[finding.check] = min(self.oldest.get(finding.check, finding.since), finding.since)
        elif verdict in {ACCEPTED, Status.UNKNOWN.value}:
            self.lists.add(verdict, found)
        if finding.failing_since is not None:
            self.lists.add(LOST, found)
        if finding.status in _OPENED:
            if len(self.open[finding.check]) < _OPEN:
                self.open[finding.check].append(found)
            else:
                self.more.add(finding.check)
