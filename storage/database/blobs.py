"""Bodies by content: each kept once, as exactly the bytes that its digest is of."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import zstandard

from collector.core.canonical import encode
from collector.core.errors import StoreError
from storage.database.bulk import insert, select_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.database.keys import StoreKey

_LEVEL = 3  # level 19 is ten times slower for three per cent
_SALT_SIZE = 16
_LARGEST = 1 << 31  # what a damaged frame may claim to unpack to

_FIND = "SELECT lookup, id, digest FROM blob WHERE lookup"
_INSERT = "INSERT INTO blob (id, digest, lookup, body) VALUES (?, ?, ?, ?)"


class KnownBlob(NamedTuple):
    """A blob that is in the store."""

    id: int
    digest: bytes


class SealedBlob(NamedTuple):
    """A body ready to be stored, with the means to tell whether it is there already."""

    lookup: bytes
    kind: bytes
    key: bytes
    body: bytes


def seal(store_key: StoreKey, kind: str, key: str, body: bytes) -> SealedBlob:
    """Prepare a canonical body. Raises NotCanonicalError where kind or key is no text that JSON can hold."""
    spelled_kind, spelled_key = _spelled(kind), encode(key)
    return SealedBlob(store_key.lookup(spelled_kind, spelled_key, body), spelled_kind, spelled_key, body)


@lru_cache(maxsize=1024)
def _spelled(kind: str) -> bytes:
    return encode(kind)


def blob_bytes(sealed: SealedBlob, salt: bytes) -> bytes:
    """Return canonical JSON of {body, key, kind, salt} around a body whose bytes stay as they are."""
    return b'{"body":%b,"key":%b,"kind":%b,"salt":"%b"}' % (
        sealed.body,
        sealed.key,
        sealed.kind,
        salt.hex().encode("ascii"),
    )


def keep(connection: Connection, sealed: Sequence[SealedBlob]) -> tuple[dict[bytes, KnownBlob], list[int]]:
    """Store the bodies that were not seen before; return all of them by lookup, and the ids of the new ones."""
    found = select_in(connection, _FIND, (), [one.lookup for one in sealed])
    known = {lookup: KnownBlob(number, digest) for lookup, number, digest in found}
    new = {one.lookup: one for one in sealed if one.lookup not in known}
    if not new:
        return known, []
    salts = os.urandom(_SALT_SIZE * len(new))
    compress = zstandard.ZstdCompressor(level=_LEVEL).compress
    first: int = connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM blob").scalar_one()
    rows = []
    for at, one in enumerate(new.values()):
        data = blob_bytes(one, salts[at * _SALT_SIZE : (at + 1) * _SALT_SIZE])
        digest = hashlib.sha256(data).digest()
        rows.append((first + at, digest, one.lookup, compress(data)))
        known[one.lookup] = KnownBlob(first + at, digest)
    insert(connection, _INSERT, rows)
    return known, [row[0] for row in rows]


def squeeze(data: bytes) -> bytes:
    """Compress bytes for a column."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(data)


class Opener:
    """Gives back the bytes of compressed columns; not for two threads at once."""

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self._decompress = zstandard.ZstdDecompressor(dict_data=dictionary).decompress

    def open(self, data: bytes) -> bytes:
        """Return what was compressed. Raises StoreError on bytes that are damaged."""
        try:
            if zstandard.frame_content_size(data) <= _LARGEST:
                return self._decompress(data)
        except zstandard.ZstdError as error:
            raise damaged(f"a compressed value cannot be read: {error}") from error
        raise damaged("a compressed value claims to unpack to more than 2 GiB")


def damaged(what: str) -> StoreError:
    """Return the error for something in the store that does not read as it was written."""
    return StoreError(
        f"the store is damaged: {what}",
        so="what it held cannot be shown or judged",
        mend="run annexd verify to learn what is damaged, and restore that from a backup",
    )
