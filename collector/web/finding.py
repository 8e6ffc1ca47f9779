"""One finding: the verdict, how the check came to it, its history, and what it is based on."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

from collector.core.errors import UsageError
from collector.core.findings import FindingId
from collector.core.scopes import show_scope
from collector.report.findings.check_views import check_view
from collector.report.findings.finding_filter import level_of
from collector.report.findings.finding_views import finding_view
from collector.report.findings.judging_trace import judging_trace
from collector.web.addresses import resource_name, scope_of
from collector.web.finding_rows import VERDICTS, verdict_of
from collector.web.opened import is_opened
from collector.web.runs import is_run_opened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.history import FindingEvent
    from collector.report.findings.check_views import CheckView
    from collector.report.findings.finding_cells import Cell
    from collector.report.state.known import CurrentFinding, Reading
    from collector.web.finding_rows import Findings
    from collector.web.pages import Pages

_MOST_EVENTS = 50
_MOST_ALIKE = 8


def finding(pages: Pages, request: Request) -> Response:
    """Return the page."""
    path, params = request.path_params, request.query_params
    id_ = FindingId(path["check"], path["source"], scope_of(params), params.get("resource", ""))
    with pages.snapshot(request) as snapshot:
        reading = snapshot.reading
        current = _current(snapshot.findings, id_)
        row = snapshot.findings.row(current)
        view = finding_view(reading, current, snapshot.findings.risks)
        of_check = [cell for cell in snapshot.findings.cells.all if cell.check == id_.check]
        return pages.answer(
            request,
            "web/finding.html",
            snapshot=snapshot,
            row=row,
            view=view,
            has_run=is_run_opened(reading, view.run),
            name=resource_name(id_.subject),
            level=level_of(reading, id_.source, id_.scope),
            where=show_scope(id_.scope),
            check=_check(reading, id_.check),
            trace=judging_trace(reading, current),
            events=_events(reading, id_),
            most_events=_MOST_EVENTS,
            controls=[
                link
                for link in snapshot.findings.controls.get(id_.check, ())
                if link.sources is None or id_.source in link.sources
            ],
            risks=snapshot.findings.risks.get(id_.check, ()),
            alike=list(islice((other for other in snapshot.findings.rows(of_check) if other != row), _MOST_ALIKE)),
            alike_counts=_counts(of_check),
            verdict_names=VERDICTS,
        )


def _current(findings: Findings, id_: FindingId) -> CurrentFinding:
    current = findings.finding(id_)
    if current is None:
        raise UsageError(
            f"there is no finding of {id_}", mend="it may have ended: the list of findings has what there is"
        )
    return current


def _check(reading: Reading, id_: str) -> CheckView | None:
    return check_view(reading.app, id_).checks[0] if id_ in reading.app.checks else None


def _events(reading: Reading, id_: FindingId) -> list[FindingEvent]:
    store: Any = reading.store
    if not hasattr(store, "finding_events"):
        return []
    events = store.finding_events(id_, most=_MOST_EVENTS, as_of=reading.as_of)
    return [event for event in events if is_opened(event.observed_at)]


def _counts(cells: Iterable[Cell]) -> Counter[str]:
    counts = Counter[str]()
    for cell in cells:
        counts[verdict_of(cell)] += cell.total
    return counts
