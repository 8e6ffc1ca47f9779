"""The register of clauses 4 to 10: documents, internal audits, management reviews, issues, parties, objectives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from collector.core.attestations import RecordOnFile
from collector.core.controls import NonEmptyStr
from collector.core.tally import RecordState

CLAUSES = "iso27001:2022-clauses"
"""The id of the framework version whose evidence requests the register answers."""

REQUIRED: Mapping[str, str] = {
    "4.3-clause-a": "Scope of the management system",
    "5.2-clause-a": "Information security policy",
    "6.1.2-clause-a": "Method of risk assessment",
    "6.1.3-clause-a": "Statement of applicability",
    "6.1.3-clause-b": "Method of risk treatment, and the treatment plan",
    "6.2-clause-a": "Information security objectives",
    "7.2-clause-a": "Evidence of competence",
    "7.5.1-clause-a": "Documents that the company itself needs",
    "8.1-clause-a": "Evidence that processes run as planned",
    "8.2-clause-a": "Results of risk assessments",
    "8.3-clause-a": "Results of risk treatment",
    "9.1-clause-b": "Results of monitoring and measurement",
    "9.2.2-clause-a": "Programme of internal audits",
    "9.2.1-clause-a": "Results of internal audits",
    "9.3.3-clause-a": "Results of management reviews",
    "10.2-clause-b": "Nonconformities, what was done, and with what result",
}
"""The documented information that ISO/IEC 27001:2022 requires, by the id of annexd's evidence request."""


class DocumentState(StrEnum):
    """The state of a document on a day."""

    MISSING = "missing"
    NOT_APPROVED = "not approved"
    OVERDUE = "review overdue"
    IN_FORCE = "in force"


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One document. `answers` are the ids of the evidence requests, such as 5.2-clause-a, that it answers."""

    id: NonEmptyStr
    title: NonEmptyStr
    answers: tuple[NonEmptyStr, ...] = ()
    owner: NonEmptyStr
    version: NonEmptyStr
    approved_by: NonEmptyStr | None = None
    approved_on: date | None = None
    next_review: date
    where: NonEmptyStr

    def state(self, day: date) -> DocumentState:
        """Return the state on a day."""
        if self.approved_on is None or self.approved_on > day:
            return DocumentState.NOT_APPROVED
        return DocumentState.OVERDUE if self.next_review < day else DocumentState.IN_FORCE

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield each error in the entry as (key, reason)."""
        if (self.approved_on is None) != (self.approved_by is None):
            yield "approved_by", "an approval has a day and a person: approved_on and approved_by"
        if self.approved_on is not None and self.next_review <= self.approved_on:
            yield "next_review", "its next review is not after its approval"


class Audit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One internal audit of the programme. `impartial` says why the auditor does not audit their own work."""

    id: NonEmptyStr
    covers: NonEmptyStr
    planned_for: date
    auditor: NonEmptyStr
    impartial: NonEmptyStr
    held_on: date | None = None
    report: NonEmptyStr | None = None
    result: NonEmptyStr | None = None
    reported_to: NonEmptyStr | None = None

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield each error in the entry as (key, reason)."""
        for key in ("report", "result", "reported_to"):
            if self.held_on is None and getattr(self, key) is not None:
                yield key, "the audit was not held, as far as held_on says"
        if self.held_on is not None and (self.report is None or self.result is None):
            yield "report", "it was held, and has no report or no result"


class Review(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One management review, with its decisions."""

    id: NonEmptyStr
    planned_for: date
    held_on: date | None = None
    participants: tuple[NonEmptyStr, ...] = ()
    minutes: NonEmptyStr | None = None
    decisions: tuple[Decision, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield each error in the entry as (key, reason)."""
        if self.held_on is None and (self.minutes is not None or self.decisions):
            yield "held_on", "it has minutes or decisions, and nothing says when it was held"
        if self.held_on is not None and (self.minutes is None or not self.participants):
            yield "minutes", "it was held, and has no minutes or no participants"


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision of a management review, with owner and due day, and when it was done."""

    text: NonEmptyStr
    owner: NonEmptyStr
    due: date
    done_on: date | None = None


class Issue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An external or internal issue that affects the management system (clause 4.1)."""

    kind: Literal["external", "internal"]
    text: NonEmptyStr
    changed_on: date


class Party(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An interested party with its requirements on the company's security (clause 4.2), and its feedback."""

    name: NonEmptyStr
    needs: NonEmptyStr
    changed_on: date
    feedback: NonEmptyStr | None = None
    feedback_on: date | None = None


class Objective(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A security objective (clause 6.2). `metric` is the id of the measure, where annexd measures it."""

    id: NonEmptyStr
    text: NonEmptyStr
    owner: NonEmptyStr
    due: date
    metric: NonEmptyStr | None = None
    state: NonEmptyStr | None = None
    stated_on: date | None = None


class Opportunity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opportunity for improvement (clause 10.1)."""

    text: NonEmptyStr
    raised_by: NonEmptyStr
    raised_on: date


class Register(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of the register file."""

    documents: tuple[Document, ...] = ()
    audits: tuple[Audit, ...] = ()
    reviews: tuple[Review, ...] = ()
    issues: tuple[Issue, ...] = ()
    parties: tuple[Party, ...] = ()
    objectives: tuple[Objective, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()


def was_held(event: Audit | Review, day: date) -> bool:
    """Return whether an audit or review had been held by a day."""
    return event.held_on is not None and event.held_on <= day


def with_registered_documents(
    register: Register | None, records: Mapping[str, RecordOnFile], day: date
) -> Mapping[str, RecordOnFile]:
    """Return the records, with missing ones that a document in force answers as STATEMENT_ONLY.

    An entry in the register is a statement of the company and no document: only a filed document is a record.
    """
    if register is None:
        return records
    registered = {
        ask
        for document in register.documents
        if document.state(day) is DocumentState.IN_FORCE
        for ask in document.answers
    }
    return {
        id_: RecordOnFile(state=RecordState.STATEMENT_ONLY)
        if record.state is RecordState.MISSING and id_ in registered
        else record
        for id_, record in records.items()
    }


def documents_for(documents: Iterable[Document], ask: str) -> tuple[Document, ...]:
    """Return the documents that answer an evidence request."""
    return tuple(document for document in documents if ask in document.answers)
