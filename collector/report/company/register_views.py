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
"""Audits and reviews are held at planned intervals; of what is older than a year somebody has to say why."""


class DocumentView(Struct, frozen=True, kw_only=True):
    """One document. `leaf` is where a copy is filed for the record; None: the register alone speaks of it."""

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
    """A document that a clause asks for, with those registered for it. `record` is the ask that it answers."""

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
    """One management review: held, planned or overdue. `open_decisions` are not said to be done."""

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
    required.sort(key=lambda one: order.index(one.state))
    return RegisterView(
        at=reading.at,
        as_of=reading.as_of,
        stated=assessment.company.register is not None,
        counts={state: sum(one.state == state for one in required) for state in order},
        required=required,
        besides=[_document(one, day, leaves) for one in register.documents if not REQUIRED.keys() & set(one.answers)],
        audits=[_audit(one, day) for one in sorted(register.audits, key=lambda one: one.planned_for)],
        reviews=[_review(one, day) for one in sorted(register.reviews, key=lambda one: one.planned_for)],
    )


def _required(register: Register, day: date, leaves: dict[str, int]) -> Iterator[RequiredView]:
    for ask, title in REQUIRED.items():
        documents = [_document(one, day, leaves, ask) for one in documents_for(register.documents, ask)]
        states = {one.state for one in documents}
        # Of several documents the one that is furthest from being in force says where the requirement stands.
        state = next((one for one in DocumentState if one.value in states), _from_what_was_held(register, ask, day))
        yield RequiredView(
            clause=ask.partition("-")[0], record=ask, title=title, state=state.value, documents=documents
        )


def _from_what_was_held(register: Register, ask: str, day: date) -> DocumentState:
    """Return where the results of audits and of reviews stand, which have lists of their own."""
    several: Sequence[Audit | Review] = ()
    if ask == "9.2.1-clause-a":
        several = register.audits
    elif ask == "9.3.3-clause-a":
        several = register.reviews
    days = [one.held_on for one in several if one.held_on is not None and one.held_on <= day]
    if not days:
        return DocumentState.MISSING
    return DocumentState.IN_FORCE if day - max(days) <= _A_YEAR else DocumentState.OVERDUE


def _document(one: Document, day: date, leaves: dict[str, int], ask: str | None = None) -> DocumentView:
    asks = one.answers if ask is None else (ask,)
    approved = one.state(day) is not DocumentState.NOT_APPROVED
    return DocumentView(
        id=one.id,
        title=one.title,
        state=one.state(day).value,
        owner=one.owner,
        version=one.version,
        approved_by=one.approved_by if approved else None,
        approved_on=one.approved_on if approved else None,
        next_review=one.next_review,
        where=one.where,
        answers=one.answers,
        leaf=next((leaves[each] for each in asks if each in leaves), None),
    )


def _audit(one: Audit, day: date) -> AuditView:
    done = was_held(one, day)
    return AuditView(
        id=one.id,
        state=_state(one, day),
        covers=one.covers,
        planned_for=one.planned_for,
        auditor=one.auditor,
        impartial=one.impartial,
        held_on=one.held_on if done else None,
        report=one.report if done else None,
        result=one.result if done else None,
        reported_to=one.reported_to if done else None,
    )


def _review(one: Review, day: date) -> ReviewView:
    done = was_held(one, day)
    decisions = one.decisions if done else ()
    return ReviewView(
        id=one.id,
        state=_state(one, day),
        planned_for=one.planned_for,
        held_on=one.held_on if done else None,
        participants=one.participants if done else (),
        minutes=one.minutes if done else None,
        decisions=len(decisions),
        open_decisions=sum(each.done_on is None or each.done_on > day for each in decisions),
    )


def _state(one: Audit | Review, day: date) -> str:
    if was_held(one, day):
        return "held"
    return "overdue" if one.planned_for < day else "planned"
