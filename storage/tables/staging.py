"""What an attempt has seen so far. Nothing of it is evidence before the task is finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.core.canonical import encode
from storage.database.blobs import keep, seal
from storage.database.bulk import insert, select_in
from storage.database.failpoints import reached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from collector.core.ports import Item
    from collector.core.tasks import Task
    from storage.database.blobs import SealedBlob
    from storage.database.keys import StoreKey

# Few large transactions, because each one touches pages all over the two indexes of blobs.
_MOST_OF_ONE = 8 << 20
_MOST_OF_ALL = 32 << 20
_ITEM_COST = 700  # what Python needs for an item besides its bytes

_STAGED = (
    "CREATE TEMP TABLE staged (attempt BIGINT NOT NULL, key {bytes} NOT NULL, blob BIGINT NOT NULL,"
    " digest {bytes} NOT NULL, unread {bytes}, facts {bytes}, PRIMARY KEY (attempt, key)){more}"
)
_WORDS = {
    "sqlite": {"bytes": "BLOB", "more": " WITHOUT ROWID"},
    "postgresql": {"bytes": "BYTEA", "more": " ON COMMIT PRESERVE ROWS"},
}

_FIND = "SELECT key FROM staged WHERE attempt = ? AND key"
_STAGE = (
    "INSERT INTO staged (attempt, key, blob, digest, unread, facts) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (attempt, key) DO UPDATE SET blob = excluded.blob, digest = excluded.digest,"
    " unread = excluded.unread, facts = excluded.facts"
)


class Waiting(NamedTuple):
    """One item that is still in memory."""

    sealed: SealedBlob
    unread: bytes | None
    facts: bytes | None


@dataclass
class Staging:
    """One try at one task. `put_away` says whether some of its items are in the working table already."""

    number: int
    task: Task
    run: str
    lock: Lock = field(default_factory=Lock)
    waiting: dict[bytes, Waiting] = field(default_factory=dict)
    size: int = 0
    put_away: bool = False

    def fits(self, batch: Batch, size_of_all: int) -> bool:
        """Whether the batch may wait in memory, beside what all attempts have there."""
        return self.size + batch.size <= _MOST_OF_ONE and size_of_all + batch.size <= _MOST_OF_ALL

    def wait(self, batch: Batch) -> None:
        """Take a batch into memory."""
        self.waiting.update(batch.items)
        self.size += batch.size

    def emptied(self) -> None:
        """Note that the working table now holds what was in memory."""
        self.waiting = {}
        self.size = 0
        self.put_away = True


class Batch:
    """Items ready to be staged. Raises NotCanonicalError on a key that is no text, before anything is kept."""

    def __init__(self, store_key: StoreKey, items: Sequence[Item]) -> None:
        self.items: dict[bytes, Waiting] = {}
        self.size = 0
        for item in items:
            unread = encode(msgspec.to_builtins(item.unread)) if item.unread else None
            sealed = seal(store_key, item.kind, item.key, item.body)
            self.items[item.key.encode()] = Waiting(sealed, unread, item.facts)
            self.size += len(item.body) + len(item.facts or b"") + _ITEM_COST
        self._repeated = len(items) - len(self.items)

    def seen_before(self, connection: Connection | None, staging: Staging) -> int:
        """Return how many items an attempt has staged before, here or earlier; without a connection, only in memory."""
        known = self.items.keys() & staging.waiting.keys()
        if connection is not None:
            others = [key for key in self.items if key not in known]
            known |= {row[0] for row in select_in(connection, _FIND, (staging.number,), others)}
        return self._repeated + len(known)


def make_table(connection: Connection) -> None:
    """Make the working table; it belongs to this connection and goes with it, so a killed process leaves none of it."""
    connection.exec_driver_sql(_STAGED.format(**_WORDS[connection.dialect.name]))


def put_away(connection: Connection, number: int, items: dict[bytes, Waiting], *, is_pending: bool) -> None:
    """Move items to the working table and bodies to the blobs; pending ones are swept if nobody refers to them."""
    if not items:
        return
    known, new = keep(connection, [one.sealed for one in items.values()])
    reached("blobs kept")
    if is_pending and new:
        insert(connection, "INSERT INTO pending (blob) VALUES (?)", [(one,) for one in new])
    rows = []
    for key in sorted(items):
        one = items[key]
        blob = known[one.sealed.lookup]
        rows.append((number, key, blob.id, blob.digest, one.unread, one.facts))
    insert(connection, _STAGE, rows)


def forget(connection: Connection, number: int) -> None:
    """Empty the working table of an attempt."""
    connection.exec_driver_sql("DELETE FROM staged WHERE attempt = ?", (number,))


def sweep(connection: Connection) -> int:
    """Remove the blobs that a process staged and did not live to refer to; return how many. Only before any attempt."""
    count: int = connection.exec_driver_sql("SELECT count(*) FROM pending").scalar_one()
    if count:
        connection.exec_driver_sql("DELETE FROM blob WHERE id IN (SELECT blob FROM pending)")
        connection.exec_driver_sql("DELETE FROM pending")
    return count
