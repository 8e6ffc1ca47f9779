"""What the page of one finding shows: the verdict, how the check came to it, its history, and what it is based on."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

from collector.core.scopes import show_scope
from collector.pages.finding_rows import VERDICTS, verdict_of
from collector.pages.page_words import resource_name
from collector.report.findings.check_views import check_view
from collector.report.findings.finding_filter import level_of
from collector.report.findings.finding_views import finding_view
from collector.report.findings.judging_trace import judging_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from collector.core.findings import FindingId
    from collector.core.history import FindingEvent
    from collector.pages.finding_rows import Findings
    from collector.report.findings.check_views import CheckView
    from collector.report.findings.finding_cells import Cell
    from collector.report.state.known import CurrentFinding, Reading

_MOST_EVENTS = 50
_MOST_ALIKE = 8


def finding_page(
    findings: Findings, current: CurrentFinding, is_shown: Callable[[datetime], bool] = lambda _: True
) -> dict[str, Any]:
    """Return the values of `web/finding.html`, without those that say where it leads.

    `is_shown` says of a moment whether what was observed then may be shown. Raises StoreError.
    """
    reading, id_ = findings.reading, current.id
    row = findings.row(current)
    of_check = [cell for cell in findings.cells.all if cell.check == id_.check]
    return {
        "row": row,
        "view": finding_view(reading, current, findings.risks),
        "name": resource_name(id_.subject),
        "level": level_of(reading, id_.source, id_.scope),
        "where": show_scope(id_.scope),
        "check": _check(reading, id_.check),
        "trace": judging_trace(reading, current),
        "events": [event for event in _events(reading, id_) if is_shown(event.observed_at)],
        "most_events": _MOST_EVENTS,
        "controls": [
            link for link in findings.controls.get(id_.check, ()) if link.sources is None or id_.source in link.sources
        ],
        "risks": findings.risks.get(id_.check, ()),
        "alike": list(islice((other for other in findings.rows(of_check) if other != row), _MOST_ALIKE)),
        "alike_counts": _counts(of_check),
        "verdict_names": VERDICTS,
    }


def _check(reading: Reading, id_: str) -> CheckView | None:
    return check_view(reading.app, id_).checks[0] if id_ in reading.app.checks else None


def _events(reading: Reading, id_: FindingId) -> list[FindingEvent]:
    store: Any = reading.store
    if not hasattr(store, "finding_events"):
        return []
    events: list[FindingEvent] = store.finding_events(id_, most=_MOST_EVENTS, as_of=reading.as_of)
    return events


def _counts(cells: Iterable[Cell]) -> Counter[str]:
    counts = Counter[str]()
    for cell in cells:
        counts[verdict_of(cell)] += cell.total
    return counts
