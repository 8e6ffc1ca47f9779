"""A long stream that is computed once and read several times, kept in a temporary file without a name."""

from __future__ import annotations

import weakref
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_IN_MEMORY = 16 << 20  # bytes; what is longer goes to a file without a name
_CHUNK = 1 << 20
_LENGTH = 4  # bytes that say how long the next item is


class Spool(Generic[T]):
    """Yields what `make` yields, as often as wanted; only a pass that went to its end is read back later."""

    def __init__(self, make: Callable[[], Iterator[T]], of: type[T]) -> None:
        self._make = make
        self._decode = msgspec.msgpack.Decoder(of).decode
        self._file: SpooledTemporaryFile[bytes] | None = None

    def __iter__(self) -> Iterator[T]:
        return self._filled() if self._file is None else self._read(self._file)

    def _filled(self) -> Iterator[T]:
        file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  kept for later
        try:
            encode, waiting = msgspec.msgpack.Encoder().encode, bytearray()
            for item in self._make():
                data = encode(item)
                waiting += len(data).to_bytes(_LENGTH, "big")
                waiting += data
                if len(waiting) > _CHUNK:
                    file.write(waiting)
                    waiting.clear()
                yield item
            file.write(waiting)
            if self._file is None:
                self._file = file
                weakref.finalize(self, file.close)
        finally:
            if self._file is not file:
                file.close()

    def _read(self, file: SpooledTemporaryFile[bytes]) -> Iterator[T]:
        place, buffer, at = 0, b"", 0
        while True:
            if len(buffer) - at < _LENGTH or len(buffer) - at < _LENGTH + int.from_bytes(
                buffer[at : at + _LENGTH], "big"
            ):
                # Another reader may have moved the file since.
                file.seek(place)
                more = file.read(_CHUNK)
                if not more:
                    return
                place += len(more)
                buffer, at = buffer[at:] + more, 0
                continue
            end = at + _LENGTH + int.from_bytes(buffer[at : at + _LENGTH], "big")
            yield self._decode(memoryview(buffer)[at + _LENGTH : end])
            at = end
