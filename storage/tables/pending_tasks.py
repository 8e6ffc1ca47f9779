"""Unchanged tasks that wait in memory until they are written together as one leaf.

Until then they are not acknowledged: if the process is killed they count as planned and not observed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.core.errors import StoreError
from storage.database.blobs import keep, seal
from storage.database.columns import show_digest
from storage.log.leaves import Rows
from storage.log.unchanged_tasks import FACTS, UnchangedTask, UnchangedTasks, row_of
from storage.tables.volatile_fields import object_bytes
from storage.tables.volatile_history import PendingFields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.canonical import Digest
    from collector.core.tasks import Task
    from storage.database.keys import StoreKey
    from storage.tables.finishing import AttemptSummary

MOST = 4_000
"""The largest number of tasks in one leaf."""

LONGEST = timedelta(minutes=10)
"""How long a task waits at most before the end of another task writes it."""

_MOST_FACTS = 256 << 10  # bytes of volatile keys in memory, and in one blob


@dataclass(frozen=True, slots=True)
class PendingTask:
    """One unchanged task with its row; `facts` are the volatile keys that changed, `size` their bytes."""

    task: Task
    row: UnchangedTask
    facts: Mapping[str, bytes]
    ended_at: datetime
    size: int


class PendingBatch(NamedTuple):
    """The content of one shared leaf."""

    head: UnchangedTasks
    pending: tuple[PendingTask, ...]


class PendingTasks:
    """The pending tasks of one run. A task is added inside the transaction that found it unchanged."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pending: dict[Task, PendingTask] = {}
        self._of_collection: dict[tuple[str, str], dict[Task, PendingTask]] = {}
        self._run = ""
        self._since: datetime | None = None
        self._size = 0

    def contains(self, task: Task) -> bool:
        """Return whether a task is pending; it has to be written before it can be added again."""
        return task in self._pending

    def is_due(self, run: str, at: datetime) -> bool:
        """Return whether they have to be written before a task of this run that ended at `at` is added."""
        with self._lock:
            if self._since is None:
                return False
            is_full = len(self._pending) >= MOST or self._size > _MOST_FACTS
            return is_full or run != self._run or at - self._since > LONGEST

    def add(self, summary: AttemptSummary) -> bool:
        """Add a task and return True, or return False where it differs in more than a row can express.

        Raises StoreError where the task is pending already.
        """
        now, own = summary.stated.observation, summary.own
        if own is None:
            return False
        with self._lock:
            if now.task in self._pending:
                raise StoreError(
                    f"two attempts at {now.task} ended at once", so="one was recorded", mend="report this as a defect"
                )
            since = now.started_at if self._since is None else self._since
            row = row_of(own.leaf, own.observation, now, since, len(summary.facts.changed))
            if row is None or (self._pending and now.run != self._run):
                return False
            size = sum(len(key) + len(value) for key, value in summary.facts.changed.items())
            pending = PendingTask(now.task, row, summary.facts.changed, now.ended_at, size)
            self._pending[now.task] = pending
            self._of_collection.setdefault((now.task.source, now.task.collection), {})[now.task] = pending
            self._since, self._run, self._size = since, now.run, self._size + size
        return True

    def latest(self, source: str, collection: str) -> dict[Task, PendingFields]:
        """Return the changed volatile keys of each pending task of a collection, and when it ended."""
        with self._lock:
            return {
                task: PendingFields(pending.facts, pending.ended_at)
                for task, pending in self._of_collection.get((source, collection), {}).items()
            }

    def latest_of(self, task: Task) -> PendingFields | None:
        """Return the changed volatile keys of a pending task, and when it ended; None where it is not pending."""
        with self._lock:
            pending = self._pending.get(task)
            return None if pending is None else PendingFields(pending.facts, pending.ended_at)

    def batch(self, tasks: Iterable[Task] | None = None) -> PendingBatch | None:
        """Return the pending tasks, None where there are none; they stay pending until `done`.

        With `tasks` only those of them.
        """
        with self._lock:
            if self._since is None or not self._pending:
                return None
            pending = tuple(self._pending.values() if tasks is None else self._of(tasks))
            if not pending:
                return None
            return PendingBatch(UnchangedTasks(run=self._run, since=self._since, count=len(pending), facts=()), pending)

    def _of(self, tasks: Iterable[Task]) -> Iterator[PendingTask]:
        """Yield those of some tasks that are pending, in the order in which they ended."""
        wanted = {task for task in tasks if task in self._pending}
        if wanted:
            yield from (pending for task, pending in self._pending.items() if task in wanted)

    def done(self, batch: PendingBatch) -> None:
        """Remove the tasks of a batch that has been written."""
        with self._lock:
            for pending in batch.pending:
                task = pending.task
                if self._pending.get(task) is pending:
                    del self._pending[task], self._of_collection[task.source, task.collection][task]
                    self._size -= pending.size
            if not self._pending:
                self._since = None


def batch_leaf(
    connection: Connection, store_key: StoreKey, batch: PendingBatch
) -> tuple[UnchangedTasks, dict[str, object]]:
    """Return the content of the leaf of a batch, and its rows; store the volatile keys that it refers to."""
    rows = Rows(connection)
    for pending in batch.pending:
        rows.add(msgspec.to_builtins(pending.row))
    facts = _keep_facts(connection, store_key, batch)
    return msgspec.structs.replace(batch.head, facts=facts), rows.fields()


def _keep_facts(connection: Connection, store_key: StoreKey, batch: PendingBatch) -> Sequence[Digest]:
    changed = {f"{pending.row.leaf}": object_bytes(pending.facts) for pending in batch.pending if pending.facts}
    if not changed:
        return ()
    sealed = seal(store_key, FACTS, batch.head.run, object_bytes(changed))
    known, _ = keep(connection, [sealed])
    return (show_digest(known[sealed.lookup].digest),)
