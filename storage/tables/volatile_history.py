"""Volatile keys as of a moment: each resource has those of the latest observation that saw it.

A complete observation saw everything that is there. Partial ones after it lie over it, the newest on top; and so do
complete ones that kept only what had changed, each over whatever was known before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
from msgspec import Raw, Struct

from collector.core.tasks import Outcome
from storage.database.blobs import Opener, damaged
from storage.database.columns import digest_bytes, read_digests, read_micros
from storage.log import leaves, unchanged_tasks
from storage.log.dictionary import LeafOpener
from storage.tables.project import TaskSeen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


_OWN = "SELECT leaf, outcome, facts, ended_at FROM observation WHERE task = ? AND leaf <= ? AND leaf >= ? ORDER BY leaf"
_LAST_FULL = (
    "SELECT coalesce(max(leaf), -1) FROM observation"
    " WHERE task = ? AND outcome = 'complete' AND NOT facts_over AND leaf <= ?"
)
_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"
_BODY = "SELECT body FROM blob WHERE digest = ?"


class FactsBlob(Struct):
    """What of a blob of volatile keys is read: its body by resource key, or, of many tasks, by their own leaf."""

    body: dict[str, Raw]


class Latest(NamedTuple):
    """What changed of a task that was seen again, and is not in the record yet."""

    facts: Mapping[str, bytes]
    at: datetime


_ERASED = b""  # no JSON is empty


class _Layer(Protocol):
    def find(self, key: str, raw_key: bytes) -> bytes | None:
        """Return what this observation says of a resource, _ERASED where that may be gone; None: it says nothing."""


class _Own:
    """The volatile keys in a task's own leaf, asked for in the order of keys; one blob is in memory at a time."""

    def __init__(self, connection: Connection, opener: Opener, digests: Sequence[str]) -> None:
        self._connection = connection
        self._opener = opener
        self._digests = iter(digests)
        self._facts: dict[str, Raw] = {}
        self._last = b""
        self._is_torn = False

    def find(self, key: str, raw_key: bytes) -> bytes | None:
        while raw_key > self._last or not self._facts:
            digest = next(self._digests, None)
            if digest is None:
                break
            self._load(digest)
        found = self._facts.get(key)
        if found is not None:
            return bytes(found)
        return _ERASED if self._is_torn else None

    def _load(self, digest: str) -> None:
        body = _body(self._connection, digest_bytes(digest))
        if body is None:
            self._is_torn = True
            return
        self._facts = _read(self._opener, body, digest)
        self._last = max((key.encode() for key in self._facts), default=b"")


class _Again:
    """The volatile keys of one task that changed when it was seen again together with others."""

    def __init__(self, connection: Connection, opener: Opener, digests: Sequence[str], own: int) -> None:
        self._facts: dict[str, Raw] = {}
        self._is_torn = False
        for digest in digests:
            body = _body(connection, digest_bytes(digest))
            if body is None:
                self._is_torn = True
                continue
            mine = _read(opener, body, digest).get(f"{own}")
            if mine is not None:
                self._facts |= msgspec.json.decode(mine, type=dict[str, Raw])

    def find(self, key: str, raw_key: bytes) -> bytes | None:
        del raw_key  # held whole: it is short
        found = self._facts.get(key)
        if found is not None:
            return bytes(found)
        return _ERASED if self._is_torn else None


class _Waiting:
    """The same, before it is in the record."""

    def __init__(self, facts: Mapping[str, bytes]) -> None:
        self._facts = facts

    def find(self, key: str, raw_key: bytes) -> bytes | None:
        del raw_key
        return self._facts.get(key)


class VolatileHistory:
    """The volatile keys of a task's resources; `find` is to be asked in the order of keys.

    `depth` is how many observations they are put together from, `full_at` when the lowest of them was made, and
    `has_facts` whether that one had any.
    """

    def __init__(
        self, connection: Connection, opener: Opener, task: int, bound: int, *, latest: Latest | None = None
    ) -> None:
        leaf_opener = LeafOpener()
        floor: int = connection.exec_driver_sql(_LAST_FULL, (task, bound)).scalar_one()
        own = connection.exec_driver_sql(_OWN, (task, bound, floor)).fetchall()
        self.full_at: datetime | None = read_micros(own[0][3]) if floor >= 0 else None
        self.has_facts = bool(floor >= 0 and own[0][2])
        # Each with the leaf in which it lies; what is partial carries its own time, all else that of the last complete.
        found: list[tuple[int, _Layer, datetime | None]] = []
        for leaf, outcome, has_facts, ended_at in own:
            if has_facts:
                row = connection.exec_driver_sql(_LEAF, (leaf,)).one()
                facts = leaves.read(connection, leaf_opener, tuple(row)).fact(TaskSeen).facts
                at = None if outcome == Outcome.COMPLETE.value else read_micros(ended_at)
                found.append((leaf, _Own(connection, opener, facts), at))
        self._seen_at, self._seen_in = _last_complete(own)
        if floor >= 0:
            self._add_again(connection, opener, leaf_opener, task, floor, bound, [row[0] for row in own], found)
        found.sort(key=lambda one: one[0], reverse=True)
        self.depth = len(found)
        self._layers = [
            (layer, at if at is not None and leaf > self._seen_in else self._seen_at) for leaf, layer, at in found
        ]
        if latest is not None:
            self._layers = [(layer, latest.at) for layer, _ in self._layers]
            self._layers.insert(0, (_Waiting(latest.facts), latest.at))

    def _add_again(  # noqa: PLR0913, PLR0917  what the constructor has at hand
        self,
        connection: Connection,
        opener: Opener,
        leaf_opener: LeafOpener,
        task: int,
        floor: int,
        bound: int,
        own: list[int],
        found: list[tuple[int, _Layer, datetime | None]],
    ) -> None:
        newest = None
        for leaf, has_changed, digests in unchanged_tasks.changes_of(connection, task, floor, bound):
            its_own = max(one for one in own if one < leaf)
            newest = (leaf, its_own)
            if has_changed:
                found.append((leaf, _Again(connection, opener, read_digests(digests), its_own), None))
        if newest is not None and newest[0] > self._seen_in:
            self._seen_in = newest[0]
            self._seen_at = unchanged_tasks.Tables(connection, leaf_opener).ended_at(*newest)

    def find(self, key: str, raw_key: bytes) -> tuple[bytes | None, bool, datetime | None]:
        """Return the volatile keys of a resource or None, whether they are gone, and when they were seen."""
        for layer, at in self._layers:
            found = layer.find(key, raw_key)
            if found is not None:
                if found in {_ERASED, b"null"}:
                    return None, found == _ERASED, at
                return found, False, at
        return None, False, None


def _last_complete(own: Sequence[tuple[int, str, bool, int]]) -> tuple[datetime | None, int]:
    for leaf, outcome, _, ended_at in reversed(own):
        if outcome == Outcome.COMPLETE.value:
            return read_micros(ended_at), leaf
    return None, -1


def _body(connection: Connection, digest: bytes) -> bytes | None:
    found: bytes | None = connection.exec_driver_sql(_BODY, (digest,)).scalar_one_or_none()
    return found


def _read(opener: Opener, body: bytes, digest: str) -> dict[str, Raw]:
    try:
        return msgspec.json.decode(opener.open(body), type=FactsBlob).body
    except msgspec.DecodeError as error:
        raise damaged(f"blob {digest} cannot be read: {error}") from error
