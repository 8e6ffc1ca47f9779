"""Volatile keys as of a moment: each resource has those of the latest observation that saw it.

A complete observation saw everything that is there. Partial ones after it lie over it, the newest on top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from storage import leaves
from storage.blobs import Opener, damaged
from storage.columns import digest_bytes
from storage.dictionary import LeafOpener
from storage.project import TaskSeen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


_LAYERS = (
    "SELECT l.idx, l.dictionary, l.body, l.hash FROM observation o JOIN log_leaf l ON l.idx = o.leaf"
    " WHERE o.task = ? AND o.leaf <= ? AND o.leaf >= ? AND o.facts ORDER BY o.leaf DESC"
)
_LAST_COMPLETE = "SELECT coalesce(max(leaf), -1) FROM observation WHERE task = ? AND outcome = 'complete' AND leaf <= ?"


class _FactsBlob(Struct):
    body: dict[str, Raw]


_ERASED = b""  # no JSON is empty


class _Layer:
    """The volatile keys of one observation, asked for in the order of keys; one blob of it is in memory at a time."""

    def __init__(self, connection: Connection, opener: Opener, digests: Sequence[str], at: datetime) -> None:
        self.at = at
        self._connection = connection
        self._opener = opener
        self._digests = iter(digests)
        self._facts: dict[str, Raw] = {}
        self._last = b""
        self._is_torn = False

    def find(self, key: str, raw_key: bytes) -> bytes | None:
        """Return what this observation says of a resource, _ERASED where that may be gone; None: it did not see it."""
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
        body = self._connection.exec_driver_sql(
            "SELECT body FROM blob WHERE digest = ?", (digest_bytes(digest),)
        ).scalar_one_or_none()
        if body is None:
            self._is_torn = True
            return
        try:
            self._facts = msgspec.json.decode(self._opener.open(body), type=_FactsBlob).body
        except msgspec.DecodeError as error:
            raise damaged(f"blob {digest} cannot be read: {error}") from error
        self._last = max((key.encode() for key in self._facts), default=b"")


class Layers:
    """The volatile keys of a task's resources; `find` is to be asked in the order of keys."""

    def __init__(self, connection: Connection, opener: Opener, task: int, bound: int) -> None:
        floor = connection.exec_driver_sql(_LAST_COMPLETE, (task, bound)).scalar_one()
        rows = connection.exec_driver_sql(_LAYERS, (task, bound, floor)).fetchall()
        seen = (leaves.read(connection, LeafOpener(), row).fact(TaskSeen) for row in rows)
        self._layers = [_Layer(connection, opener, one.facts, one.observation.ended_at) for one in seen]

    def find(self, key: str, raw_key: bytes) -> tuple[bytes | None, bool, datetime | None]:
        """Return the volatile keys of a resource or None, whether they are gone, and when they were seen."""
        for layer in self._layers:
            found = layer.find(key, raw_key)
            if found is not None:
                if found in {_ERASED, b"null"}:
                    return None, found == _ERASED, layer.at
                return found, False, layer.at
        return None, False, None
