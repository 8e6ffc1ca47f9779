"""What people have filed: who stated it, who looked it over, what it covers and until when; never who deleted it."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.controls import Ask, AskKind
from collector.core.tally import RecordState

MediaKind = Literal["record", "supplier-report", "withdrawal"]
"""A document about the company, one that an auditor of a supplier wrote, or the end of an earlier one."""


LATE = timedelta(days=31)
"""A record that is entered later than this after its approval is a late entry."""


class Person(Struct, frozen=True):
    """Who, and in what role."""

    name: str
    role: str


class SupplierReport(Struct, frozen=True, kw_only=True):
    """What has to be known of a supplier's certificate or report before it says anything about the company."""

    supplier: str
    report: str  # such as SOC 2 type 2, or ISO/IEC 27001 certificate
    scope: str
    customer_controls: str  # the controls that the report leaves to the customer


class Attestation(Struct, frozen=True, kw_only=True):
    """One record, as it is written into the log. Without a file it is a statement, and answers no ask.

    `withdraws` and `supersedes` are leaves of earlier ones.
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
    """What is written down when a record is filed. `pieces` are the file in base64, in pieces of a bearable size."""

    attestation: Attestation
    pieces: tuple[str, ...] = ()


class Filed(Struct, frozen=True):
    """An attestation with its place in the log and the moment at which it came there."""

    attestation: Attestation
    leaf: int
    logged_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether it was entered long after it was approved; that is printed beside it."""
        return self.logged_at.date() - self.attestation.approved_on > LATE


@runtime_checkable
class Attestations(Protocol):
    """What a store tells about the records that people have filed."""

    def attested(self, *, as_of: datetime | None = None) -> Iterator[Filed]:
        """Yield every attestation in the order of the log."""

    def file_of(self, leaf: int) -> bytes | None:
        """Return the file of an attestation as it was filed; None where it has none."""


class RecordOnFile(Struct, frozen=True, kw_only=True):
    """What is on file for one ask. `filed` is what the state rests on, `until` the last day on which it is valid."""

    state: RecordState
    filed: Filed | None = None
    until: date | None = None


_BEST: Sequence[RecordState] = (RecordState.VALID, RecordState.EXPIRED, RecordState.STATEMENT_ONLY, RecordState.MISSING)


def on_file(asks: Iterable[Ask], filed: Iterable[Filed], day: date) -> Mapping[str, RecordOnFile]:
    """Return for each ask the best that is on file on a day; what was withdrawn or superseded is not."""
    every = tuple(filed)
    ended = {one for each in every for one in (each.attestation.supersedes, each.attestation.withdraws)}
    by_ask: dict[str, list[Filed]] = {}
    for one in every:
        if one.leaf not in ended and one.attestation.kind != "withdrawal":
            by_ask.setdefault(one.attestation.ask, []).append(one)
    return {ask.id: _best(ask, by_ask.get(ask.id, []), day) for ask in asks}


def _best(ask: Ask, filed: Iterable[Filed], day: date) -> RecordOnFile:
    found = [_record(ask, one, day) for one in filed]
    # Of two that are valid, the later one; a file is worth more than a word, even when it is too old.
    found.sort(key=lambda one: (_BEST.index(one.state), -(one.until or date.min).toordinal()))
    return found[0] if found else RecordOnFile(state=RecordState.MISSING)


def _record(ask: Ask, filed: Filed, day: date) -> RecordOnFile:
    one = filed.attestation
    until = one.valid_until if ask.every is None else min(one.valid_until, later(one.approved_on, ask.every))
    if one.digest is None or (ask.kind is AskKind.SUPPLIER_REPORT) != (one.kind == "supplier-report"):
        return RecordOnFile(state=RecordState.STATEMENT_ONLY, filed=filed, until=until)
    if one.approved_on > day:
        return RecordOnFile(state=RecordState.MISSING, filed=filed, until=until)
    state = RecordState.VALID if day <= until else RecordState.EXPIRED
    return RecordOnFile(state=state, filed=filed, until=until)


def later(day: date, every: str) -> date:
    """Return the day on which something is due again, such as `12mo` after this one."""
    number = int("".join(one for one in every if one.isdigit()))
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
