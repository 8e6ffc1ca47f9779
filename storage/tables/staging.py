"""Staging: the items of unfinished attempts, in memory or in a temporary table; none of it is evidence yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.core.canonical import NotCanonicalError, encode
from collector.core.ports import HandedItem
from storage.database.blobs import KnownBlob, PackedBlob, SealedBlob, damaged, keep, pack, seal
from storage.database.bulk import insert, select_in
from storage.database.failpoints import reached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from collector.core.ports import Item
    from collector.core.tasks import Task
    from storage.database.keys import WorkerKey

# Few large transactions, because each one writes pages all over the two indexes of blobs.
_MOST_OF_ONE = 8 << 20
_MOST_OF_ALL = 32 << 20
_ITEM_COST = 700  # bytes that Python needs for an item besides its content

_STAGED = (
    "CREATE TEMP TABLE staged (attempt BIGINT NOT NULL, key {bytes} NOT NULL, blob BIGINT NOT NULL,"
    " digest {bytes} NOT NULL, unread {bytes}, facts {bytes}, PRIMARY KEY (attempt, key)){more}"
)
_WORDS = {
    "sqlite": {"bytes": "BLOB", "more": " WITHOUT ROWID"},
    "postgresql": {"bytes": "BYTEA", "more": " ON COMMIT PRESERVE ROWS"},
}

_FIND = "SELECT key FROM staged WHERE attempt = ? AND key"
_DIGESTS = "SELECT id, digest FROM blob WHERE id"
_STAGE = (
    "INSERT INTO staged (attempt, key, blob, digest, unread, facts) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (attempt, key) DO UPDATE SET blob = excluded.blob, digest = excluded.digest,"
    " unread = excluded.unread, facts = excluded.facts"
)


class ClaimedBlob(NamedTuple):
    """A body of which another process says that it is stored: not believed before the store was asked."""

    id: int
    digest: bytes


class StagedItem(NamedTuple):
    """One item in memory; its body is ready to be stored, or stored already."""

    body: SealedBlob | PackedBlob | KnownBlob | ClaimedBlob
    unread: bytes | None
    facts: bytes | None


@dataclass
class Staging:
    """One attempt at one task. `has_rows`: some of its items are in the temporary table.

    `compared_with` has the row id of the task whose resources are what bodies are compared with, None where there are
    none; `known` are bodies that were found in the store, by key, until they are staged.
    """

    number: int
    task: Task
    run: str
    lock: Lock = field(default_factory=Lock)
    items: dict[bytes, StagedItem] = field(default_factory=dict)
    size: int = 0
    has_rows: bool = False
    compared_with: tuple[int | None] | None = None
    known: dict[bytes, tuple[bytes, KnownBlob]] = field(default_factory=dict)

    def fits(self, batch: Batch, size_of_all: int) -> bool:
        """Return whether the batch fits into memory, with `size_of_all` bytes of all attempts there already."""
        return self.size + batch.size <= _MOST_OF_ONE and size_of_all + batch.size <= _MOST_OF_ALL

    def add(self, batch: Batch) -> None:
        """Add a batch in memory."""
        self.items.update(batch.items)
        self.size += batch.size

    def mark_written(self) -> None:
        """Note that the items in memory were written to the temporary table."""
        self.items = {}
        self.size = 0
        self.has_rows = True


class Batch:
    """Items ready to be staged, by key; of two items with one key the later counts."""

    def __init__(self, items: dict[bytes, StagedItem], size: int, repeated: int) -> None:
        """`size` are the bytes of the items in memory, `repeated` how many items had the key of another one."""
        self.items = items
        self.size = size
        self.repeated = repeated

    @classmethod
    def of(cls, store_key: WorkerKey, items: Sequence[Item], known: dict[bytes, tuple[bytes, KnownBlob]]) -> Batch:
        """Return the batch of items; `known` are bodies that are stored already, by key: those used are taken out.

        Raises NotCanonicalError on a key that is no valid text, before anything is kept.
        """
        staged: dict[bytes, StagedItem] = {}
        size = 0
        for item in items:
            unread = encode(msgspec.to_builtins(item.unread)) if item.unread else None
            key = _key_of(item)
            body, blob = known.pop(key, (None, None))
            if blob is None or body is not item.body:
                staged[key] = StagedItem(seal(store_key, item.kind, item.key, item.body), unread, item.facts)
                size += len(item.body)
            else:
                staged[key] = StagedItem(blob, unread, item.facts)
            size += len(item.facts or b"") + _ITEM_COST
        return cls(staged, size, len(items) - len(staged))

    @classmethod
    def handed(cls, items: Sequence[HandedItem]) -> Batch:
        """Return the batch of what another process has sealed."""
        staged: dict[bytes, StagedItem] = {}
        size = 0
        for item in items:
            body = PackedBlob(item.lookup, item.digest, item.data) if item.data else ClaimedBlob(item.blob, item.digest)
            staged[_key_of(item)] = StagedItem(body, item.unread, item.facts)
            size += len(item.data) + len(item.facts or b"") + _ITEM_COST
        return cls(staged, size, len(items) - len(staged))

    def to_hand(self) -> list[HandedItem]:
        """Return the items for the process that writes, with new bodies as they are stored."""
        new = {key: item.body for key, item in self.items.items() if isinstance(item.body, SealedBlob)}
        packed = dict(zip(new, pack(list(new.values())), strict=True))
        handed = []
        for key, item in self.items.items():
            body, unread, facts = packed.get(key, item.body), item.unread, item.facts
            if isinstance(body, PackedBlob):
                handed.append(HandedItem(key.decode(), body.digest, 0, body.lookup, body.data, unread, facts))
            elif isinstance(body, KnownBlob):
                handed.append(HandedItem(key.decode(), body.digest, body.id, unread=unread, facts=facts))
        return handed

    def seen_before(self, connection: Connection | None, staging: Staging) -> int:
        """Return how many items were staged before, in this batch or earlier; without a connection, only in memory."""
        known = self.items.keys() & staging.items.keys()
        if connection is not None:
            others = [key for key in self.items if key not in known]
            known |= {row[0] for row in select_in(connection, _FIND, (staging.number,), others)}
        return self.repeated + len(known)


def _key_of(item: Item | HandedItem) -> bytes:
    try:
        return item.key.encode()
    except UnicodeEncodeError as error:
        message = f"the key {item.key!r} is no text"
        raise NotCanonicalError(message) from error


def make_table(connection: Connection) -> None:
    """Create the temporary table, which is deleted with the connection, also when the process is killed."""
    connection.exec_driver_sql(_STAGED.format(**_WORDS[connection.dialect.name]))


def put_away(connection: Connection, number: int, items: dict[bytes, StagedItem], *, is_pending: bool) -> None:
    """Write items to the temporary table and bodies to the blobs; unreferenced pending blobs are deleted later."""
    if not items:
        return
    bodies = [item.body for item in items.values()]
    known, new = keep(connection, [body for body in bodies if isinstance(body, SealedBlob | PackedBlob)])
    _check_claims(connection, [body for body in bodies if isinstance(body, ClaimedBlob)])
    reached("blobs kept")
    if is_pending and new:
        insert(connection, "INSERT INTO pending (blob) VALUES (?)", [(blob_id,) for blob_id in new])
    rows = []
    for key in sorted(items):
        item = items[key]
        blob = known[item.body.lookup] if isinstance(item.body, SealedBlob | PackedBlob) else item.body
        rows.append((number, key, blob.id, blob.digest, item.unread, item.facts))
    insert(connection, _STAGE, rows)


def _check_claims(connection: Connection, claims: Sequence[ClaimedBlob]) -> None:
    """Raise StoreError unless each of these bodies is stored under its number."""
    stored = {tuple(row) for row in select_in(connection, _DIGESTS, (), [claim.id for claim in claims])}
    for claim in claims:
        if claim not in stored:
            raise damaged(f"a worker found the body sha256:{claim.digest.hex()} at {claim.id}, where it is not stored")


def forget(connection: Connection, number: int) -> None:
    """Delete the rows of an attempt from the temporary table."""
    connection.exec_driver_sql("DELETE FROM staged WHERE attempt = ?", (number,))


def sweep(connection: Connection) -> int:
    """Delete the blobs that a killed process staged, and return how many; only before the first attempt."""
    count: int = connection.exec_driver_sql("SELECT count(*) FROM pending").scalar_one()
    if count:
        connection.exec_driver_sql("DELETE FROM blob WHERE id IN (SELECT blob FROM pending)")
        connection.exec_driver_sql("DELETE FROM pending")
    return count
