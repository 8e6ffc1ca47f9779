"""Made-up evidence, each function with what most tests want and room for what one test is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from collector.core.canonical import Digest, canonical
from collector.core.checks import Status
from collector.core.facts import Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Ended, Finding, FindingChange, FindingId
from collector.core.ports import Finished, Item, Store
from collector.core.tasks import Calls, Observation, Outcome, Provenance, Task, UnreadPart

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
BUCKETS = Task("production", "aws.s3.bucket", ("111122223333", "eu-central-1"))
REFUSED = UnreadPart("s3:GetBucketPolicy", "s3:GetBucketPolicy", "AWS answered 403", denied=True)


class TickingClock:
    """Moves one second each time it is asked, and to wherever a test puts it."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Move on and say what time it is."""
        self.now += timedelta(seconds=1)
        return self.now


def item(key: str, *, kind: str = "aws.s3.bucket", facts: Any = None, unread: Iterable[str] = (), **body: Any) -> Item:
    """A resource with a body of these keys."""
    return Item(
        kind=kind,
        key=key,
        body=canonical(body),
        facts=None if facts is None else canonical(facts),
        unread=dict.fromkeys(unread, REFUSED),
    )


def observed(task: Task = BUCKETS, outcome: Outcome = Outcome.COMPLETE, **but: Any) -> Observation:
    """How a task ended."""
    plain = Observation(
        task=task,
        run="run-1",
        outcome=outcome,
        started_at=MONDAY,
        ended_at=MONDAY + timedelta(seconds=30),
        listed=0,
        provenance=Provenance(
            identity="arn:aws:sts::111122223333:assumed-role/evidence-reader/annexd",
            connector="aws 1",
            code="sha256:" + "5e" * 32,
            redaction="sha256:" + "7a" * 32,
            calls=(Calls("s3:ListBuckets", 2, 0, {"200": 2}, {"MaxBuckets": "1000"}, "4Z7T0Q9W", "K8R2M5XA"),),
            pages=2,
            requests=2,
            date=MONDAY,
        ),
        every=timedelta(hours=24),
    )
    return msgspec.structs.replace(plain, **but)


def scan(store: Store, *items: Item, task: Task = BUCKETS, outcome: Outcome = Outcome.COMPLETE, **but: Any) -> Finished:
    """Run one task from its first page to its end."""
    seen = observed(task, outcome, listed=len(items), **but)
    attempt = store.attempt(task, seen.run)
    store.stage(attempt, items)
    return store.finish(attempt, seen)


def keys(store: Store, *, task: Task = BUCKETS, as_of: datetime | None = None) -> list[str]:
    """What is there of a task, by key."""
    return [
        stored.key for stored in store.resources(task.collection, source=task.source, under=task.scope, as_of=as_of)
    ]


def bodies(store: Store, *, task: Task = BUCKETS, as_of: datetime | None = None) -> dict[str, Any]:
    """What is there of a task, by body."""
    stored = store.resources(task.collection, source=task.source, under=task.scope, as_of=as_of)
    return {resource.key: msgspec.json.decode(resource.blob or b"{}")["body"] for resource in stored}


def facts(store: Store, *, task: Task = BUCKETS, as_of: datetime | None = None) -> dict[str, Any]:
    """What is there of a task, by its volatile keys."""
    stored = store.resources(task.collection, source=task.source, under=task.scope, as_of=as_of)
    return {
        resource.key: None if resource.facts is None else msgspec.json.decode(resource.facts) for resource in stored
    }


def started(run: str = "run-1") -> RunStarted:
    """The beginning of a run."""
    return RunStarted(run, "cli", MONDAY, "0.1.0", "sha256:" + "5e" * 32, "sha256:" + "c0" * 32, ())


def ended(run: str = "run-1") -> RunEnded:
    """The end of a run."""
    return RunEnded(run, MONDAY + timedelta(minutes=5), {"complete": 1})


def planned(*tasks: Task, run: str = "run-1", sources: Iterable[str] = ("production",)) -> TasksPlanned:
    """A plan of these tasks."""
    return TasksPlanned(run, MONDAY, tasks, dict.fromkeys(sources, ((),)), ())


def verdict(
    subject: str = "logs", status: Status = Status.FAIL, *, check: str = "aws_s3_bucket_not_public", **but: Any
) -> Finding:
    """A finding about a bucket."""
    plain = Finding(
        id=FindingId(check, "production", BUCKETS.scope, subject),
        status=status,
        reason=f"{subject} is open to everyone",
        limits={"max_age": "90d"},
        evidence=(Digest("sha256:" + "ab" * 32),),
        observed_at=MONDAY,
    )
    return msgspec.structs.replace(plain, **but)


def changed(now: Finding, was: Status | None = None) -> FindingChange:
    """A new verdict."""
    return FindingChange(now.id, was, now)


def gone(was: Finding) -> FindingChange:
    """The end of a finding."""
    return FindingChange(was.id, was.status, ended=Ended.SUBJECT_GONE)


def judged(*changes: FindingChange, run: str = "run-1") -> Judged:
    """A judgement with these changes."""
    return Judged(run, MONDAY, changes, ())


def as_mapping(store: Store) -> Mapping[FindingId, Status]:
    """The findings as they stand."""
    return {state.finding.id: state.finding.status for state in store.findings()}
