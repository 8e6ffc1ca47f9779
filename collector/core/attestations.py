"""Attestations: records that people filed for evidence requests, and which of them is valid on a day.

An attestation is never deleted; a later one supersedes or withdraws it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.controls import Ask, AskKind
from collector.core.tally import RecordState

MediaKind = Literal["record", "supplier-report", "system-review", "withdrawal"]
"""A record about the company, a report by an auditor of a supplier, or the withdrawal of an earlier attestation.

A system review is a dated review, by a named person, of a system in scope that has no source.
"""


SYSTEM = "system:"
"""Begins the id of the evidence request for the review of a system without a source: `system:Personnel files`."""

LATE = timedelta(days=31)
"""A record entered more than this after its approval is marked as a late entry."""


class Person(Struct, frozen=True):
    """The name of a person and the role in which they acted."""

    name: str
    role: str


class SupplierReport(Struct, frozen=True, kw_only=True):
    """The details that a supplier's certificate or report needs before it counts as evidence."""

    supplier: str
    report: str  # such as SOC 2 type 2, or ISO/IEC 27001 certificate
    scope: str
    customer_controls: str  # the controls that the report leaves to the customer


class Attestation(Struct, frozen=True, kw_only=True):
    """One attestation as it is written into the log. Without a file it is a statement, which answers no request.

    `ask` is the id of the evidence request; `withdraws` and `supersedes` are log indexes of earlier attestations.
    """

    ask: str
    kind: MediaKind
    stated_by: Person
    entered_by: str
    reviewed_by: str
    version: str
    approved_on: date
    obtained_from: str
    period: tuple[date, date] | None
    made_at: datetime
    valid_until: date
    file_name: str | None = None
    digest: Digest | None = None
    size: int | None = None
    supersedes: int | None = None
    withdraws: int | None = None
    because: str = ""  # of a withdrawal
    supplier: SupplierReport | None = None


class Attested(Struct, frozen=True, tag="attested"):
    """The log entry of a filed attestation. `pieces` are parts of the file in base64; joined they are the whole."""

    attestation: Attestation
    pieces: tuple[str, ...] = ()


class Filed(Struct, frozen=True):
    """An attestation with the index of its log entry and the time of that entry."""

    attestation: Attestation
    leaf: int
    logged_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether it was entered more than LATE after its approval; printed beside it."""
        return self.logged_at.date() - self.attestation.approved_on > LATE


@runtime_checkable
class Attestations(Protocol):
    """What a store returns about the attestations in its log."""

    def attested(self, *, as_of: datetime | None = None) -> Iterator[Filed]:
        """Yield every attestation in the order of the log."""

    def file_of(self, leaf: int) -> bytes | None:
        """Return the file of the attestation at a log index, as bytes; None where it has no file."""


class RecordOnFile(Struct, frozen=True, kw_only=True):
    """The state of one evidence request. `filed` decides the state; `until` is the last day on which it is valid."""

    state: RecordState
    filed: Filed | None = None
    until: date | None = None


_BEST: Sequence[RecordState] = (RecordState.VALID, RecordState.EXPIRED, RecordState.STATEMENT_ONLY, RecordState.MISSING)


def on_file(asks: Iterable[Ask], filed: Iterable[Filed], day: date) -> Mapping[str, RecordOnFile]:
    """Return by request id the best attestation on file on a day; withdrawn and superseded ones do not count.

    A record answers every request that repeats the one under which it was filed, of whatever framework version.
    """
    attestations = tuple(filed)
    ended = {
        leaf for attested in attestations for leaf in (attested.attestation.supersedes, attested.attestation.withdraws)
    }
    requests = tuple(asks)
    by_ask: dict[str, list[Filed]] = {}
    for attested in attestations:
        if attested.leaf not in ended and attested.attestation.kind != "withdrawal":
            by_ask.setdefault(attested.attestation.ask, []).append(attested)
    answering = _answering(requests)
    return {
        ask.id: _best(ask, [record for id_ in answering[ask.id] for record in by_ask.get(id_, ())], day)
        for ask in requests
    }


def _answering(requests: Sequence[Ask]) -> Mapping[str, tuple[str, ...]]:
    """Return for each request the ids whose records answer it: its own, the one that it repeats, and those alike.

    A request for a part of what another asks for is answered by the record of the whole, and not the other way round.
    """
    alike: dict[tuple[str, str], dict[str, None]] = {}
    for ask in requests:
        alike.setdefault((ask.owed, ask.text), {})[ask.id] = None
    texts = {ask.id: ask.text for ask in requests}
    return {
        ask.id: tuple(
            dict.fromkeys(
                (
                    ask.id,
                    ask.owed,
                    *alike[ask.owed, ask.text],
                    *alike.get((ask.owed, texts.get(ask.owed, ask.text)), {}),
                )
            )
        )
        for ask in requests
    }


def same_files(filed: Iterable[Filed]) -> Mapping[Digest, tuple[Filed, ...]]:
    """Return by digest the attestations that have the same file as another; withdrawn and superseded ones do not count.

    One file may answer several requests, and whoever reads a record is told.
    """
    attestations = tuple(filed)
    ended = {leaf for record in attestations for leaf in (record.attestation.supersedes, record.attestation.withdraws)}
    found: dict[Digest, list[Filed]] = {}
    for record in attestations:
        digest = record.attestation.digest
        if digest is not None and record.leaf not in ended:
            found.setdefault(digest, []).append(record)
    return {digest: tuple(records) for digest, records in found.items() if len(records) > 1}


def _best(ask: Ask, filed: Iterable[Filed], day: date) -> RecordOnFile:
    records = [_record(ask, record, day) for record in filed]
    # Of two valid records the one that is valid longer; an expired file is better than a statement.
    records.sort(key=lambda record: (_BEST.index(record.state), -(record.until or date.min).toordinal()))
    return records[0] if records else RecordOnFile(state=RecordState.MISSING)


def _record(ask: Ask, filed: Filed, day: date) -> RecordOnFile:
    attestation = filed.attestation
    until = (
        attestation.valid_until
        if ask.every is None
        else min(attestation.valid_until, due_again(attestation.approved_on, ask.every))
    )
    if attestation.digest is None or attestation.kind != kind_of_answer(ask):
        return RecordOnFile(state=RecordState.STATEMENT_ONLY, filed=filed, until=until)
    if attestation.approved_on > day:
        return RecordOnFile(state=RecordState.MISSING, filed=filed, until=until)
    state = RecordState.VALID if day <= until else RecordState.EXPIRED
    return RecordOnFile(state=state, filed=filed, until=until)


def kind_of_answer(ask: Ask) -> MediaKind:
    """Return what an evidence request has to be answered with."""
    if ask.id.startswith(SYSTEM):
        return "system-review"
    return "supplier-report" if ask.kind is AskKind.SUPPLIER_REPORT else "record"


def due_again(day: date, every: str) -> date:
    """Return the day that lies one period, such as `12mo`, after a day; the last day of a shorter month."""
    number = int("".join(character for character in every if character.isdigit()))
    match every.lstrip("0123456789"):
        case "d":
            return date.fromordinal(day.toordinal() + number)
        case "w":
            return date.fromordinal(day.toordinal() + 7 * number)
        case "mo":
            months = day.month - 1 + number
        case _:
            months = day.month - 1 + 12 * number
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
