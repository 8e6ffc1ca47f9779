"""Reading the log over a span of time: events in their order, versions of resources, and changes of resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.checks import Status
from collector.core.facts import CheckCounts, Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Ended, FindingId
from collector.core.tasks import Outcome, Task, UnreadPart


class TaskEnd(Struct, frozen=True):
    """The end of a task, without its provenance. `why` is empty where the task was complete."""

    task: Task
    run: str
    outcome: Outcome
    ended_at: datetime
    every: timedelta
    why: str = ""
    is_not_used: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the whole set is known: it was listed completely, or is empty by the platform's word."""
        return self.outcome is Outcome.COMPLETE or self.is_not_used


Event = RunStarted | TasksPlanned | TaskEnd | Judged | RunEnded
"""A log entry that the history of checks is computed from."""


class Version(Struct, frozen=True, kw_only=True):
    """One version of a resource. `change` is appeared, changed, gone or reappeared; `digest` is None where gone."""

    change: str
    digest: Digest | None
    observed_at: datetime
    recorded_at: datetime
    run: str
    leaf: int
    unread: dict[str, UnreadPart]


class ResourceSnapshot(Struct, frozen=True, kw_only=True):
    """A resource at one time. `blob` is None where its body was erased."""

    digest: Digest
    blob: bytes | None
    unread: Mapping[str, UnreadPart]


class Step(Struct, frozen=True, kw_only=True):
    """A resource with new versions in a span: its state before and after, and the latest observation of it.

    `before` and `after` are None where the resource did not exist; `steps` counts the new versions; `identity` is the
    identity that asked the platform.
    """

    task: Task
    key: str
    before: ResourceSnapshot | None
    after: ResourceSnapshot | None
    steps: int
    observed_at: datetime
    run: str
    leaf: int
    identity: str | None


class LastFailing(Struct, frozen=True, kw_only=True):
    """A finding that is unknown now and failed before: since when it failed, and the reason of that time."""

    since: datetime
    reason: str


class FindingEvent(Struct, frozen=True, kw_only=True):
    """A verdict of a finding that was not as the one before, or the end of the finding, where `status` is None.

    `because` says more of an end; `leaf` is the log entry.
    """

    status: Status | None
    ended: Ended | None
    because: str
    reason: str
    observed_at: datetime
    leaf: int


class History(Protocol):
    """What a store returns about a span of time: after `since`, up to and including `until`."""

    def events(self, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Event]:
        """Stream the events of a span, in the order of the log."""

    def steps(self, *, since: datetime, until: datetime) -> Iterator[Step]:
        """Stream the resources with a new version in a span, ordered by source, collection, scope_text and key."""

    def versions(self, task: Task, key: str, *, as_of: datetime | None = None) -> Iterator[Version]:
        """Yield the versions of a resource, the newest first."""

    def rules(self, *, as_of: datetime | None = None) -> dict[tuple[str, str], CheckCounts]:
        """Return by check and source the latest counts of verdicts, with the code and the limits of that time."""

    def last_failing(self, *, as_of: datetime | None = None) -> dict[FindingId, LastFailing]:
        """Return the findings that are unknown and whose last decided verdict was a fail."""

    def first_judged(self, *, as_of: datetime | None = None) -> dict[tuple[str, str], datetime]:
        """Return by check and source when the evidence of the first verdict was observed."""


@runtime_checkable
class KeepsHistory(Protocol):
    """A store that keeps its history."""

    @property
    def history(self) -> History:
        """What was recorded over time."""
