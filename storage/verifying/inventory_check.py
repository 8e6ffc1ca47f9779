"""Check inventories: the existing resources of a task have the Merkle root that its latest leaf states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import Digest, encode
from storage.database.columns import show_digest
from storage.database.streaming import streaming
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.leaf_check import mismatch
from storage.log.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from sqlalchemy import Connection

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


class _Stated(msgspec.Struct):
    inventory: Digest | None


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


def _root(connection: Connection, task: int) -> bytes:
    frontier = Frontier()
    with streaming(connection, _NOW, (task,)) as rows:
        for key, digest, unread in rows:
            names = [] if unread is None else list(msgspec.json.decode(unread))
            frontier.append(leaf_hash(encode([key.decode(), show_digest(digest), names])))
    return frontier.root()
