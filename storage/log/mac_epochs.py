"""From which log entry on the entries have MACs, and under which key, as log entries of their own state it.

The first entry of a new store states it. In a store that is older than MACs an entry of kind `macs` does, once. After
that only a rotation of the signing key changes their key, from its own entry on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET, Struct, UnsetType

from storage.database.blobs import damaged
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.origins import GENESIS, KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

MACS = "macs"
"""The kind of the log entry with which MACs begin in a store that was made without them."""

STATING = frozenset({GENESIS, MACS, KEY})
"""The kinds of log entries that may state the key of MACs."""

# The first condition lets both databases use the index of leaves other than those of tasks.
_LEAVES = (
    "SELECT idx, dictionary, body, hash FROM log_leaf"
    " WHERE kind <> 'task' AND kind IN ('genesis', 'macs', 'key') ORDER BY idx"
)


class Unproven(Struct, frozen=True, kw_only=True):
    """The log entries behind the newest checkpoint when MACs began: nothing proves who wrote them.

    `kinds` has the number of each kind; `reason` and `by` are of the person who let them stay.
    """

    count: int
    first: int
    last: int
    kinds: dict[str, int]
    reason: str
    by: str


class MacsBegin(Struct, frozen=True, kw_only=True):
    """The content of an entry of kind `macs`: it is the first with a MAC, and `macs` is the id of the key.

    `root` is the log hash over the entries before it. `unproven` is None where all of them are signed.
    """

    macs: str
    root: str
    unproven: Unproven | None


class MacEpoch(NamedTuple):
    """From the entry `since` on, MACs are made with the key whose id is `key`."""

    since: int
    key: str


class _States(Struct):
    macs: str | UnsetType = UNSET


def read_epochs(connection: Connection) -> list[MacEpoch]:
    """Return when MACs began, and each change of their key, in order. Raises StoreError where that cannot be."""
    decompressor = LeafDecompressor()
    found: list[MacEpoch] = []
    for row in connection.exec_driver_sql(_LEAVES).fetchall():
        record = leaves.read(connection, decompressor, tuple(row))
        key = record.fact(_States).macs
        if record.kind == MACS and found:
            raise damaged(
                f"log entry {record.leaf.index} says that MACs begin with it, and they began with {found[0].since}"
            )
        if isinstance(key, str):
            if not found and record.kind not in {GENESIS, MACS}:
                raise damaged(f"log entry {record.leaf.index} states a key of MACs, and no entry before it began them")
            found.append(MacEpoch(record.leaf.index, key))
        elif found:
            raise damaged(f"log entry {record.leaf.index} rotates the signing key and states no key of MACs")
    return found


def began(epochs: Sequence[MacEpoch]) -> int:
    """Return the first log entry with a MAC. Raises StoreError where no entry states it."""
    if not epochs:
        raise damaged("no log entry states from when on each entry has a MAC: the one that did was removed")
    return epochs[0].since
