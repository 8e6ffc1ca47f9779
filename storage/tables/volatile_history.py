"""Read volatile keys as of a moment: each resource has those of the latest observation that has it.

A complete observation with all keys is the lowest layer. Later partial observations, and complete ones that stored only
changes, are layers above it, the newest on top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
from msgspec import Raw, Struct

from collector.core.tasks import Outcome
from storage.database.blobs import Decompressor, damaged, open_blob
from storage.database.columns import digest_bytes, read_digests, read_micros
from storage.log import leaves, unchanged_tasks
from storage.log.dictionary import LeafDecompressor
from storage.log.unchanged_tasks import SharedLeaves
from storage.tables.projections import TaskSeen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


_OWN = (  # from the latest that has all volatile keys on, or all where there is none
    "SELECT leaf, outcome, facts, ended_at, facts_over FROM observation WHERE task = ? AND leaf <= ? AND leaf >="
    " (SELECT coalesce(max(leaf), -1) FROM observation"
    " WHERE task = ? AND outcome = 'complete' AND NOT facts_over AND leaf <= ?) ORDER BY leaf"
)
_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"
_BODY = "SELECT body FROM blob WHERE digest = ?"


class FactsBlob(Struct):
    """A blob of volatile keys: its body by resource key, or, in a shared leaf, by the own leaf of each task."""

    body: dict[str, Raw]


class PendingFields(NamedTuple):
    """The changed volatile keys of a pending task, which is not in the log yet."""

    facts: Mapping[str, bytes]
    at: datetime


_ERASED = b""  # no JSON is empty


class _Layer(Protocol):
    def find(self, key: str, raw_key: bytes) -> bytes | None:
        """Return the keys of a resource in this layer, _ERASED where they may be erased, None where it has none."""


class _OwnLeafLayer:
    """The volatile keys of a task's own leaf, read in the order of keys; one blob is in memory at a time."""

    def __init__(self, connection: Connection, decompressor: Decompressor, digests: Sequence[str]) -> None:
        self._connection = connection
        self._decompressor = decompressor
        self._digests = iter(digests)
        self._facts: dict[str, Raw] = {}
        self._last = b""
        self._is_erased = False

    def find(self, key: str, raw_key: bytes) -> bytes | None:
        while raw_key > self._last or not self._facts:
            digest = next(self._digests, None)
            if digest is None:
                break
            self._load(digest)
        found = self._facts.get(key)
        if found is not None:
            return bytes(found)
        return _ERASED if self._is_erased else None

    def _load(self, digest: str) -> None:
        body = _body(self._connection, digest_bytes(digest))
        if body is None:
            self._is_erased = True
            return
        self._facts = _read(self._decompressor, body, digest)
        self._last = max((key.encode() for key in self._facts), default=b"")


class _SharedLeafLayer:
    """The changed volatile keys of one task in a shared leaf."""

    def __init__(self, connection: Connection, decompressor: Decompressor, digests: Sequence[str], own: int) -> None:
        self._facts: dict[str, Raw] = {}
        self._is_erased = False
        for digest in digests:
            body = _body(connection, digest_bytes(digest))
            if body is None:
                self._is_erased = True
                continue
            fields = _read(decompressor, body, digest).get(f"{own}")
            if fields is not None:
                self._facts |= msgspec.json.decode(fields, type=dict[str, Raw])

    def find(self, key: str, raw_key: bytes) -> bytes | None:
        del raw_key  # all keys are in memory: they are few
        found = self._facts.get(key)
        if found is not None:
            return bytes(found)
        return _ERASED if self._is_erased else None


class _PendingLayer:
    """The changed volatile keys of a pending task."""

    def __init__(self, facts: Mapping[str, bytes]) -> None:
        self._facts = facts

    def find(self, key: str, raw_key: bytes) -> bytes | None:
        del raw_key
        return self._facts.get(key)


class VolatileHistory:
    """The volatile keys of a task's resources; `find` must be called in the order of keys.

    `depth` is the number of observations they are combined from, `full_at` when the lowest of them was made, and
    `has_facts` whether that one had any. `own_leaf` is the latest leaf of the task's own.
    """

    def __init__(
        self,
        connection: Connection,
        decompressor: Decompressor,
        task: int,
        bound: int,
        *,
        latest: PendingFields | None = None,
        shared: SharedLeaves | None = None,
    ) -> None:
        """`latest` are those of a pending task; `shared` reads shared leaves for several tasks."""
        self._connection = connection
        self._leaf_decompressor = LeafDecompressor()
        self._stated: dict[int, TaskSeen] = {}
        shared = SharedLeaves(connection, self._leaf_decompressor) if shared is None else shared
        own = connection.exec_driver_sql(_OWN, (task, bound, task, bound)).fetchall()
        floor: int = own[0][0] if own and own[0][1] == Outcome.COMPLETE.value and not own[0][4] else -1
        self.full_at: datetime | None = read_micros(own[0][3]) if floor >= 0 else None
        self.has_facts = bool(floor >= 0 and own[0][2])
        self.own_leaf: int | None = own[-1][0] if own else None
        # Layers with their leaf; a partial one has its own time, all others have that of the latest complete one.
        found: list[tuple[int, _Layer, datetime | None]] = []
        for leaf, outcome, has_facts, ended_at, _ in own:
            if has_facts:
                at = None if outcome == Outcome.COMPLETE.value else read_micros(ended_at)
                found.append((leaf, _OwnLeafLayer(connection, decompressor, self.stated(leaf).facts), at))
        self._seen_at, self._seen_in = _last_complete(own)
        if floor >= 0:
            self._add_shared(connection, decompressor, shared, task, floor, bound, [row[0] for row in own], found)
        found.sort(key=lambda entry: entry[0], reverse=True)
        self.depth = len(found)
        self._layers = [
            (layer, at if at is not None and leaf > self._seen_in else self._seen_at) for leaf, layer, at in found
        ]
        if latest is not None:
            self._layers = [(layer, latest.at) for layer, _ in self._layers]
            self._layers.insert(0, (_PendingLayer(latest.facts), latest.at))

    def _add_shared(  # noqa: PLR0913, PLR0917  what the constructor has at hand
        self,
        connection: Connection,
        decompressor: Decompressor,
        shared: SharedLeaves,
        task: int,
        floor: int,
        bound: int,
        own: list[int],
        found: list[tuple[int, _Layer, datetime | None]],
    ) -> None:
        now = unchanged_tasks.newest_of(connection, task)
        if now is None or now.leaf < floor:
            return
        for leaf, digests in unchanged_tasks.changes_of(connection, task, floor, bound):
            own_leaf = max(leaf_index for leaf_index in own if leaf_index < leaf)
            found.append((leaf, _SharedLeafLayer(connection, decompressor, read_digests(digests), own_leaf), None))
        newest = unchanged_tasks.newest_end(connection, shared, now, self._seen_in, bound)
        if newest is not None:
            self._seen_in, self._seen_at = newest

    @property
    def shared_leaf(self) -> int | None:
        """The newest shared leaf after the latest leaf of the task's own."""
        return None if self.own_leaf is None or self._seen_in <= self.own_leaf else self._seen_in

    def stated(self, leaf: int) -> TaskSeen:
        """Return the content of a leaf of the task's own."""
        if leaf not in self._stated:
            row = self._connection.exec_driver_sql(_LEAF, (leaf,)).one()
            self._stated[leaf] = leaves.read(self._connection, self._leaf_decompressor, tuple(row)).fact(TaskSeen)
        return self._stated[leaf]

    def find(self, key: str, raw_key: bytes) -> tuple[bytes | None, bool, datetime | None]:
        """Return the volatile keys of a resource or None, whether they were erased, and when they were observed."""
        for layer, at in self._layers:
            found = layer.find(key, raw_key)
            if found is not None:
                if found in {_ERASED, b"null"}:
                    return None, found == _ERASED, at
                return found, False, at
        return None, False, None


def _last_complete(own: Sequence[tuple[int, str, bool, int, bool]]) -> tuple[datetime | None, int]:
    for leaf, outcome, _, ended_at, _ in reversed(own):
        if outcome == Outcome.COMPLETE.value:
            return read_micros(ended_at), leaf
    return None, -1


def _body(connection: Connection, digest: bytes) -> bytes | None:
    found: bytes | None = connection.exec_driver_sql(_BODY, (digest,)).scalar_one_or_none()
    return found


def _read(decompressor: Decompressor, body: bytes, digest: str) -> dict[str, Raw]:
    try:
        return msgspec.json.decode(open_blob(decompressor, digest_bytes(digest), body), type=FactsBlob).body
    except msgspec.DecodeError as error:
        raise damaged(f"blob {digest} cannot be read: {error}") from error
