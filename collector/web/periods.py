"""One control over a period: what each observation of its direct checks showed, and what was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from markupsafe import Markup

from collector.core.errors import UsageError
from collector.core.history import KeepsHistory
from collector.core.periods import period_of
from collector.pages.timeline import LEGEND, strip
from collector.report.periods.period_history import period_history
from collector.report.periods.period_views import checks_asked_for, period_view
from collector.web.opened import OPENED
from collector.web.tables import being_made

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.periods import Period
    from collector.report.periods.period_views import CheckPeriod, ControlPeriod, PeriodView
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_DAYS = timedelta(days=89)
"""What is shown where no period is asked for: ninety days, the last included."""


def control_period(pages: Pages, request: Request) -> Response:
    """Return the page; `from` and `to` are days in UTC, both included."""
    path = request.path_params
    with pages.snapshot(request) as snapshot:
        period = _period(snapshot, request)
        reading = snapshot.reading
        store = reading.store
        if not isinstance(store, KeepsHistory):
            raise UsageError("this store keeps no history", mend="choose the page of the control")
        end = min(period.end, snapshot.basis.at)
        name = f"{path['framework']}/{path['control']}"
        only = checks_asked_for(snapshot.assessment, checks=(), controls=[name])

        def make() -> PeriodView:
            found = period_history(reading.app, store, store.history, period.start, end, reading.decides, only)
            return period_view(period, found, snapshot.assessment, controls=[name])

        view = pages.parts.get(snapshot, f"{name} from {period.start} to {end}", make)
        if view is None:
            return being_made(pages, request, snapshot, f"{path['control']} over a period")

        def drawn(row: CheckPeriod | ControlPeriod) -> Markup:
            return hatched(strip(view.start, view.until, row.stretches, row.segments))

        return pages.answer(
            request,
            "web/control_period.html",
            snapshot=snapshot,
            view=view,
            framework=path["framework"],
            control=path["control"],
            drawn=drawn,
            legend=LEGEND,
        )


def _period(snapshot: Snapshot, request: Request) -> Period:
    """Return the days that the address names. Raises UsageError on what is no day, or nothing that was looked at."""
    opened = OPENED.get()
    today = snapshot.basis.at.date()
    earliest = date.min if opened is None else opened.first
    last = _day(request.query_params.get("to", ""), today)
    first = _day(request.query_params.get("from", ""), max(max(last, date.min + _DAYS) - _DAYS, earliest))
    if first < earliest or last > today or last < first:
        raise UsageError(
            f"{first} to {last} is no period that can be shown", mend="choose days that have passed, the earlier first"
        )
    return period_of(first, last, ZoneInfo("UTC"))


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).date()
    except ValueError:
        raise UsageError(f"{text!r} is no day", mend="write one such as 2026-03-31") from None


def hatched(drawing: Markup) -> Markup:
    """Return a drawing in which what is unknown is hatched by its shapes: a style sheet from elsewhere cannot."""
    # The drawing is annexd's own, with every text in it escaped; a quote in one is no plain quote any more.
    return Markup(str(drawing).replace('<rect class="unknown"', '<rect class="unknown" fill="url(#hatch)"'))  # noqa: S704
