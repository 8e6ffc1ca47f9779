"""The proof side of a bundle: heads, leaves, and the one tree that ties them together."""

from __future__ import annotations

import base64
import json
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.proofs.entry_range import other_heads
from collector.bundle.proofs.referenced_blobs import ReferencedBlobs
from collector.bundle.proofs.tree import prove
from collector.core.errors import VerificationError
from storage.log.notes import open_note, parse_checkpoint
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from collector.bundle.bag import Bag
    from collector.bundle.proofs.entry_range import EntryRange
    from collector.bundle.proofs.tree import Tree
    from collector.bundle.withholding import Withholding
    from storage.log.notes import VerifierKey

LEAVES_A_FILE = 10_000


class ProofSummary(Struct, frozen=True, kw_only=True):
    """The result of writing the proof, for the pages of the bundle."""

    root: str
    leaves: int
    withheld_leaves: int


class Previous(Struct, frozen=True):
    """The signed head of the bundle before this one."""

    note: str
    size: int
    root: bytes


def read_previous(note: str, *keys: VerifierKey) -> Previous:
    """Read the head of an earlier bundle. Raises VerificationError where it is not signed by one of the keys."""
    head = parse_checkpoint(open_note(note, *keys))
    return Previous(note, head.size, head.root)


def write_proof(
    connection: Connection, found: EntryRange, previous: Previous | None, withholding: Withholding, bag: Bag
) -> tuple[ProofSummary, ReferencedBlobs]:
    """Write everything below proof/; return a summary, and the blobs that the shown log entries refer to.

    Raises VerificationError where the log does not have the root that was signed, or does not go on from the bundle
    before: then nobody could prove anything with this one.
    """
    parts = LogParts(connection)
    origins = parts.origins()
    keys = [origin.key for origin in origins]
    head = parse_checkpoint(open_note(found.note.text, *keys))
    proven = prove(head.origin, parts.hashes(found.size), found.size, found.wanted, set(found.cuts))
    _same(f"the first {found.size} leaves", proven.root, head.root)
    bag.add("proof/checkpoint", found.note.text.encode())
    for note in other_heads(found):
        _same(f"the first {note.size} leaves", proven.roots[note.size], parse_checkpoint(_text(note.text)).root)
        bag.add(f"proof/checkpoints/{note.size}", note.text.encode())
    if previous is not None:
        _same(f"the first {previous.size} leaves", proven.roots[previous.size], previous.root)
        bag.add("proof/previous-checkpoint", previous.note.encode())
    for anchor in found.anchors:
        bag.add(f"proof/anchors/{anchor.size}.tsr", base64.b64decode(anchor.token or ""))
    write_keys(keys, bag)
    write_range(bag, export_leaf=found.export_leaf, first=found.first, end=found.end, bound=found.bound)
    write_tree(proven.tree, bag)
    blobs = ReferencedBlobs(withholding)
    counts = [0, 0]
    for path, lines in groupby(_lines_of(parts, found, withholding, blobs, counts), key=lambda line: line[0]):
        with bag.file(path) as out:
            for _, line in lines:
                out.write(line)
    shown = ProofSummary(root=f"sha256:{proven.root.hex()}", leaves=counts[0], withheld_leaves=counts[1])
    return shown, blobs


def write_keys(keys: Sequence[VerifierKey], bag: Bag) -> None:
    """Write the keys of the log, for people, and the newest as a policy of C2SP."""
    bag.add("proof/keys.txt", _lines("These keys are here to be read, not to be trusted: compare them.", *keys))
    bag.add("proof/policy.txt", f"log {keys[-1]}\nquorum none\n".encode())


def write_range(bag: Bag, *, export_leaf: int, first: int, end: int, bound: int) -> None:
    """Write which log entries are of the period, and which one says what was exported."""
    place = {"export_leaf": export_leaf, "first": first, "end": end, "bound": bound}
    bag.add("proof/range.json", json.dumps(place).encode() + b"\n")


def write_tree(tree: Tree, bag: Bag) -> None:
    """Write the hashes beside the log entries of the bundle."""
    bag.add("proof/tree.json", json.dumps(msgspec.to_builtins(tree), separators=(",", ":")).encode() + b"\n")


def _lines_of(
    parts: LogParts, found: EntryRange, withholding: Withholding, blobs: ReferencedBlobs, counts: list[int]
) -> Iterator[tuple[str, bytes]]:
    """Yield each line with the path of its file."""
    for start, end in found.wanted:
        for leaf in parts.between(start, end):
            is_hidden = withholding.leaf(leaf)
            counts[0] += 1
            counts[1] += is_hidden
            if is_hidden:
                content = b"sha256:" + leaf.record.leaf.hash.hex().encode()
            else:
                blobs.named_by(leaf)
                content = leaf.data
            yield leaves_path(leaf.index), leaf_line(leaf.index, content)


def leaves_path(index: int, folder: str = "proof/leaves/") -> str:
    """Return the path of the file in which a leaf is."""
    return f"{folder}{index // LEAVES_A_FILE * LEAVES_A_FILE:09d}.txt"


def leaf_line(index: int, content: bytes) -> bytes:
    """Return the line of a leaf: its number, a space, and its bytes or its hash."""
    return b"%d %b\n" % (index, content)


def _text(note: str) -> str:
    return note.rpartition("\n\n")[0] + "\n"


def _lines(*lines: object) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _same(what: str, made: bytes, signed: bytes) -> None:
    if made != signed:
        raise VerificationError(
            f"{what} have the root sha256:{made.hex()}, and the signed head says sha256:{signed.hex()}",
            so="no bundle was written: it would prove nothing",
            mend="run annexd verify; if an earlier bundle was named, it is of another log or of another history",
        )
