"""LiveState: the state as of a leaf, for bundles: tasks, the leaves it is based on, resources, findings, bodies."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.core.canonical import Digest, encode
from collector.core.tasks import Task
from storage.database.blobs import Decompressor, open_blob
from storage.database.columns import digest_bytes, read_digests, read_micros, read_scope, show_digest
from storage.database.streaming import stream
from storage.log.unchanged_tasks import newest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

_LATEST = (
    "SELECT t.id, t.source, t.collection, t.scope,"
    " (SELECT max(o.leaf) FROM observation o WHERE o.task = t.id AND o.leaf <= ?),"
    " (SELECT max(o.leaf) FROM observation o WHERE o.task = t.id AND o.leaf <= ? AND o.outcome = 'complete'),"
    " (SELECT max(o.leaf) FROM observation o"
    " WHERE o.task = t.id AND o.leaf <= ? AND o.outcome = 'complete' AND NOT o.facts_over)"
    " FROM task t ORDER BY t.source, t.collection, t.scope"
)
_OWN = "SELECT leaf FROM observation WHERE task = ? AND leaf >= ? AND leaf <= ?"
_FACTS_CHANGED = "SELECT task, leaf FROM facts_changed WHERE leaf <= ?"
_JUDGED = "SELECT DISTINCT max(e.leaf) FROM finding_event e WHERE e.leaf <= ? GROUP BY e.finding"
# The reason of an unread part is only in the row of the version; the inventory has only the name of the part.
_UNREAD = (
    "SELECT DISTINCT v.leaf FROM version v WHERE v.unread IS NOT NULL AND v.leaf ="
    " (SELECT max(w.leaf) FROM version w WHERE w.resource = v.resource AND w.leaf <= ?)"
)
_PLANNED = "SELECT DISTINCT max(p.leaf) FROM plan p WHERE p.leaf <= ? GROUP BY p.source"
_THERE = (
    "SELECT r.key, b.digest, v.unread FROM resource r JOIN version v ON v.id ="
    " (SELECT w.id FROM version w WHERE w.resource = r.id AND w.leaf <= ? ORDER BY w.leaf DESC LIMIT 1)"
    " JOIN blob b ON b.id = v.blob WHERE r.task = ? ORDER BY r.key"
)
_FINDINGS = (
    "SELECT f.check_id, f.source, f.scope, f.subject, e.leaf, e.status, e.reason, e.limits, e.evidence, e.observed_at"
    " FROM finding f JOIN finding_event e ON e.id ="
    " (SELECT p.id FROM finding_event p WHERE p.finding = f.id AND p.leaf <= ?"
    " ORDER BY p.leaf DESC, p.id DESC LIMIT 1)"
    " WHERE e.status IS NOT NULL ORDER BY f.check_id, f.source, f.scope, f.subject"
)
_BODIES = "SELECT digest, body FROM blob WHERE digest IN ({marks})"
_SEARCH = 200  # bodies in memory at a time


class TaskAt(NamedTuple):
    """A task with the leaf of its latest observation, and the leaf of the latest complete one."""

    number: int
    task: Task
    latest: int
    complete: int | None


class Listed(NamedTuple):
    """One resource of an inventory. `line` is its leaf in the inventory's tree, as it is hashed."""

    key: str
    digest: Digest
    line: bytes


class Stated(NamedTuple):
    """A current finding, with the leaf that recorded it."""

    leaf: int
    check: str
    source: str
    scope: tuple[str, ...]
    subject: str
    status: str
    reason: str
    limits: dict[str, str]
    evidence: tuple[Digest, ...]
    observed_at: datetime


class LiveState:
    """The state as of the leaf `bound`, as one connection sees it."""

    def __init__(self, connection: Connection, bound: int) -> None:
        self._connection = connection
        self._bound = bound
        self._decompressor = Decompressor()

    def tasks(self) -> list[TaskAt]:
        """Return every observed task, ordered by source, collection and scope."""
        return [task for task, _ in self._tasks()]

    def leaves(self) -> set[int]:
        """Return the leaves that the latest state of every task, finding and source is based on."""
        wanted: set[int] = set()
        since: dict[int, int] = {}
        for task, full_leaf in self._tasks():
            since[task.number] = floor = task.latest if full_leaf is None else full_leaf
            own = self._connection.exec_driver_sql(_OWN, (task.number, floor, self._bound)).fetchall()
            wanted |= {leaf for (leaf,) in own}
        wanted |= self._shared_leaves(since)
        for statement in (_JUDGED, _UNREAD, _PLANNED):
            wanted |= {leaf for (leaf,) in self._connection.exec_driver_sql(statement, (self._bound,)).fetchall()}
        return wanted

    def listed(self, task: TaskAt) -> Iterator[Listed]:
        """Stream the resources of the latest complete observation of a task, ordered by key."""
        for key, digest, unread in stream(self._connection, _THERE, (task.complete, task.number)):
            names = [] if unread is None else list(msgspec.json.decode(unread))
            shown = show_digest(digest)
            yield Listed(key.decode(), shown, encode([key.decode(), shown, names]))

    def findings(self) -> Iterator[Stated]:
        """Stream the findings current at the leaf, ordered by check, source, scope and subject."""
        read_limits = msgspec.json.Decoder(dict[str, str]).decode
        for row in stream(self._connection, _FINDINGS, (self._bound,)):
            check, source, scope, subject, leaf, status, reason, limits, evidence, observed_at = row
            yield Stated(
                leaf=leaf,
                check=check,
                source=source,
                scope=read_scope(scope),
                subject=subject.decode(),
                status=status,
                reason=reason.decode(),
                limits=read_limits(limits),
                evidence=read_digests(evidence),
                observed_at=read_micros(observed_at),
            )

    def bodies(self, digests: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield (digest, blob) in the given order; the blob is exactly the bytes that are hashed, None where erased."""
        left = iter(digests)
        while page := list(islice(left, _SEARCH)):
            statement = _BODIES.format(marks=",".join("?" * len(page)))
            rows = self._connection.exec_driver_sql(
                statement, tuple(digest_bytes(digest) for digest in page)
            ).fetchall()
            found = {show_digest(digest): body for digest, body in rows}
            for digest in page:
                body = found.get(Digest(digest))
                yield digest, None if body is None else open_blob(self._decompressor, digest_bytes(digest), body)

    def _tasks(self) -> Iterator[tuple[TaskAt, int | None]]:
        rows = self._connection.exec_driver_sql(_LATEST, (self._bound,) * 3).fetchall()
        for number, source, collection, scope, latest, complete, full_leaf in rows:
            if latest is not None:
                yield TaskAt(number, Task(source, collection, read_scope(scope)), latest, complete), full_leaf

    def _shared_leaves(self, since: dict[int, int]) -> set[int]:
        """Return the shared leaves of unchanged tasks: the newest of each task, and those with changed facts."""
        changes = stream(self._connection, _FACTS_CHANGED, (self._bound,))
        wanted = {leaf for task, leaf in changes if leaf > since.get(task, leaf)}
        return wanted | set(newest(self._connection, self._bound, since).values())
