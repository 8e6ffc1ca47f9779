"""The end of a task: what it saw beside what is there, in the order of keys and some at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from collector.core.canonical import encode
from collector.core.tasks import Outcome
from storage.database.columns import show_digest
from storage.log.leaves import Rows
from storage.log.merkle import Frontier, leaf_hash
from storage.tables.project import APPEARED, CHANGED, GONE, REAPPEARED, TaskSeen, find_task
from storage.tables.volatile_fields import VolatileFields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from collector.core.tasks import Observation
    from storage.database.keys import StoreKey
    from storage.tables.volatile_fields import OwnLeaf

_PAGE = 2_000  # rows in memory at a time

_COMPARE = (
    "SELECT s.key, s.digest, s.unread, s.facts, v.blob = s.blob, v.unread,"
    " CASE WHEN n.version IS NULL THEN (SELECT r.id FROM resource r WHERE r.task = ? AND r.key = s.key) END"
    " FROM staged s LEFT JOIN resource_now n ON n.task = ? AND n.key = s.key LEFT JOIN version v ON v.id = n.version"
    " WHERE s.attempt = ? AND s.key >= ? ORDER BY s.key LIMIT ?"
)
_ABSENT = (
    "SELECT n.key FROM resource_now n LEFT JOIN staged s ON s.attempt = ? AND s.key = n.key"
    " WHERE n.task = ? AND n.key >= ? AND s.key IS NULL ORDER BY n.key LIMIT ?"
)
_REFERRED = "DELETE FROM pending WHERE blob IN (SELECT blob FROM staged WHERE attempt = ?)"


class AttemptSummary(NamedTuple):
    """What an attempt came to, without its facts. With `own`, that leaf of the task says the same but for them."""

    stated: TaskSeen
    rows: dict[str, object]
    own: OwnLeaf | None
    facts: VolatileFields

    def whole(self) -> TaskSeen:
        """Return what a leaf of its own states; keep the facts that it refers to."""
        return msgspec.structs.replace(self.stated, facts=self.facts.keep(), facts_over=self.facts.is_over)


def summarise(connection: Connection, store_key: StoreKey, number: int, observation: Observation) -> AttemptSummary:
    """Return what the leaf of an attempt states, and its rows; keep the payloads that it refers to."""
    task = find_task(connection, observation.task)
    known = -1 if task is None else task
    rows, facts = Rows(connection), VolatileFields(connection, store_key, observation, number=number, known=known)
    counts = dict.fromkeys((APPEARED, CHANGED, REAPPEARED, GONE, ""), 0)
    inventory = Frontier()
    for raw_key, digest, unread, its_facts, is_same, old_unread, ever in _pages(
        connection, _COMPARE, (known, known, number)
    ):
        key, shown = raw_key.decode(), show_digest(digest)
        names = _names(unread)
        inventory.append(leaf_hash(encode([key, shown, names])))
        change = _change(is_same, ever, unread, old_unread)
        counts[change] += 1
        if change:
            rows.add([key, change, shown, None if unread is None else msgspec.json.decode(unread)])
        facts.add(key, raw_key, its_facts)
    is_complete = observation.outcome is Outcome.COMPLETE
    if is_complete:
        for (raw_key,) in _pages(connection, _ABSENT, (number, known)):
            counts[GONE] += 1
            rows.add([raw_key.decode(), GONE, None, None])
    connection.exec_driver_sql(_REFERRED, (number,))
    root = show_digest(inventory.root()) if is_complete else None
    own = facts.own
    is_again = own is not None and own.inventory == root and counts[""] == sum(counts.values())
    seen = TaskSeen(
        observation=observation,
        inventory=root,
        facts=(),
        appeared=counts[APPEARED] + counts[REAPPEARED],
        changed=counts[CHANGED],
        gone=counts[GONE],
        unchanged=counts[""],
    )
    return AttemptSummary(seen, rows.fields(), own if is_again else None, facts)


def _pages(connection: Connection, statement: str, values: tuple[int, ...]) -> Iterator[Any]:
    """Yield the rows of a statement that goes on from a key, page by page."""
    # A page is read whole before anything is written, on every database and whatever its driver buffers.
    start = b""
    while True:
        some = connection.exec_driver_sql(statement, (*values, start, _PAGE)).fetchall()
        yield from some
        if len(some) < _PAGE:
            return
        start = some[-1][0] + b"\x00"  # the next larger key


def _names(unread: bytes | None) -> list[str]:
    return [] if unread is None else list(msgspec.json.decode(unread))  # canonical, hence sorted


def _gist(unread: bytes | None) -> list[tuple[str, object, object]]:
    """What of unread parts makes a version: which ones, what they need, and whether they were refused."""
    if unread is None:
        return []
    return [(name, part.get("needs"), part.get("denied")) for name, part in msgspec.json.decode(unread).items()]


def _change(is_same: int | None, ever: int | None, unread: bytes | None, old_unread: bytes | None) -> str:
    if is_same is None:
        return APPEARED if ever is None else REAPPEARED
    if not is_same:
        return CHANGED
    # Why a part is unread may be said in other words each time: that is no change. A refusal that becomes an outage is.
    return "" if _gist(unread) == _gist(old_unread) else CHANGED
