"""Zips in whatever form an attacker likes: each field of each header can be made to say something else."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOCAL = ("needs", "flags", "method", "time", "date", "crc", "packed", "size")
LISTED = ("made", *LOCAL, "comment", "disk", "internal", "external", "offset")
END = ("disk", "start_disk", "here", "count", "length", "start", "comment")


@dataclass
class Packed:
    """A member: what it is, and in `local`, `listed` what its two headers say otherwise."""

    name: bytes
    content: bytes
    method: int = 8
    local: dict[str, Any] = field(default_factory=dict)
    listed: dict[str, Any] = field(default_factory=dict)
    packed: bytes | None = None
    behind: bytes = b""

    def values(self) -> dict[str, Any]:
        """Return what an honest header says."""
        stream = self.stream()
        return {
            "made": 0x314,
            "needs": 20,
            "flags": 0,
            "method": self.method,
            "time": 0,
            "date": 33,
            "crc": zlib.crc32(self.content),
            "packed": len(stream),
            "size": len(self.content),
            "name": self.name,
            "extra": b"",
            "comment": b"",
            "disk": 0,
            "internal": 0,
            "external": 0o100644 << 16,
        }

    def stream(self) -> bytes:
        """Return the bytes as they are packed."""
        if self.packed is not None:
            return self.packed
        if self.method != zlib.DEFLATED:
            return self.content
        packer = zlib.compressobj(3, zlib.DEFLATED, -15)
        return packer.compress(self.content) + packer.flush()


@dataclass
class Zip:
    """An archive: members, the order in which the directory lists them, and what its end says otherwise."""

    members: list[Packed]
    listed: list[int] | None = None
    before: bytes = b""
    between: bytes = b""
    behind: bytes = b""
    end: dict[str, Any] = field(default_factory=dict)
    large: bool = False

    def member(self, ends: str) -> Packed:
        """Return the member whose name ends so."""
        return next(one for one in self.members if one.name.decode("latin-1").endswith(ends))

    def data(self) -> bytes:
        """Return the bytes of the archive."""
        out, places = bytearray(self.before), []
        for one in self.members:
            places.append(len(out))
            said = {**one.values(), **one.local}
            out += struct.pack("<4s5H3L", b"PK\3\4", *(said[name] for name in LOCAL))
            out += struct.pack("<2H", len(said["name"]), len(said["extra"])) + said["name"] + said["extra"]
            out += one.stream() + one.behind
        out += self.between
        start = len(out)
        for number in range(len(self.members)) if self.listed is None else self.listed:
            one = self.members[number]
            said = {**one.values(), "offset": places[number], **one.listed}
            out += struct.pack("<4s6H3L", b"PK\1\2", *(said[name] for name in ("made", *LOCAL)))
            lengths = (len(said["name"]), len(said["extra"]), len(said["comment"]))
            out += struct.pack("<5H2L", *lengths, said["disk"], said["internal"], said["external"], said["offset"])
            out += said["name"] + said["extra"] + said["comment"]
        count = len(self.members if self.listed is None else self.listed)
        length = len(out) - start
        if self.large:
            out += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
            out += struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1)
        said = {
            "disk": 0,
            "start_disk": 0,
            "here": count,
            "count": count,
            "length": length,
            "start": start,
            "comment": b"",
        }
        said |= self.end
        out += struct.pack("<4s4H2L", b"PK\5\6", *(said[name] for name in END[:-1]))
        return bytes(out + struct.pack("<H", len(said["comment"])) + said["comment"] + self.behind)


def read_zip(path: Path) -> Zip:
    """Return an honest archive in parts."""
    with zipfile.ZipFile(path) as packed:
        return Zip([Packed(one.filename.encode(), packed.read(one), one.compress_type) for one in packed.infolist()])


def unicode_path(shown: bytes, name: bytes) -> bytes:
    """Return the extra field 0x7075, by which some programs call a member otherwise."""
    content = struct.pack("<BL", 1, zlib.crc32(name)) + shown
    return struct.pack("<HH", 0x7075, len(content)) + content
