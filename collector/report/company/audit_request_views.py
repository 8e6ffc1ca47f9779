"""Evidence requests of audits, and records under review, as the log has them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.core.audit_requests import LoggedAct, RequestAct, RequestThread, threads
from collector.core.record_reviews import RecordEntered, RecordReviewed, RecordUnderReview, with_reviews

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.company_record import CompanyRecord


class ActView(Struct, frozen=True, kw_only=True):
    """One act on a request. `refused` says why it changes nothing; `file` and `digest` are of the file beside it."""

    leaf: int
    logged_at: datetime
    verb: str
    name: str
    role: str
    subject: str
    issuer: str
    text: str
    records: tuple[int, ...]
    file: str | None
    digest: str | None
    refused: str


class RequestView(Struct, frozen=True, kw_only=True):
    """One evidence request of an audit."""

    number: int
    audit: str
    state: str
    text: str
    controls: tuple[str, ...]
    due: date | None
    overdue: bool
    asked_by: str
    asked_at: datetime
    acts: list[ActView]


class RequestsView(Struct, frozen=True, kw_only=True, tag="annexd.requests/1", tag_field="schema"):
    """What `annexd requests --json` prints. `counts` are of all requests, by state."""

    at: datetime
    counts: dict[str, int]
    requests: list[RequestView]


def logged_acts(store: CompanyRecord, as_of: datetime | None = None) -> Iterator[LoggedAct]:
    """Yield every act on a request, in the order of the log."""
    for entry in store.log(as_of=as_of, kinds=("request_act",)):
        yield LoggedAct(act=msgspec.convert(entry.fact, RequestAct), leaf=entry.leaf, logged_at=entry.logged_at)


def request_threads(store: CompanyRecord, as_of: datetime | None = None) -> dict[int, RequestThread]:
    """Return the requests of all audits by number."""
    return threads(logged_acts(store, as_of))


def records_under_review(store: CompanyRecord, as_of: datetime | None = None) -> dict[int, RecordUnderReview]:
    """Return the records that were entered, by log entry, each with the decision on it."""
    entered, reviews = [], []
    for entry in store.log(as_of=as_of, kinds=("record_entered", "record_reviewed")):
        if entry.kind == "record_entered":
            record = msgspec.convert(entry.fact, RecordEntered)
            entered.append(RecordUnderReview(entered=record, leaf=entry.leaf, logged_at=entry.logged_at))
        else:
            reviews.append(msgspec.convert(entry.fact, RecordReviewed))
    return with_reviews(entered, reviews)


def requests_view(
    store: CompanyRecord, at: datetime, as_of: datetime | None = None, *, audit: str | None = None
) -> RequestsView:
    """Return the requests of all audits or of one, those that wait for somebody first."""
    found = [
        thread for thread in request_threads(store, as_of).values() if audit is None or thread.asked.audit == audit
    ]
    counts: dict[str, int] = {}
    for thread in found:
        counts[thread.state.value] = counts.get(thread.state.value, 0) + 1
    order = {"open": 0, "returned": 0, "answered": 1}
    views = [request_view(thread, at) for thread in found]
    return RequestsView(
        at=at, counts=counts, requests=sorted(views, key=lambda view: (order.get(view.state, 2), view.number))
    )


def request_view(thread: RequestThread, at: datetime) -> RequestView:
    """Return one request."""
    asked, state = thread.asked, thread.state.value
    return RequestView(
        number=thread.number,
        audit=asked.audit,
        state=state,
        text=asked.text,
        controls=asked.controls,
        due=asked.due,
        overdue=asked.due is not None and asked.due < at.date() and state in {"open", "returned"},
        asked_by=asked.by.name,
        asked_at=thread.acts[0].logged_at,
        acts=[_act(logged) for logged in thread.acts],
    )


def _act(logged: LoggedAct) -> ActView:
    act = logged.act
    return ActView(
        leaf=logged.leaf,
        logged_at=logged.logged_at,
        verb=act.verb,
        name=act.by.name,
        role=act.by.role.value,
        subject=act.by.subject,
        issuer=act.by.issuer,
        text=act.text,
        records=act.records,
        file=None if act.file is None else act.file.name,
        digest=None if act.file is None else act.file.digest,
        refused=logged.refused,
    )
