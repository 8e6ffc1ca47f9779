"""`/records`: a record that one person enters with its file, and a second person approves or returns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from starlette.responses import RedirectResponse
from starlette.routing import Route

from collector.actions.filing import FieldError, requests_on, require_complete, supplier_report
from collector.actions.record_reviews import enter_record, review_record
from collector.core.attestations import Attestation, Person, kind_of_answer
from collector.core.canonical import digest_of
from collector.core.errors import UsageError
from collector.core.record_reviews import review_refusal
from collector.report.company.audit_request_views import records_under_review
from collector.web.acts.file_kinds import require_kind
from collector.web.acts.refusals import told
from collector.web.acts.requests import as_download
from collector.web.acts.writing import acting, looking
from collector.web.people.forms import FormRoute, day, field, file
from collector.web.people.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.core.record_reviews import RecordUnderReview
    from collector.web.pages import Pages
    from collector.web.people.origins import Origins
    from storage import SqlStore


def routes(pages: Pages, origins: Origins) -> Sequence[BaseRoute]:
    """Return the routes."""
    return [
        Route("/records", partial(show_all, pages)),
        FormRoute("/records", told(pages, enter), origins),
        Route("/records/{leaf:number}", partial(show, pages)),
        Route("/records/{leaf:number}/file", partial(give_file, pages)),
        FormRoute("/records/{leaf:number}", told(pages, review), origins),
    ]


def show_all(pages: Pages, request: Request) -> Response:
    """List what was entered, those to be reviewed first, and the form to enter a record."""
    with looking(pages.site) as store:
        found = list(records_under_review(store).values())
    asks = requests_on(pages.site.app, pages.site.now().date())
    return pages.answer(
        request,
        "acts/records.html",
        records=sorted(found, key=lambda record: (record.review is not None, -record.leaf)),
        asks=sorted(asks.items()),
        visitor=visitor_of(request),
    )


def show(pages: Pages, request: Request) -> Response:
    """Show one record, and the decision or the form for it."""
    visitor = visitor_of(request)
    with looking(pages.site) as store:
        record = _record(store, request.path_params["leaf"])
        signed = store.checkpoints.last()
    return pages.answer(
        request,
        "acts/record.html",
        record=record,
        refused=review_refusal(record, visitor.identity),
        signed=0 if signed is None else signed.size,
        visitor=visitor,
    )


def give_file(pages: Pages, request: Request) -> Response:
    """Give the file of a record, as bytes to keep."""
    with looking(pages.site) as store:
        record = _record(store, request.path_params["leaf"])
        data = store.file_of(record.leaf)
    name = record.entered.record.file_name
    if data is None or name is None:
        raise UsageError(f"the record of log entry {record.leaf} has no file")
    return as_download(data, name)


def enter(pages: Pages, request: Request) -> Response:
    """Record what was entered."""
    visitor, now = visitor_of(request), pages.site.now()
    asks = requests_on(pages.site.app, now.date())
    asked = asks.get(field(request, "ask"))
    if asked is None:
        raise FieldError("ask", "there is no such evidence request")
    given = file(request, "file")
    if given is None:
        raise FieldError("file", "a record without its document answers no request")
    require_kind(given)
    names = ("supplier", "report", "report-scope", "customer-controls")
    made = Attestation(
        ask=asked.id,
        kind=kind_of_answer(asked),
        stated_by=_person(request),
        entered_by=str(visitor.identity),
        reviewed_by="",
        version=field(request, "document-version"),
        approved_on=_needed(request, "approved-on"),
        obtained_from=field(request, "obtained-from"),
        period=_period(request),
        made_at=now,
        valid_until=_needed(request, "valid-until"),
        file_name=given.name,
        digest=digest_of(given.data),
        size=len(given.data),
        supplier=supplier_report(asked, *(field(request, name) for name in names), has_file=True),
    )
    require_complete(made, now.date())
    with acting(pages.site) as store:
        record = enter_record(store, made, given.data, visitor.identity)
    return RedirectResponse(f"/records/{record.leaf}", 303)


def review(pages: Pages, request: Request) -> Response:
    """Record the decision of a second person."""
    decisions: dict[str, Literal["approved", "returned"]] = {"approve": "approved", "return": "returned"}
    decision = decisions.get(field(request, "do"))
    if decision is None:
        raise UsageError("this is no decision", so="nothing was recorded")
    leaf, visitor = request.path_params["leaf"], visitor_of(request)
    with acting(pages.site) as store:
        review_record(store, leaf, decision, field(request, "text"), visitor.identity)
    return RedirectResponse(f"/records/{leaf}", 303)


def _record(store: SqlStore, leaf: int) -> RecordUnderReview:
    record = records_under_review(store).get(leaf)
    if record is None:
        raise UsageError(f"log entry {leaf} is no record that was entered on a page")
    return record


def _person(request: Request) -> Person:
    name, role = field(request, "by"), field(request, "role")
    for what, text in (("by", name), ("role", role)):
        if not text:
            raise FieldError(what, "it is not said who states it, and in what role")
    return Person(name, role)


def _needed(request: Request, name: str) -> date:
    given = day(request, name)
    if given is None:
        raise FieldError(name, "this day is needed")
    return given


def _period(request: Request) -> tuple[date, date] | None:
    first, last = day(request, "from"), day(request, "to")
    if first is None and last is None:
        return None
    if first is None or last is None or last < first:
        raise FieldError("period", "a period has two days, the first one first")
    return first, last
