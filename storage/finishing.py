"""The end of a task: what it saw beside what is there, in the order of keys and some at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.canonical import encode
from collector.core.tasks import Outcome
from storage.blobs import keep, seal
from storage.columns import show_digest
from storage.leaves import Rows
from storage.merkle import Frontier, leaf_hash
from storage.project import APPEARED, CHANGED, GONE, REAPPEARED, TaskSeen, find_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from collector.core.canonical import Digest
    from collector.core.tasks import Observation, Task
    from storage.keys import StoreKey

FACTS = "annexd.facts"
"""The kind of the blobs that hold volatile keys: {resource key: its volatile keys, or null where it has none}."""

_PAGE = 2_000  # rows in memory at a time
_FACTS_SIZE = 256 << 10  # a reader holds one such blob for each layer of partial observations

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
# Where there were facts before, an observation without any says so of each resource that it saw.
_ANY_FACTS = (
    "SELECT 1 FROM staged WHERE attempt = ? AND facts IS NOT NULL"
    " UNION ALL SELECT 1 FROM observation WHERE task = ? AND facts LIMIT 1"
)
_REFERRED = "DELETE FROM pending WHERE blob IN (SELECT blob FROM staged WHERE attempt = ?)"


def summarise(
    connection: Connection, store_key: StoreKey, number: int, observation: Observation
) -> tuple[TaskSeen, dict[str, object]]:
    """Return what the leaf of an attempt states, and its rows; keep the payloads and facts that it refers to."""
    task = find_task(connection, observation.task)
    known = -1 if task is None else task
    rows, facts = Rows(connection), _Facts(connection, store_key, observation.task, number=number, known=known)
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
        facts.add(key, its_facts)
    is_complete = observation.outcome is Outcome.COMPLETE
    if is_complete:
        for (raw_key,) in _pages(connection, _ABSENT, (number, known)):
            counts[GONE] += 1
            rows.add([raw_key.decode(), GONE, None, None])
    connection.exec_driver_sql(_REFERRED, (number,))
    seen = TaskSeen(
        observation=observation,
        inventory=show_digest(inventory.root()) if is_complete else None,
        facts=facts.digests(),
        appeared=counts[APPEARED] + counts[REAPPEARED],
        changed=counts[CHANGED],
        gone=counts[GONE],
        unchanged=counts[""],
    )
    return seen, rows.fields()


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


class _Facts:
    """Gathers the volatile keys of a task into blobs; an unchanged blob is found again, not kept twice."""

    def __init__(self, connection: Connection, store_key: StoreKey, task: Task, *, number: int, known: int) -> None:
        self._connection = connection
        self._store_key = store_key
        self._name = encode([task.source, task.collection, list(task.scope)]).decode()
        self._waiting: dict[str, bytes] = {}
        self._size = 0
        self._digests: list[Digest] = []
        self._is_wanted = connection.exec_driver_sql(_ANY_FACTS, (number, known)).first() is not None

    def add(self, key: str, facts: bytes | None) -> None:
        """Add what one resource has; that it has none is said too, lest an older fact be taken for today's."""
        if not self._is_wanted:
            return
        self._waiting[key] = b"null" if facts is None else facts
        self._size += len(key) + len(self._waiting[key])
        if self._size > _FACTS_SIZE:
            self._put_away()

    def digests(self) -> tuple[Digest, ...]:
        """Return the blobs, in the order of the keys that they hold."""
        if self._waiting:
            self._put_away()
        return tuple(self._digests)

    def _put_away(self) -> None:
        ordered = sorted(self._waiting, key=lambda key: key.encode("utf-16-be"))  # as RFC 8785 orders
        body = b"{%b}" % b",".join(b"%b:%b" % (encode(key), self._waiting[key]) for key in ordered)
        sealed = seal(self._store_key, FACTS, self._name, body)
        known, _ = keep(self._connection, [sealed])
        self._digests.append(show_digest(known[sealed.lookup].digest))
        self._waiting, self._size = {}, 0
