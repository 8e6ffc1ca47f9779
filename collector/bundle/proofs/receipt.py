"""The receipt of a bundle: the log entry that states the digest of its lists, proven by itself.

It is written after the bundle is closed, so it is outside of the lists. It has the form of the proof in the bundle: one
log entry, the signed head over it, and a tree that passes the head that the bundle cites.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.proofs.proof import leaf_line, leaves_path
from collector.bundle.proofs.tree import prove
from collector.core.errors import StoreError, VerificationError
from storage.log.notes import open_note, parse_checkpoint
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOLDER = "receipt/"
CHECKPOINT, TREE, LEAVES, MISSING = (
    f"{FOLDER}checkpoint",
    f"{FOLDER}tree.json",
    f"{FOLDER}leaves/",
    f"{FOLDER}missing.txt",
)

RECEIPT = "receipt"
"""The part of a log entry of an export that says that a receipt follows; bundles of earlier versions have none."""


class Receipt(Struct, frozen=True, kw_only=True):
    """The number of its log entry, how many its head covers, and its files by path."""

    leaf: int
    size: int
    files: dict[str, bytes]


def read_receipt(connection: Connection, leaf: int, head_size: int) -> Receipt | None:
    """Return the receipt in a log entry of a bundle that cites a head; None where no signed head covers the entry yet.

    The same log gives the same bytes. Raises StoreError where the log has had another key since that head.
    """
    parts = LogParts(connection)
    note = parts.signed_above(leaf)
    if note is None:
        return None
    origins = parts.origins()
    signer = max((origin for origin in origins if origin.since < head_size), key=lambda origin: origin.since)
    if any(head_size <= origin.since < note.size for origin in origins):
        raise StoreError(
            "the log was handed over to another key while the bundle was written",
            so="the bundle and its receipt would be signed by two keys, and no bundle was written",
            mend="run annexd export again",
        )
    head = parse_checkpoint(open_note(note.text, signer.key))
    proven = prove(head.origin, parts.hashes(note.size), note.size, [(leaf, leaf + 1)], {head_size, note.size})
    if proven.root != head.root:
        raise VerificationError(
            f"the first {note.size} leaves have the root sha256:{proven.root.hex()}, and the signed head says"
            f" sha256:{head.root.hex()}",
            so="no receipt was written: it would prove nothing",
            mend="run annexd verify",
        )
    (entry,) = parts.between(leaf, leaf + 1)
    tree = json.dumps(msgspec.to_builtins(proven.tree), separators=(",", ":"))
    return Receipt(
        leaf=leaf,
        size=note.size,
        files={
            CHECKPOINT: note.text.encode(),
            leaves_path(leaf, LEAVES): leaf_line(leaf, entry.data),
            TREE: tree.encode() + b"\n",
        },
    )
