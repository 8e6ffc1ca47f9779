"""Store the volatile keys of a task at its end: all of them in blobs, or only those that changed.

Those of a task with a short interval are compared with the known ones. All of them are stored from time to time, so
that a reader combines at most some dozens of observations.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.core.canonical import encode
from collector.core.tasks import Outcome
from storage.database.blobs import Decompressor, keep, seal
from storage.database.columns import show_digest
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
_CHANGED_SIZE = 64 << 10  # bytes; if more than this changed, storing all costs little more
_DEPTH = 48  # how many observations a reader combines at most
_DENSE = timedelta(days=1)  # only what is due more often than this stores changed keys without all the others
_AGE = timedelta(days=90)  # how old the leaf of its own is at most that an unchanged task refers to
_DENSE_AGE = timedelta(days=7)  # and that of a task with a short interval

# Where there were facts before, an observation without any records that of each of its resources.
_ANY_FACTS = (
    "SELECT 1 FROM staged WHERE attempt = ? AND facts IS NOT NULL"
    " UNION ALL SELECT 1 FROM observation WHERE task = ? AND facts LIMIT 1"
)
_ALL_FACTS = "SELECT key, facts FROM staged WHERE attempt = ? AND key >= ? ORDER BY key LIMIT ?"


class OwnLeaf(NamedTuple):
    """The latest own leaf of a task, which is complete."""

    leaf: int
    observation: Observation
    inventory: Digest | None


class VolatileFields:
    """Collects the volatile keys of an attempt, added resource by resource in the order of keys.

    `own` is the leaf that they are stored relative to, None where all of them are stored; `changed` those that differ.
    `history` are the known ones; only where the attempt is complete, and the task known.
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
        self.history: VolatileHistory | None = None
        self._is_dense = observation.every < _DENSE
        if observation.outcome is Outcome.COMPLETE and known >= 0:
            self.history = VolatileHistory(connection, Decompressor(), known, _END)
            self.own = _own_leaf(self.history, observation, _DENSE_AGE if self._is_dense else _AGE)

    @property
    def is_over(self) -> bool:
        """Whether only the changed keys are stored, on top of the known ones."""
        return self.own is not None

    def add(self, key: str, raw_key: bytes, facts: bytes | None) -> None:
        """Compare the keys of one resource with the known ones; having none any more is a change too."""
        history = self.history
        if self.own is None or history is None:
            return
        before, is_gone, _ = history.find(key, raw_key)
        now = b"null" if facts is None else facts
        if (b"null" if before is None else before) != now:
            self.changed[key] = now
            self._size += len(key) + len(now)
        # The first facts of a task are stored completely, as are those after erased ones.
        may_change = self._is_dense and history.has_facts and self._size <= _CHANGED_SIZE
        if is_gone or (self.changed and not may_change):
            self.own, self.changed = None, {}

    def keep(self) -> tuple[Digest, ...]:
        """Store the changed keys, or else all; return the digests of the blobs, in the order of their keys."""
        if self.own is not None:
            return (self._keep_blob(self.changed),) if self.changed else ()
        if not self._is_wanted:
            return ()
        digests, in_blob, size = list["Digest"](), dict[str, bytes](), 0
        for raw_key, facts in self._all():
            key, fields = raw_key.decode(), b"null" if facts is None else facts
            in_blob[key] = fields
            size += len(key) + len(fields)
            if size > _BLOB_SIZE:
                digests.append(self._keep_blob(in_blob))
                in_blob, size = {}, 0
        if in_blob:
            digests.append(self._keep_blob(in_blob))
        return tuple(digests)

    def _all(self) -> Iterator[Any]:
        # A page is fetched completely before anything is written, because drivers buffer differently.
        start = b""
        while True:
            page = self._connection.exec_driver_sql(_ALL_FACTS, (self._number, start, _PAGE)).fetchall()
            yield from page
            if len(page) < _PAGE:
                return
            start = page[-1][0] + b"\x00"  # the next larger key

    def _keep_blob(self, facts: Mapping[str, bytes]) -> Digest:
        sealed = seal(self._store_key, KIND, self._name, object_bytes(facts))
        known, _ = keep(self._connection, [sealed])
        return show_digest(known[sealed.lookup].digest)


def object_bytes(values: Mapping[str, bytes]) -> bytes:
    """Return the canonical JSON of an object whose values are canonical already."""
    ordered = sorted(values, key=lambda key: key.encode("utf-16-be"))  # as RFC 8785 orders
    return b"{%b}" % b",".join(b"%b:%b" % (encode(key), values[key]) for key in ordered)


def _own_leaf(history: VolatileHistory, observation: Observation, oldest: timedelta) -> OwnLeaf | None:
    if (
        history.own_leaf is None
        or history.full_at is None
        or history.depth >= _DEPTH
        or observation.ended_at - history.full_at > oldest
    ):
        return None
    seen = history.stated(history.own_leaf)
    if seen.observation.outcome is not Outcome.COMPLETE:
        return None
    return OwnLeaf(history.own_leaf, seen.observation, seen.inventory)
