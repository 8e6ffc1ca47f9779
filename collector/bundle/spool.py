"""A long stream that is computed once and read several times, kept in a temporary file without a name."""

from __future__ import annotations

import heapq
import weakref
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_IN_MEMORY = 16 << 20  # bytes; what is longer goes to a file without a name
_CHUNK = 1 << 20
_SMALL_CHUNK = 1 << 14  # where a file is read at many places at once
_LENGTH = 4  # bytes that say how long the next item is


class Spool(Generic[T]):
    """Yields what `make` yields, as often as wanted; only a pass that went to its end is read back later.

    `part` names the part of the stream that an item is in; the items of a part come one after the other.
    """

    def __init__(
        self, make: Callable[[], Iterator[T]], of: type[T], part: Callable[[T], object] = lambda _item: None
    ) -> None:
        self._make = make
        self._part = part
        self._decode = msgspec.msgpack.Decoder(of).decode
        self._file: SpooledTemporaryFile[bytes] | None = None
        self._starts: list[int] = []
        self._size = 0

    def __iter__(self) -> Iterator[T]:
        return self._filled() if self._file is None else self._read(self._file, 0, self._size, _CHUNK)

    def merged(self, key: Callable[[T], Any]) -> Iterator[T]:
        """Yield all items by this key, in which each part is in order; equal ones in the order of their parts."""
        if self._file is None:
            for _ in self:
                pass
        if self._file is None:
            raise RuntimeError("a stream that went to its end was not kept")
        read = partial(self._read, self._file, chunk=_SMALL_CHUNK)
        ends = [*self._starts, self._size][1:]
        return heapq.merge(*(read(start, end) for start, end in zip(self._starts, ends, strict=True)), key=key)

    def _filled(self) -> Iterator[T]:
        file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  kept for later
        try:
            encode, waiting = msgspec.msgpack.Encoder().encode, bytearray()
            starts: list[int] = []
            size, part = 0, self._part
            last: object = None
            for item in self._make():
                current = part(item)
                if not starts or current != last:
                    starts.append(size)
                    last = current
                data = encode(item)
                waiting += len(data).to_bytes(_LENGTH, "big")
                waiting += data
                size += _LENGTH + len(data)
                if len(waiting) > _CHUNK:
                    file.write(waiting)
                    waiting.clear()
                yield item
            file.write(waiting)
            if self._file is None:
                self._file, self._starts, self._size = file, starts, size
                weakref.finalize(self, file.close)
        finally:
            if self._file is not file:
                file.close()

    def _read(self, file: SpooledTemporaryFile[bytes], place: int, stop: int, chunk: int) -> Iterator[T]:
        buffer, at = b"", 0
        while True:
            if len(buffer) - at < _LENGTH or len(buffer) - at < _LENGTH + int.from_bytes(
                buffer[at : at + _LENGTH], "big"
            ):
                # Another reader may have moved the file since.
                file.seek(place)
                more = file.read(min(chunk, stop - place))
                if not more:
                    return
                place += len(more)
                buffer, at = buffer[at:] + more, 0
                continue
            end = at + _LENGTH + int.from_bytes(buffer[at : at + _LENGTH], "big")
            yield self._decode(memoryview(buffer)[at + _LENGTH : end])
            at = end
