"""One pass over the log: check each leaf, compare the tree with every signed head, collect what leaves refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.facts import Anchored
from storage.database.columns import digest_bytes
from storage.log import leaves, origins
from storage.log.leaf_check import LeafCheck, mismatch
from storage.log.leaf_encoding import ERASURE
from storage.log.merkle import Frontier
from storage.log.origins import Genesis, Migrated, Restored
from storage.tables.projections import Change
from storage.verifying.log_seen import LogSeen, Signing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.log.leaf_check import CheckedLeaf
    from storage.log.leaves import LeafRecord
    from storage.verifying.head_check import Heads

_EXPORTED = "exported"
"""The act that states the digest of a bundle; the log was signed between the leaf that it names and itself."""

_FACTS = b'"facts":["'
_ANY_SIZE = 1 << 62
_ROWS = b'"rows'
_PAYLOAD = b'_in":'


class _Act(Struct):
    """An act of an operator, as far as it says that the log was signed."""

    act: str
    about: dict[str, str] = {}


class _Facts(Struct):
    """The blobs of volatile keys that a task's leaf refers to."""

    facts: tuple[Digest, ...] = ()


def read_log(connection: Connection, store: str, heads: Heads) -> LogSeen:
    """Check every leaf and every root, and return what was found. Raises VerificationError at the first mismatch."""
    seen, frontier = LogSeen(), Frontier()
    heads.compare(frontier)
    for leaf in LeafCheck(store, frontier).leaves(connection):
        if leaf.at + 1 in heads.sizes:
            heads.compare(frontier)
        # Most leaves are of tasks without changes: a search of the bytes avoids decoding them.
        if leaf.kind != "task" or _ROWS in leaf.data or _FACTS in leaf.data or _PAYLOAD in leaf.data:
            _note(connection, leaf, seen)
    if not frontier.size:
        raise mismatch("the log is empty: its first leaf, which says what it is, is missing")
    heads.compare_end(frontier.size)
    seen.size, seen.root = frontier.size, frontier.root()
    return seen


def _note(connection: Connection, leaf: CheckedLeaf, seen: LogSeen) -> None:
    record = leaves.leaf_from_bytes(connection, leaf.at, leaf.hash, leaf.data)
    if record.signed is not None:
        seen.signed.setdefault(record.signed, leaf.at)
    seen.payloads.update(digest_bytes(digest) for digest in record.payloads())
    match record.kind:
        case "task":
            seen.blobs.update(digest_bytes(digest) for digest in record.fact(_Facts).facts)
            for changes in record.rows(Change):
                seen.blobs.update(digest_bytes(change.digest) for change in changes if change.digest is not None)
        case "tasks":
            seen.blobs.update(digest_bytes(digest) for digest in record.fact(_Facts).facts)
        case "anchored":
            seen.anchors.append((leaf.at, record.fact(Anchored)))
        case _ if record.kind == ERASURE:
            for digests in record.rows(str):
                seen.erased.update((digest_bytes(digest), leaf.at) for digest in digests)
        case "operator_act":
            _act(record, seen)
        case origins.MIGRATED:
            seen.migrations.append((leaf.at, record.fact(Migrated)))
        case _ if record.kind in origins.KINDS:
            _origin(record, seen)


def _act(record: LeafRecord, seen: LogSeen) -> None:
    act = record.fact(_Act)
    exported = act.about.get("export", "") if act.act == _EXPORTED else ""
    if exported.isdecimal():
        at = record.leaf.index
        seen.signings.append(Signing(at, int(exported), at, f"a bundle was exported with leaf {exported}"))


def _origin(record: LeafRecord, seen: LogSeen) -> None:
    if (record.kind == origins.GENESIS) != (record.leaf.index == 0):
        raise mismatch(f"leaf {record.leaf.index} is of kind {record.kind}: a log begins once, with leaf 0")
    if record.kind == origins.GENESIS:
        seen.genesis = record.fact(Genesis)
    at = record.leaf.index
    if record.kind == origins.KEY:
        seen.signings.append(Signing(at, 0, at, "the key was rotated"))
    if record.kind == origins.RESTORE:
        restored = record.fact(Restored)
        seen.restores.append(restored)
        if restored.signed:
            seen.signings.append(Signing(at, 0, _ANY_SIZE, "the store was restored"))
    seen.origins.append(origins.origin_of(record))
