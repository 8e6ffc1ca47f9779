"""The log entries of a bundle: complete, in order, and with the root of the signed heads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from collector.bundle.proofs.proof import leaves_path
from collector.bundle.proofs.tree import PartialTree, Tree, parts_of, subtrees
from collector.bundle.verifying.strict_json import check_json, check_reading
from collector.core.errors import VerificationError
from storage.log.merkle import leaf_hash

if TYPE_CHECKING:
    from collector.bundle.verifying.members import Members

TREE = "proof/tree.json"
_LEAVES = "proof/leaves/"
_HIDDEN = re.compile(rb"sha256:[0-9a-f]{64}")
_LONGEST = 1 << 17  # a leaf has at most 64 KiB
_HASH = re.compile(r"[0-9a-f]{64}")


class RowsIn(Struct):
    """Where rows are that are too long for a leaf."""

    count: int
    payloads: tuple[str, ...]
    above: int = 0


class Document(Struct):
    """The document of a log entry."""

    v: int
    k: str
    i: int
    store: str
    at: datetime
    fact: Raw = Raw(b"")
    fact_in: str | None = None
    rows: Raw = Raw(b"")
    rows_in: RowsIn | None = None


_read = msgspec.json.Decoder(Document).decode

Leaves = Iterator[tuple[int, Document | None]]
"""Leaves in their order; None is one of which only the hash is shown."""


class VerifiedLog(Struct, frozen=True, kw_only=True):
    """The result of reading the entries: roots by size, the number of entries shown, and of hashes only."""

    roots: dict[int, bytes]
    shown: int
    hidden: int


def read_tree(members: Members, path: str = TREE) -> Tree:
    """Read the proof. Raises VerificationError where its ranges are not in order."""
    try:
        tree = msgspec.convert(check_json(members.text(path).encode(), path), type=Tree)
    except msgspec.ValidationError as error:
        raise VerificationError(f"{path} cannot be read: {error}") from error
    borders = [border for span in tree.wanted for border in span]
    if borders != sorted(set(borders)) or not borders or borders[0] < 0 or borders[-1] > tree.size:
        raise VerificationError(f"{path} names ranges of leaves that are not in order")
    if list(tree.cuts) != sorted(set(tree.cuts)) or any(not 0 < cut <= tree.size for cut in tree.cuts):
        raise VerificationError(f"{path} names sizes that are not in order")
    return tree


def check_leaves(
    members: Members,
    tree: Tree,
    take: Callable[[int, Document | None], None],
    path: str = TREE,
    folder: str = _LEAVES,
) -> VerifiedLog:
    """Go through the leaves, hand each to `take`, and return the roots that they lead to."""
    stack, roots = PartialTree(), dict[int, bytes]()
    lines, hashes = _Lines(members, folder), iter(tree.hashes)
    cuts = set(tree.cuts)
    shown = hidden = 0
    for start, end, is_wanted in parts_of(tree.size, tree.wanted, tree.cuts):
        if is_wanted:
            for index in range(start, end):
                hashed, document = lines.next(index)
                stack.add(hashed)
                if stack.size in cuts:
                    roots[stack.size] = stack.root()
                shown, hidden = shown + 1, hidden + (document is None)
                take(index, document)
        else:
            for leaves in subtrees(start, end):
                stack.add(_hash(next(hashes, ""), path), leaves)
        if end in cuts:
            roots[end] = stack.root()
    lines.end()
    if next(hashes, None) is not None:
        raise VerificationError(f"{path} has more hashes than the tree takes")
    return VerifiedLog(roots=roots, shown=shown, hidden=hidden)


class _Lines:
    """Reads the files of leaves one after the other, each line once."""

    def __init__(self, members: Members, folder: str) -> None:
        self._members = members
        self._folder = folder
        self._paths = iter([path for path in members.paths() if path.startswith(folder)])
        self._path = ""
        self._lines: Iterator[bytes] = iter(())

    def next(self, index: int) -> tuple[bytes, Document | None]:
        """Return the hash and document of an entry. Raises VerificationError where the next line is another entry."""
        line = next(self._lines, None)
        if line is None:
            self._path = next(self._paths, "")
            wanted = leaves_path(index, self._folder)
            if self._path != wanted:
                raise VerificationError(f"leaf {index} is missing: the file {wanted} is not there")
            self._lines = _lines(self._members, self._path)
            line = next(self._lines, b"")
        number, _, data = line.partition(b" ")
        if number != b"%d" % index:
            raise VerificationError(f"{self._path}: leaf {index} is missing: the next line begins {line[:40]!r}")
        if _HIDDEN.fullmatch(data) is not None:
            return bytes.fromhex(data[7:].decode()), None
        check_reading(data, f"leaf {index}")
        document = _read(data)
        if document.v != 1 or document.i != index:
            raise VerificationError(f"leaf {index} says of itself that it is leaf {document.i}, version {document.v}")
        return leaf_hash(data), document

    def end(self) -> None:
        """Raise VerificationError where lines are left over."""
        if next(self._lines, None) is not None or next(self._paths, None) is not None:
            raise VerificationError("there are more leaves in the bundle than its tree has a place for")


def hashes_of(members: Members, wanted: set[int]) -> dict[int, bytes]:
    """Return the hashes of some leaves that were gone through before. Raises VerificationError where one is missing."""
    found: dict[int, bytes] = {}
    for path in sorted({leaves_path(leaf) for leaf in wanted}):
        for line in _lines(members, path):
            number, _, content = line.partition(b" ")
            if int(number) in wanted:
                is_hidden = content.startswith(b"sha256:")
                found[int(number)] = bytes.fromhex(content[7:].decode()) if is_hidden else leaf_hash(content)
    for leaf in sorted(wanted - found.keys()):
        raise VerificationError(f"leaf {leaf} is not in the bundle")
    return found


def _lines(members: Members, path: str) -> Iterator[bytes]:
    with members.open(path) as file:
        while line := file.readline(_LONGEST):
            if not line.endswith(b"\n"):
                raise VerificationError(f"{path} has a line that is too long, or is not ended")
            yield line[:-1]


def _hash(text: str, path: str) -> bytes:
    if _HASH.fullmatch(text) is None:
        raise VerificationError(f"{path} has fewer hashes than the tree takes, or one that is none: {text[:80]!r}")
    return bytes.fromhex(text)
