"""The zip of a bundle, held byte by byte against the one form in which export writes it.

Each byte of an archive is either content or the one that has to be there, so no two programs can read two bundles out
of one file. zipfile is not used: what it overlooks differs from one Python to the next.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from collector.bundle.verifying.names import check_names
from collector.core.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

MOST_MEMBERS = 500_000
_MOST_BYTES = 1 << 40
_RATIO, _FREE = 250, 256 << 20  # DEFLATE goes up to 1,032; real bundles stay below 30
_FULL, _NO_COUNT = 0xFFFFFFFF, 0xFFFF  # what stands where a number is too large for its place
_LARGE = 1 << 31  # from here on earlier versions wrote numbers of 64 bits
_STORED, _DEFLATED = 0, 8
_PLAIN, _WIDE = 20, 45
_NOT_PLAIN = re.compile(rb"[^!-~]")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MODE = 0o100644 << 16  # a regular file
_UNIX = 3 << 8
_DAY = 33  # 1980-01-01
_BLOCK = 1 << 16
_MEND = "if you trust who packed it anew, unpack it and verify the folder"


class PackedMember(Struct, frozen=True):
    """Where the content of a member begins, how it is packed, how long it is packed and unpacked, its checksum."""

    at: int
    method: int
    packed: int
    size: int
    crc: int


class Archive(Struct, frozen=True):
    """The members by name. `is_old`: in the form before receipts, where a header may state lengths in 64 bits."""

    members: dict[str, PackedMember]
    is_old: bool


class _Listed(Struct, frozen=True):
    """An entry of the directory. `needs` is 45 where a number of 64 bits is in either place, else 20."""

    needs: int
    name: bytes
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    def headers(self) -> Iterator[bytes]:
        """Yield the headers that may stand before the content: today's, then that of earlier versions."""
        if max(self.packed, self.size) < _FULL and (self.needs == _PLAIN or self.offset >= _LARGE):
            yield self._header(_PLAIN, self.packed, self.size, b"")
        if self.needs == _WIDE:
            yield self._header(_WIDE, _FULL, _FULL, struct.pack("<HHQQ", 1, 16, self.size, self.packed))

    def _header(self, needs: int, packed: int, size: int, extra: bytes) -> bytes:
        numbers = (needs, 0, self.method, 0, _DAY, self.crc, packed, size, len(self.name), len(extra))
        return _LOCAL.pack(b"PK\3\4", *numbers) + self.name + extra


def read_archive(file: BinaryIO) -> Archive:
    """Read where everything is. Raises VerificationError on an archive that no export writes."""
    size = file.seek(0, io.SEEK_END)
    count, start, length = _read_end(file, size)
    file.seek(start)
    directory = io.BytesIO(file.read(length))
    members: dict[str, PackedMember] = {}
    at, is_old = 0, False
    for _ in range(count):
        listed = _read_entry(directory)
        name = listed.name.decode("ascii")
        if listed.offset != at:
            raise VerificationError(f"the member {name} does not begin where the one before it ends")
        header, wide = _read_header(file, at, listed)
        is_old = is_old or wide
        if name in members:
            raise VerificationError(f"there are two members called {name}")
        at += header
        members[name] = PackedMember(at, listed.method, listed.packed, listed.size, listed.crc)
        at += listed.packed
    if at != start or directory.read(1):
        raise VerificationError("the zip file has bytes that belong to none of its members")
    total = sum(member.size for member in members.values())
    if total > _MOST_BYTES or total > size * _RATIO + _FREE:
        raise VerificationError(f"the zip file of {size} bytes says it unpacks to {total}")
    check_names(members)
    return Archive(members, is_old)


def _read_end(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Return how many members there are, and where the directory begins and how long it is."""
    file.seek(max(size - 98, 0))
    end = file.read(98)
    if end[-22:-18] != b"PK\5\6":
        raise VerificationError("this is no zip file that ends where it has to")
    count, length, start = struct.unpack("<HLL", end[-12:-2])
    wanted = b""
    if count == _NO_COUNT or _FULL in {length, start}:
        if len(end) != 98 or end[:4] != b"PK\6\6":  # noqa: PLR2004  the three records that end a large zip
            raise VerificationError("the zip file says that it has a large directory, and has none")
        count, length, start = struct.unpack("<QQQ", end[32:56])
        if count < _NO_COUNT and max(length, start) < _FULL:
            raise VerificationError("the zip file has a large directory, and needs none")
        wanted = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
        wanted += struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1)
    if not 0 < count <= MOST_MEMBERS or length > MOST_MEMBERS * 400:
        raise VerificationError(f"the zip file has {count} members; {MOST_MEMBERS} are read at most")
    few = min(count, _NO_COUNT)
    wanted += struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, few, few, min(length, _FULL), min(start, _FULL), 0)
    if end[-len(wanted) :] != wanted or start + length + len(wanted) != size:
        raise VerificationError("the zip file has bytes that belong to none of its members", mend=_MEND)
    return count, start, length


def _read_entry(directory: BinaryIO) -> _Listed:
    """Read an entry; it has to be what export would write for its values."""
    fixed = directory.read(_ENTRY.size)
    if len(fixed) != _ENTRY.size:
        raise VerificationError("the directory of the zip file ends early")
    _, _, needs, _, method, _, _, crc, packed, size, name_length, extra_length, *_, offset = _ENTRY.unpack(fixed)
    name, extra = directory.read(name_length), directory.read(extra_length)
    if len(name) != name_length or _NOT_PLAIN.search(name) is not None:
        raise VerificationError(f"the member {name[:80]!r} has a name that no bundle gives")
    numbers = [size, packed, offset]
    large = [place for place, number in enumerate(numbers) if number == _FULL]
    wanted = b""
    if large:
        if len(extra) != 4 + 8 * len(large):
            raise _unlike(name)
        for place, number in zip(large, struct.unpack(f"<{len(large)}Q", extra[4:]), strict=True):
            numbers[place] = number
        if max(numbers[place] for place in large) < _LARGE:
            raise _unlike(name)
        wanted = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *(numbers[place] for place in large))
    content = (0, method, 0, _DAY, crc, packed, size, len(name))
    same = _ENTRY.pack(b"PK\1\2", _UNIX | needs, needs, *content, len(wanted), 0, 0, 0, _MODE, offset)
    if fixed != same or extra != wanted or method not in {_STORED, _DEFLATED} or needs not in {_PLAIN, _WIDE}:
        raise _unlike(name)
    size, packed, offset = numbers
    if method == _STORED and packed != size:
        raise _unlike(name)
    if large and needs != _WIDE:
        raise _unlike(name)
    return _Listed(needs, name, method, crc, packed, size, offset)


def _read_header(file: BinaryIO, at: int, listed: _Listed) -> tuple[int, bool]:
    """Return how long the header before a member is, and whether it is one of earlier versions."""
    for header in listed.headers():
        file.seek(at)
        if file.read(len(header)) == header:
            return len(header), header[4] == _WIDE
    raise VerificationError(f"the member {listed.name.decode()} is another in its own place than in the directory")


def _unlike(name: bytes) -> VerificationError:
    return VerificationError(
        f"the member {name.decode('ascii', 'replace')} is encrypted, linked or packed in a way that no bundle is",
        mend=_MEND,
    )


class MemberReader(io.RawIOBase):
    """Reads the content of a member. At its end length and checksum have to fit, and no packed byte may be left."""

    def __init__(self, file: BinaryIO, name: str, member: PackedMember) -> None:
        super().__init__()
        self._file = file
        self._name = name
        self._at, self._end = member.at, member.at + member.packed
        self._left = member.size
        self._crc = member.crc
        self._made = 0
        self._waiting = b""
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read the next bytes, 0 at the end. Raises VerificationError where the content is not as it is listed."""
        into = memoryview(buffer).cast("B")
        data = self._next(len(into))
        into[: len(data)] = data
        self._made = zlib.crc32(data, self._made)
        self._left -= len(data)
        if self._left < 0 or (not data and self._left):
            raise VerificationError(f"{self._name} has another length than the zip file says")
        if not data:
            unused = b"" if self._inflate is None else self._inflate.unused_data
            if self._waiting or unused or self._at != self._end:
                raise VerificationError(f"{self._name} has bytes behind its end")
            if self._made != self._crc:
                raise VerificationError(f"{self._name} has another checksum than the zip file says")
        return len(data)

    def _next(self, most: int) -> bytes:
        while self._inflate is None or not self._inflate.eof:
            packed = self._waiting or self._file_block()
            if self._inflate is None:
                data, self._waiting = packed[:most], packed[most:]
                return data
            try:
                data = self._inflate.decompress(packed, most)
            except zlib.error as error:
                raise VerificationError(f"{self._name} cannot be unpacked: {error}") from error
            self._waiting = self._inflate.unconsumed_tail
            if data:
                return data
            if not packed and not self._inflate.eof:
                raise VerificationError(f"{self._name} is cut off")
        return b""

    def _file_block(self) -> bytes:
        self._file.seek(self._at)
        block = self._file.read(min(self._end - self._at, _BLOCK))
        self._at += len(block)
        return block
