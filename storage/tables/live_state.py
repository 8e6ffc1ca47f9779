"""What the state of things at a leaf rests on: which leaves, which lists, which findings."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.core.canonical import Digest, encode
from collector.core.tasks import Task
from storage.database.blobs import Opener
from storage.database.columns import digest_bytes, members, read_digests, read_micros, read_scope, show_digest
from storage.database.streaming import stream

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
_AGAIN = "SELECT leaf, tasks, changed FROM seen_again WHERE leaf > ? AND leaf <= ? ORDER BY leaf"
_JUDGED = "SELECT DISTINCT max(e.leaf) FROM finding_event e WHERE e.leaf <= ? GROUP BY e.finding"
# Why a part could not be read stands in the row of the version alone: the list has only its name.
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
    """A task with the leaf of its latest observation, and of the latest one that lists everything."""

    number: int
    task: Task
    latest: int
    complete: int | None


class Listed(NamedTuple):
    """One resource of a list. `line` is the leaf of the list's own tree, as it is hashed."""

    key: str
    digest: Digest
    line: bytes


class Stated(NamedTuple):
    """A finding as it stands, with the leaf that stated it."""

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
    """How things stood at a leaf, `bound`, as one connection sees it."""

    def __init__(self, connection: Connection, bound: int) -> None:
        self._connection = connection
        self._bound = bound
        self._opener = Opener()

    def tasks(self) -> list[TaskAt]:
        """Return every task that was looked at, ordered by source, collection and scope."""
        return [one for one, _ in self._tasks()]

    def leaves(self) -> set[int]:
        """Return the leaves that the latest state of every task, every finding and every source rests on."""
        wanted: set[int] = set()
        since: dict[int, int] = {}
        for one, full in self._tasks():
            since[one.number] = floor = one.latest if full is None else full
            own = self._connection.exec_driver_sql(_OWN, (one.number, floor, self._bound)).fetchall()
            wanted |= {leaf for (leaf,) in own}
        wanted |= self._again(since)
        for statement in (_JUDGED, _UNREAD, _PLANNED):
            wanted |= {leaf for (leaf,) in self._connection.exec_driver_sql(statement, (self._bound,)).fetchall()}
        return wanted

    def there(self, task: TaskAt) -> Iterator[Listed]:
        """Stream the list of the latest observation of a task that saw everything, in the order of the keys."""
        for key, digest, unread in stream(self._connection, _THERE, (task.complete, task.number)):
            names = [] if unread is None else list(msgspec.json.decode(unread))
            shown = show_digest(digest)
            yield Listed(key.decode(), shown, encode([key.decode(), shown, names]))

    def findings(self) -> Iterator[Stated]:
        """Stream the findings as they stood, ordered by check, source, scope and subject."""
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
        """Yield bodies with exactly the bytes that are hashed, in the order asked for; None where one was erased."""
        left = iter(digests)
        while some := list(islice(left, _SEARCH)):
            statement = _BODIES.format(marks=",".join("?" * len(some)))
            rows = self._connection.exec_driver_sql(statement, tuple(digest_bytes(one) for one in some)).fetchall()
            found = {show_digest(digest): body for digest, body in rows}
            for one in some:
                body = found.get(Digest(one))
                yield one, None if body is None else self._opener.open(body)

    def _tasks(self) -> Iterator[tuple[TaskAt, int | None]]:
        rows = self._connection.exec_driver_sql(_LATEST, (self._bound,) * 3).fetchall()
        for number, source, collection, scope, latest, complete, full in rows:
            if latest is not None:
                yield TaskAt(number, Task(source, collection, read_scope(scope)), latest, complete), full

    def _again(self, since: dict[int, int]) -> set[int]:
        """Return the leaves in which tasks were seen again: the newest of each, and those with other facts."""
        newest: dict[int, int] = {}
        wanted: set[int] = set()
        rows = self._connection.exec_driver_sql(_AGAIN, (min(since.values(), default=0), self._bound)).fetchall()
        for leaf, tasks, changed in rows:
            mine = [task for task in members(tasks) if leaf > since.get(task, leaf)]
            newest.update(dict.fromkeys(mine, leaf))
            others = members(changed)
            if any(task in others for task in mine):
                wanted.add(leaf)
        return wanted | set(newest.values())
