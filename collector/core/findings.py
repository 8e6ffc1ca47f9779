"""What a check said of a subject, and how that is kept."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.checks import Status
from collector.core.scopes import Scope, show_scope

WHOLE = ""
"""The subject of a finding about a scope itself: a set, nothing to check, or what could not be seen."""


class FindingId(Struct, frozen=True, order=True):
    """Which check said it of what: a resource, by its key in a scope of a source, or the scope itself (WHOLE)."""

    check: str
    source: str
    scope: Scope
    subject: str

    def __str__(self) -> str:
        where = f"{self.source}:{show_scope(self.scope)}"
        return f"{self.check} on {where}" + (f" {self.subject}" if self.subject != WHOLE else "")


class Finding(Struct, frozen=True):
    """A verdict on a subject, with what it rests on.

    `limits` are the values in force, written as in the configuration; `evidence` the digests of the blobs and the
    inventory roots that it rests on; `observed_at` when that evidence was observed. `trace` is kept where the check
    itself broke.
    """

    id: FindingId
    status: Status
    reason: str
    limits: dict[str, str]
    evidence: tuple[Digest, ...]
    observed_at: datetime
    trace: str | None = None


class Ended(Enum):
    """Why a finding is no longer there; never the same as fixed."""

    SUBJECT_GONE = "subject gone"
    SCOPE_SEEN = "scope seen"
    SCOPE_GONE = "scope gone"
    CHECK_DISABLED = "check disabled"


class FindingChange(Struct, frozen=True):
    """One step in the history of a finding: a new verdict, or its end. Exactly one of `now` and `ended` is there."""

    id: FindingId
    was: Status | None
    now: Finding | None = None
    ended: Ended | None = None
    because: str = ""


class FindingState(Struct, frozen=True):
    """A finding as it stands, with since when it has had this status and in which run that was seen first."""

    finding: Finding
    since: datetime
    run: str
