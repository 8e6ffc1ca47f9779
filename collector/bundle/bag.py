"""The file that a bundle is: a BagIt bag (RFC 8493) in one zip, each file hashed on its way.

The same files in the same order give the same bytes: times and modes are fixed. Nothing is held but names and digests.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from hashlib import sha256
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, BinaryIO, Self

from msgspec import Struct

from collector.bundle.plain_zip import DEFLATED, STORED, PlainZip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MANIFEST, TAG_MANIFEST, SIGNATURE = "manifest-sha256.txt", "tagmanifest-sha256.txt", "bundle.sig"

BAG_INFO = "bag-info.txt"

OXUM = "Payload-Oxum"
"""The field of bag-info.txt that says how many bytes and files the payload has."""

_SEGMENT = re.compile(r"[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]*(?<!\.)")
_LONGEST = 200  # with the top folder and a place to unpack to, below the 260 letters of Windows
_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_BLOCK = 1 << 16
_TINY = 128  # bytes that are not worth compressing


class Entry(Struct, frozen=True):
    """A file of the bag: `digest` is the SHA-256 of its bytes, in hexadecimal digits."""

    digest: str
    size: int


class Manifest(Struct, frozen=True, kw_only=True):
    """The result of a bag: its top folder, its files, and the digest over the list of all of them.

    `parts` are digests of parts of that list, to name the part that was changed.
    """

    folder: str
    files: int
    payload_files: int
    payload_bytes: int
    tag_digest: str
    parts: dict[str, str]


class BagFile:
    """One file of the bag while it is written."""

    def __init__(self, out: Callable[[bytes], object]) -> None:
        self._out = out
        self._hash = sha256()
        self._size = 0
        self._waiting: list[bytes] = []  # a line at a time would cost more than the line
        self._waits = 0

    def write(self, data: bytes) -> int:
        """Add bytes to the end of the file; return how many."""
        self._waiting.append(data)
        self._waits += len(data)
        if self._waits > _BLOCK:
            self._flush()
        return len(data)

    def _flush(self) -> None:
        block = b"".join(self._waiting)
        self._waiting, self._waits = [], 0
        self._out(block)
        self._hash.update(block)
        self._size += len(block)

    def entry(self) -> Entry:
        """Write what is buffered, and return the entry of the file for the manifest."""
        self._flush()
        return Entry(self._hash.hexdigest(), self._size)


class Bag:
    """Takes in the files of a bundle, one after the other.

    `data/` is for the payload of the bag, all other paths are for its tag files. A path is made of
    ASCII letters, digits and `. _ + = @ -`; one that is taken already, in whatever case, is refused with ValueError, as
    is a second file before the first one is closed. `entries` are the files so far, by path; `there` are files that
    the bundle has besides those that are written here.
    """

    def __init__(self, out: BinaryIO, folder: str, there: Mapping[str, Entry] = MappingProxyType({})) -> None:
        self.folder = _safe(folder)
        self.entries: dict[str, Entry] = dict(there)
        self._taken: set[str] = set()
        self._zip = PlainZip(out)
        self._open: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an error the zip stays incomplete: the caller deletes the file.
        if kind is None:
            self._zip.close()

    @contextmanager
    def file(self, path: str) -> Iterator[BagFile]:
        """Write a file of any size: `with bag.file("data/csv/findings.csv") as out: out.write(data)`."""
        made = BagFile(self._begun(path, DEFLATED))
        yield made
        self._ended(path, made.entry())

    def add(self, path: str, data: bytes) -> None:
        """Write a file that is at hand."""
        self._begun(path, STORED if len(data) < _TINY else DEFLATED)(data)
        self._ended(path, Entry(sha256(data).hexdigest(), len(data)))

    def written(self) -> WrittenFiles:
        """Return the files so far, to be read. None is written while one of them is open."""
        return WrittenFiles(self.folder, self.entries, lambda path: self._zip.read(f"{self.folder}/{path}"))

    def seal(self, info: Mapping[str, str], sign: Callable[[str], str]) -> Manifest:
        """Write the lists of the bag, and sign the digest of the last of them, which covers everything.

        `info` is what the bag says of itself; `sign` gets that digest and returns a signed note.
        """
        payload = {path: entry for path, entry in self.entries.items() if path.startswith("data/")}
        octets = sum(entry.size for entry in payload.values())
        self.add("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        self.add(BAG_INFO, info_text({**info, OXUM: f"{octets}.{len(payload)}"}))
        self.add(MANIFEST, _listed(payload))
        self.add(TAG_MANIFEST, _listed({path: entry for path, entry in self.entries.items() if path not in payload}))
        digest = self.entries[TAG_MANIFEST].digest
        self.add(SIGNATURE, sign(digest).encode())
        return Manifest(
            folder=self.folder,
            files=len(self.entries),
            payload_files=len(payload),
            payload_bytes=octets,
            tag_digest=f"sha256:{digest}",
            parts=parts_of({path: entry.digest for path, entry in self.entries.items()}),
        )

    def _begun(self, path: str, how: int) -> Callable[[bytes], None]:
        if self._open is not None:
            raise ValueError(f"{path} cannot be written before {self._open} is closed")
        if _safe(path).casefold() in self._taken:
            raise ValueError(f"there is a file {path} in the bag already")
        self._taken.add(path.casefold())
        self._open = path
        return self._zip.begin(f"{self.folder}/{path}", how)

    def _ended(self, path: str, entry: Entry) -> None:
        self._zip.end()
        self.entries[path] = entry
        self._open = None


class WrittenFiles:
    """The files of a bag that were written already; see `collector.bundle.verifying.members.Members`."""

    is_old = False

    def __init__(self, folder: str, entries: Mapping[str, Entry], read: Callable[[str], bytes]) -> None:
        self.folder = folder
        self._entries = entries
        self._read = read

    def paths(self) -> list[str]:
        """Return the paths, in the order of their letters."""
        return sorted(self._entries)

    def size(self, path: str) -> int:
        """Return how many bytes a file has."""
        return self._entries[path].size if path in self._entries else 0

    def open(self, path: str) -> IO[bytes]:
        """Open a file for reading. Raises KeyError where there is none."""
        return io.BytesIO(self._read(path))

    def text(self, path: str) -> str:
        """Return a file of text."""
        return self._read(path).decode("utf-8")


def _safe(path: str) -> str:
    """Return a path that is one on every system. Raises ValueError."""
    parts = path.split("/")
    if len(path) > _LONGEST or any(_SEGMENT.fullmatch(part) is None or _WINDOWS.fullmatch(part) for part in parts):
        raise ValueError(f"{path[:300]!r} is no path for a bag: ASCII letters, digits and . _ + = @ - only")
    return path


def parts_of(digests: Mapping[str, str]) -> dict[str, str]:
    """Return a digest for each part of a list of files: a folder or a file below `data/` and the like, a file beside.

    It is the SHA-256 of the lines of the list that are of that part. Lists and signature are in none.
    """
    parts: dict[str, list[str]] = {}
    for path, digest in sorted(digests.items()):
        if path not in {MANIFEST, TAG_MANIFEST, SIGNATURE}:
            parts.setdefault("/".join(path.split("/")[:2]), []).append(f"{digest}  {path}\n")
    return {part: sha256("".join(lines).encode("ascii")).hexdigest() for part, lines in parts.items()}


def _listed(entries: Mapping[str, Entry]) -> bytes:
    return "".join(f"{entry.digest}  {path}\n" for path, entry in sorted(entries.items())).encode("ascii")


def info_text(fields: Mapping[str, str]) -> bytes:
    """Return what a bag says of itself as its file has it."""
    return "".join(f"{name}: {_one_line(value)}\n" for name, value in fields.items()).encode()


def _one_line(value: str) -> str:
    """Return a value that cannot begin a field of its own."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())
