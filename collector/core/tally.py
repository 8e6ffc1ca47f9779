"""The input of `assess`: counts of findings by check, coverage of systems in scope, records, and SoA decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

NOT_STATED = "not stated"
"""The coverage without a scope in force: everything that was collected counts then."""


class RecordState(StrEnum):
    """The state of the record for one evidence request."""

    VALID = "valid"
    EXPIRED = "expired"
    MISSING = "missing"
    STATEMENT_ONLY = "statement-only"  # a person has stated it; no document is on file


class FindingCounts(Struct, frozen=True, kw_only=True):
    """The findings of one check, each counted once; a verdict that is too old is counted as unknown."""

    check: str
    passes: int = 0
    fails: int = 0  # open: not covered by a valid exception
    accepted: int = 0  # fails that a valid exception covers; they are not in `fails`
    unknown: int = 0
    nothing: int = 0  # a complete list without a subject
    lost: int = 0  # last seen failing and not seen since: still open
    lost_since: date | None = None  # since when the oldest of them fails
    reasons: tuple[str, ...] = ()  # strongest first
    oldest_at: datetime | None = None  # None: no finding
    ran: bool  # within its time limit, so that its findings stand
    disabled: bool = False
    in_scope: bool = True  # False: the scope names no system that this check looks at
    elsewhere: int = 0  # findings outside the scope, which decide nothing and are in no other count

    @property
    def subjects(self) -> int:
        """The number of findings that have a subject."""
        return self.passes + self.fails + self.accepted + self.unknown

    @property
    def findings(self) -> int:
        """The number of all findings, those of empty lists included."""
        return self.subjects + self.nothing


class Coverage(Struct, frozen=True, kw_only=True):
    """The systems of the ISMS scope by how completely they were observed; each is in exactly one list."""

    stated: bool  # False: there is no scope file, so nobody can say what was not seen
    complete: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    no_source: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        """The number of systems that were observed completely."""
        return len(self.complete)

    @property
    def required(self) -> int:
        """The number of systems in scope."""
        return len(self.complete) + len(self.partly) + len(self.never) + len(self.no_source)

    @property
    def listed(self) -> bool:
        """Whether a scope file lists at least one system."""
        return self.stated and self.required > 0

    def gaps(self) -> tuple[str, ...]:
        """Return the reasons why coverage allows no conclusion; empty when every system in scope was observed."""
        if not self.stated:
            return ("coverage not stated: there is no list of the systems in scope",)
        if self.required == 0:
            return ("coverage not stated: the scope names no system",)
        lists = (("seen in part", self.partly), ("not seen", self.never), ("without a source", self.no_source))
        return tuple(f"in scope but {seen}: {', '.join(systems)}" for seen, systems in lists if systems)

    def __str__(self) -> str:
        """Return the coverage as every page prints it: `3 of 4 systems`."""
        return f"{self.seen} of {self.required} systems" if self.stated else NOT_STATED


class Applicability(Struct, frozen=True, kw_only=True):
    """One row of the statement of applicability."""

    applicable: bool
    because: str
    implemented: Literal["yes", "partly", "planned", "no"] = "yes"
    planned_for: date | None = None
    contradicted: tuple[str, ...] = ()  # risks that rely on the control, and the like


class Soa(Struct, frozen=True, kw_only=True):
    """A statement of applicability, in the version that is in force."""

    version: str
    decisions: Mapping[str, Applicability]


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything that the status of a control is computed from; with roles, only of the systems that serve the role."""

    at: datetime  # the time that the status is for, aware UTC
    coverage: Coverage
    tallies: Mapping[str, FindingCounts]
    records: Mapping[str, RecordState]
    soa: Soa | None
