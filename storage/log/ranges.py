"""Parts of the log for those who prove them elsewhere: leaves as bytes, their hashes, and the heads over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from storage.database.blobs import Opener, damaged
from storage.database.columns import digest_bytes, micros
from storage.database.streaming import stream
from storage.log import leaves
from storage.log.dictionary import LeafOpener
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
        """Its place in the log."""
        return self.record.leaf.index


class Note(NamedTuple):
    """A signed head as it is kept."""

    size: int
    text: str


class LogParts:
    """The log as one connection sees it; `size` leaves count, and later ones are not looked at."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._opener = LeafOpener()
        self._values = Opener()

    def first_since(self, moment: datetime, size: int) -> int:
        """Return the first leaf recorded at a moment or after it, `size` where there is none."""
        found: int = self._connection.exec_driver_sql(_FIRST, (size, micros(moment))).scalar_one()
        return min(found, size)

    def end_of(self, moment: datetime) -> int:
        """Return the number of the leaf after the last one that was recorded up to a moment."""
        found: int = self._connection.exec_driver_sql(_AFTER, (micros(moment),)).scalar_one()
        return found

    def hashes(self, size: int) -> Iterator[bytes]:
        """Stream the hashes of the first leaves, in their order."""
        for (hashed,) in stream(self._connection, _HASHES, (size,)):
            yield hashed

    def between(self, start: int, end: int) -> Iterator[EncodedLeaf]:
        """Stream the leaves of a range, in their order."""
        for index, number, body, hashed in stream(self._connection, _BETWEEN, (start, end)):
            data = self._opener.open(number, body)
            yield EncodedLeaf(leaves.spelled(self._connection, index, hashed, data), data)

    def of_kinds(self, kinds: Collection[str], size: int) -> list[int]:
        """Return where leaves of some kinds stand; not of tasks."""
        statement = _OF_KIND.format(marks=",".join("?" * len(kinds)))
        return [index for (index,) in self._connection.exec_driver_sql(statement, (*kinds, size)).fetchall()]

    def newest(self, kind: str, size: int) -> Iterator[LeafRecord]:
        """Yield the leaves of a kind, the newest first; not of tasks."""
        for row in self._connection.exec_driver_sql(_RECORDS_OF_KIND, (kind, size)).fetchall():
            yield leaves.read(self._connection, self._opener, tuple(row))

    def nothing_but(self, kinds: Collection[str], since: int) -> bool:
        """Whether every leaf from one on is of these kinds."""
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
        """Return the names and keys of the log, in their order."""
        return read_origins(self._connection)

    def payload(self, digest: str) -> bytes:
        """Return what a leaf refers to by a digest, with exactly the bytes that are hashed."""
        row = self._connection.exec_driver_sql(_PAYLOAD, (digest_bytes(digest),)).one_or_none()
        if row is None:
            raise damaged(f"the payload {digest} is missing")
        return self._values.open(row[0])
