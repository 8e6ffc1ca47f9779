"""Finish a task: compare what it staged with the existing resources, page by page in the order of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from collector.core.canonical import encode
from collector.core.ports import Difference
from collector.core.tasks import Outcome
from storage.database.blobs import damaged
from storage.database.columns import show_digest
from storage.log.leaves import Rows
from storage.log.merkle import Frontier, leaf_hash
from storage.tables.projections import APPEARED, CHANGED, GONE, REAPPEARED, TaskSeen, find_task
from storage.tables.same_evidence import Differing, run_to_compare_with
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


class _Part(msgspec.Struct):
    permissions: object = msgspec.field(name="needs", default=None)
    denied: object = None


_read_parts = msgspec.json.Decoder(dict[str, _Part]).decode


class AttemptSummary(NamedTuple):
    """The result of an attempt without its volatile keys.

    With `own` the attempt is unchanged: that earlier leaf of the task differs from it in volatile keys only.
    """

    stated: TaskSeen
    rows: dict[str, object]
    own: OwnLeaf | None
    facts: VolatileFields
    differing: frozenset[str] | None

    def whole(self) -> TaskSeen:
        """Return the content of a leaf of its own, and store the volatile keys that it refers to."""
        return msgspec.structs.replace(self.stated, facts=self.facts.keep(), facts_over=self.facts.is_over)

    def difference(self, connection: Connection, whole: TaskSeen) -> Difference | None:
        """Return how the observation before and `whole` differ; see `Finished.difference`."""
        history = self.facts.history
        if history is None or self.differing is None:
            return None
        run = run_to_compare_with(connection, history, whole, is_over=self.facts.is_over)
        return None if run is None else Difference(run, self.differing | self.facts.changed.keys())


def summarise(connection: Connection, store_key: StoreKey, number: int, observation: Observation) -> AttemptSummary:
    """Return the result of the attempt `number`, and store the payloads that its rows refer to."""
    task = find_task(connection, observation.task)
    known = -1 if task is None else task
    rows, facts = Rows(connection), VolatileFields(connection, store_key, observation, number=number, known=known)
    counts = dict.fromkeys((APPEARED, CHANGED, REAPPEARED, GONE, ""), 0)
    inventory = Frontier()
    differing = Differing()
    for raw_key, digest, unread, facts_of_resource, is_same, old_unread, resource_id in _pages(
        connection, _COMPARE, (known, known, number)
    ):
        key, shown = raw_key.decode(), show_digest(digest)
        names = _names(unread)
        inventory.append(leaf_hash(encode([key, shown, names])))
        change = _change(is_same, resource_id, unread, old_unread)
        counts[change] += 1
        if change:
            differing.add(key)
            rows.add([key, change, shown, None if unread is None else msgspec.json.decode(unread)])
        facts.add(key, raw_key, facts_of_resource)
    is_complete = observation.outcome is Outcome.COMPLETE
    if is_complete:
        for (raw_key,) in _pages(connection, _ABSENT, (number, known)):
            counts[GONE] += 1
            differing.add(raw_key.decode())
            rows.add([raw_key.decode(), GONE, None, None])
    connection.exec_driver_sql(_REFERRED, (number,))
    root = show_digest(inventory.root()) if is_complete else None
    own = facts.own
    is_unchanged = own is not None and own.inventory == root and counts[""] == sum(counts.values())
    task_seen = TaskSeen(
        observation=observation,
        inventory=root,
        facts=(),
        appeared=counts[APPEARED] + counts[REAPPEARED],
        changed=counts[CHANGED],
        gone=counts[GONE],
        unchanged=counts[""],
    )
    return AttemptSummary(task_seen, rows.fields(), own if is_unchanged else None, facts, differing.keys())


def _pages(connection: Connection, statement: str, values: tuple[int, ...]) -> Iterator[Any]:
    """Yield the rows of a statement that starts at a key, page by page."""
    # A page is fetched completely before anything is written, because drivers buffer differently.
    start = b""
    while True:
        page = connection.exec_driver_sql(statement, (*values, start, _PAGE)).fetchall()
        yield from page
        if len(page) < _PAGE:
            return
        start = page[-1][0] + b"\x00"  # the next larger key


def _names(unread: bytes | None) -> list[str]:
    return list(_parts(unread))  # canonical, hence sorted


def _unread_identity(unread: bytes | None) -> list[tuple[str, object, object]]:
    """Return what makes unread parts a new version: their names, permissions, and whether they were refused."""
    return [(name, part.permissions, part.denied) for name, part in _parts(unread).items()]


def _parts(unread: object) -> dict[str, _Part]:
    """Return the unread parts of a row by their names. Raises StoreError where somebody changed them."""
    if unread is None:
        return {}
    try:
        return _read_parts(unread)  # type: ignore[arg-type]  # whatever stands in the column
    except (msgspec.DecodeError, TypeError, RecursionError) as error:
        raise damaged(f"the unread parts of a resource cannot be read: {error}") from error


def _change(is_same: int | None, resource_id: int | None, unread: bytes | None, old_unread: bytes | None) -> str:
    if is_same is None:
        return APPEARED if resource_id is None else REAPPEARED
    if not is_same:
        return CHANGED
    # A part that is unread for another reason in words is no change; one that was refused and is now unavailable is.
    return "" if _unread_identity(unread) == _unread_identity(old_unread) else CHANGED
