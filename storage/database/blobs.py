"""Blobs: bodies stored by content, each once, as exactly the bytes that its digest is computed from."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import zstandard

from collector.core.canonical import encode
from collector.core.errors import StoreError
from storage.database.body_dictionary import LEVEL, body_dictionary
from storage.database.bulk import insert, select_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.database.keys import WorkerKey

_SALT_SIZE = 16
_END = b'"}'  # what follows the salt
_LARGEST = 1 << 31  # bytes that a damaged frame may claim to decompress to

_FIND = "SELECT lookup, id, digest, body FROM blob WHERE lookup"
_INSERT = "INSERT INTO blob (id, digest, lookup, body) VALUES (?, ?, ?, ?)"


class KnownBlob(NamedTuple):
    """The row id and the digest of a stored blob."""

    id: int
    digest: bytes


class SealedBlob(NamedTuple):
    """A body ready to be stored. `lookup` is the keyed fingerprint by which an equal body is found."""

    lookup: bytes
    kind: bytes
    key: bytes
    body: bytes


class PackedBlob(NamedTuple):
    """A body as it is stored: with a salt, compressed, and with its digest."""

    lookup: bytes
    digest: bytes
    data: bytes


def seal(store_key: WorkerKey, kind: str, key: str, body: bytes) -> SealedBlob:
    """Return a canonical body ready to be stored. Raises NotCanonicalError where kind or key is no valid JSON text."""
    encoded_kind, encoded_key = _encoded_kind(kind), encode(key)
    return SealedBlob(store_key.lookup(encoded_kind, encoded_key, body), encoded_kind, encoded_key, body)


@lru_cache(maxsize=1024)
def _encoded_kind(kind: str) -> bytes:
    return encode(kind)


def blob_bytes(sealed: SealedBlob, salt: bytes) -> bytes:
    """Return the canonical JSON of {body, key, kind, salt}; the bytes of the body are not changed."""
    return _with_salt(sealed, salt.hex().encode("ascii"))


def _with_salt(sealed: SealedBlob, salt: bytes) -> bytes:
    return b'{"body":%b,"key":%b,"kind":%b,"salt":"%b%b' % (sealed.body, sealed.key, sealed.kind, salt, _END)


def pack(sealed: Sequence[SealedBlob]) -> list[PackedBlob]:
    """Return bodies as they are stored, each with a salt of its own."""
    salts = os.urandom(_SALT_SIZE * len(sealed))
    compress = zstandard.ZstdCompressor(level=LEVEL, dict_data=body_dictionary()).compress
    packed = []
    for position, blob in enumerate(sealed):
        data = blob_bytes(blob, salts[position * _SALT_SIZE : (position + 1) * _SALT_SIZE])
        packed.append(PackedBlob(blob.lookup, hashlib.sha256(data).digest(), compress(data)))
    return packed


def keep(connection: Connection, bodies: Sequence[SealedBlob | PackedBlob]) -> tuple[dict[bytes, KnownBlob], list[int]]:
    """Store the bodies that are not stored yet; return all of them by lookup, and the row ids of the new ones.

    Raises StoreError where a body is looked up by the value of another one: it would be recorded in the other's place;
    and where a packed one is not what its digest says.
    """
    wanted, decompressor = {blob.lookup: blob for blob in bodies}, Decompressor()
    known = {}
    for lookup, number, digest, body in select_in(connection, _FIND, (), list(wanted)):
        _check_found(decompressor, wanted[lookup], digest, open_blob(decompressor, digest, body))
        known[lookup] = KnownBlob(number, digest)
    new = {blob.lookup: blob for blob in bodies if blob.lookup not in known}
    if not new:
        return known, []
    packed = [blob for blob in new.values() if isinstance(blob, PackedBlob)]
    for blob in packed:
        open_blob(decompressor, blob.digest, blob.data)
    packed += pack([blob for blob in new.values() if isinstance(blob, SealedBlob)])
    first: int = connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM blob").scalar_one()
    rows = [(first + position, blob.digest, blob.lookup, blob.data) for position, blob in enumerate(packed)]
    known.update({blob.lookup: KnownBlob(first + position, blob.digest) for position, blob in enumerate(packed)})
    insert(connection, _INSERT, rows)
    return known, [row[0] for row in rows]


def _check_found(decompressor: Decompressor, wanted: SealedBlob | PackedBlob, digest: bytes, data: bytes) -> None:
    """Raise StoreError unless these are the bytes of this body with some salt."""
    end = -_SALT_SIZE * 2 - len(_END)
    if isinstance(wanted, SealedBlob):
        is_same = data == _with_salt(wanted, data[end : -len(_END)])
    else:
        is_same = data[:end] == open_blob(decompressor, wanted.digest, wanted.data)[:end]
    if not is_same:
        raise damaged(f"the body sha256:{digest.hex()} is looked up by the value of another one")


def compress(data: bytes) -> bytes:
    """Return bytes compressed with zstd, without a dictionary."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(data)


class Decompressor:
    """Decompresses columns; an instance must not be used by two threads at the same time.

    Without a `dictionary` of its own it has that of bodies, and reads what was compressed with none as well.
    """

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None, largest: int = _LARGEST) -> None:
        self._largest = largest
        dictionary = dictionary or body_dictionary()
        # Nothing may follow what was written: nobody would ever look at it.
        self._decompress = partial(zstandard.ZstdDecompressor(dict_data=dictionary).decompress, allow_extra_data=False)

    def decompress(self, data: bytes) -> bytes:
        """Return the decompressed bytes. Raises StoreError on damaged ones."""
        try:
            if zstandard.frame_content_size(data) <= self._largest:
                return self._decompress(data)
        except zstandard.ZstdError as error:
            raise damaged(f"a compressed value cannot be read: {error}") from error
        raise damaged(f"a compressed value claims to unpack to more than {self._largest} bytes")


def open_blob(decompressor: Decompressor, digest: bytes, body: object) -> bytes:
    """Return the bytes of a stored blob. Raises StoreError where its digest is another one."""
    data = decompressor.decompress(body) if isinstance(body, bytes) else b""
    if hashlib.sha256(data).digest() != digest:
        raise damaged(f"the body sha256:{digest.hex()} was changed: its bytes have another digest")
    return data


def damaged(what: str) -> StoreError:
    """Return the StoreError for damaged content of the store."""
    return StoreError(
        f"the store is damaged: {what}",
        so="what it held cannot be shown or judged",
        mend="run annexd verify to learn what is damaged, and restore that from a backup",
    )
