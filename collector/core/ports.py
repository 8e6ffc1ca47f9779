"""The store as the engine uses it. It has no update and no delete: what was recorded stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NewType, Protocol

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.facts import Fact, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import FindingCount, FindingState
from collector.core.scopes import Scope
from collector.core.tasks import Observation, Task, UnreadPart

Attempt = NewType("Attempt", str)
"""One attempt at one task; what it stages is no evidence until the attempt is finished."""


class Item(Struct, frozen=True):
    """One resource as a task observed it, redacted and encoded.

    `body` and `facts` are canonical JSON objects: `facts` has the volatile top-level keys, `body` all others.
    """

    kind: str
    key: str
    body: bytes
    facts: bytes | None = None
    unread: Mapping[str, UnreadPart] = {}


class HandedItem(Struct, frozen=True, array_like=True):
    """One resource as a worker hands it to the writer, which need not compute anything about it.

    A new body is `data`, compressed, with the `lookup` by which an equal one is found. Of a stored body `blob` is its
    number, and `data` is empty. `digest` is that of the body's bytes, `unread` the unread parts, encoded.
    """

    key: str
    digest: bytes
    blob: int = 0
    lookup: bytes = b""
    data: bytes = b""
    unread: bytes | None = None
    facts: bytes | None = None


class Stored(Struct, frozen=True):
    """One stored resource. `blob` is the canonical JSON of {body, key, kind, salt}, and `digest` its SHA-256.

    `blob` is None where the body was erased; `facts_gone` is true where the volatile keys were. `seen_at` is when the
    newer of body and facts was observed; None where the store does not know.
    """

    task: Task
    key: str
    digest: Digest
    blob: bytes | None
    facts: bytes | None
    unread: Mapping[str, UnreadPart]
    first_seen_at: datetime
    facts_gone: bool = False
    seen_at: datetime | None = None


class Leaf(Struct, frozen=True):
    """The index of a log entry and the RFC 6962 hash of its bytes."""

    index: int
    hash: bytes


class Difference(Struct, frozen=True):
    """In which resources an observation differs from the one before, in anything that a check can read.

    Both are complete, and `run` made the earlier one. `keys` are those of resources that appeared, changed or are gone.
    """

    run: str
    keys: frozenset[str] = frozenset()


class Finished(Struct, frozen=True):
    """The result of a finished task: its leaf, the counts of changes, and the inventory root of a complete list.

    `leaf` is None where the task saw nothing new and is held back: see `Store.finish`. `difference` is None where it is
    not known, or large.
    """

    leaf: Leaf | None
    appeared: int
    changed: int
    gone: int
    unchanged: int
    inventory: Digest | None = None
    difference: Difference | None = None


class StoredObservation(Struct, frozen=True):
    """A stored observation. `inventory` is the Merkle root over (key, digest) of a complete one.

    `leaf` is None only of one that a run has just made and the store holds back. `own_leaf` is the leaf that states the
    inventory, where that is another one: many tasks share `leaf` then.
    """

    observation: Observation
    inventory: Digest | None
    leaf: int | None
    own_leaf: int | None = None

    @property
    def list_leaf(self) -> int | None:
        """The leaf that states the inventory."""
        return self.leaf if self.own_leaf is None else self.own_leaf


class Store(Protocol):
    """Keeps evidence and returns it as of any moment. Every method may be called from any thread.

    With `as_of` only leaves recorded up to that moment count; None means all. Raises StoreError, and then nothing of
    the call was kept.
    """

    def attempt(self, task: Task, run: str) -> Attempt:
        """Begin an attempt at a task."""

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Stage items until the task is finished; return how many of them the attempt had staged before."""

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """End a task in one durable transaction: versions of what changed, inventory root, leaf.

        Resources that are missing from a complete observation are recorded as gone; any other outcome records none.
        A complete task that saw nothing new may be held back, without a leaf; the next `write` that may depend on it
        records it first. Until then it is not acknowledged, and is lost if the process dies; `resources` returns its
        volatile keys already, `observations` does not return it.
        """

    def is_held(self, task: Task) -> bool:
        """Return whether the last end of a task is held back, and so not on disk yet."""

    def drop(self, attempt: Attempt) -> None:
        """Discard what an attempt has staged."""

    def write(self, facts: Iterable[Fact], *, after: Iterable[Task] | None = None) -> None:
        """Append facts to the log, all or none, in this order, after every task that is held back.

        With `after` only after those of them that are named: the others are nothing that the facts depend on.
        """

    def observations(
        self, *, source: str | None = None, collection: str | None = None, as_of: datetime | None = None
    ) -> Iterator[StoredObservation]:
        """Yield the latest observation of each task."""

    def last_complete(self, *, source: str | None = None, as_of: datetime | None = None) -> Iterator[StoredObservation]:
        """Yield the latest complete observation of each task that has one."""

    def resources(
        self, collection: str, *, source: str, under: Scope = (), as_of: datetime | None = None
    ) -> Iterator[Stored]:
        """Stream the existing resources of a collection under a scope, ordered by scope_text and key, by code point.

        A task whose set is empty by the platform's word has none, until something is listed again; those of before are
        recorded as gone by the next complete observation only.
        """

    def findings(
        self,
        *,
        check: str | None = None,
        source: str | None = None,
        scope: Scope | None = None,
        as_of: datetime | None = None,
    ) -> Iterator[FindingState]:
        """Stream the current findings, ordered by check, source, scope_text and subject, each by code point."""

    def plans(self, *, as_of: datetime | None = None) -> Iterator[TasksPlanned]:
        """Yield for each source the latest plan that names it, the newest first."""

    def runs(self, *, as_of: datetime | None = None) -> Iterator[tuple[RunStarted, RunEnded | None]]:
        """Yield the runs, the newest first, each with its end where it has one."""


class TaskStore(Protocol):
    """The store as one task uses it; what each method promises is said in `Store`."""

    def attempt(self, task: Task, run: str) -> Attempt:
        """Begin an attempt at a task."""

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Stage items until the task is finished; return how many of them the attempt had staged before."""

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """End a task."""

    def drop(self, attempt: Attempt) -> None:
        """Discard what an attempt has staged."""

    def are_current(
        self, attempt: Attempt, bodies: Sequence[tuple[str, bytes]], runs: Collection[str]
    ) -> Sequence[bool]:
        """Return of each key and body whether the resource of the attempt's task with that key has this very body.

        All are False where the latest observation of the task is not complete, or is of none of these runs.
        """


class RunStore(TaskStore, Store, Protocol):
    """The store as a run uses it, which looks only at what differs."""

    def resources_of(self, task: Task, keys: Collection[str]) -> Iterator[Stored]:
        """Yield those existing resources of a task that have one of these keys, ordered by key, by code point."""

    def findings_of(self, check: str, task: Task, subjects: Collection[str]) -> Iterator[FindingState]:
        """Yield the current findings of a check on subjects in the scope of a task, ordered by subject."""

    def finding_counts(self, source: str) -> Iterator[FindingCount]:
        """Yield how many current findings of a source there are by check, scope and status, in that order."""


class HandingStore(RunStore, Protocol):
    """The store as a run uses it whose tasks are done by workers."""

    def take(self, attempt: Attempt, batch: Sequence[HandedItem]) -> int:
        """Stage items that a worker has sealed; return how many of them the attempt had staged before."""
