"""Erase bodies: a leaf records the erasure, then the bodies are removed; the Merkle tree does not change.

A body is erased together with its salt, so that nobody can guess it from the digest that stays. Keys, digests and the
reasons of verdicts stay.
"""

from __future__ import annotations

from bisect import bisect
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Raw

from collector.core.canonical import Digest
from collector.core.erasure import BodyOwner, Erasable
from collector.core.errors import StoreError
from collector.core.scopes import scope_text
from collector.core.tasks import Outcome
from storage.database.blobs import Decompressor
from storage.database.columns import digest_bytes, members, micros, read_digests, read_scope, show_digest
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.leaf_encoding import ERASURE
from storage.log.leaves import Rows
from storage.log.unchanged_tasks import changes_of
from storage.tables.projections import TaskSeen
from storage.tables.volatile_history import FactsBlob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.erasure import Erasure, Lock
    from collector.core.ports import Leaf
    from collector.core.scopes import Scope
    from storage.database.writer import Writer

    Reading = Callable[[datetime | None], AbstractContextManager[tuple[Connection, int | None]]]
    Append = Callable[[Connection, str, object, dict[str, object]], Leaf]


_END = (1 << 62) - 1  # beyond every leaf
_BODIES = (
    "SELECT DISTINCT b.id, b.digest FROM task t JOIN resource r ON r.task = t.id JOIN version v ON v.resource = r.id"
    " JOIN blob b ON b.id = v.blob WHERE t.id = ? AND r.key = ? AND b.body IS NOT NULL ORDER BY b.id"
)
_TASKS = "SELECT id, scope FROM task WHERE source = ? AND collection = ? ORDER BY scope"
_HOLDERS = (
    "SELECT DISTINCT t.source, t.collection, t.scope, r.key FROM version v JOIN resource r ON r.id = v.resource"
    " JOIN task t ON t.id = r.task WHERE v.blob = ? ORDER BY t.source, t.collection, t.scope, r.key"
)
_FACTS_OF = (
    "SELECT l.idx, l.dictionary, l.body, l.hash FROM observation o JOIN log_leaf l ON l.idx = o.leaf"
    " WHERE o.task = ? AND o.facts ORDER BY o.leaf"
)
_SPANS = (
    "SELECT x.blob, b.digest, x.since, x.until FROM"
    " (SELECT v.blob AS blob, l.recorded_at AS since,"
    " lead(l.recorded_at) OVER (PARTITION BY v.resource ORDER BY v.leaf) AS until"
    " FROM version v JOIN log_leaf l ON l.idx = v.leaf) x"
    " JOIN blob b ON b.id = x.blob WHERE b.body IS NOT NULL ORDER BY x.blob"
)
_OBSERVED = (
    "SELECT o.task, o.leaf, o.outcome, o.facts, o.facts_over, l.recorded_at FROM observation o"
    " JOIN log_leaf l ON l.idx = o.leaf ORDER BY o.task, o.leaf DESC"
)
_SEEN_AGAIN = (
    "SELECT a.leaf, a.changed, a.facts, l.recorded_at FROM seen_again a JOIN log_leaf l ON l.idx = a.leaf"
    " ORDER BY a.leaf"
)
_COMPLETE = "SELECT leaf FROM observation WHERE task = ? AND outcome = 'complete' ORDER BY leaf"
_DROP = "UPDATE blob SET body = NULL, lookup = NULL WHERE digest = ? AND body IS NOT NULL"
_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"
# The first condition lets both databases use the index of leaves other than those of tasks.
_ERASURES = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE kind <> 'task' AND kind = 'erasure' ORDER BY idx"


class SqlErasing:
    """Erases bodies; see `collector.core.erasure.Erasing` for what each method promises."""

    def __init__(self, reading: Reading, writing: Callable[[], Writer], append: Append) -> None:
        self._reading = reading
        self._writing = writing
        self._append = append

    def erasable(self, *, source: str, kind: str, key: str, scope: Scope | None = None) -> Erasable:
        """Return the bodies of every version of a resource, and the volatile keys that stand beside them."""
        with self._reading(None) as (connection, _):
            return erasable(connection, source=source, kind=kind, key=key, scope=scope)

    def expired(self, *, before: datetime, locks: Iterable[Lock] = ()) -> Erasable:
        """Return what was superseded before a moment and was not current at any time during a lock."""
        with self._reading(None) as (connection, _):
            return expired(connection, before, locks)

    def erase(self, erasure: Erasure, digests: Sequence[Digest]) -> None:
        """Write the log entry and erase these bodies with their salts, in one transaction."""
        with self._writing().transaction() as connection:
            rows = Rows(connection)
            for digest in digests:
                rows.add(digest)
            self._append(connection, ERASURE, erasure, rows.fields())
            drop(connection, digests)


class _Span(NamedTuple):
    """When something was current, in microseconds; `until` is None while it is."""

    since: int
    until: int | None


def erasable(connection: Connection, *, source: str, kind: str, key: str, scope: Scope | None) -> Erasable:
    """Return the bodies and volatile keys of a resource, in one scope or in all."""
    wanted = None if scope is None else scope_text(scope)
    tasks = [
        (number, text)
        for number, text in connection.exec_driver_sql(_TASKS, (source, kind)).fetchall()
        if wanted in {None, text}
    ]
    bodies: dict[int, Digest] = {}
    facts: dict[Digest, None] = {}
    for number, _ in tasks:
        found = connection.exec_driver_sql(_BODIES, (number, key.encode())).fetchall()
        bodies |= {blob: show_digest(digest) for blob, digest in found}
        facts |= dict.fromkeys(_facts_with(connection, number, key))
    holders = [
        BodyOwner(held, collection, read_scope(text), its_key.decode())
        for blob in bodies
        for held, collection, text, its_key in connection.exec_driver_sql(_HOLDERS, (blob,))
    ]
    return Erasable(
        bodies=tuple(dict.fromkeys(bodies.values())), facts=tuple(facts), resources=tuple(dict.fromkeys(holders))
    )


def _facts_with(connection: Connection, task: int, key: str) -> Iterator[Digest]:
    """Yield the digests of a task's blobs of volatile keys that have keys of a resource."""
    decompressor, leaf_decompressor = Decompressor(), LeafDecompressor()
    seen: set[Digest] = set()
    for row in connection.exec_driver_sql(_FACTS_OF, (task,)).fetchall():
        for digest in leaves.read(connection, leaf_decompressor, row).fact(TaskSeen).facts:
            if digest in seen:
                continue
            seen.add(digest)
            data = _body(connection, digest)
            if data is not None and _has_fields_of(decompressor.decompress(data), key):
                yield digest
    own_leaves = [leaf for (leaf,) in connection.exec_driver_sql(_COMPLETE, (task,))]
    for leaf, digests in changes_of(connection, task, -1, _END):
        own_leaf = own_leaves[bisect(own_leaves, leaf) - 1]
        for digest in read_digests(digests):
            data = _body(connection, digest)
            if data is not None and _has_fields_of(decompressor.decompress(data), key, own_leaf):
                yield digest


def _body(connection: Connection, digest: Digest) -> bytes | None:
    found: bytes | None = connection.exec_driver_sql(
        "SELECT body FROM blob WHERE digest = ?", (digest_bytes(digest),)
    ).scalar_one_or_none()
    return found


def _has_fields_of(data: bytes, key: str, own: int | None = None) -> bool:
    """Return whether a blob has volatile keys of a resource; with `own`, in the part of the task with that leaf."""
    facts = msgspec.json.decode(data, type=FactsBlob).body
    if own is not None:
        facts = msgspec.json.decode(facts.get(f"{own}", Raw(b"{}")), type=dict[str, Raw])
    fields = facts.get(key)
    return fields is not None and bytes(fields) != b"null"


def expired(connection: Connection, before: datetime, locks: Iterable[Lock]) -> Erasable:
    """Return the bodies and facts whose every use ended before a moment and overlaps no lock."""
    limit, locked = micros(before), [(micros(lock.start), micros(lock.end)) for lock in locks]

    def is_over(span: _Span) -> bool:
        if span.until is None or span.until > limit:
            return False
        return not any(span.since < end and span.until > start for start, end in locked)

    bodies = []
    for (_, digest), uses in groupby(connection.exec_driver_sql(_SPANS), key=itemgetter(0, 1)):
        if all(is_over(_Span(since, until)) for _, _, since, until in uses):
            bodies.append(show_digest(digest))
    by_end: dict[bool, dict[Digest, None]] = {True: {}, False: {}}
    for digest, span in _facts_in_force(connection):
        by_end[is_over(span)][digest] = None
    facts = [digest for digest in by_end[True] if digest not in by_end[False] and _body(connection, digest) is not None]
    return Erasable(bodies=tuple(bodies), facts=tuple(facts))


def _facts_in_force(connection: Connection) -> Iterator[tuple[Digest, _Span]]:
    """Yield each blob of volatile keys with a span in which it was current: until the next complete set of its task."""
    decompressor = LeafDecompressor()
    whole: dict[int, list[tuple[int, int]]] = {}
    last_task, until = -1, None
    for task, leaf, outcome, has_facts, is_over, recorded_at in connection.exec_driver_sql(_OBSERVED).fetchall():
        if task != last_task:
            last_task, until = task, None
        if has_facts:
            row = connection.exec_driver_sql(_LEAF, (leaf,)).one()
            for digest in leaves.read(connection, decompressor, row).fact(TaskSeen).facts:
                yield digest, _Span(recorded_at, until)
        if outcome == Outcome.COMPLETE.value and not is_over:
            until = recorded_at
            whole.setdefault(task, []).insert(0, (leaf, recorded_at))
    for leaf, changed, digests, recorded_at in connection.exec_driver_sql(_SEEN_AGAIN).fetchall():
        for task in members(changed):
            after = whole[task][bisect(whole[task], (leaf, recorded_at)) :]
            for digest in read_digests(digests):
                yield digest, _Span(recorded_at, after[0][1] if after else None)


def drop(connection: Connection, digests: Sequence[Digest]) -> None:
    """Erase bodies and salts inside the current transaction. Raises StoreError where one of them does not exist."""
    if connection.dialect.name == "sqlite":
        # Without this the bytes would stay in free pages of the file.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    for digest in digests:
        if connection.exec_driver_sql(_DROP, (digest_bytes(digest),)).rowcount != 1:
            raise StoreError(
                f"there is no body of {digest} to erase",
                so="nothing was erased",
                mend="ask again what there is to be erased: annexd erase --dry-run",
            )


def erased(connection: Connection) -> Iterator[tuple[int, Digest]]:
    """Yield (leaf, digest) for every body that a leaf records as erased."""
    decompressor = LeafDecompressor()
    for row in connection.exec_driver_sql(_ERASURES).fetchall():
        entry = leaves.read(connection, decompressor, row)
        for digests in entry.rows(str):
            for digest in digests:
                yield entry.leaf.index, Digest(digest)
