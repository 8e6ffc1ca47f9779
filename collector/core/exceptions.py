"""Deviations that somebody has accepted for a time. An exception changes no verdict, and covers nothing unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from collector.core.controls import Words
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

    id: Words
    kind: ExceptionKind
    check: Words
    source: Words
    scope: tuple[Words, ...] = ()
    subject: str
    max_subjects: int | None = None
    reason: Words
    owner: Words
    approver: Words
    approval_ref: Words
    approved_on: date
    expires: date
    renewals: int = 0

    @property
    def is_pattern(self) -> bool:
        """Whether it may speak about more than one subject."""
        return ANY in self.subject

    def stands(self, day: date) -> bool:
        """Whether it counts on a day: not before its approval, and not after the day on which it expires."""
        return self.approved_on <= day <= self.expires

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


class Accepting:
    """The exceptions that count at a moment. One that matches more subjects than were approved covers none of them."""

    def __init__(self, exceptions: Iterable[Acceptance], day: date, failing: Mapping[str, int]) -> None:
        """`failing` is the number of subjects that fail and that each exception speaks of, by its id."""
        self._day = day
        self._every = tuple(exceptions)
        self._standing = [
            one
            for one in self._every
            if one.stands(day) and (one.max_subjects is None or failing.get(one.id, 0) <= one.max_subjects)
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
                if one.approved_on <= self._day:
                    return f" (exception {one.id} matches more subjects than the {one.max_subjects} approved)"
        return ""


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    # Only the asterisk is special: keys of platforms hold brackets and question marks of their own.
    return re.compile(".*".join(re.escape(part) for part in text.split(ANY)), re.DOTALL)
