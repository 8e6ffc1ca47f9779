"""Read the state as of a moment. `bound` is the last leaf that counts; None means all leaves."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.checks import Status
from collector.core.facts import InForce, RuleInForce, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Finding, FindingId, FindingState
from collector.core.ports import Stored, StoredObservation
from collector.core.scopes import Scope, scope_text
from collector.core.tasks import Task, UnreadPart
from storage.database.blobs import Decompressor, open_blob
from storage.database.bulk import select_in
from storage.database.columns import micros, read_digests, read_micros, read_scope, show_digest
from storage.database.streaming import streaming
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.unchanged_tasks import SharedLeaves, newest
from storage.tables.current_findings import CURRENT_FINDINGS
from storage.tables.projections import TaskSeen, find_task
from storage.tables.volatile_history import VolatileHistory

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.tables.volatile_history import PendingFields

_END = (1 << 62) - 1  # beyond every leaf

_LATEST = "SELECT max(o.leaf) FROM observation o WHERE o.task = t.id AND o.leaf <= ?"
_LATEST_COMPLETE = _LATEST + " AND o.outcome = 'complete'"

# A task that never had a resource is left out: most of those that are not used never had one.
_TASKS = (
    "SELECT t.id, t.scope, s.leaf FROM task t LEFT JOIN observation s ON s.outcome = 'skipped' AND s.leaf ="
    " (SELECT max(o.leaf) FROM observation o WHERE o.task = t.id AND o.leaf <= ?"
    " AND o.outcome IN ('complete', 'partial', 'skipped'))"
    " WHERE t.source = ? AND t.collection = ? AND (t.scope = ? OR t.scope >= ? AND t.scope < ?)"
    " AND EXISTS (SELECT 1 FROM resource r WHERE r.task = t.id) ORDER BY t.scope"
)
_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"

_NOW_ROWS = (
    "SELECT n.key, r.first_seen_at, b.digest, b.body, v.unread, o.ended_at FROM resource_now n"
    " JOIN resource r ON r.id = n.resource JOIN version v ON v.id = n.version JOIN blob b ON b.id = v.blob"
    " JOIN observation o ON o.leaf = v.leaf"
    " WHERE n.task = ?"
)
_NOW = _NOW_ROWS + " ORDER BY n.key"
_NOW_BY_KEY = _NOW_ROWS + " AND n.key"
_THEN_ROWS = (
    "SELECT r.key, r.first_seen_at, b.digest, b.body, v.unread, o.ended_at FROM resource r"
    " JOIN version v ON v.id ="
    " (SELECT w.id FROM version w WHERE w.resource = r.id AND w.leaf <= ? ORDER BY w.leaf DESC LIMIT 1)"
    " JOIN blob b ON b.id = v.blob JOIN observation o ON o.leaf = v.leaf"
    " WHERE r.task = ?"
)
_THEN = _THEN_ROWS + " ORDER BY r.key"
_THEN_BY_KEY = _THEN_ROWS + " AND r.key"
_ENDED = (
    "SELECT o.leaf, o.outcome FROM observation o WHERE o.task = ? AND o.leaf <= ?"
    " AND o.outcome IN ('complete', 'partial', 'skipped') ORDER BY o.leaf DESC LIMIT 1"
)
FINDING_COLUMNS = (
    "f.check_id, f.source, f.scope, f.subject, e.status, e.reason, e.limits, e.evidence, e.observed_at, e.trace,"
    " e.since, u.name"
)
"""What `FindingReader` reads of `CURRENT_FINDINGS`, and of the run u."""

_FINDINGS = (
    "finding f JOIN finding_event e ON e.id ="
    " (SELECT p.id FROM finding_event p WHERE p.finding = f.id AND p.leaf <= ?"
    " ORDER BY p.leaf DESC, p.id DESC LIMIT 1)"
)
"""Each finding f with its latest event e up to a leaf; one that ended has no status."""

_FINDINGS = (
    f"SELECT {FINDING_COLUMNS} FROM {CURRENT_FINDINGS} JOIN run u ON u.id = e.since_run"  # noqa: S608  our own words
    " WHERE e.status IS NOT NULL"
)
FINDINGS_ORDER = " ORDER BY f.check_id, f.source, f.scope, f.subject"


def bound_of(connection: Connection, as_of: datetime | None) -> int | None:
    """Return the last leaf recorded up to a moment, -1 before the first; None for None."""
    if as_of is None:
        return None
    found: int = connection.exec_driver_sql(
        "SELECT coalesce(max(idx), -1) FROM log_leaf WHERE recorded_at <= ?", (micros(as_of),)
    ).scalar_one()
    return found


def observations(
    connection: Connection, bound: int | None, *, source: str | None, collection: str | None, is_complete: bool
) -> Iterator[StoredObservation]:
    """Yield the latest observation of each task, or the latest complete one, ordered by task."""
    decompressor, last = LeafDecompressor(), _END if bound is None else bound
    latest = _LATEST_COMPLETE if is_complete else _LATEST
    where, more = _filter({"t.source": source, "t.collection": collection})
    values = (last, *more)
    numbers = connection.exec_driver_sql(f"SELECT t.id, ({latest}) FROM task t{where}", values).fetchall()  # noqa: S608  our own words
    shared = newest(connection, last, {task: leaf for task, leaf in numbers if leaf is not None})
    shared_leaves = SharedLeaves(connection, decompressor)
    with streaming(
        connection,
        f"SELECT l.idx, l.dictionary, l.body, l.hash, t.id FROM task t JOIN log_leaf l ON l.idx = ({latest}){where}"  # noqa: S608  our own words
        " ORDER BY t.source, t.collection, t.scope",
        values,
    ) as rows:
        for *row, task in rows:
            record = leaves.read(connection, decompressor, row)
            seen = record.fact(TaskSeen)
            own, leaf = record.leaf.index, shared.get(task)
            if leaf is None:
                yield StoredObservation(seen.observation, seen.inventory, own)
            else:
                observation = shared_leaves.observation(leaf, own, seen.observation)
                yield StoredObservation(observation, seen.inventory, leaf, own)


def resources(
    connection: Connection,
    bound: int | None,
    *,
    collection: str,
    source: str,
    under: Scope,
    latest: Mapping[Task, PendingFields],
) -> Iterator[Stored]:
    """Stream the existing resources of a collection in every scope under `under`, ordered by scope_text and key.

    `latest` are the volatile keys of pending tasks, which are not in the log yet.
    """
    decompressor, last = Decompressor(), _END if bound is None else bound
    shared = SharedLeaves(connection, LeafDecompressor())
    tasks = connection.exec_driver_sql(_TASKS, (last, source, collection, *_below(under))).fetchall()
    for number, raw_scope, skipped in tasks:
        if skipped is None or not _is_not_used(connection, skipped):
            task = Task(source, collection, read_scope(raw_scope))
            volatile = VolatileHistory(connection, decompressor, number, last, latest=latest.get(task), shared=shared)
            yield from _of_task(connection, decompressor, bound, number, task, volatile)


def _below(under: Scope) -> tuple[str, str, str]:
    """Return the text of a scope, and the bounds of the texts of those inside it: the first from, the second before."""
    text = scope_text(under)
    return (text, text[:-1] + ",", text[:-1] + "-") if under else (text, "[", "\\")


def _is_not_used(connection: Connection, leaf: int) -> bool:
    """Return whether an observation that ended as skipped has the platform's word that nothing can be there."""
    row = connection.exec_driver_sql(_LEAF, (leaf,)).one()
    return leaves.read(connection, LeafDecompressor(), tuple(row)).fact(TaskSeen).observation.is_not_used


def _of_task(
    connection: Connection,
    decompressor: Decompressor,
    bound: int | None,
    number: int,
    task: Task,
    volatile: VolatileHistory,
) -> Iterator[Stored]:
    statement, values = (_NOW, (number,)) if bound is None else (_THEN, (bound, number))
    with streaming(connection, statement, values) as rows:
        yield from _stored(decompressor, task, volatile, rows)


def resources_of(
    connection: Connection, task: Task, keys: Collection[str], *, latest: PendingFields | None
) -> Iterator[Stored]:
    """Yield those existing resources of a task that have one of these keys, ordered by key."""
    number = find_task(connection, task)
    if number is None or not keys:
        return
    decompressor = Decompressor()
    volatile = VolatileHistory(connection, decompressor, number, _END, latest=latest)
    rows = select_in(connection, _NOW_BY_KEY, (number,), [key.encode() for key in keys])
    yield from _stored(decompressor, task, volatile, sorted(rows, key=itemgetter(0)))


def resource(
    connection: Connection, bound: int | None, task: Task, key: str, *, latest: PendingFields | None
) -> Stored | None:
    """Return one existing resource of a task; None where `resources` would not yield it."""
    number = find_task(connection, task)
    if number is None:
        return None
    last = _END if bound is None else bound
    ended = connection.exec_driver_sql(_ENDED, (number, last)).fetchone()
    if ended is not None and ended[1] == "skipped" and _is_not_used(connection, ended[0]):
        return None
    decompressor = Decompressor()
    volatile = VolatileHistory(connection, decompressor, number, last, latest=latest)
    statement, values = (_NOW_BY_KEY, (number,)) if bound is None else (_THEN_BY_KEY, (bound, number))
    rows = connection.exec_driver_sql(f"{statement} = ?", (*values, key.encode())).fetchall()
    return next(_stored(decompressor, task, volatile, rows), None)


def _stored(
    decompressor: Decompressor, task: Task, volatile: VolatileHistory, rows: Iterable[Sequence[Any]]
) -> Iterator[Stored]:
    read_unread = msgspec.json.Decoder(dict[str, UnreadPart]).decode
    for raw_key, first_seen_at, digest, body, unread, seen_at in rows:
        key = raw_key.decode()
        facts, is_gone, facts_at = volatile.find(key, raw_key)
        body_at = read_micros(seen_at)
        yield Stored(
            task=task,
            key=key,
            digest=show_digest(digest),
            blob=None if body is None else open_blob(decompressor, digest, body),
            facts=facts,
            unread={} if unread is None else read_unread(unread),
            first_seen_at=read_micros(first_seen_at),
            facts_gone=is_gone,
            seen_at=body_at if facts_at is None else max(body_at, facts_at),
        )


def findings_of(connection: Connection, check: str, task: Task, subjects: Collection[str]) -> Iterator[FindingState]:
    """Yield the current findings of a check on subjects in the scope of a task, ordered by subject."""
    statement = _FINDINGS + " AND f.check_id = ? AND f.source = ? AND f.scope = ? AND f.subject"
    before = (_END, check, task.source, scope_text(task.scope))
    read = FindingReader().read
    rows = select_in(connection, statement, before, [subject.encode() for subject in subjects])
    yield from (read(*row) for row in sorted(rows, key=itemgetter(3)))


def findings(
    connection: Connection, bound: int | None, *, check: str | None, source: str | None, scope: Scope | None
) -> Iterator[FindingState]:
    """Stream the current findings, ordered by check, source, scope_text and subject, each by code point."""
    where, more = _filter(
        {"f.check_id": check, "f.source": source, "f.scope": None if scope is None else scope_text(scope)},
        first=" AND ",
    )
    bounds = (_END if bound is None else bound, *more)
    read = FindingReader().read
    with streaming(connection, _FINDINGS + where + FINDINGS_ORDER, bounds) as rows:
        for row in rows:
            yield read(*row)


class FindingReader:
    """Makes findings of rows with the `FINDING_COLUMNS`."""

    def __init__(self) -> None:
        self._statuses = {status.value: status for status in Status}
        self._read_limits = msgspec.json.Decoder(dict[str, str]).decode

    def read(  # noqa: PLR0913, PLR0917  one parameter a column
        self,
        check: str,
        source: str,
        scope: str,
        subject: bytes,
        status: str,
        reason: bytes,
        limits: bytes,
        evidence: bytes,
        observed_at: int,
        trace: bytes | None,
        since: int,
        run: str,
    ) -> FindingState:
        """Return the finding of a row."""
        return FindingState(
            Finding(
                id=FindingId(check, source, read_scope(scope), subject.decode()),
                status=self._statuses[status],
                reason=reason.decode(),
                limits=self._read_limits(limits),
                evidence=read_digests(evidence),
                observed_at=read_micros(observed_at),
                trace=None if trace is None else trace.decode(),
            ),
            since=read_micros(since),
            run=run,
        )


def plans(connection: Connection, bound: int | None) -> Iterator[TasksPlanned]:
    """Yield for each source the latest plan that names it, each once, the newest first."""
    decompressor = LeafDecompressor()
    with streaming(
        connection,
        "SELECT l.idx, l.dictionary, l.body, l.hash FROM log_leaf l WHERE l.idx IN"
        " (SELECT max(p.leaf) FROM plan p WHERE p.leaf <= ? GROUP BY p.source) ORDER BY l.idx DESC",
        (_END if bound is None else bound,),
    ) as rows:
        for row in rows:
            record = leaves.read(connection, decompressor, row)
            tasks = tuple(task for rows in record.rows(Task) for task in rows)
            yield msgspec.structs.replace(record.fact(TasksPlanned), tasks=tasks)


def runs(connection: Connection, bound: int | None) -> Iterator[tuple[RunStarted, RunEnded | None]]:
    """Yield the runs, the newest first, each with its end where it has one."""
    last = _END if bound is None else bound
    decompressor = LeafDecompressor()
    with streaming(
        connection,
        "SELECT s.idx, s.dictionary, s.body, s.hash, e.idx, e.dictionary, e.body, e.hash"
        " FROM run_event a JOIN log_leaf s ON s.idx = a.leaf"
        " LEFT JOIN run_event z ON z.run = a.run AND z.kind = 'ended' AND z.leaf <= ?"
        " LEFT JOIN log_leaf e ON e.idx = z.leaf"
        " WHERE a.kind = 'started' AND a.leaf <= ? ORDER BY a.leaf DESC",
        (last, last),
    ) as rows:
        for row in rows:
            end = None if row[4] is None else leaves.read(connection, decompressor, row[4:]).fact(RunEnded)
            yield leaves.read(connection, decompressor, row[:4]).fact(RunStarted), end


def in_force(connection: Connection, bound: int | None) -> InForce | None:
    """Return the configuration, code and rules of the latest run; None before the first run."""
    row = connection.exec_driver_sql(
        "SELECT idx, dictionary, body, hash FROM log_leaf"
        " WHERE kind <> 'task' AND kind = 'in_force' AND idx <= ? ORDER BY idx DESC LIMIT 1",
        (_END if bound is None else bound,),
    ).one_or_none()
    if row is None:
        return None
    record = leaves.read(connection, LeafDecompressor(), row)
    rules = tuple(rule for rows in record.rows(RuleInForce) for rule in rows)
    return msgspec.structs.replace(record.fact(InForce), rules=rules)


def _filter(wanted: Mapping[str, str | None], *, first: str = " WHERE ") -> tuple[str, list[str]]:
    given = {column: value for column, value in wanted.items() if value is not None}
    words = " AND ".join(f"{column} = ?" for column in given)
    return (first + words if words else ""), list(given.values())
