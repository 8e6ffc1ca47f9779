"""Read parts of the log for bundles and proofs: leaves as bytes, leaf hashes, and signed heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from storage.database.blobs import Decompressor, damaged
from storage.database.columns import digest_bytes, micros
from storage.database.streaming import stream
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.origins import read_origins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.log.leaves import LeafRecord
    from storage.log.origins import Origin

_FIRST = "SELECT coalesce(min(idx), ?) FROM log_leaf WHERE recorded_at >= ?"
_AFTER = "SELECT coalesce(max(idx), -1) + 1 FROM log_leaf WHERE recorded_at <= ?"
_HASHES = "SELECT hash FROM log_leaf WHERE idx < ? ORDER BY idx"
_BETWEEN = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx >= ? AND idx < ? ORDER BY idx"
_OF_KIND = "SELECT idx FROM log_leaf WHERE kind <> 'task' AND kind IN ({marks}) AND idx < ? ORDER BY idx"
_RECORDS_OF_KIND = (
    "SELECT idx, dictionary, body, hash FROM log_leaf WHERE kind <> 'task' AND kind = ? AND idx < ? ORDER BY idx DESC"
)
_SIGNED_ABOVE = "SELECT size, note FROM checkpoint WHERE size > ? ORDER BY size LIMIT 1"
_SIGNED = "SELECT size, note FROM checkpoint WHERE size > ? AND size <= ? ORDER BY size"
_PAYLOAD = "SELECT body FROM payload WHERE digest = ?"
_ANY_SINCE = "SELECT count(*) FROM log_leaf WHERE idx >= ? AND kind NOT IN ({marks})"


@dataclass(frozen=True)
class EncodedLeaf:
    """A leaf with exactly the bytes that are hashed."""

    record: LeafRecord
    data: bytes

    @property
    def index(self) -> int:
        """Its index in the log."""
        return self.record.leaf.index


class Note(NamedTuple):
    """A signed head as stored: the number of leaves, and the note."""

    size: int
    text: str


class LogParts:
    """The log as one connection sees it; methods with `size` ignore leaves from that index on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._decompressor = LeafDecompressor()
        self._values = Decompressor()

    def first_since(self, moment: datetime, size: int) -> int:
        """Return the index of the first leaf recorded at a moment or after it, `size` where there is none."""
        found: int = self._connection.exec_driver_sql(_FIRST, (size, micros(moment))).scalar_one()
        return min(found, size)

    def end_of(self, moment: datetime) -> int:
        """Return the index after the last leaf that was recorded up to a moment."""
        found: int = self._connection.exec_driver_sql(_AFTER, (micros(moment),)).scalar_one()
        return found

    def hashes(self, size: int) -> Iterator[bytes]:
        """Stream the hashes of the first leaves, in their order."""
        for (hashed,) in stream(self._connection, _HASHES, (size,)):
            yield hashed

    def between(self, start: int, end: int) -> Iterator[EncodedLeaf]:
        """Stream the leaves of a range, in their order."""
        for index, number, body, hashed in stream(self._connection, _BETWEEN, (start, end)):
            data = self._decompressor.decompress(number, body)
            yield EncodedLeaf(leaves.leaf_from_bytes(self._connection, index, hashed, data), data)

    def of_kinds(self, kinds: Collection[str], size: int) -> list[int]:
        """Return the indexes of the leaves of some kinds, in order; not for the kind `task`."""
        statement = _OF_KIND.format(marks=",".join("?" * len(kinds)))
        return [index for (index,) in self._connection.exec_driver_sql(statement, (*kinds, size)).fetchall()]

    def newest(self, kind: str, size: int) -> Iterator[LeafRecord]:
        """Yield the leaves of a kind, the newest first; not for the kind `task`."""
        for row in self._connection.exec_driver_sql(_RECORDS_OF_KIND, (kind, size)).fetchall():
            yield leaves.read(self._connection, self._decompressor, tuple(row))

    def nothing_but(self, kinds: Collection[str], since: int) -> bool:
        """Return whether every leaf from an index on is of these kinds."""
        statement = _ANY_SINCE.format(marks=",".join("?" * len(kinds)))
        return not self._connection.exec_driver_sql(statement, (since, *kinds)).scalar_one()

    def signed_above(self, index: int) -> Note | None:
        """Return the first head that covers a leaf, None where none does."""
        row = self._connection.exec_driver_sql(_SIGNED_ABOVE, (index,)).one_or_none()
        return None if row is None else Note(*row)

    def signed(self, above: int, up_to: int) -> list[Note]:
        """Return the heads over more leaves than `above`, and at most `up_to`."""
        return [Note(*row) for row in self._connection.exec_driver_sql(_SIGNED, (above, up_to)).fetchall()]

    def origins(self) -> list[Origin]:
        """Return the origins of the log, in order."""
        return read_origins(self._connection)

    def payload(self, digest: str) -> bytes:
        """Return a payload as exactly the bytes that are hashed. Raises StoreError where it is missing."""
        row = self._connection.exec_driver_sql(_PAYLOAD, (digest_bytes(digest),)).one_or_none()
        if row is None:
            raise damaged(f"the payload {digest} is missing")
        return self._values.decompress(row[0])
