"""The input of `assess`: counts of findings by check, coverage of systems in scope, records, and SoA decisions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
    lost: int = 0  # last seen failing and not seen since: still open, and counted in `unknown`
    standing: int = 0  # those of `lost` whose fail is within its time to live: it still counts as a deviation
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
    reviewed: Mapping[str, str] = {}  # systems without a source that a person reviewed: by name, who and when

    @property
    def seen(self) -> int:
        """The number of systems that were observed completely."""
        return len(self.complete)

    @property
    def required(self) -> int:
        """The number of systems in scope."""
        return len(self.complete) + len(self.partly) + len(self.never) + len(self.no_source) + len(self.reviewed)

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
        return self.not_seen()

    def not_seen(self) -> tuple[str, ...]:
        """Return the systems that were not seen completely and that nobody reviewed, a sentence for each reason."""
        lists = (("seen in part", self.partly), ("not seen", self.never), ("without a source", self.no_source))
        return tuple(f"in scope but {seen}: {', '.join(systems)}" for seen, systems in lists if systems)

    def only(self, keeps: Callable[[str], bool]) -> Coverage:
        """Return the same of some of the systems."""
        return Coverage(
            stated=self.stated,
            complete=tuple(filter(keeps, self.complete)),
            partly=tuple(filter(keeps, self.partly)),
            never=tuple(filter(keeps, self.never)),
            no_source=tuple(filter(keeps, self.no_source)),
            reviewed={name: review for name, review in self.reviewed.items() if keeps(name)},
        )

    @property
    def systems(self) -> tuple[str, ...]:
        """The names of all systems in scope."""
        return (*self.complete, *self.partly, *self.never, *self.no_source, *self.reviewed)

    def __str__(self) -> str:
        """Return the coverage as every page prints it: `3 of 4 systems`, and how many a person reviewed instead."""
        if not self.stated:
            return NOT_STATED
        reviewed = f", {len(self.reviewed)} reviewed by a person" if self.reviewed else ""
        return f"{self.seen} of {self.required} systems{reviewed}"


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
    platforms: Mapping[str, str] = {}  # of systems, by name; one that is not here may be on any platform
    platform_of: Mapping[str, str] = {}  # of checks, by id

    def covered_by(self, checks: Collection[str]) -> Coverage:
        """Return the coverage of the systems that these checks would look at: those of their platforms."""
        wanted = {self.platform_of.get(check) for check in checks}
        if None in wanted:
            return self.coverage
        return self.coverage.only(lambda system: self.platforms.get(system) in {None, *wanted})
