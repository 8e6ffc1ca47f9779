"""Tasks that have ended and saw nothing new, until they are written down together.

Until then they are not acknowledged: killed before, a process leaves them as planned and never seen.
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
from storage.tables.volatile_fields import spelled
from storage.tables.volatile_history import Latest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.canonical import Digest
    from collector.core.tasks import Observation, Task
    from storage.database.keys import StoreKey
    from storage.tables.finishing import AttemptSummary
    from storage.tables.volatile_fields import OwnLeaf

MOST = 4_000
"""Tasks in one leaf."""

LONGEST = timedelta(minutes=10)
"""How long a task waits at most, where others end."""

_MOST_FACTS = 256 << 10  # bytes of volatile keys in memory, and in one blob


@dataclass(frozen=True)
class PendingTask:
    """One task that saw nothing new."""

    own: OwnLeaf
    row: UnchangedTask
    facts: Mapping[str, bytes]
    observation: Observation
    size: int


class PendingBatch(NamedTuple):
    """What goes into one leaf."""

    head: UnchangedTasks
    held: tuple[PendingTask, ...]


class PendingTasks:
    """The tasks of one run that wait; whoever adds one does it before the transaction that found it is over."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[Task, PendingTask] = {}
        self._run = ""
        self._since: datetime | None = None
        self._size = 0

    def waits(self, task: Task) -> bool:
        """Whether a task is among them: it ends again only after it has been written down."""
        return task in self._held

    def is_due(self, run: str, at: datetime) -> bool:
        """Whether they have to be written down before one of this run joins them."""
        with self._lock:
            if self._since is None:
                return False
            is_full = len(self._held) >= MOST or self._size > _MOST_FACTS
            return is_full or run != self._run or at - self._since > LONGEST

    def add(self, summary: AttemptSummary) -> bool:
        """Hold a task back; return whether it could be: where more differs than a row can say, it needs its leaf.

        Raises StoreError on a task that waits already.
        """
        now, own = summary.stated.observation, summary.own
        if own is None:
            return False
        with self._lock:
            if now.task in self._held:
                raise StoreError(
                    f"two attempts at {now.task} ended at once", so="one was recorded", mend="report this as a defect"
                )
            since = now.started_at if self._since is None else self._since
            row = row_of(own.leaf, own.observation, now, since, len(summary.facts.changed))
            if row is None or (self._held and now.run != self._run):
                return False
            size = sum(len(key) + len(value) for key, value in summary.facts.changed.items())
            self._held[now.task] = PendingTask(own, row, summary.facts.changed, now, size)
            self._since, self._run, self._size = since, now.run, self._size + size
        return True

    def latest(self) -> dict[Task, Latest]:
        """Return what changed of each task that waits, and when it was seen."""
        with self._lock:
            return {task: Latest(held.facts, held.observation.ended_at) for task, held in self._held.items()}

    def batch(self) -> PendingBatch | None:
        """Return what waits, None where nothing does; it waits on until `done` takes it."""
        with self._lock:
            if self._since is None or not self._held:
                return None
            held = tuple(self._held.values())
            return PendingBatch(UnchangedTasks(run=self._run, since=self._since, count=len(held), facts=()), held)

    def done(self, batch: PendingBatch) -> None:
        """Let go of what has been written down."""
        with self._lock:
            for one in batch.held:
                if self._held.get(one.observation.task) is one:
                    del self._held[one.observation.task]
                    self._size -= one.size
            if not self._held:
                self._since = None


def state(connection: Connection, store_key: StoreKey, batch: PendingBatch) -> tuple[UnchangedTasks, dict[str, object]]:
    """Return what the leaf of a batch states, and its rows; keep the facts that it refers to."""
    rows = Rows(connection)
    for one in batch.held:
        rows.add(msgspec.to_builtins(one.row))
    facts = _kept(connection, store_key, batch)
    return msgspec.structs.replace(batch.head, facts=facts), rows.fields()


def _kept(connection: Connection, store_key: StoreKey, batch: PendingBatch) -> Sequence[Digest]:
    changed = {f"{one.own.leaf}": spelled(one.facts) for one in batch.held if one.facts}
    if not changed:
        return ()
    sealed = seal(store_key, FACTS, batch.head.run, spelled(changed))
    known, _ = keep(connection, [sealed])
    return (show_digest(known[sealed.lookup].digest),)
