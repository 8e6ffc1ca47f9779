"""The document register of clauses 4 to 10, the audit programme, management reviews, and what these talk about."""

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
"""The edition whose rows the register speaks about."""

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
"""The documented information that the clauses of ISO/IEC 27001:2022 ask for, by the record that annexd asks people."""


class DocumentState(StrEnum):
    """Where a document stands on a day."""

    MISSING = "missing"
    NOT_APPROVED = "not approved"
    OVERDUE = "review overdue"
    IN_FORCE = "in force"


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One document. `answers` are the records, such as 5.2-clause-a, that it is the document for."""

    id: NonEmptyStr
    title: NonEmptyStr
    answers: tuple[NonEmptyStr, ...] = ()
    owner: NonEmptyStr
    version: NonEmptyStr
    approved_by: NonEmptyStr | None = None
    approved_on: date | None = None
    next_review: date
    where: NonEmptyStr

    def standing(self, day: date) -> DocumentState:
        """Return where it stands on a day."""
        if self.approved_on is None or self.approved_on > day:
            return DocumentState.NOT_APPROVED
        return DocumentState.OVERDUE if self.next_review < day else DocumentState.IN_FORCE

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with it: the key, and why."""
        if (self.approved_on is None) != (self.approved_by is None):
            yield "approved_by", "an approval has a day and a person: approved_on and approved_by"
        if self.approved_on is not None and self.next_review <= self.approved_on:
            yield "next_review", "its next review is not after its approval"


class Audit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One internal audit of the programme. `impartial` says why its auditor does not look at work of their own."""

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
        """Yield what is wrong with it: the key, and why."""
        for key in ("report", "result", "reported_to"):
            if self.held_on is None and getattr(self, key) is not None:
                yield key, "the audit was not held, as far as held_on says"
        if self.held_on is not None and (self.report is None or self.result is None):
            yield "report", "it was held, and has no report or no result"


class Review(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One management review. `decisions` are what it came to, each with whom it is for and by when."""

    id: NonEmptyStr
    planned_for: date
    held_on: date | None = None
    participants: tuple[NonEmptyStr, ...] = ()
    minutes: NonEmptyStr | None = None
    decisions: tuple[Decision, ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with it: the key, and why."""
        if self.held_on is None and (self.minutes is not None or self.decisions):
            yield "held_on", "it has minutes or decisions, and nothing says when it was held"
        if self.held_on is not None and (self.minutes is None or not self.participants):
            yield "minutes", "it was held, and has no minutes or no participants"


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a review decided, and what became of it."""

    text: NonEmptyStr
    owner: NonEmptyStr
    due: date
    done_on: date | None = None


class Issue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An external or internal matter that bears on the management system (clause 4.1)."""

    kind: Literal["external", "internal"]
    text: NonEmptyStr
    changed_on: date


class Party(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who expects something of the company's security (clause 4.2), and what they have said about it."""

    name: NonEmptyStr
    needs: NonEmptyStr
    changed_on: date
    feedback: NonEmptyStr | None = None
    feedback_on: date | None = None


class Objective(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An objective of security (clause 6.2). `metric` is how it is measured, where annexd measures it."""

    id: NonEmptyStr
    text: NonEmptyStr
    owner: NonEmptyStr
    due: date
    metric: NonEmptyStr | None = None
    state: NonEmptyStr | None = None
    stated_on: date | None = None


class Opportunity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that could be better without being wrong (clause 10.1)."""

    text: NonEmptyStr
    raised_by: NonEmptyStr
    raised_on: date


class Register(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it, in one file."""

    documents: tuple[Document, ...] = ()
    audits: tuple[Audit, ...] = ()
    reviews: tuple[Review, ...] = ()
    issues: tuple[Issue, ...] = ()
    parties: tuple[Party, ...] = ()
    objectives: tuple[Objective, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()


def held(one: Audit | Review, day: date) -> bool:
    """Whether it had been held by a day."""
    return one.held_on is not None and one.held_on <= day


def stated(register: Register | None, records: Mapping[str, RecordOnFile], day: date) -> Mapping[str, RecordOnFile]:
    """Return the records with those stated that a document in force is registered for.

    A line in a register is the company's word, and no document: only what is filed is a record.
    """
    if register is None:
        return records
    answered = {ask for one in register.documents if one.standing(day) is DocumentState.IN_FORCE for ask in one.answers}
    return {
        id_: RecordOnFile(state=RecordState.STATEMENT_ONLY)
        if record.state is RecordState.MISSING and id_ in answered
        else record
        for id_, record in records.items()
    }


def for_ask(documents: Iterable[Document], ask: str) -> tuple[Document, ...]:
    """Return the documents that are registered for a record."""
    return tuple(one for one in documents if ask in one.answers)
