"""Reading leaves back, and proving each to be what was written: its place, its store, its hash, its columns.

Names the first that is not, with both values. The tree grows by the hashes of the bytes that were read.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct

from collector.core.errors import StoreError, VerificationError
from storage.database.columns import micros
from storage.log.dictionary import LeafOpener
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
    """A leaf that is what it says it is."""

    at: int
    kind: str
    hash: bytes
    data: bytes


class LeafCheck:
    """Goes through the leaves that a tree does not hold yet, and adds each to it."""

    def __init__(self, store: str | None, frontier: Frontier) -> None:
        self._store = store
        self._frontier = frontier
        self._opener = LeafOpener()

    def leaves(self, connection: Connection) -> Iterator[CheckedLeaf]:
        """Yield them in their order. Raises VerificationError at the first that is not as it was written."""
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
            raise bad(f"leaf {expected} is missing: the next one that is there is {index}")
        if not (isinstance(body, bytes) and isinstance(hashed, bytes) and isinstance(dictionary, int)):
            raise bad(f"leaf {expected} is damaged: its columns hold values of other types than were written")
        try:
            data = self._opener.open(dictionary, body)
        except StoreError as error:
            raise bad(f"leaf {expected} is damaged: its bytes cannot be unpacked ({error.what})") from error
        found = leaf_hash(data)
        if found != hashed:
            raise bad(
                f"leaf {expected}: its hash is kept as sha256:{hashed.hex()}, and its bytes hash to"
                f" sha256:{found.hex()}"
            )
        try:
            head = _read(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise bad(f"leaf {expected} cannot be read: {error}") from error
        if self._store is None:
            self._store = head.store
        said = (head.i, head.store, head.k, micros(head.at))
        kept = (expected, self._store, kind, recorded_at)
        if said != kept:
            raise _misplaced(said, kept)
        self._frontier.append(found)
        return CheckedLeaf(expected, head.k, found, data)


def _misplaced(said: tuple[object, ...], kept: tuple[object, ...]) -> VerificationError:
    names = ("index", "store", "kind", "time")
    what, one, other = next(each for each in zip(names, said, kept, strict=True) if each[1] != each[2])
    return bad(f"leaf {kept[0]}: it says {what} {one!r} itself, and the store has it as {other!r}")


def bad(what: str) -> VerificationError:
    """Return the error for something that is not as it was recorded."""
    return VerificationError(
        what,
        so="what the store shows from here on cannot be relied on",
        mend="keep this copy as it is, restore the store from a backup, and find out who or what changed it",
    )
