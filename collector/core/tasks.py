"""Tasks (the unit of work), their outcomes, and the observations that they produce."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from msgspec import UNSET, Struct, UnsetType, field

from collector.core.scopes import Scope, show_scope


class Outcome(Enum):
    """How a task ended. Only `complete` proves that a resource is gone, or that a set has a property.

    `skipped`: by the platform's documented word what is listed cannot exist in the scope, so the set is empty.
    """

    COMPLETE = "complete"
    PARTIAL = "partial"
    DENIED = "denied"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_RUN = "not_run"


SAYS_WHAT_THERE_IS = frozenset({Outcome.COMPLETE, Outcome.PARTIAL, Outcome.SKIPPED})
"""Outcomes after which something is known of a set; the latest of them decides whether its resources are there."""


class Task(Struct, frozen=True, order=True):
    """One collection of one source in one scope: the unit of work, retry, progress, outcome and provenance."""

    source: str
    collection: str
    scope: Scope

    def __str__(self) -> str:
        return f"{self.source}: {self.collection} in {show_scope(self.scope)}"


class UnreadPart(Struct, frozen=True):
    """A part of a body that could not be read: its call, what reading it needs, and what the platform said.

    `permissions` is empty where no permission would help.
    """

    call: str
    permissions: str = field(name="needs")
    why: str
    denied: bool = False

    def __str__(self) -> str:
        needs = f" (needs {self.permissions})" if self.permissions else ""
        return f"{self.call} could not be read: {self.why}{needs}"


class Calls(Struct, frozen=True):
    """The requests of one operation in a task, counted; `free` are those that cost no quota.

    `cost` is what they took from the quota in the platform's own unit; UNSET, and not written, where it does not say.
    """

    operation: str
    count: int
    retries: int = 0
    statuses: dict[str, int] = {}
    params: dict[str, str] = {}
    first_id: str | None = None
    last_id: str | None = None
    free: int = 0
    cost: int | UnsetType = UNSET


class Provenance(Struct, frozen=True):
    """How an observation was made: what an auditor asks of information produced by the entity (IPE).

    Counts are of HTTP requests, retries included. `total` is the platform's own count, where it gives one; `date` its
    own clock at the last answer; `unread` counts the items that lack a part, by part; `redacted` counts replaced
    values, by rule; `identity_unknown` is the reason where the identity of the caller is not known. `clock_off` is this
    machine's clock less the platform's, where they were further apart than the limit at any answer, and the furthest
    of these, in whole seconds; UNSET, and not written, where they agree or nobody could compare them. `worker` is the
    worker that made the observation, with the digest of its code; UNSET, and not written, where the process that
    recorded it made it too.
    """

    identity: str | None
    connector: str
    code: str
    redaction: str
    calls: tuple[Calls, ...] = ()
    pages: int = 0
    requests: int = 0
    repeated: int = 0
    total: int | None = None
    total_from: str | None = None
    date: datetime | None = None
    unread: dict[str, int] = {}
    redacted: dict[str, int] = {}
    identity_unknown: str = ""
    clock_off: timedelta | UnsetType = UNSET
    worker: str | UnsetType = UNSET


class Observation(Struct, frozen=True):
    """The result of a task, with times in aware UTC. `why` and `permissions` are empty where it was complete.

    `not_used_by` is who gave the platform's word that what is listed cannot exist in the scope: the operation that
    answered so, or the discovery that the word follows from. Records of old versions may be skipped without one: those
    were left out on purpose, and say nothing about the set.
    """

    task: Task
    run: str
    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    listed: int
    provenance: Provenance
    every: timedelta
    why: str = ""
    permissions: str = field(default="", name="needs")
    not_used_by: str | UnsetType = UNSET

    @property
    def is_not_used(self) -> bool:
        """Whether the set is empty by the platform's word, because what is listed cannot exist in the scope."""
        return self.outcome is Outcome.SKIPPED and self.not_used_by is not UNSET

    @property
    def is_whole(self) -> bool:
        """Whether the whole set is known: it was listed completely, or is empty by the platform's word."""
        return self.outcome is Outcome.COMPLETE or self.is_not_used

    @property
    def clock_off(self) -> timedelta:
        """By how much this machine's clock was ahead of the platform's, beyond the limit; zero where the two agree."""
        off = self.provenance.clock_off
        return timedelta() if off is UNSET else off

    @property
    def seen_at(self) -> datetime:
        """When it ended by the earlier of two clocks that disagree: evidence is at least as old as either says."""
        return min(self.ended_at, self.ended_at - self.clock_off)

    @property
    def ended_as(self) -> str:
        """How the task ended, in words for people."""
        return "not used" if self.is_not_used else self.outcome.value.replace("_", " ")

    def reason(self) -> str:
        """Return why the observation is not complete, as a sentence for people; empty where it is complete."""
        if self.outcome is Outcome.COMPLETE:
            return ""
        where = f"{self.task.collection} in {show_scope(self.task.scope)}"
        if self.is_not_used:
            return f"{where}: not used here, by the platform's word ({self.not_used_by}): {self.why}"
        needs = f" (needs {self.permissions})" if self.permissions else ""
        return f"{where}: {_SAID[self.outcome]}: {self.why}{needs}"


_SAID = {
    Outcome.PARTIAL: "only part of the list could be read",
    Outcome.DENIED: "the list was refused",
    Outcome.FAILED: "the list could not be read",
    Outcome.SKIPPED: "not looked at, on purpose",
    Outcome.NOT_RUN: "not run",
}
