"""Bodies and payloads: each hashes to its digest, each that the log refers to is there, and nothing else is.

A body may be missing where a leaf says that it was erased, and only there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from collector.core.errors import StoreError
from storage.database.blobs import Opener
from storage.database.columns import show_digest
from storage.log.leaf_check import bad

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from storage.database.keys import StoreKey
    from storage.verifying.log_seen import LogSeen

_PAGE = 500
_BLOBS = "SELECT id, digest, lookup, body FROM blob WHERE id > ? ORDER BY id LIMIT ?"
_PAYLOADS = "SELECT id, digest, body FROM payload WHERE id > ? ORDER BY id LIMIT ?"
_PENDING = "SELECT blob FROM pending ORDER BY blob"


class _Blob(Struct):
    body: Raw
    key: Raw
    kind: Raw
    salt: str


_read = msgspec.json.Decoder(_Blob).decode


@dataclass(frozen=True)
class Bodies:
    """How many there are, and how many were erased."""

    kept: int
    erased: int


def check_payloads(connection: Connection) -> set[bytes]:
    """Prove every payload to hash to its digest, and return the digests."""
    opener, found = Opener(), set()
    for at, (number, digest, body) in enumerate(_pages(connection, _PAYLOADS), start=1):
        if number != at:
            raise bad(f"payload {at} is missing: the next one that is there is {number}")
        found.add(_proven(opener, f"payload {number}", digest, body)[0])
    return found


def check_bodies(connection: Connection, log: LogSeen, payloads: set[bytes], key: StoreKey | None) -> Bodies:
    """Prove every body, and that those are there which the log refers to. Without the store key lookups are passed."""
    for one in sorted(log.payloads - payloads):
        raise bad(f"the payload {show_digest(one)} is missing, and a leaf refers to it")
    for one in sorted(payloads - log.payloads):
        raise bad(f"the payload {show_digest(one)} is there, and no leaf refers to it")
    pending = {number for (number,) in connection.exec_driver_sql(_PENDING).fetchall()}
    opener = Opener()
    missing, kept, erased = set(log.blobs), 0, 0
    for number, digest, lookup, body in _pages(connection, _BLOBS):
        what = f"body {number}"
        if body is None:
            _erased(what, digest, lookup, log)
            erased += 1
        else:
            data = _proven(opener, what, digest, body)[1]
            _found_again(what, lookup, data, key)
            kept += 1
        if digest in log.blobs:
            missing.discard(digest)
            if number in pending:
                raise bad(f"{what}, {show_digest(digest)}, is marked as never referred to, and the log refers to it")
        elif number not in pending:
            raise bad(f"{what}, {show_digest(digest)}, is there, and no leaf refers to it")
        pending.discard(number)
    for one in sorted(missing):
        raise bad(f"the body {show_digest(one)} is missing, and a leaf refers to it")
    if pending:
        raise bad(f"body {min(pending, key=str)} is marked as never referred to, and is not there")
    return Bodies(kept, erased)


def _pages(connection: Connection, statement: str) -> Iterator[Sequence[Any]]:
    last = -1 << 63
    while True:
        rows = connection.exec_driver_sql(statement, (last, _PAGE)).fetchall()
        for row in rows:
            # In a damaged file a page may lead back to an earlier one: what comes again would come for ever.
            if not isinstance(row[0], int) or row[0] <= last:
                raise bad(f"row {row[0]!r} comes after row {last}: the pages of the file are out of order")
            last = row[0]
            yield row
        if len(rows) < _PAGE:
            return


def _proven(opener: Opener, what: str, digest: object, body: object) -> tuple[bytes, bytes]:
    if not (isinstance(digest, bytes) and isinstance(body, bytes)):
        raise bad(f"{what}: its columns hold values of other types than were written")
    try:
        data = opener.open(body)
    except StoreError as error:
        raise bad(f"{what}, {show_digest(digest)}, cannot be unpacked ({error.what})") from error
    found = hashlib.sha256(data).digest()
    if found != digest:
        raise bad(f"{what}: it is kept as {show_digest(digest)}, and its bytes hash to {show_digest(found)}")
    return digest, data


def _erased(what: str, digest: object, lookup: object, log: LogSeen) -> None:
    if not isinstance(digest, bytes):
        raise bad(f"{what}: its columns hold values of other types than were written")
    if digest not in log.erased:
        raise bad(f"{what}, {show_digest(digest)}, is empty, and no leaf says that it was erased")
    if lookup is not None:
        raise bad(f"{what}, {show_digest(digest)}, was erased, and can still be looked up")


def _found_again(what: str, lookup: object, data: bytes, key: StoreKey | None) -> None:
    """Prove that the same body would be found again; otherwise it would be kept twice, or taken for another."""
    blob = _read(data)
    if key is None:
        if not isinstance(lookup, bytes):
            raise bad(f"{what}: it cannot be looked up any more")
        return
    wanted = key.lookup(bytes(blob.kind), bytes(blob.key), bytes(blob.body))
    if lookup != wanted:
        told = lookup.hex() if isinstance(lookup, bytes) else repr(lookup)
        raise bad(f"{what}: it is looked up as {told}, and that had to be {wanted.hex()}")
