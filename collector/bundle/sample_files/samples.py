"""A proof for each leaf of a sample, as others read it: one file that needs nothing but the key of the log.

https://github.com/C2SP/C2SP/blob/main/tlog-proof.md
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from collector.bundle.proofs.tree import parts_of, prove, ranges_of, subtrees
from storage.log.merkle import node_hash
from storage.log.notes import open_note, parse_checkpoint
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection

    from storage.log.ranges import Note


def sample_proofs(connection: Connection, wanted: Collection[int], note: Note) -> Iterator[tuple[int, bytes]]:
    """Yield for each leaf the text of its `.tlog-proof`, in their order; all leaf hashes are read once."""
    parts = LogParts(connection)
    head = parse_checkpoint(open_note(note.text, *(origin.key for origin in parts.origins())))
    for index, path in paths(parts.hashes(head.size), sorted(set(wanted)), head.size):
        lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(base64.b64encode(node).decode() for node in path)]
        yield index, ("\n".join(lines) + "\n\n" + note.text).encode()


def paths(hashes: Iterable[bytes], wanted: Collection[int], size: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield for each leaf the hashes from its sibling up to the child of the root (RFC 6962, section 2.1.1)."""
    kept: dict[int, bytes] = {}

    def noting() -> Iterator[bytes]:
        for index, leaf_hash in enumerate(hashes):
            if index in kept:
                kept[index] = leaf_hash
            yield leaf_hash

    kept.update(dict.fromkeys(wanted, b""))
    spans = ranges_of(wanted)
    roots = iter(prove("", noting(), size, spans, set()).tree.hashes)
    known = {(index, index + 1): leaf_hash for index, leaf_hash in kept.items()}
    for start, end, is_wanted in parts_of(size, spans, ()):
        at = start
        for leaves in () if is_wanted else subtrees(start, end):
            known[at, at + leaves] = bytes.fromhex(next(roots))
            at += leaves
    for index in wanted:
        yield index, _path(known, index, size)


def _path(known: dict[tuple[int, int], bytes], index: int, size: int) -> list[bytes]:
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append(_root(known, middle, end))
            end = middle
        else:
            path.append(_root(known, start, middle))
            start = middle
    return path[::-1]


def _root(known: dict[tuple[int, int], bytes], start: int, end: int) -> bytes:
    if (start, end) not in known:
        middle = _middle(start, end)
        known[start, end] = node_hash(_root(known, start, middle), _root(known, middle, end))
    return known[start, end]


def _middle(start: int, end: int) -> int:
    """Return where RFC 6962 parts a tree in two: the largest power of two below its size."""
    return start + (1 << ((end - start - 1).bit_length() - 1))
