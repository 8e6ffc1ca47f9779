"""The first page: where the evidence stands, what could not be seen, and what is due."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.pages.finding_rows import is_lost, verdict_of
from collector.pages.web_charts import days_chart, length_bar
from collector.report.findings.finding_filter import AGES, SEVERITIES
from collector.report.findings.turns import TURNS
from collector.web.addresses import named_address
from collector.web.changes import turns_since, week_before
from collector.web.control_states import state_rows
from collector.web.trend import trend_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_SOON = timedelta(days=30)
_MOST_DUE = 7
_MOST_PERMISSIONS = 5


class AgeCell(NamedTuple):
    """Open deviations of one severity and age: the name of the span, how many, and a bar on the scale of all cells."""

    age: str
    number: int
    bar: Markup


class Due(NamedTuple):
    """Something that a person has to do: until when, what, whose, and where it is listed."""

    day: date
    what: str
    whose: str
    address: str


def overview(pages: Pages, request: Request) -> Response:
    """Return the page."""
    with pages.snapshot(request) as snapshot:
        findings = snapshot.findings
        verdicts, elsewhere, by_age = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
        lost = 0
        for cell in findings.cells.all:
            if not snapshot.reading.decides(cell.place.source, cell.place.scope):
                elsewhere[verdict_of(cell)] += cell.total
                continue
            verdicts[verdict_of(cell)] += cell.total
            lost += cell.total * is_lost(cell)
            if verdict_of(cell) == "fail":
                by_age[findings.severity(cell.check), cell.alike.age] += cell.total
        most = max(by_age.values(), default=0)
        fails = Counter[str]()
        for (severity, _), count in by_age.items():
            fails[severity] += count
        actions, records = snapshot.company.actions, snapshot.company.records
        since = week_before(snapshot)
        turns = None if since is None else turns_since(pages, snapshot, since)
        days = trend_of(pages, snapshot)
        return pages.answer(
            request,
            "web/overview.html",
            snapshot=snapshot,
            status=snapshot.status,
            verdicts=verdicts,
            elsewhere=elsewhere,
            lost=lost,
            fails=fails,
            heat={
                severity: [
                    AgeCell(age, by_age[severity, age], length_bar(severity, by_age[severity, age], most))
                    for age in AGES
                ]
                for severity in SEVERITIES
            },
            ages=list(AGES),
            states=state_rows(snapshot.frameworks),
            total=sum(len(framework.controls) for framework in snapshot.frameworks),
            inconsistent=sum(
                bool(control.contradictions) for framework in snapshot.frameworks for control in framework.controls
            ),
            records=records,
            missing=sum(line.state != "valid" for line in records.requests),
            actions=actions,
            due=sorted(_due(snapshot))[:_MOST_DUE],
            since=since,
            turns=turns,
            turn_meanings=TURNS,
            days=days,
            days_chart=days_chart,
            failures=[failure for failure in snapshot.status.collection_failures if failure.needs][:_MOST_PERMISSIONS],
        )


def _due(snapshot: Snapshot) -> Iterator[Due]:
    """Yield what ends or is due, late or within a month."""
    company = snapshot.company
    until = snapshot.basis.at.date() + _SOON
    for action in company.actions.actions:
        if action.closed_on is None and action.due <= until:
            yield Due(
                action.due, f"{action.id}: {action.deviation}", action.owner, named_address("/actions", action.id)
            )
    for exception in company.exceptions.exceptions:
        if exception.state == "in force" and exception.expires <= until:
            yield Due(
                exception.expires,
                f"{exception.id} ends: {exception.reason}",
                exception.owner,
                named_address("/exceptions", exception.id),
            )
    for line in company.records.requests:
        if line.due is not None and line.due <= until:
            yield Due(line.due, f"{line.request}: {line.text}", line.owner or "", "/evidence-requests")
