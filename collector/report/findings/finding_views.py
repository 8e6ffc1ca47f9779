"""What the checks said, the worst first, as machines read it and as pages are made from."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.core.checks import Status
from collector.report.company.risk_views import bearing_on
from collector.report.findings.finding_filter import OPEN, SEVERITIES, Filter, FindingQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.report.state.known import CurrentFinding, Reading


_RANK = {Status.FAIL: 0, Status.UNKNOWN: 1, Status.PASS: 2, Status.NOT_APPLICABLE: 3}


class FindingView(Struct, frozen=True, kw_only=True):
    """One finding. `status` is what counts, `last` what the check said; they differ where it is `stale`.

    `subject` is empty for a finding about the scope itself. `observed_at` is when this verdict was observed first,
    `seen_at` when what it rests on was seen last, `since` since when it has had its status. `risks` are those that a
    failing one bears on.
    """

    check: str
    title: str
    severity: str
    source: str
    scope: tuple[str, ...]
    subject: str
    status: str
    last: str
    stale: bool
    reason: str
    since: datetime
    observed_at: datetime
    seen_at: datetime
    run: str
    limits: dict[str, str]
    evidence: tuple[str, ...]
    fix: str
    trace: str | None
    risks: tuple[str, ...] = ()


class FindingsView(Struct, frozen=True, kw_only=True, tag="annexd.findings/1", tag_field="schema"):
    """What `annexd findings --json` prints. `counts` are of everything that the filters take, whatever its status."""

    at: datetime
    as_of: datetime | None
    counts: dict[str, int]
    statuses: tuple[str, ...]
    matched: int
    shown: int
    without_tags: int
    findings: list[FindingView]


def findings_view(reading: Reading, asked: FindingQuery, most: int | None = None) -> FindingsView:
    """Return the findings that are asked for, the worst first, and the counts of all that the filters take."""
    chosen = Filter(reading, asked)
    counts: Counter[Status] = Counter()
    wanted = asked.statuses or OPEN

    def taken() -> Iterator[CurrentFinding]:
        for source in chosen.sources:
            for standing in reading.standings(source=source):
                if chosen.takes(standing):
                    counts[standing.status] += 1
                    if standing.status in wanted:
                        yield standing

    def order(standing: CurrentFinding) -> tuple[Any, ...]:
        check = reading.check(standing.id.check)
        rank = SEVERITIES.index(check.severity) if check is not None else len(SEVERITIES)
        return rank, standing.id.check, _RANK[standing.status], standing.id

    found = sorted(taken(), key=order) if most is None else heapq.nsmallest(most, taken(), key=order)
    bears = risks_by_check(reading) if found else {}
    return FindingsView(
        at=reading.at,
        as_of=reading.as_of,
        counts={status.value: counts[status] for status in Status},
        statuses=tuple(status.value for status in wanted),
        matched=sum(counts[status] for status in wanted),
        shown=len(found),
        without_tags=chosen.untagged,
        findings=[finding_view(reading, one, bears) for one in found],
    )


def risks_by_check(reading: Reading) -> Mapping[str, tuple[str, ...]]:
    """Return for each check the risks of the register that it bears on. Raises ConfigError on a file that cannot be."""
    frameworks = reading.app.frameworks()
    return bearing_on(reading.files(frameworks).company.risks, frameworks, reading.at.date())


def finding_view(
    reading: Reading, standing: CurrentFinding, bears: Mapping[str, tuple[str, ...]] | None = None
) -> FindingView:
    """Return one finding with what is known of its check, and the risks that it bears on if it fails."""
    finding, id_ = standing.state.finding, standing.id
    check = reading.check(id_.check)
    return FindingView(
        check=id_.check,
        title="" if check is None else check.title,
        severity="unknown" if check is None else check.severity,
        source=id_.source,
        scope=id_.scope,
        subject=id_.subject,
        status=standing.status.value,
        last=standing.last.value,
        stale=standing.stale,
        reason=standing.why,
        since=standing.state.since,
        observed_at=finding.observed_at,
        seen_at=standing.seen_at,
        run=standing.state.run,
        limits=finding.limits,
        evidence=finding.evidence,
        fix="" if check is None else check.fix,
        trace=finding.trace,
        risks=() if bears is None or standing.status is not Status.FAIL else bears.get(id_.check, ()),
    )
