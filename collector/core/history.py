"""What the record says happened, in its own order: everything that speaks about a span of time is made from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.facts import CheckCounts, Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.tasks import Outcome, Task, UnreadPart


class TaskEnd(Struct, frozen=True):
    """The end of a task, without its provenance. `why` is empty where it saw everything."""

    task: Task
    run: str
    outcome: Outcome
    ended_at: datetime
    every: timedelta
    why: str = ""


Event = RunStarted | TasksPlanned | TaskEnd | Judged | RunEnded
"""One step of the record, as far as history needs it."""


class Version(Struct, frozen=True, kw_only=True):
    """One step in the history of a resource. `digest` is None where it was gone."""

    change: str
    digest: Digest | None
    observed_at: datetime
    recorded_at: datetime
    run: str
    leaf: int
    unread: dict[str, UnreadPart]


class ResourceSnapshot(Struct, frozen=True, kw_only=True):
    """A resource as it was at a moment. `blob` is None where its body was erased."""

    digest: Digest
    blob: bytes | None
    unread: Mapping[str, UnreadPart]


class Step(Struct, frozen=True, kw_only=True):
    """A resource that was recorded anew between two moments: what it was, what it became, and who saw that.

    `before` and `after` are None where it was not there; `identity` is who asked the platform.
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


class History(Protocol):
    """What a store tells about spans of time. A span begins after its first moment and includes its last one."""

    def happened(self, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Event]:
        """Stream what was recorded in a span, in the order of the record."""

    def steps(self, *, since: datetime, until: datetime) -> Iterator[Step]:
        """Stream the resources with a new version in a span, ordered by source, collection, scope_text and key."""

    def versions(self, task: Task, key: str, *, as_of: datetime | None = None) -> Iterator[Version]:
        """Yield the versions of a resource, the newest first."""

    def rules(self, *, as_of: datetime | None = None) -> dict[tuple[str, str], CheckCounts]:
        """Return for each check and source the latest count of its verdicts, with its code and its limits then."""

    def first_judged(self, *, as_of: datetime | None = None) -> dict[tuple[str, str], datetime]:
        """Return for each check and source when the evidence of its first verdict was observed."""
