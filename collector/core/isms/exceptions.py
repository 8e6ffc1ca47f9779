"""Exceptions: deviations accepted for a time. An exception changes no verdict, and never covers an unknown one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from collector.core.controls import NonEmptyStr
from collector.core.findings import WHOLE, FindingId
from collector.core.scopes import within

LONGEST = timedelta(days=366)
"""The longest time between approval and expiry: twelve months, in a leap year too."""

ANY = "*"
"""Matches any characters in the subject of an exception."""


class ExceptionKind(StrEnum):
    """Why a deviation may stay."""

    RISK_ACCEPTED = "risk_accepted"  # the owner of the risk accepts it
    COMPENSATING_CONTROL = "compensating_control"  # another control treats the risk
    FALSE_POSITIVE = "false_positive"  # the check is wrong about this subject


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One exception. `owner` requested it; `approver` is the owner of the risk, and must be another person.

    `subject` is the key of a resource, or "" for the scope as a whole; with `*` it is a pattern, which needs
    `max_subjects`.
    """

    id: NonEmptyStr
    kind: ExceptionKind
    check: NonEmptyStr
    source: NonEmptyStr
    scope: tuple[NonEmptyStr, ...] = ()
    subject: str
    max_subjects: int | None = None
    reason: NonEmptyStr
    owner: NonEmptyStr
    approver: NonEmptyStr
    approval_ref: NonEmptyStr
    approved_on: date
    expires: date
    renewals: int = 0

    @property
    def is_pattern(self) -> bool:
        """Whether it may match more than one subject."""
        return ANY in self.subject

    def is_valid_on(self, day: date) -> bool:
        """Return whether a day is from its approval to its expiry, both included."""
        return self.approved_on <= day <= self.expires

    def in_effect(self, day: date, logged: datetime | None) -> bool:
        """Return whether it is valid on a day and was logged by then; `logged` is None where it was not logged."""
        return self.is_valid_on(day) and logged is not None and logged.date() <= day

    def matches(self, id_: FindingId) -> bool:
        """Return whether a finding has the check, source, scope and subject that it was approved for."""
        if (id_.check, id_.source) != (self.check, self.source) or not within(id_.scope, self.scope):
            return False
        if self.is_pattern:
            return id_.subject != WHOLE and _pattern(self.subject).fullmatch(id_.subject) is not None
        return id_.subject == self.subject

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield each error in the entry as (key, reason)."""
        if self.is_pattern and (self.max_subjects is None or self.max_subjects < 1):
            yield "max_subjects", "a pattern does not say how many resources it was approved for"
        if self.owner.strip().casefold() == self.approver.strip().casefold():
            yield "approver", "whoever asks for an exception does not approve it"
        if self.expires <= self.approved_on:
            yield "expires", "it expires before it begins"
        if self.expires - self.approved_on > LONGEST:
            yield "expires", f"it lasts {(self.expires - self.approved_on).days} days; twelve months are allowed"
        if self.renewals < 0:
            yield "renewals", "a number of renewals cannot be less than none"


def first_logged(
    exceptions: Iterable[Acceptance], record: Iterable[tuple[datetime, Iterable[Acceptance]]]
) -> Mapping[str, datetime]:
    """Return by id when each exception was first in the log as it is now; one that never was is left out.

    A changed `reason` does not make it another exception; a change of any other field does. `record` are the logged
    states of the file with their times. With fewer states no exception counts as logged earlier.
    """
    seen: dict[Acceptance, datetime] = {}
    for at, logged in record:
        for exception in logged:
            known = _without_prose(exception)
            seen[known] = min(at, seen.get(known, at))
    return {exception.id: seen[known] for exception in exceptions if (known := _without_prose(exception)) in seen}


def _without_prose(exception: Acceptance) -> Acceptance:
    return replace(exception, reason="-")


class AcceptedExceptions:
    """The exceptions in effect on a day. One that matches more subjects than were approved covers none of them."""

    def __init__(
        self,
        exceptions: Iterable[Acceptance],
        day: date,
        failing: Mapping[str, int],
        logged: Mapping[str, datetime],
    ) -> None:
        """`failing` counts by id the failing subjects that each exception matches; `logged` is when it was logged."""
        self._day = day
        self._logged = logged
        self._exceptions = tuple(exceptions)
        self._in_effect = [
            exception
            for exception in self._exceptions
            if exception.in_effect(day, logged.get(exception.id))
            and (exception.max_subjects is None or failing.get(exception.id, 0) <= exception.max_subjects)
        ]

    def speaks_of(self, check: str) -> bool:
        """Return whether an exception, in effect or not, is for a check."""
        return any(exception.check == check for exception in self._exceptions)

    def covers(self, id_: FindingId) -> Acceptance | None:
        """Return the exception that covers a failing finding, or None; the caller makes sure that it fails."""
        return next((exception for exception in self._in_effect if exception.matches(id_)), None)

    def why_not_covered(self, id_: FindingId) -> str:
        """Return why an exception that matches a failing finding does not cover it; empty where none matches."""
        for exception in self._exceptions:
            if exception.matches(id_):
                if exception.expires < self._day:
                    return f" (exception {exception.id} expired on {exception.expires})"
                if exception.id not in self._logged:
                    return f" (exception {exception.id} is not in the log yet)"
                if exception.approved_on <= self._day:
                    return (
                        f" (exception {exception.id} matches more resources than the {exception.max_subjects} approved)"
                    )
        return ""


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    # Only the asterisk is special: keys of platforms hold brackets and question marks of their own.
    return re.compile(".*".join(re.escape(part) for part in text.split(ANY)), re.DOTALL)
