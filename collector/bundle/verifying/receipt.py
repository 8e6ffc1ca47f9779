"""The receipt of a bundle: a later log entry states the digest of its lists, and so what people read in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.bag import parts_of
from collector.bundle.proofs.entry_range import EXPORTED
from collector.bundle.proofs.proof import leaves_path
from collector.bundle.proofs.receipt import CHECKPOINT, FOLDER, LEAVES, MISSING, RECEIPT, TREE
from collector.bundle.verifying.heads import head_of
from collector.bundle.verifying.log import check_leaves, read_tree
from collector.core.errors import VerificationError
from collector.core.facts import OperatorAct
from storage.log.notes import open_note

if TYPE_CHECKING:
    from collector.bundle.verifying.heads import KeySince
    from collector.bundle.verifying.log import Document
    from collector.bundle.verifying.members import Members
    from collector.bundle.verifying.record import BundleRecord
    from storage.log.notes import Checkpoint

_TOLD = 300  # letters of a reason that nothing proves


class VerifiedReceipt(Struct, frozen=True):
    """The number of the log entry, and how many log entries the head over it covers."""

    leaf: int
    size: int


def check_receipt(
    members: Members, digests: dict[str, str], tag_digest: str, record: BundleRecord, signer: KeySince, head: Checkpoint
) -> VerifiedReceipt | None:
    """Prove the receipt; return None where there is none because the bundle is of a version that gave none.

    Raises VerificationError where it is missing, or of something else.
    """
    paths = [path for path in members.paths() if path.startswith(FOLDER)]
    if record.export is None or record.export.about.get(RECEIPT) != "yes":
        for path in paths:
            raise VerificationError(f"{path} is there and not listed")
        return None
    if members.is_old:
        raise VerificationError("the zip file is in the form of earlier versions, and the export is of a later one")
    if not paths or paths == [MISSING]:
        raise _missing(members, paths)
    note = members.text(CHECKPOINT)
    check_one_signature(note, CHECKPOINT)
    open_note(note, signer.key)
    later = head_of(note, CHECKPOINT)
    tree = read_tree(members, TREE)
    leaf = tree.wanted[0][0]
    wanted = [CHECKPOINT, leaves_path(leaf, LEAVES), TREE]
    if paths != wanted:
        raise VerificationError(f"the receipt consists of {', '.join(paths)}, and has to of {', '.join(wanted)}")
    content = msgspec.to_builtins(tree)
    if members.text(TREE) != json.dumps(content, separators=(",", ":")) + "\n":
        raise VerificationError(f"{TREE} is not written as export writes it")
    of_whom = (later.origin, tree.origin, later.size, tree.wanted)
    if of_whom != (head.origin, head.origin, tree.size, ((leaf, leaf + 1),)):
        raise VerificationError("the receipt is of another log, or of other log entries, than its head")
    found: list[Document | None] = []
    roots = check_leaves(members, tree, lambda _, document: found.append(document), TREE, LEAVES).roots
    for size, root in ((head.size, head.root), (later.size, later.root)):
        if roots.get(size) != root:
            raise VerificationError(f"the receipt does not go on from the head of the bundle: over {size} log entries")
    if head.size >= later.size or leaf < head.size or tree.cuts != (head.size, later.size):
        raise VerificationError("the receipt is not over the bundle's head and a later one")
    _check_entry(found[0], leaf, record, tag_digest, digests)
    return VerifiedReceipt(leaf, later.size)


def _check_entry(
    entry: Document | None, leaf: int, record: BundleRecord, tag_digest: str, digests: dict[str, str]
) -> None:
    if entry is None or entry.k != "operator_act" or entry.store != record.store or entry.fact_in is not None:
        raise VerificationError(f"log entry {leaf} in the receipt is not one that ends an export")
    act = msgspec.json.decode(entry.fact, type=OperatorAct)
    if act.act != EXPORTED or act.about.get("export") != str(record.range.export_leaf):
        raise VerificationError(f"log entry {leaf} in the receipt ends another export")
    if act.about.get("manifest") == f"sha256:{tag_digest}":
        return
    stated, there = msgspec.json.decode(act.about.get("parts", "{}"), type=dict[str, str]), parts_of(digests)
    changed = sorted(part for part in stated.keys() | there.keys() if stated.get(part) != there.get(part))
    raise VerificationError(
        f"{', '.join(changed) or 'the list of files'}: not as exported; the lists have the digest sha256:{tag_digest},"
        f" and log entry {leaf} states {act.about.get('manifest')}",
        so="the bundle was changed after it was exported, and signed again",
        mend="ask for the bundle as it was exported: exporting the same again gives the same bytes",
    )


def check_one_signature(note: str, path: str) -> None:
    """Raise VerificationError where a note could be changed without its key: it has a line that nobody verified."""
    if note.rpartition("\n\n")[2].count("\n") != 1:
        raise VerificationError(f"{path} has more than the one signature that it was given")


def _missing(members: Members, paths: list[str]) -> VerificationError:
    text = f"; {MISSING} says: {_plain(members.text(MISSING))}" if paths else ""
    return VerificationError(
        f"there is no receipt, and the log entry of the export says that one follows{text}",
        so="all else in the bundle holds, and nothing shows that what people read in it is what was exported",
        mend="ask for the bundle with its receipt: exporting the same again gives the same bytes",
    )


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:_TOLD]).split())
