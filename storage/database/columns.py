"""Encodings of column values: times as integers, digests as bytes, scopes as JSON, sets of numbers as bits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import Digest
from collector.core.scopes import Scope
from storage.database.blobs import damaged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PREFIX = "sha256:"
_DIGEST_SIZE = 32
_NUMBER_SIZE = 8


@lru_cache(maxsize=4096)
def read_scope(text: str) -> Scope:
    """Return the scope that `scope_text` wrote."""
    return msgspec.json.decode(text, type=tuple[str, ...])


def micros(moment: datetime) -> int:
    """Return a moment as whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def read_micros(count: int) -> datetime:
    """Return the moment that `micros` wrote."""
    return _EPOCH + timedelta(microseconds=count)


def digest_bytes(digest: str) -> bytes:
    """Return the 32 bytes of a digest. Raises ValueError where it is not SHA-256."""
    if not digest.startswith(_PREFIX):
        raise ValueError(f"{digest!r} is not a SHA-256 digest")
    return bytes.fromhex(digest[len(_PREFIX) :])


def show_digest(data: bytes) -> Digest:
    """Return 32 bytes as a Digest."""
    return Digest(_PREFIX + data.hex())


def read_digests(data: bytes) -> tuple[Digest, ...]:
    """Return the digests of a column that holds them one after the other."""
    text = data.hex()
    return tuple([Digest(_PREFIX + text[at : at + _DIGEST_SIZE * 2]) for at in range(0, len(text), _DIGEST_SIZE * 2)])


def show_members(numbers: Collection[int]) -> bytes:
    """Return a set of numbers as bytes: the smallest in 8 bytes, then a bit for each number from it on."""
    if not numbers:
        return b""
    first = min(numbers)
    bits = 0
    for number in numbers:
        bits |= 1 << (number - first)
    return first.to_bytes(_NUMBER_SIZE, "big") + bits.to_bytes((bits.bit_length() + 7) // 8, "little")


class Members:
    """A set of numbers read from a column as `show_members` wrote it."""

    def __init__(self, data: bytes) -> None:
        self._first = int.from_bytes(data[:_NUMBER_SIZE], "big")
        self._bits = int.from_bytes(data[_NUMBER_SIZE:], "little")

    def __contains__(self, number: int) -> bool:
        return number >= self._first and bool(self._bits >> (number - self._first) & 1)

    def __iter__(self) -> Iterator[int]:
        bits, at = self._bits, self._first
        while bits:
            step = (bits & -bits).bit_length()
            at += step
            bits >>= step
            yield at - 1


def members(data: bytes) -> Members:
    """Return the set that `show_members` wrote. Raises StoreError where somebody wrote something else."""
    if not isinstance(data, bytes):
        raise damaged("the collections of a shared log entry are no bytes")
    return Members(data)
