"""The files of a bundle, read from its zip or from an unpacked folder; nothing is written to disk.

An archive is looked at before anything in it is believed: what two programs could read in two ways is refused.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol, cast

from collector.core.errors import ConfigError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_MEMBERS = 500_000
LARGEST_TEXT = 64 << 20
_BUFFER = 1 << 18
_MOST_BYTES = 1 << 40
_RATIO, _FREE = 250, 256 << 20  # DEFLATE goes up to 1,032; real bundles stay below 30
_SAFE = re.compile(r"[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]*(/[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]*)+")
_LONGEST = 300
_END, _END_64, _LOCAL = b"PK\x05\x06", b"PK\x06\x06", b"PK\x03\x04"
_NO_COUNT, _NO_SIZE = 0xFFFF, 0xFFFFFFFF
_PLAIN_FLAGS = {0, 0x800}  # 0x800: names are UTF-8; anything else is encryption, or a length told afterwards
_REGULAR = {0, 0o100000}
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OverflowError,
)


class Members(Protocol):
    """The files of a bundle, by their path below its top folder."""

    folder: str

    def paths(self) -> list[str]:
        """Return the paths, in the order of their letters."""

    def size(self, path: str) -> int:
        """Return how many bytes a file has."""

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading. Raises VerificationError where there is none."""

    def text(self, path: str) -> str:
        """Return a file of text, of a bearable size. Raises VerificationError."""


class _Reading:
    folder: str

    def open(self, path: str) -> IO[bytes]:
        raise NotImplementedError

    def size(self, path: str) -> int:
        raise NotImplementedError

    def text(self, path: str) -> str:
        """Return a file of text, of a bearable size. Raises VerificationError."""
        if self.size(path) > LARGEST_TEXT:
            raise VerificationError(f"{path} has {self.size(path)} bytes, more than such a file may have")
        try:
            with self.open(path) as file:
                return file.read(LARGEST_TEXT).decode("utf-8")
        except UnicodeDecodeError as error:
            raise VerificationError(f"{path} is not UTF-8: {error}") from error


class FolderMembers(_Reading):
    """A bundle that was unpacked."""

    def __init__(self, root: Path) -> None:
        self.folder = root.name
        self._root = root
        self._sizes: dict[str, int] = {}
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise VerificationError(f"{name} is no regular file")
            if path.is_file():
                self._sizes[name] = path.stat().st_size
            if len(self._sizes) > MOST_MEMBERS:
                raise VerificationError(f"the folder has more than {MOST_MEMBERS} files")

    def paths(self) -> list[str]:
        """Return the paths, in the order of their letters."""
        return sorted(self._sizes)

    def size(self, path: str) -> int:
        """Return how many bytes a file has."""
        return self._sizes.get(path, 0)

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading. Raises VerificationError where there is none."""
        if path not in self._sizes:
            raise VerificationError(f"{path} is missing")
        return (self._root / path).open("rb")


class ZipMembers(_Reading):
    """A bundle in its zip. Raises VerificationError on an archive that no export writes."""

    def __init__(self, file: BinaryIO) -> None:
        end = file.seek(0, 2)
        count = _check_end(file, end)
        try:
            self._zip = zipfile.ZipFile(file)
            infos = self._zip.infolist()
            if len(infos) != count:
                raise VerificationError(f"the zip file says that it has {count} members, and has {len(infos)}")
            self.folder = _check_names(infos)
            _check_sizes(infos, end)
            _check_places(file, infos, self._zip.start_dir)
        except _BROKEN as error:
            raise VerificationError(f"the archive cannot be read: {error}") from error
        self._infos = {info.filename.partition("/")[2]: info for info in infos}

    def paths(self) -> list[str]:
        """Return the paths, in the order of their letters."""
        return sorted(self._infos)

    def size(self, path: str) -> int:
        """Return how many bytes a file has."""
        return self._infos[path].file_size if path in self._infos else 0

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading. Raises VerificationError where there is none."""
        if path not in self._infos:
            raise VerificationError(f"{path} is missing")
        return cast("IO[bytes]", io.BufferedReader(self._zip.open(self._infos[path]), _BUFFER))  # lines at C's speed


@contextmanager
def opened(path: Path) -> Iterator[Members]:
    """Open a bundle, zip or folder. Raises ConfigError where there is none, VerificationError where it is hostile.

    What goes wrong while it is read, in whatever way the bytes are damaged, is a VerificationError too.
    """
    with ExitStack() as stack:
        try:
            if path.is_dir():
                members: Members = FolderMembers(_top(path))
            else:
                members = ZipMembers(stack.enter_context(path.open("rb")))
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error}", mend="name a bundle that is there") from error
        try:
            yield members
        except (*_BROKEN, RecursionError) as error:
            raise VerificationError(f"the bundle cannot be read: {error}") from error


def _top(path: Path) -> Path:
    inside = list(path.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() and not inside[0].is_symlink() else path


def _check_end(file: BinaryIO, size: int) -> int:
    """Return the number of members that an archive states.

    Refuses one with anything behind its directory, or with more in it than can be held, before any of it is read.
    """
    file.seek(max(size - 22, 0))
    end = file.read(22)
    if len(end) < 22 or end[:4] != _END or end[20:] != b"\0\0":  # noqa: PLR2004  the record that ends a zip
        raise VerificationError("this is no zip file that ends where it has to")
    _, _, here, count, length, start = struct.unpack("<HHHHII", end[4:20])
    tail = 22
    if _NO_COUNT in {here, count} or _NO_SIZE in {length, start}:
        file.seek(max(size - 98, 0))
        large = file.read(56)
        if large[:4] != _END_64:
            raise VerificationError("the zip file says that it has a large directory, and has none")
        count, length, start = struct.unpack("<QQQ", large[32:56])
        tail = 98
    if count > MOST_MEMBERS or length > MOST_MEMBERS * 400:
        raise VerificationError(f"the zip file has {count} members; {MOST_MEMBERS} are read at most")
    if start + length + tail != size:
        raise VerificationError("the zip file has bytes that belong to none of its members")
    return int(count)


def _check_names(infos: list[zipfile.ZipInfo]) -> str:
    seen: set[str] = set()
    for info in infos:
        name = info.orig_filename
        if len(name) > _LONGEST or _SAFE.fullmatch(name) is None or name != info.filename:
            raise VerificationError(f"the member {name[:80]!r} has a name that no bundle gives")
        if name.casefold() in seen:
            raise VerificationError(f"there are two members called {name}, or so on some systems")
        seen.add(name.casefold())
        if info.external_attr >> 16 & 0o170000 not in _REGULAR or info.external_attr & 0x10:
            raise VerificationError(f"the member {name} is no regular file")
    folders = {info.filename.partition("/")[0] for info in infos}
    if len(folders) != 1:
        raise VerificationError(f"the zip file has {len(folders)} folders at its top; a bundle has one")
    return folders.pop()


def _check_sizes(infos: list[zipfile.ZipInfo], size: int) -> None:
    total = sum(info.file_size for info in infos)
    if total > _MOST_BYTES or total > size * _RATIO + _FREE:
        raise VerificationError(f"the zip file of {size} bytes says it unpacks to {total}")
    for info in infos:
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or info.flag_bits not in _PLAIN_FLAGS:
            raise VerificationError(
                f"the member {info.filename} is encrypted, or packed in a way that no bundle is",
                mend="if you trust who packed it anew, unpack it and verify the folder",
            )


def _check_places(file: BinaryIO, infos: list[zipfile.ZipInfo], end: int) -> None:
    """Refuse members that overlap, leave bytes between them, or have another name in their local header."""
    at = 0
    for info in sorted(infos, key=lambda member: member.header_offset):
        file.seek(at)
        head = file.read(30)
        if info.header_offset != at or len(head) != 30 or head[:4] != _LOCAL:  # noqa: PLR2004  its fixed part
            raise VerificationError(f"the member {info.filename} does not begin where the one before it ends")
        flags, method = struct.unpack("<HH", head[6:10])
        long, more = struct.unpack("<HH", head[26:30])
        if (file.read(long), flags, method) != (info.filename.encode(), info.flag_bits, info.compress_type):
            raise VerificationError(f"the member {info.filename} is another in its own place than in the directory")
        at += 30 + long + more + info.compress_size
    if at != end:
        raise VerificationError("the zip file has bytes that belong to none of its members")
