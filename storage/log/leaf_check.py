"""Read leaves back and check each: its index, store, hash and columns.

The error names the first difference with both values. The tree grows by the hashes of the bytes that were read.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct

from collector.core.errors import StoreError, VerificationError
from storage.database.columns import micros
from storage.log.dictionary import LeafDecompressor
from storage.log.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from storage.log.merkle import Frontier

_PAGE = 1_000

_LEAVES = "SELECT idx, kind, recorded_at, dictionary, body, hash FROM log_leaf WHERE idx >= ? ORDER BY idx LIMIT ?"


class _Head(Struct):
    v: int
    k: str
    i: int
    store: str
    at: datetime


_read = msgspec.json.Decoder(_Head).decode


class CheckedLeaf(NamedTuple):
    """A leaf that has passed all checks."""

    at: int
    kind: str
    hash: bytes
    data: bytes


class LeafCheck:
    """Checks the leaves after those of a tree, and adds each to it."""

    def __init__(self, store: str | None, frontier: Frontier) -> None:
        self._store = store
        self._frontier = frontier
        self._decompressor = LeafDecompressor()

    def leaves(self, connection: Connection) -> Iterator[CheckedLeaf]:
        """Yield the leaves in order. Raises VerificationError at the first that fails a check."""
        while True:
            # A page at a time, so that no database holds the whole log in memory.
            rows = connection.exec_driver_sql(_LEAVES, (self._frontier.size, _PAGE)).fetchall()
            for row in rows:
                yield self._checked(*row)
            if len(rows) < _PAGE:
                return

    def _checked(
        self, index: object, kind: object, recorded_at: object, dictionary: object, body: object, hashed: object
    ) -> CheckedLeaf:
        expected = self._frontier.size
        if index != expected:
            raise mismatch(f"leaf {expected} is missing: the next one that is there is {index}")
        if not (isinstance(body, bytes) and isinstance(hashed, bytes) and isinstance(dictionary, int)):
            raise mismatch(f"leaf {expected} is damaged: its columns hold values of other types than were written")
        try:
            data = self._decompressor.decompress(dictionary, body)
        except StoreError as error:
            raise mismatch(f"leaf {expected} is damaged: its bytes cannot be unpacked ({error.what})") from error
        computed = leaf_hash(data)
        if computed != hashed:
            raise mismatch(
                f"leaf {expected}: its hash is kept as sha256:{hashed.hex()}, and its bytes hash to"
                f" sha256:{computed.hex()}"
            )
        try:
            head = _read(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise mismatch(f"leaf {expected} cannot be read: {error}") from error
        if self._store is None:
            self._store = head.store
        stated = (head.i, head.store, head.k, micros(head.at))
        kept = (expected, self._store, kind, recorded_at)
        if stated != kept:
            raise _misplaced(stated, kept)
        self._frontier.append(computed)
        return CheckedLeaf(expected, head.k, computed, data)


def _misplaced(stated: tuple[object, ...], kept: tuple[object, ...]) -> VerificationError:
    names = ("index", "store", "kind", "time")
    name, stated_value, kept_value = next(
        values for values in zip(names, stated, kept, strict=True) if values[1] != values[2]
    )
    return mismatch(f"leaf {kept[0]}: it says {name} {stated_value!r} itself, and the store has it as {kept_value!r}")


def mismatch(what: str) -> VerificationError:
    """Return the VerificationError for something that is not as it was recorded."""
    return VerificationError(
        what,
        so="what the store shows from here on cannot be relied on",
        mend="keep this copy as it is, restore the store from a backup, and find out who or what changed it",
    )
