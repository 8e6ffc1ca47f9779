"""PartialLog: tables derived from some of the entries of a log, as a bundle has them.

The same projections fill them as when evidence is recorded. What earlier entries would have said, which are not there,
is taken from what is: a resource that a list has and no entry of it has appeared is there from that list on, and a
verdict that an entry calls the same as before holds at least since that entry.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import encode
from collector.core.findings import FindingChange
from collector.core.scopes import scope_text
from collector.core.tasks import UnreadPart
from storage.database.blobs import compress
from storage.database.bulk import insert, select_in
from storage.database.columns import digest_bytes, micros
from storage.log import leaves
from storage.log.dictionary import NEWEST, compress_leaf
from storage.log.merkle import leaf_hash
from storage.tables.current_findings import ALIKE, COUNTED
from storage.tables.projections import APPEARED, GONE, Change, JudgedHead, TaskSeen, project, task_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from storage.log.leaves import LeafRecord

Listed = tuple[str, str, list[str]]
"""A line of a list: the key of a resource, the digest of its body, and the names of its parts that were not read."""

_INSERT_LEAF = "INSERT INTO log_leaf (idx, kind, recorded_at, dictionary, body, hash) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_PAYLOAD = "INSERT INTO payload (id, digest, body) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM payload), ?, ?)"
_INSERT_BLOB = "INSERT INTO blob (id, digest, body) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM blob), ?, ?)"
_INSERT_RESOURCE = (
    "INSERT INTO resource (id, task, key, first_seen_at)"
    " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM resource), ?, ?, ?)"
)
_INSERT_VERSION = (
    "INSERT INTO version (id, resource, leaf, change, blob, unread)"
    " SELECT (SELECT coalesce(max(v.id), 0) + 1 FROM version v), r.id, ?, ?,"
    " (SELECT b.id FROM blob b WHERE b.digest = ?), ? FROM resource r WHERE r.task = ? AND r.key = ?"
)
_INSERT_NOW = (
    "INSERT INTO resource_now (task, key, resource, version)"
    " SELECT r.task, r.key, r.id, v.id FROM version v JOIN resource r ON r.id = v.resource"
    " WHERE v.id = (SELECT max(m.id) FROM version m)"
    " ON CONFLICT (task, key) DO UPDATE SET version = excluded.version"
)
_CLOSE_NOW = "DELETE FROM resource_now WHERE task = ? AND key = ?"
_KNOWN = "SELECT key FROM resource WHERE task = ? AND key"
_NOW = (
    "SELECT n.key, b.digest FROM resource_now n JOIN version v ON v.id = n.version JOIN blob b ON b.id = v.blob"
    " WHERE n.task = ?"
)
_WAS_THERE_IN = (  # the last complete entry of a task before another one, or else the first since that
    "SELECT leaf, ended_at FROM observation WHERE task = ? AND outcome = 'complete' AND leaf <= ?"
    " ORDER BY leaf < ? DESC, CASE WHEN leaf < ? THEN -leaf ELSE leaf END LIMIT 1"
)
_COUNT = (
    f"INSERT INTO finding_count ({ALIKE}, total) SELECT {ALIKE}, count(*)"  # noqa: S608  our own words
    f" FROM ({COUNTED.format(more='1')}) c GROUP BY {ALIKE}"
)
_END = (1 << 62) - 1  # beyond every leaf
_START_AGAIN = (
    "UPDATE finding_event SET since = observed_at, since_run = (SELECT r.id FROM run r WHERE r.name = ?)"
    " WHERE leaf = ? AND finding = (SELECT f.id FROM finding f"
    " WHERE f.check_id = ? AND f.source = ? AND f.scope = ? AND f.subject = ?)"
)

_WHY = msgspec.to_builtins(UnreadPart("the platform", "", "a log entry that is not here says why"))


class PartialLog:
    """Fills empty tables through one connection. Bodies and payloads come before the entries that name them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next = 0
        self._since = 0  # from this entry on all are there, up to the one that was added last

    def add_body(self, data: bytes) -> None:
        """Add a body as exactly the bytes that are hashed."""
        self._connection.exec_driver_sql(_INSERT_BLOB, (hashlib.sha256(data).digest(), compress(data)))

    def add_absent_body(self, digest: str) -> None:
        """Add the digest of a body that was erased."""
        self._connection.exec_driver_sql(_INSERT_BLOB, (digest_bytes(digest), None))

    def add_payload(self, data: bytes) -> None:
        """Add a payload as exactly the bytes that are hashed."""
        self._connection.exec_driver_sql(_INSERT_PAYLOAD, (hashlib.sha256(data).digest(), compress(data)))

    def add_leaf(self, index: int, data: bytes, listed: Iterable[Listed] | None = None) -> None:
        """Add a log entry, later than those that were added before, and what follows from it.

        `listed` is the list of a complete collection, where it is at hand. Raises StoreError on an entry that cannot be
        read, or that states what the entries before it rule out.
        """
        if index != self._next:
            self._since = index
        self._next = index + 1
        hashed = leaf_hash(data)
        record = leaves.leaf_from_bytes(self._connection, index, hashed, data)
        self._connection.exec_driver_sql(
            _INSERT_LEAF, (index, record.kind, micros(record.recorded_at), NEWEST, compress_leaf(data), hashed)
        )
        if record.kind == "task":
            self._before_task(record)
        project(self._connection, record)
        if record.kind == "task" and listed is not None:
            self._complete(record, listed)
        if record.kind == "judged" and self._since:
            self._begin_findings(record)

    def end(self) -> None:
        """Count the current findings anew, after the last entry: some began elsewhere than was derived first."""
        self._connection.exec_driver_sql("DELETE FROM finding_count")
        self._connection.exec_driver_sql(_COUNT, (_END, _END))

    def _before_task(self, record: LeafRecord) -> None:
        """Add the resources that the entry says have changed, and that no entry at hand says have appeared."""
        observation = record.fact(TaskSeen).observation
        task, at = task_id(self._connection, observation.task), micros(observation.ended_at)
        for changes in record.rows(Change):
            others = [change.key.encode() for change in changes if change.change != APPEARED]
            known = {key for (key,) in select_in(self._connection, _KNOWN, (task,), others)}
            missing = [(task, key, at) for key in others if key not in known]
            if missing:
                insert(self._connection, _INSERT_RESOURCE, missing)

    def _complete(self, record: LeafRecord, listed: Iterable[Listed]) -> None:
        """Let exactly the listed resources be there, each with the body that is listed.

        What is listed, and what no entry of the task says since the last one that is not at hand, was so before that.
        """
        connection = self._connection
        task = task_id(connection, record.fact(TaskSeen).observation.task)
        index, at = connection.exec_driver_sql(_WAS_THERE_IN, (task, record.leaf.index, self._since, self._since)).one()
        there = {key: digest for key, digest in connection.exec_driver_sql(_NOW, (task,))}  # noqa: C416  rows are no pairs
        for key, digest, unread in listed:
            raw_key, wanted = key.encode(), digest_bytes(digest)
            if there.pop(raw_key, None) == wanted:
                continue
            known = next(iter(select_in(connection, _KNOWN, (task,), [raw_key])), None)
            if known is None:
                connection.exec_driver_sql(_INSERT_RESOURCE, (task, raw_key, at))
            parts = None if not unread else encode(dict.fromkeys(unread, _WHY))
            connection.exec_driver_sql(_INSERT_VERSION, (index, APPEARED, wanted, parts, task, raw_key))
            connection.exec_driver_sql(_INSERT_NOW)
        for raw_key in there:
            connection.exec_driver_sql(_INSERT_VERSION, (index, GONE, None, None, task, raw_key))
            connection.exec_driver_sql(_CLOSE_NOW, (task, raw_key))

    def _begin_findings(self, record: LeafRecord) -> None:
        """Let a verdict hold from its entry on where that says that the verdict before it was another one."""
        run = record.fact(JudgedHead).run
        for changes in record.rows(FindingChange):
            rows = [
                (
                    run,
                    record.leaf.index,
                    change.id.check,
                    change.id.source,
                    scope_text(change.id.scope),
                    change.id.subject.encode(),
                )
                for change in changes
                if change.now is not None and change.was is not change.now.status
            ]
            if rows:
                self._connection.exec_driver_sql(_START_AGAIN, rows)
