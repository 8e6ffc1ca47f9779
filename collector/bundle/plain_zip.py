"""A zip in one form only: members one after the other, each described once, and with the same words in both places.

The form is the one that both verifiers hold an archive against, byte by byte. zipfile writes another one where the
length of a member is not known beforehand.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from collector.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

STORED, DEFLATED = 0, 8

_MADE_AT = (0, 33)  # 1980-01-01, the first moment that a zip can tell
_MODE = 0o100644 << 16  # a regular file
_UNIX = 3 << 8
_PLAIN, _LARGE = 20, 45  # what a reader has to know: DEFLATE; numbers of 64 bits
_MOST, _NO_COUNT = 0xFFFFFFFF, 0xFFFF
_LEVEL = 3  # twice as quick as zlib's own choice, for a tenth more bytes


class _Member(Struct):
    name: bytes
    method: int
    offset: int
    crc: int = 0
    packed: int = 0
    size: int = 0

    def local(self) -> bytes:
        """Return the header before the content."""
        return struct.pack("<4s2H", b"PK\3\4", _PLAIN, 0) + self._content() + struct.pack("<H", 0) + self.name

    def listed(self) -> bytes:
        """Return the entry in the directory; only a place that is too far away for 32 bits needs an extra field."""
        needs, extra = _PLAIN, b""
        if self.offset >= _MOST:
            needs, extra = _LARGE, struct.pack("<HHQ", 1, 8, self.offset)
        return (
            struct.pack("<4s3H", b"PK\1\2", _UNIX | needs, needs, 0)
            + self._content()
            + struct.pack("<4H2L", len(extra), 0, 0, 0, _MODE, min(self.offset, _MOST))
            + self.name
            + extra
        )

    def _content(self) -> bytes:
        return struct.pack("<3H3LH", self.method, *_MADE_AT, self.crc, self.packed, self.size, len(self.name))


class PlainZip:
    """Writes members in their order to a file that can be gone back in. Nothing is held but what the directory says."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._at = 0
        self._members: dict[str, _Member] = {}

    def begin(self, name: str, method: int) -> Callable[[bytes], None]:
        """Begin a member, and return the function that adds to it; `end` comes before the next one."""
        member = _Member(name.encode("ascii"), method, self._at)
        self._members[name] = self._last = member
        self._out.write(member.local())
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS) if method == DEFLATED else None

        def add(data: bytes) -> None:
            member.size += len(data)
            member.crc = zlib.crc32(data, member.crc)
            self._add(member, data if self._packer is None else self._packer.compress(data))

        return add

    def end(self) -> None:
        """End the member that was begun last. Raises StoreError where it has 4 GiB or more."""
        member = self._last
        if self._packer is not None:
            self._add(member, self._packer.flush())
        if max(member.size, member.packed) >= _MOST:
            raise StoreError(
                f"the file {member.name.decode()} of the bundle has {member.size} bytes; 4 GiB are too many",
                so="no bundle was written",
                mend="export fewer controls or a shorter period at a time",
            )
        local = member.local()
        self._at += len(local) + member.packed
        self._out.seek(member.offset)
        self._out.write(local)
        self._out.seek(self._at)

    def read(self, name: str) -> bytes:
        """Return the content of a member that was ended. Raises KeyError where there is none."""
        member = self._members[name]
        self._out.seek(member.offset + len(member.local()))
        packed = self._out.read(member.packed)
        self._out.seek(self._at)
        return packed if member.method == STORED else zlib.decompress(packed, -zlib.MAX_WBITS)

    def close(self) -> None:
        """Write the directory."""
        length = 0
        for member in self._members.values():
            length += self._out.write(member.listed())
        count, start = len(self._members), self._at
        if count >= _NO_COUNT or max(length, start) >= _MOST:
            self._out.write(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start))
            self._out.write(struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1))
        few = min(count, _NO_COUNT)
        self._out.write(
            struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, few, few, min(length, _MOST), min(start, _MOST), 0),
        )

    def _add(self, member: _Member, data: bytes) -> None:
        member.packed += len(data)
        self._out.write(data)
