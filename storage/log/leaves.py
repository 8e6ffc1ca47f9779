"""Leaves: the log entries, one canonical JSON document for each fact, numbered from 0 without a gap.

A leaf is {v, k(ind), i(ndex), store, rnd, at, fact, rows}: `i` and `store` show where it belongs, `rnd` makes a
withheld leaf impossible to guess. One that is not of a task also has `signed`: how many leaves were signed when it was
written, so that a checkpoint that is gone later is missed. Content that would make it longer than 64 KiB goes into
payloads, and the leaf holds their digests: `fact_in` for the fact, `rows_in` for its rows.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec
from msgspec import Raw, Struct

from collector.core.canonical import Digest, encode
from collector.core.ports import Leaf
from collector.core.spans import show_time
from storage.database.blobs import Decompressor, compress, damaged
from storage.database.columns import digest_bytes, micros, show_digest
from storage.database.failpoints import reached
from storage.log.dictionary import NEWEST, LeafDecompressor, compress_leaf
from storage.log.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

T = TypeVar("T")

# A leaf stays below 64 KiB: at most one fact, inline rows or digests of payloads, and half a KiB of head.
_FACT_INLINE = 24 * 1024
_ROWS_INLINE = 16 * 1024
_PAYLOADS_INLINE = 256
_PAYLOAD_SIZE = 1 << 20  # small enough to be held in memory, large enough to compress well
_MOST_ABOVE = 4  # levels of payloads over those of rows: more than any list can need

_SIGNED = "SELECT max(size) FROM checkpoint"
_INSERT_LEAF = "INSERT INTO log_leaf (idx, kind, recorded_at, dictionary, body, hash, mac) VALUES (?, ?, ?, ?, ?, ?, ?)"
_INSERT_PAYLOAD = "INSERT INTO payload (id, digest, body) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM payload), ?, ?)"


class _RowsIn(Struct):
    """The payloads that hold the rows; with `above` levels of payloads that hold digests of payloads."""

    count: int
    payloads: list[str]
    above: int = 0


class _Document(Struct):
    v: int
    k: str
    i: int
    store: str
    rnd: str
    at: datetime
    signed: int | None = None
    fact: Raw = Raw(b"")
    fact_in: str | None = None
    rows: Raw = Raw(b"")
    rows_in: _RowsIn | None = None


class Rows:
    """Collects the rows of a leaf; long lists are written to payloads as they come, so that memory is bounded."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[bytes] = []
        self._size = 0
        self._payloads: list[str] = []
        self._count = 0

    def add(self, row: object) -> None:
        """Add one row of JSON types."""
        data = encode(row)
        self._waiting.append(data)
        self._size += len(data)
        self._count += 1
        if self._size > _PAYLOAD_SIZE:
            self._write_payload()

    def fields(self) -> dict[str, object]:
        """Return the fields of the leaf for its rows: `rows`, `rows_in` or none."""
        if not self._payloads and self._size <= _ROWS_INLINE:
            return {"rows": [msgspec.json.decode(row) for row in self._waiting]} if self._waiting else {}
        if self._waiting:
            self._write_payload()
        payloads, above = self._payloads, 0
        while len(payloads) > _PAYLOADS_INLINE:
            payloads, above = list(self._gather(payloads)), above + 1
        return {"rows_in": {"above": above, "count": self._count, "payloads": payloads}}

    def _write_payload(self) -> None:
        self._payloads.append(_keep_payload(self._connection, self._waiting))
        self._waiting, self._size = [], 0

    def _gather(self, digests: list[str]) -> Iterator[str]:
        for at in range(0, len(digests), _PAYLOADS_INLINE):
            yield _keep_payload(self._connection, [encode(digest) for digest in digests[at : at + _PAYLOADS_INLINE]])


def _keep_payload(connection: Connection, rows: Iterable[bytes]) -> Digest:
    data = b'{"rows":[%b],"salt":"%b"}' % (b",".join(rows), os.urandom(16).hex().encode("ascii"))
    digest = hashlib.sha256(data).digest()
    connection.exec_driver_sql(_INSERT_PAYLOAD, (digest, compress(data)))
    return show_digest(digest)


@dataclass(frozen=True)
class LeafRecord:
    """A leaf that was written or read back, with its content."""

    connection: Connection
    leaf: Leaf
    kind: str
    document: _Document

    @property
    def recorded_at(self) -> datetime:
        """When it was written, by the clock of the store."""
        return self.document.at

    @property
    def signed(self) -> int | None:
        """The size of the newest checkpoint when it was written; None before the first, and in older leaves."""
        return self.document.signed

    @property
    def has_rows(self) -> bool:
        """Whether it has any rows."""
        return self.document.rows_in is not None or bool(self.document.rows)

    def fact(self, of: type[T]) -> T:
        """Return the fact decoded as a type. Raises StoreError where it cannot be decoded."""
        if self.document.fact_in is None:
            return _decode(self.document.fact, of, self.leaf.index)
        (fact,) = self._payload(self.document.fact_in, of)
        return fact

    def rows(self, of: type[T]) -> Iterator[list[T]]:
        """Yield lists of the rows, in order. Raises StoreError where they cannot be decoded."""
        rows_in = self.document.rows_in
        if rows_in is None:
            if self.document.rows:
                yield _decode(self.document.rows, list[of], self.leaf.index)  # type: ignore[valid-type]  # a runtime type
            return
        for digest, above in self._walk(rows_in):
            if not above:
                yield self._payload(digest, of)

    def payloads(self) -> Iterator[str]:
        """Yield the digest of every payload that the leaf refers to, directly or through other payloads."""
        if self.document.fact_in is not None:
            yield self.document.fact_in
        if self.document.rows_in is not None:
            yield from (digest for digest, _ in self._walk(self.document.rows_in))

    def _walk(self, rows_in: _RowsIn) -> Iterator[tuple[str, int]]:
        """Yield (digest, levels below it) of each payload, in order, each before those that it names.

        Each is named once, as each has a salt of its own. Somebody else's may name the same one over and over, so that
        there is no end to it: that raises StoreError.
        """
        if not 0 <= rows_in.above <= _MOST_ABOVE:
            raise damaged(f"leaf {self.leaf.index} cannot be read: its rows are {rows_in.above} payloads deep")
        seen: set[str] = set()
        levels = [iter(rows_in.payloads)]
        while levels:
            digest = next(levels[-1], None)
            if digest is None:
                levels.pop()
                continue
            if digest in seen:
                raise damaged(f"leaf {self.leaf.index} cannot be read: it names the payload {digest} twice")
            seen.add(digest)
            below = rows_in.above + 1 - len(levels)
            yield digest, below
            if below:
                levels.append(iter(self._payload(digest, str)))

    def _payload(self, digest: str, of: type[T]) -> list[T]:
        found = self.connection.exec_driver_sql("SELECT body FROM payload WHERE digest = ?", (digest_bytes(digest),))
        row = found.one_or_none()
        if row is None:
            raise damaged(f"leaf {self.leaf.index} cannot be read: its payload {digest} is missing")
        rows = _decode(Decompressor().decompress(row[0]), dict[str, Raw], self.leaf.index)["rows"]
        return _decode(rows, list[of], self.leaf.index)  # type: ignore[valid-type]  # a runtime type


class Chain(Protocol):
    """Gives a new leaf its place and its MAC; see `storage.log.mac_chain.MacChain`."""

    def next_index(self, connection: Connection) -> int:
        """Return the index of the next leaf."""
        ...

    def extend(self, connection: Connection, index: int, hashed: bytes) -> bytes:
        """Return the MAC of the next leaf."""
        ...


def append(
    connection: Connection, chain: Chain, *, store: str, at: datetime, kind: str, fact: object, rows: dict[str, object]
) -> LeafRecord:
    """Append one leaf to the log and return it. `fact` is of JSON types, `rows` from `Rows.fields`."""
    index = chain.next_index(connection)
    document: dict[str, object] = {"v": 1, "k": kind, "i": index, "store": store, "at": show_time(at), **rows}
    signed: int | None = None if kind == "task" else connection.exec_driver_sql(_SIGNED).scalar_one()
    if signed is not None:
        document["signed"] = signed
    document["rnd"] = os.urandom(16).hex()
    encoded = encode(fact)
    if len(encoded) <= _FACT_INLINE:
        document["fact"] = fact
    else:
        document["fact_in"] = _keep_payload(connection, [encoded])
    data = encode(document)
    hashed = leaf_hash(data)
    reached("before leaf")
    mac = chain.extend(connection, index, hashed)
    connection.exec_driver_sql(_INSERT_LEAF, (index, kind, micros(at), NEWEST, compress_leaf(data), hashed, mac))
    reached("after leaf")
    return _record(connection, index, hashed, data)


def read(connection: Connection, decompressor: LeafDecompressor, row: Sequence[Any]) -> LeafRecord:
    """Return the leaf of a row (idx, dictionary, body, hash). Raises StoreError where it is damaged."""
    index, number, body, hashed = row
    return _record(connection, index, hashed, decompressor.decompress(number, body))


def leaf_from_bytes(connection: Connection, index: int, hashed: bytes, data: bytes) -> LeafRecord:
    """Return the leaf of decompressed bytes. Raises StoreError where they cannot be decoded."""
    return _record(connection, index, hashed, data)


def _record(connection: Connection, index: int, hashed: bytes, data: bytes) -> LeafRecord:
    document = _decode(data, _Document, index)
    return LeafRecord(connection, Leaf(index, hashed), document.k, document)


def _decode(data: bytes | Raw, of: type[T], index: int) -> T:
    try:
        return msgspec.json.decode(data, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise damaged(f"leaf {index} cannot be read: {error}") from error
