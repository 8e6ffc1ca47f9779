"""Check bodies and payloads: each matches its digest, each that the log refers to exists, and there are no others.

A body may be missing only where a leaf records that it was erased.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from collector.core.errors import StoreError
from storage.database.blobs import Decompressor
from storage.database.columns import show_digest
from storage.log.leaf_check import mismatch

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
    """The numbers of bodies that exist and that were erased."""

    kept: int
    erased: int


def check_payloads(connection: Connection) -> set[bytes]:
    """Check every payload against its digest, and return the digests. Raises VerificationError."""
    decompressor, found = Decompressor(), set()
    for at, (number, digest, body) in enumerate(_pages(connection, _PAYLOADS), start=1):
        if number != at:
            raise mismatch(f"payload {at} is missing: the next one that is there is {number}")
        found.add(_check_digest(decompressor, f"payload {number}", digest, body)[0])
    return found


def check_bodies(connection: Connection, log: LogSeen, payloads: set[bytes], key: StoreKey | None) -> Bodies:
    """Check every body, and that exactly those exist that the log refers to. Raises VerificationError.

    Without the store key the lookup values are not checked.
    """
    for digest in sorted(log.payloads - payloads):
        raise mismatch(f"the payload {show_digest(digest)} is missing, and a leaf refers to it")
    for digest in sorted(payloads - log.payloads):
        raise mismatch(f"the payload {show_digest(digest)} is there, and no leaf refers to it")
    pending = {number for (number,) in connection.exec_driver_sql(_PENDING).fetchall()}
    decompressor = Decompressor()
    missing, kept, erased = set(log.blobs), 0, 0
    for number, digest, lookup, body in _pages(connection, _BLOBS):
        what = f"body {number}"
        if body is None:
            _check_erased(what, digest, lookup, log)
            erased += 1
        else:
            data = _check_digest(decompressor, what, digest, body)[1]
            _check_lookup(what, lookup, data, key)
            kept += 1
        if digest in log.blobs:
            missing.discard(digest)
            if number in pending:
                raise mismatch(
                    f"{what}, {show_digest(digest)}, is marked as never referred to, and the log refers to it"
                )
        elif number not in pending:
            raise mismatch(f"{what}, {show_digest(digest)}, is there, and no leaf refers to it")
        pending.discard(number)
    for digest in sorted(missing):
        raise mismatch(f"the body {show_digest(digest)} is missing, and a leaf refers to it")
    if pending:
        raise mismatch(f"body {min(pending, key=str)} is marked as never referred to, and is not there")
    return Bodies(kept, erased)


def _pages(connection: Connection, statement: str) -> Iterator[Sequence[Any]]:
    last = -1 << 63
    while True:
        rows = connection.exec_driver_sql(statement, (last, _PAGE)).fetchall()
        for row in rows:
            # In a damaged file a page may link back to an earlier one, which would be an endless loop.
            if not isinstance(row[0], int) or row[0] <= last:
                raise mismatch(f"row {row[0]!r} comes after row {last}: the pages of the file are out of order")
            last = row[0]
            yield row
        if len(rows) < _PAGE:
            return


def _check_digest(decompressor: Decompressor, what: str, digest: object, body: object) -> tuple[bytes, bytes]:
    if not (isinstance(digest, bytes) and isinstance(body, bytes)):
        raise mismatch(f"{what}: its columns hold values of other types than were written")
    try:
        data = decompressor.decompress(body)
    except StoreError as error:
        raise mismatch(f"{what}, {show_digest(digest)}, cannot be unpacked ({error.what})") from error
    found = hashlib.sha256(data).digest()
    if found != digest:
        raise mismatch(f"{what}: it is kept as {show_digest(digest)}, and its bytes hash to {show_digest(found)}")
    return digest, data


def _check_erased(what: str, digest: object, lookup: object, log: LogSeen) -> None:
    if not isinstance(digest, bytes):
        raise mismatch(f"{what}: its columns hold values of other types than were written")
    if digest not in log.erased:
        raise mismatch(f"{what}, {show_digest(digest)}, is empty, and no leaf says that it was erased")
    if lookup is not None:
        raise mismatch(f"{what}, {show_digest(digest)}, was erased, and can still be looked up")


def _check_lookup(what: str, lookup: object, data: bytes, key: StoreKey | None) -> None:
    """Check the lookup value: with a wrong one the body would be stored twice, or taken for another."""
    blob = _read(data)
    if key is None:
        if not isinstance(lookup, bytes):
            raise mismatch(f"{what}: it cannot be looked up any more")
        return
    wanted = key.lookup(bytes(blob.kind), bytes(blob.key), bytes(blob.body))
    if lookup != wanted:
        found = lookup.hex() if isinstance(lookup, bytes) else repr(lookup)
        raise mismatch(f"{what}: it is looked up as {found}, and that had to be {wanted.hex()}")
