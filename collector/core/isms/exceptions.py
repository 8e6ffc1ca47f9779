"""Deviations that somebody has accepted for a time. An exception changes no verdict, and covers nothing unknown."""

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
"""An exception lasts at most twelve months, in a leap year too; then somebody decides again."""

ANY = "*"
"""Stands for any letters in the subject of an exception."""


class ExceptionKind(StrEnum):
    """Why a deviation may stay."""

    RISK_ACCEPTED = "risk_accepted"  # the owner of the risk bears it
    COMPENSATING_CONTROL = "compensating_control"  # something else does the work
    FALSE_POSITIVE = "false_positive"  # the check is wrong about this subject


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One exception. `owner` asked for it and sees to it; `approver` is the owner of the risk, and somebody else.

    `subject` is the key of a resource; "" the scope itself; with `*` it is a pattern, and `max_subjects` is needed.
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
        """Whether it may speak about more than one subject."""
        return ANY in self.subject

    def stands(self, day: date) -> bool:
        """Whether a day is one that it was approved for: not before its approval, and not after it expires."""
        return self.approved_on <= day <= self.expires

    def counts(self, day: date, logged: datetime | None) -> bool:
        """Whether it stands on a day and was in the log by then; `logged` is None where it is not."""
        return self.stands(day) and logged is not None and logged.date() <= day

    def speaks_of(self, id_: FindingId) -> bool:
        """Whether a finding is one that it was approved for."""
        if (id_.check, id_.source) != (self.check, self.source) or not within(id_.scope, self.scope):
            return False
        if self.is_pattern:
            return id_.subject != WHOLE and _pattern(self.subject).fullmatch(id_.subject) is not None
        return id_.subject == self.subject

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with it: the key, and why."""
        if self.is_pattern and (self.max_subjects is None or self.max_subjects < 1):
            yield "max_subjects", "a pattern does not say how many subjects it was approved for"
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
    """Return for each exception, by its id, when the log first had it as it is; one that it never had is left out.

    Another reason in other words is the same exception; another subject, approval or end is another one. `record` are
    the states of the file with their moments. With less of the record nothing is logged earlier, and less is logged.
    """
    seen: dict[Acceptance, datetime] = {}
    for at, several in record:
        for one in several:
            known = _without_prose(one)
            seen[known] = min(at, seen.get(known, at))
    return {one.id: seen[known] for one in exceptions if (known := _without_prose(one)) in seen}


def _without_prose(one: Acceptance) -> Acceptance:
    return replace(one, reason="-")


class Accepting:
    """The exceptions that count at a moment. One that matches more subjects than were approved covers none of them."""

    def __init__(
        self,
        exceptions: Iterable[Acceptance],
        day: date,
        failing: Mapping[str, int],
        logged: Mapping[str, datetime],
    ) -> None:
        """`failing` counts the failing subjects that each speaks of, `logged` is when each came into the log."""
        self._day = day
        self._logged = logged
        self._every = tuple(exceptions)
        self._standing = [
            one
            for one in self._every
            if one.counts(day, logged.get(one.id))
            and (one.max_subjects is None or failing.get(one.id, 0) <= one.max_subjects)
        ]

    def covers(self, id_: FindingId) -> Acceptance | None:
        """Return the exception that a failing subject falls under; whether it fails is for the caller to know."""
        return next((one for one in self._standing if one.speaks_of(id_)), None)

    def ended(self, id_: FindingId) -> str:
        """Say why an exception that speaks of a failing subject does not cover it; empty where there is none."""
        for one in self._every:
            if one.speaks_of(id_):
                if one.expires < self._day:
                    return f" (exception {one.id} expired on {one.expires})"
                if one.id not in self._logged:
                    return f" (exception {one.id} is not in the log yet)"
                if one.approved_on <= self._day:
                    return f" (exception {one.id} matches more subjects than the {one.max_subjects} approved)"
        return ""


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    # Only the asterisk is special: keys of platforms hold brackets and question marks of their own.
    return re.compile(".*".join(re.escape(part) for part in text.split(ANY)), re.DOTALL)
