"""Check inventories: the existing resources of a task have the Merkle root that its leaf states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import Digest, encode
from collector.core.tasks import Task
from storage.database.columns import show_digest
from storage.database.streaming import streaming
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.leaf_check import mismatch
from storage.log.merkle import Frontier, leaf_hash
from storage.tables.projections import find_task

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.log.leaves import LeafRecord

# Partial observations after the latest complete one may have added resources: only a task whose latest observation is
# complete has a stated root to compare with.
_LATEST = (
    "SELECT t.id, l.idx, l.dictionary, l.body, l.hash FROM task t JOIN observation o ON o.leaf ="
    " (SELECT max(x.leaf) FROM observation x WHERE x.task = t.id) JOIN log_leaf l ON l.idx = o.leaf"
    " WHERE o.outcome = 'complete' ORDER BY t.id"
)
_NOW = (
    "SELECT n.key, b.digest, v.unread FROM resource_now n JOIN version v ON v.id = n.version"
    " JOIN blob b ON b.id = v.blob WHERE n.task = ? ORDER BY n.key"
)


class _Stated(msgspec.Struct, kw_only=True):
    inventory: Digest | None


class _Observation(msgspec.Struct):
    task: Task


class _TaskStated(_Stated, kw_only=True):
    observation: _Observation


def check_inventories(connection: Connection) -> int:
    """Return the number of inventories checked. Raises VerificationError at the first with another root."""
    decompressor, count = LeafDecompressor(), 0
    for task, *row in connection.exec_driver_sql(_LATEST).fetchall():
        record = leaves.read(connection, decompressor, row)
        stated = record.fact(_Stated).inventory
        found = show_digest(_root(connection, task))
        if found != stated:
            raise mismatch(
                f"task {task}: what the tables show of it has the inventory root {found}, and leaf {record.leaf.index}"
                f" states {stated}"
            )
        count += 1
    return count


class Inventories:
    """Checks the inventory of each leaf of a task, as the tables are derived from one leaf after the other."""

    def __init__(self, derived: Connection) -> None:
        self._derived = derived
        self._roots: dict[Task, Digest] = {}  # of tasks whose resources have not changed since

    def check(self, record: LeafRecord) -> None:
        """Compare what was derived up to a leaf with what it states. Raises VerificationError."""
        if record.kind != "task":
            return
        seen = record.fact(_TaskStated)
        task, stated = seen.observation.task, seen.inventory
        if record.has_rows:
            self._roots.pop(task, None)
        if stated is None:
            return
        if task not in self._roots:
            number = find_task(self._derived, task)
            self._roots[task] = show_digest(_root(self._derived, -1 if number is None else number))
        if self._roots[task] != stated:
            raise mismatch(
                f"{task}: what its log entries say up to leaf {record.leaf.index} has the inventory root"
                f" {self._roots[task]}, and that leaf states {stated}"
            )


def _root(connection: Connection, task: int) -> bytes:
    frontier = Frontier()
    with streaming(connection, _NOW, (task,)) as rows:
        for key, digest, unread in rows:
            names = [] if unread is None else list(msgspec.json.decode(unread))
            frontier.append(leaf_hash(encode([key.decode(), show_digest(digest), names])))
    return frontier.root()
