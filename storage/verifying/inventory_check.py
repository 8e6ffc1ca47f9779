"""Inventories: what the tables show as there now has the Merkle root that the latest leaf of its task states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import Digest, encode
from storage.database.columns import show_digest
from storage.database.streaming import streaming
from storage.log import leaves
from storage.log.dictionary import LeafOpener
from storage.log.leaf_check import bad
from storage.log.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Partial observations after the latest complete one may have added to what is there: only a latest that is complete
# says what the tables must come to.
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
    """Return how many were proven. Raises VerificationError at the first that comes to another root."""
    opener, count = LeafOpener(), 0
    for task, *row in connection.exec_driver_sql(_LATEST).fetchall():
        record = leaves.read(connection, opener, row)
        stated = record.fact(_Stated).inventory
        found = show_digest(_root(connection, task))
        if found != stated:
            raise bad(
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
