"""What the status of a control may rest on, counted: findings by check, systems in scope, records, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class RecordState(StrEnum):
    """What is on file for one ask."""

    VALID = "valid"
    EXPIRED = "expired"
    MISSING = "missing"
    STATEMENT_ONLY = "statement-only"  # somebody says so; nothing is on file


class FindingCounts(Struct, frozen=True, kw_only=True):
    """The findings of one check, counted once each; a verdict past its time to live is counted as unknown."""

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
    in_scope: bool = True  # False: the scope names no system of this check's platform

    @property
    def subjects(self) -> int:
        """Findings that speak about something."""
        return self.passes + self.fails + self.accepted + self.unknown

    @property
    def findings(self) -> int:
        """Everything that was judged, empty lists included."""
        return self.subjects + self.nothing


class Coverage(Struct, frozen=True, kw_only=True):
    """The systems of the ISMS scope by how well they were seen, each in one list."""

    stated: bool  # False: there is no scope file, so nobody can say what was not seen
    complete: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    no_source: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        """How many systems were seen completely."""
        return len(self.complete)

    @property
    def required(self) -> int:
        """How many systems are in scope."""
        return len(self.complete) + len(self.partly) + len(self.never) + len(self.no_source)

    @property
    def listed(self) -> bool:
        """Whether anybody has said which systems are in scope."""
        return self.stated and self.required > 0

    def gaps(self) -> tuple[str, ...]:
        """Why coverage does not allow a conclusion; empty when every system in scope was seen."""
        if not self.stated:
            return ("coverage not stated: there is no list of the systems in scope",)
        if self.required == 0:
            return ("coverage not stated: the scope names no system",)
        lists = (("seen in part", self.partly), ("not seen", self.never), ("without a source", self.no_source))
        return tuple(f"in scope but {how}: {', '.join(systems)}" for how, systems in lists if systems)

    def __str__(self) -> str:
        """The words of every page: `3 of 4 systems`."""
        return f"{self.seen} of {self.required} systems" if self.stated else "not stated"


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
    """All that the status of a control may rest on. For a framework with roles: of what serves that role."""

    at: datetime  # the moment spoken about, aware UTC
    coverage: Coverage
    tallies: Mapping[str, FindingCounts]
    records: Mapping[str, RecordState]
    soa: Soa | None
