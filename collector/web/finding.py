"""One finding: the verdict, how the check came to it, its history, and what it is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.errors import UsageError
from collector.core.findings import FindingId
from collector.core.scopes import show_scope
from collector.report.findings.check_views import check_view
from collector.report.findings.finding_filter import level_of
from collector.report.findings.finding_views import finding_view
from collector.report.findings.judging_trace import judging_trace
from collector.web.addresses import resource_name, scope_of
from collector.web.finding_rows import VERDICTS, same_finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.history import FindingEvent
    from collector.report.findings.check_views import CheckView
    from collector.report.state.known import CurrentFinding, Reading
    from collector.web.finding_rows import FindingRow
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_MOST_EVENTS = 50
_MOST_ALIKE = 8


def finding(pages: Pages, request: Request) -> Response:
    """Return the page."""
    path, params = request.path_params, request.query_params
    id_ = FindingId(path["check"], path["source"], scope_of(params), params.get("resource", ""))
    with pages.snapshot(request) as snapshot:
        reading = snapshot.reading
        current = _current(reading, id_)
        row = next(row for row in snapshot.findings.rows if same_finding(row, id_))
        view = finding_view(reading, current, snapshot.findings.risks)  # type: ignore[arg-type]  # tuples by check
        return pages.answer(
            request,
            "web/finding.html",
            snapshot=snapshot,
            row=row,
            view=view,
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
            alike=list(_alike(snapshot, row)),
            alike_counts=_counts(snapshot, row),
            verdict_names=VERDICTS,
        )


def _current(reading: Reading, id_: FindingId) -> CurrentFinding:
    found = reading.findings(check=id_.check, source=id_.source, scope=id_.scope)
    current = next((candidate for candidate in found if candidate.id == id_), None)
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
    return list(store.finding_events(id_, most=_MOST_EVENTS, as_of=reading.as_of))


def _alike(snapshot: Snapshot, row: FindingRow) -> Iterator[FindingRow]:
    """Yield the first findings of the same check on other resources; the rows are in their order."""
    left = _MOST_ALIKE
    for other in snapshot.findings.rows:
        if other.check == row.check and other is not row:
            yield other
            left -= 1
            if not left:
                return


def _counts(snapshot: Snapshot, row: FindingRow) -> dict[str, int]:
    counts = dict.fromkeys(VERDICTS, 0)
    for other in snapshot.findings.rows:
        counts[other.verdict] += other.check == row.check
    return counts
