"""Findings: a verdict of a check on a subject, its identity, its changes and its current state."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.checks import Status
from collector.core.scopes import Scope, show_scope

WHOLE = ""
"""The subject of a finding about a scope as a whole: of a set, of an empty list, or of what could not be seen."""


class FindingId(Struct, frozen=True, order=True):
    """The identity of a finding: the check, and the key of a resource in a scope of a source, or WHOLE."""

    check: str
    source: str
    scope: Scope
    subject: str

    def __str__(self) -> str:
        where = f"{self.source}:{show_scope(self.scope)}"
        return f"{self.check} on {where}" + (f" {self.subject}" if self.subject != WHOLE else "")


class Finding(Struct, frozen=True):
    """A verdict on a subject, with what it is based on.

    `limits` are the values in force, written as in the configuration; `evidence` the digests of the blobs and the
    inventory roots that it is based on; `observed_at` when that evidence was observed. `trace` is the traceback where
    the check raised an error.
    """

    id: FindingId
    status: Status
    reason: str
    limits: dict[str, str]
    evidence: tuple[Digest, ...]
    observed_at: datetime
    trace: str | None = None


class Ended(Enum):
    """Why a finding ended without a new verdict; never the same as fixed."""

    SUBJECT_GONE = "subject gone"
    SCOPE_SEEN = "scope seen"
    SCOPE_GONE = "scope gone"
    CHECK_DISABLED = "check disabled"


class FindingChange(Struct, frozen=True):
    """One change of a finding: a new verdict (`now`) or its end (`ended`); exactly one of the two is set."""

    id: FindingId
    was: Status | None
    now: Finding | None = None
    ended: Ended | None = None
    because: str = ""


class FindingCount(Struct, frozen=True):
    """How many current findings a check has in one scope with one status."""

    check: str
    scope: Scope
    status: Status
    count: int


class FindingState(Struct, frozen=True):
    """A current finding, with the time since which it has had this status, and the run that saw the status first."""

    finding: Finding
    since: datetime
    run: str
