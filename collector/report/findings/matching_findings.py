"""The findings that pass filters, as `annexd findings` shows them, the worst first."""

from __future__ import annotations

import dataclasses
import heapq
from collections import Counter
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from collector.core.checks import Status
from collector.report.findings.finding_filter import OPEN, Filter, FindingQuery
from collector.report.findings.finding_list import FindingList, list_key
from collector.report.findings.finding_views import FindingView, finding_view, risks_by_check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.report.state.known import CurrentFinding, Reading


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
    """Return the findings that pass the filters, the worst first, and counts of all statuses."""
    view, findings = findings_stream(reading, asked, most)
    return replace(view, findings=list(findings))


def findings_stream(
    reading: Reading, asked: FindingQuery, most: int | None = None
) -> tuple[FindingsView, Iterator[FindingView]]:
    """Return the same view without its findings, and an iterator of these, which reads them while it is asked.

    Raises UsageError on a filter that names what there is not.
    """
    wanted = asked.statuses or OPEN
    if asked.tags or reading.grouped is None:
        return _gone_through(reading, asked, wanted, most)
    made = FindingList(reading, dataclasses.replace(asked, statuses=wanted))
    counts = made.facets().verdicts
    view = _view(reading, wanted, counts, made.total if most is None else min(most, made.total), 0)
    return view, (listed.finding for listed in islice(made.stream(), most))


def _gone_through(
    reading: Reading, asked: FindingQuery, wanted: tuple[Status, ...], most: int | None
) -> tuple[FindingsView, Iterator[FindingView]]:
    """Go through all findings: tags are not counted by the store."""
    chosen = Filter(reading, asked)
    counts: Counter[Status] = Counter()

    def taken() -> Iterator[CurrentFinding]:
        for source in chosen.sources:
            for current in reading.findings(source=source):
                if chosen.takes(current):
                    counts[current.status] += 1
                    if current.status in wanted:
                        yield current

    def order(current: CurrentFinding) -> tuple[object, ...]:
        return list_key(reading, current)

    found = sorted(taken(), key=order) if most is None else heapq.nsmallest(most, taken(), key=order)
    affected = risks_by_check(reading) if found else {}
    view = _view(reading, wanted, counts, len(found), chosen.untagged)
    return view, (finding_view(reading, finding, affected) for finding in found)


def _view(
    reading: Reading, wanted: tuple[Status, ...], counts: Mapping[Status, int], shown: int, untagged: int
) -> FindingsView:
    return FindingsView(
        at=reading.at,
        as_of=reading.as_of,
        counts={status.value: counts[status] for status in Status},
        statuses=tuple(status.value for status in wanted),
        matched=sum(counts[status] for status in wanted),
        shown=shown,
        without_tags=untagged,
        findings=[],
    )
