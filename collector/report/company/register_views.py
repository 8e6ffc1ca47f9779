"""The register of clauses 4 to 10 as machines read it, and as the pages for people are made from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.isms.register import REQUIRED, DocumentState, Register, documents_for, was_held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.core.isms.register import Audit, Document, Review
    from collector.report.state.assessment import Assessment

_A_YEAR = timedelta(days=366)
"""Audits and reviews that are older than a year are overdue."""


class DocumentView(Struct, frozen=True, kw_only=True):
    """One document. `leaf` is the log entry of a filed copy; None where there is none."""

    id: str
    title: str
    state: str
    owner: str
    version: str
    approved_by: str | None
    approved_on: date | None
    next_review: date
    where: str
    answers: tuple[str, ...]
    leaf: int | None


class RequiredView(Struct, frozen=True, kw_only=True):
    """A document that a clause requires, with the documents registered for it. `record` is its evidence request."""

    clause: str
    record: str
    title: str
    state: str
    documents: list[DocumentView]


class AuditView(Struct, frozen=True, kw_only=True):
    """One internal audit: held, planned or overdue."""

    id: str
    state: str
    covers: str
    planned_for: date
    auditor: str
    impartial: str
    held_on: date | None
    report: str | None
    result: str | None
    reported_to: str | None


class ReviewView(Struct, frozen=True, kw_only=True):
    """One management review: held, planned or overdue. `open_decisions` are not done yet."""

    id: str
    state: str
    planned_for: date
    held_on: date | None
    participants: tuple[str, ...]
    minutes: str | None
    decisions: int
    open_decisions: int


class RegisterView(Struct, frozen=True, kw_only=True, tag="annexd.register/1", tag_field="schema"):
    """What `annexd register --json` prints. `counts` are of the required documents, by state."""

    at: datetime
    as_of: datetime | None
    stated: bool
    counts: dict[str, int]
    required: list[RequiredView]
    besides: list[DocumentView]
    audits: list[AuditView]
    reviews: list[ReviewView]


def register_view(assessment: Assessment) -> RegisterView:
    """Return every required document with what is registered for it, what is missing first."""
    reading = assessment.reading
    register, day = assessment.company.register or Register(), reading.at.date()
    leaves = {id_: record.filed.leaf for id_, record in assessment.records.items() if record.filed is not None}
    required = list(_required(register, day, leaves))
    order = [state.value for state in DocumentState]
    required.sort(key=lambda view: order.index(view.state))
    return RegisterView(
        at=reading.at,
        as_of=reading.as_of,
        stated=assessment.company.register is not None,
        counts={state: sum(view.state == state for view in required) for state in order},
        required=required,
        besides=[
            _document(document, day, leaves)
            for document in register.documents
            if not REQUIRED.keys() & set(document.answers)
        ],
        audits=[_audit(audit, day) for audit in sorted(register.audits, key=lambda audit: audit.planned_for)],
        reviews=[_review(review, day) for review in sorted(register.reviews, key=lambda review: review.planned_for)],
    )


def _required(register: Register, day: date, leaves: dict[str, int]) -> Iterator[RequiredView]:
    for request, title in REQUIRED.items():
        documents = [
            _document(document, day, leaves, request) for document in documents_for(register.documents, request)
        ]
        states = {view.state for view in documents}
        # Of several documents the one that is furthest from being in force gives the state.
        state = next(
            (state for state in DocumentState if state.value in states), _from_what_was_held(register, request, day)
        )
        yield RequiredView(
            clause=request.partition("-")[0], record=request, title=title, state=state.value, documents=documents
        )


def _from_what_was_held(register: Register, request: str, day: date) -> DocumentState:
    """Return the state of the results of audits and reviews, which have lists of their own."""
    events: Sequence[Audit | Review] = ()
    if request == "9.2.1-clause-a":
        events = register.audits
    elif request == "9.3.3-clause-a":
        events = register.reviews
    days = [event.held_on for event in events if event.held_on is not None and event.held_on <= day]
    if not days:
        return DocumentState.MISSING
    return DocumentState.IN_FORCE if day - max(days) <= _A_YEAR else DocumentState.OVERDUE


def _document(document: Document, day: date, leaves: dict[str, int], request: str | None = None) -> DocumentView:
    requests = document.answers if request is None else (request,)
    approved = document.state(day) is not DocumentState.NOT_APPROVED
    return DocumentView(
        id=document.id,
        title=document.title,
        state=document.state(day).value,
        owner=document.owner,
        version=document.version,
        approved_by=document.approved_by if approved else None,
        approved_on=document.approved_on if approved else None,
        next_review=document.next_review,
        where=document.where,
        answers=document.answers,
        leaf=next((leaves[request_id] for request_id in requests if request_id in leaves), None),
    )


def _audit(audit: Audit, day: date) -> AuditView:
    done = was_held(audit, day)
    return AuditView(
        id=audit.id,
        state=_state(audit, day),
        covers=audit.covers,
        planned_for=audit.planned_for,
        auditor=audit.auditor,
        impartial=audit.impartial,
        held_on=audit.held_on if done else None,
        report=audit.report if done else None,
        result=audit.result if done else None,
        reported_to=audit.reported_to if done else None,
    )


def _review(review: Review, day: date) -> ReviewView:
    done = was_held(review, day)
    decisions = review.decisions if done else ()
    return ReviewView(
        id=review.id,
        state=_state(review, day),
        planned_for=review.planned_for,
        held_on=review.held_on if done else None,
        participants=review.participants if done else (),
        minutes=review.minutes if done else None,
        decisions=len(decisions),
        open_decisions=sum(decision.done_on is None or decision.done_on > day for decision in decisions),
    )


def _state(event: Audit | Review, day: date) -> str:
    if was_held(event, day):
        return "held"
    return "overdue" if event.planned_for < day else "planned"
