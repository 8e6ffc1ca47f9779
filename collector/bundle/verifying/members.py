"""The files of a bundle, read from its zip or from an unpacked folder; nothing is written to disk.

An archive is looked at before anything in it is believed: what two programs could read in two ways is refused.
"""

from __future__ import annotations

import io
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol, cast

from collector.bundle.verifying.archive import MOST_MEMBERS, MemberReader, read_archive
from collector.bundle.verifying.names import check_names
from collector.core.errors import ConfigError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_TEXT = 64 << 20
_BUFFER = 1 << 18
_BROKEN = (RuntimeError, ValueError, EOFError, OverflowError)


class Members(Protocol):
    """The files of a bundle, by their path below its top folder. `is_old`: of a zip in the form before receipts."""

    folder: str
    is_old: bool

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
    is_old = False

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
        check_names(self._sizes)

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
        archive = read_archive(file)
        folders = {name.partition("/")[0] for name in archive.members}
        if len(folders) != 1 or not all("/" in name for name in archive.members):
            raise VerificationError(f"the zip file has {len(folders)} folders at its top; a bundle has one")
        self.folder = folders.pop()
        self.is_old = archive.is_old
        self._file = file
        self._members = {name.partition("/")[2]: member for name, member in archive.members.items()}

    def paths(self) -> list[str]:
        """Return the paths, in the order of their letters."""
        return sorted(self._members)

    def size(self, path: str) -> int:
        """Return how many bytes a file has."""
        return self._members[path].size if path in self._members else 0

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading. Raises VerificationError where there is none."""
        if path not in self._members:
            raise VerificationError(f"{path} is missing")
        reader = MemberReader(self._file, path, self._members[path])
        return cast("IO[bytes]", io.BufferedReader(reader, _BUFFER))  # lines at C's speed


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
