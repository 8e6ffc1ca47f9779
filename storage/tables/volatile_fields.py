"""The volatile keys of a task at its end: all of them in blobs, or only those that changed since they were known.

What a task on a dense schedule saw is compared with what is known of it. All of them are kept once in a while, so that
no reader has to put together more than some dozens of observations.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.core.canonical import encode
from collector.core.tasks import Outcome
from storage.database.blobs import Opener, keep, seal
from storage.database.columns import show_digest
from storage.log import leaves
from storage.log.dictionary import LeafOpener
from storage.log.unchanged_tasks import DENSE
from storage.tables.project import TaskSeen
from storage.tables.volatile_history import VolatileHistory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from collector.core.canonical import Digest
    from collector.core.tasks import Observation
    from storage.database.keys import StoreKey

KIND = "annexd.facts"
"""The kind of the blobs that hold volatile keys: {resource key: its volatile keys, or null where it has none}."""

_END = (1 << 62) - 1  # beyond every leaf
_PAGE = 2_000  # rows in memory at a time
_BLOB_SIZE = 256 << 10  # a reader holds one such blob for each layer
_CHANGED_SIZE = 64 << 10  # where more than this changed, keeping all of it costs little more
_DEPTH = 48  # how many observations a reader may have to put together
_AGE = timedelta(days=7)  # and how far back it may have to look for them

# Where there were facts before, an observation without any says so of each resource that it saw.
_ANY_FACTS = (
    "SELECT 1 FROM staged WHERE attempt = ? AND facts IS NOT NULL"
    " UNION ALL SELECT 1 FROM observation WHERE task = ? AND facts LIMIT 1"
)
_ALL_FACTS = "SELECT key, facts FROM staged WHERE attempt = ? AND key >= ? ORDER BY key LIMIT ?"
_OWN = (
    "SELECT l.idx, l.dictionary, l.body, l.hash FROM log_leaf l"
    " WHERE l.idx = (SELECT max(leaf) FROM observation WHERE task = ?)"
)


class OwnLeaf(NamedTuple):
    """The latest leaf that a task has of its own, which is complete."""

    leaf: int
    observation: Observation
    inventory: Digest | None


class VolatileFields:
    """Takes in the volatile keys of an attempt, resource by resource in the order of keys.

    `own` is the leaf over which they may lie, None where they have to be kept whole; `changed` those that differ.
    """

    def __init__(
        self, connection: Connection, store_key: StoreKey, observation: Observation, *, number: int, known: int
    ) -> None:
        task = observation.task
        self._connection = connection
        self._store_key = store_key
        self._name = encode([task.source, task.collection, list(task.scope)]).decode()
        self._number = number
        self.changed: dict[str, bytes] = {}
        self._size = 0
        self._is_wanted = connection.exec_driver_sql(_ANY_FACTS, (number, known)).first() is not None
        self.own: OwnLeaf | None = None
        if observation.outcome is Outcome.COMPLETE and observation.every < DENSE:
            self.own, self._layers = _known(connection, known, observation)

    @property
    def is_over(self) -> bool:
        """Whether what is known of the task, with `changed` over it, is what the attempt saw."""
        return self.own is not None

    def add(self, key: str, raw_key: bytes, facts: bytes | None) -> None:
        """Compare what one resource has with what is known; that it has none is a change too."""
        if self.own is None:
            return
        before, is_gone, _ = self._layers.find(key, raw_key)
        now = b"null" if facts is None else facts
        if (b"null" if before is None else before) != now:
            self.changed[key] = now
            self._size += len(key) + len(now)
        # Over what has no facts at all nothing needs to lie: the first facts of a task are kept whole.
        if is_gone or self._size > _CHANGED_SIZE or (self.changed and not self._layers.has_facts):
            self.own, self.changed = None, {}

    def keep(self) -> tuple[Digest, ...]:
        """Put the changed ones away, or else all of them; return the blobs, in the order of the keys they hold."""
        if self.own is not None:
            return (self._kept(self.changed),) if self.changed else ()
        if not self._is_wanted:
            return ()
        digests, waiting, size = list["Digest"](), dict[str, bytes](), 0
        for raw_key, facts in self._all():
            key, its = raw_key.decode(), b"null" if facts is None else facts
            waiting[key] = its
            size += len(key) + len(its)
            if size > _BLOB_SIZE:
                digests.append(self._kept(waiting))
                waiting, size = {}, 0
        if waiting:
            digests.append(self._kept(waiting))
        return tuple(digests)

    def _all(self) -> Iterator[Any]:
        # A page is read whole before anything is written, on every database and whatever its driver buffers.
        start = b""
        while True:
            some = self._connection.exec_driver_sql(_ALL_FACTS, (self._number, start, _PAGE)).fetchall()
            yield from some
            if len(some) < _PAGE:
                return
            start = some[-1][0] + b"\x00"  # the next larger key

    def _kept(self, facts: Mapping[str, bytes]) -> Digest:
        sealed = seal(self._store_key, KIND, self._name, spelled(facts))
        known, _ = keep(self._connection, [sealed])
        return show_digest(known[sealed.lookup].digest)


def spelled(values: Mapping[str, bytes]) -> bytes:
    """Return the canonical JSON of an object whose values are canonical already."""
    ordered = sorted(values, key=lambda key: key.encode("utf-16-be"))  # as RFC 8785 orders
    return b"{%b}" % b",".join(b"%b:%b" % (encode(key), values[key]) for key in ordered)


def _known(connection: Connection, task: int, observation: Observation) -> tuple[OwnLeaf | None, VolatileHistory]:
    layers = VolatileHistory(connection, Opener(), task, _END)
    row = connection.exec_driver_sql(_OWN, (task,)).one_or_none()
    if row is None or layers.full_at is None or layers.depth >= _DEPTH or observation.ended_at - layers.full_at > _AGE:
        return None, layers
    seen = leaves.read(connection, LeafOpener(), tuple(row)).fact(TaskSeen)
    if seen.observation.outcome is not Outcome.COMPLETE:
        return None, layers
    return OwnLeaf(row[0], seen.observation, seen.inventory), layers
