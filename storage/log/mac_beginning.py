"""The beginning of MACs in a store that is older than them, in the transaction that migrates it.

What is signed by then is proven by the signature. Nothing proves who wrote what lies behind the newest checkpoint, so
that is reported, and stays only where somebody says that it may; the log says what it was, and who said so.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.core.errors import StoreError, VerificationError
from storage.database.columns import show_digest
from storage.log.continuing import frontier_of
from storage.log.leaf_check import LeafCheck, mismatch
from storage.log.mac_epochs import MacsBegin, Unproven
from storage.log.merkle import Frontier
from storage.log.notes import VerifierKey, open_note, parse_checkpoint
from storage.log.origins import read_origins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from storage.log.macs import MacKey

_NEWEST = "SELECT size, peaks, note FROM checkpoint ORDER BY size DESC LIMIT 1"


class Acknowledgement(NamedTuple):
    """Who lets unproven log entries stay, and why."""

    reason: str
    by: str


class Tail(NamedTuple):
    """The log at the beginning of MACs: the log hash over it, and by kind the entries that nothing proves."""

    size: int
    signed: int
    root: bytes
    kinds: dict[str, int]


def tail_of(connection: Connection, store: str, public_keys: Iterable[bytes]) -> Tail:
    """Return the log with what is not signed, each entry of which is read back and hashed.

    Raises VerificationError where one is not as it was recorded, or the newest checkpoint is not signed by these keys.
    """
    frontier = _signed(connection, set(public_keys))
    signed = frontier.size
    kinds = Counter(leaf.kind for leaf in LeafCheck(store, frontier).leaves(connection))
    return Tail(frontier.size, signed, frontier.root(), dict(sorted(kinds.items())))


def beginning(tail: Tail, key: MacKey, acknowledged: Acknowledgement | None) -> dict[str, object]:
    """Return the content of the entry of kind `macs`. Raises StoreError where nobody acknowledged the tail."""
    unproven = None
    if tail.kinds:
        if acknowledged is None:
            raise _unproven(tail)
        unproven = Unproven(
            count=tail.size - tail.signed,
            first=tail.signed,
            last=tail.size - 1,
            kinds=tail.kinds,
            reason=acknowledged.reason,
            by=acknowledged.by,
        )
    stated: dict[str, object] = msgspec.to_builtins(
        MacsBegin(macs=key.id, root=show_digest(tail.root), unproven=unproven)
    )
    return stated


def _signed(connection: Connection, public_keys: set[bytes]) -> Frontier:
    row = connection.exec_driver_sql(_NEWEST).one_or_none()
    if row is None:
        return Frontier()
    size, peaks, note = row
    keys = [VerifierKey(origin.name, key) for origin in read_origins(connection) for key in public_keys]
    frontier = frontier_of(peaks, size)
    try:
        head = parse_checkpoint(open_note(note, *dict.fromkeys(keys)))
    except VerificationError as error:
        raise mismatch(f"checkpoint {size}: {error.what}") from error
    if (head.size, head.root) != (size, frontier.root()):
        raise mismatch(
            f"checkpoint {size}: its row leads to {show_digest(frontier.root())}, and its note is of {head.size} log"
            f" entries with the log hash {show_digest(head.root)}"
        )
    return frontier


def _unproven(tail: Tail) -> StoreError:
    kinds = ", ".join(f"{count} {kind}" for kind, count in tail.kinds.items())
    count = tail.size - tail.signed
    which = f"log entry {tail.signed}" if count == 1 else f"log entries {tail.signed} to {tail.size - 1}"
    return StoreError(
        f"this version proves who wrote each log entry, and nothing proves it of {which}: {count} behind the newest"
        f" checkpoint ({kinds})",
        so="the store was not brought up to date, and nothing was recorded",
        mend="sign them with the annexd that wrote them, or read them with its annexd log; if they are yours, annexd"
        " store upgrade --acknowledge --reason TEXT lets them stay, and the record says so",
    )
