"""Findings sorted into buckets while they stream by once; each bucket waits in a file without a name."""

from __future__ import annotations

from collections import Counter
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Generic, Self, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

T = TypeVar("T")

_IN_MEMORY = 1 << 20  # bytes of a bucket; what is longer goes to a file
_LENGTH = 4  # bytes that say how long the next item is


class Buckets(Generic[T]):
    """Keeps items by bucket, in the order in which they came. Use it as a context manager: it holds open files."""

    def __init__(self, of: type[T]) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(of).decode
        self._files: dict[Hashable, SpooledTemporaryFile[bytes]] = {}
        self.counts: Counter[Hashable] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def add(self, bucket: Hashable, item: T) -> None:
        """Put an item into a bucket."""
        file = self._files.get(bucket)
        if file is None:
            file = self._files[bucket] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  see __exit__
        data = self._encode(item)
        file.write(len(data).to_bytes(_LENGTH, "big") + data)
        self.counts[bucket] += 1

    def read(self, bucket: Hashable) -> Iterator[T]:
        """Yield the items of a bucket; none where nothing was put into it. Nothing may be added afterwards."""
        file = self._files.get(bucket)
        if file is None:
            return
        file.seek(0)
        while length := file.read(_LENGTH):
            yield self._decode(file.read(int.from_bytes(length, "big")))
