"""Reading an answer with a bound: bytes are counted as they arrive and again as they are inflated.

httpx inflates a piece as a whole: 0.5 MB of gzip became 257 MB before any bound on the result could be looked at.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from collector.core.errors import Unexpected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ACCEPTED = "gzip, deflate"
"""The encodings that are asked for, because they can be inflated piece by piece."""

# zlib's own numbers for what comes before the data.
_GZIP = 31
_ZLIB = 15
_NO_HEADER = -15
_TO_TELL = 2  # bytes by which a header is told from data
_METHOD_DEFLATE = 8


def read_bounded(pieces: Iterable[bytes], headers: Mapping[str, str], largest: int, what: str) -> bytes:
    """Return the body of an answer, inflated where it says that it is compressed.

    Raises Unexpected where either form is larger than `largest` bytes, where it is not what its header says, or in an
    encoding that was not asked for. Nothing is read once the bound is passed.
    """
    announced = headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:20]) > largest:
        raise _too_large(what, largest)
    encoding = headers.get("content-encoding", "").strip().lower()
    counted = _counted(pieces, largest, what)
    match encoding:
        case "" | "identity":
            return b"".join(counted)
        case "gzip" | "x-gzip" | "deflate":
            return b"".join(_counted(_inflated(counted, encoding, largest, what), largest, what))
        case _:
            raise Unexpected(f"{what} was answered in the encoding {encoding[:40]!r}, which was not asked for")


def _counted(pieces: Iterable[bytes], largest: int, what: str) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > largest:
            raise _too_large(what, largest)
        yield piece


def _inflated(pieces: Iterable[bytes], encoding: str, largest: int, what: str) -> Iterator[bytes]:
    inflate = None
    start = b""
    try:
        for piece in pieces:
            rest = start + piece
            if inflate is None and len(rest) < _TO_TELL:
                start = rest
                continue
            start = b""
            while rest:
                if inflate is None or (inflate.eof and encoding != "deflate"):
                    # A gzip file may be followed by another one, and the two are read as one text (RFC 1952, 2.2).
                    inflate = zlib.decompressobj(_window(encoding, rest))
                elif inflate.eof:
                    raise Unexpected(f"the answer to {what} goes on after its end")
                # One byte more than is allowed is enough to see that it is too much.
                yield inflate.decompress(rest, largest + 1)
                rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    except zlib.error as error:
        raise Unexpected(f"{what} was answered with something that is not compressed as it says") from error
    if start or (inflate is not None and not inflate.eof):
        raise Unexpected(f"the answer to {what} was cut short")


def _window(encoding: str, start: bytes) -> int:
    """Return zlib's number for how a stream begins: some servers leave out the header that deflate should have."""
    if encoding != "deflate":
        return _GZIP
    is_zlib = start[0] & 0x0F == _METHOD_DEFLATE and int.from_bytes(start[:2], "big") % 31 == 0
    return _ZLIB if is_zlib else _NO_HEADER


def _too_large(what: str, largest: int) -> Unexpected:
    return Unexpected(f"the answer to {what} is larger than {largest} bytes and was not read on")
