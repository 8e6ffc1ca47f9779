"""SqlHistory: the events of the log in their order, and the changes and versions of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.checks import Status
from collector.core.facts import Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Ended, Finding, FindingChange, FindingId
from collector.core.history import LastFailing, ResourceSnapshot, Step, TaskEnd, Version
from collector.core.tasks import Outcome, Task, UnreadPart
from storage.database.blobs import Decompressor, open_blob
from storage.database.columns import read_digests, read_micros, read_scope, show_digest
from storage.database.streaming import stream
from storage.log import leaves, unchanged_tasks
from storage.log.dictionary import LeafDecompressor
from storage.tables.current_findings import LAST_DECIDED
from storage.tables.projections import GONE, TaskSeen, find_task
from storage.tables.reading import bound_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from collector.core.facts import CheckCounts
    from collector.core.history import Event
    from storage.log.leaves import LeafRecord

    Reading = Callable[[datetime | None], AbstractContextManager[tuple[Connection, int | None]]]

_END = (1 << 62) - 1  # beyond every leaf

_FEED = (
    "SELECT l.idx, l.dictionary, l.body, l.hash, l.kind, o.task, u.name, o.outcome, o.ended_at FROM log_leaf l"
    " LEFT JOIN observation o ON o.leaf = l.idx LEFT JOIN run u ON u.id = o.run"
    " WHERE l.idx > ? AND l.idx <= ? ORDER BY l.idx"
)
_CHANGES = (  # of findings of some checks, in the order of the log
    "SELECT e.leaf, f.check_id, f.source, f.scope, f.subject, e.status, e.ended, e.because, e.reason, e.limits,"
    " e.evidence, e.observed_at, e.trace FROM finding f JOIN finding_event e ON e.finding = f.id"
    " WHERE e.leaf > ? AND e.leaf <= ? AND f.check_id IN ({checks}) ORDER BY e.leaf, e.id"
)
_STEPS = (
    "SELECT t.source, t.collection, t.scope, r.key, c.steps,"
    " p.change, pb.digest, pb.body, p.unread, n.change, nb.digest, nb.body, n.unread, o.ended_at, u.name, n.leaf"
    " FROM (SELECT v.resource AS resource, max(v.leaf) AS leaf, count(*) AS steps FROM version v"
    " WHERE v.leaf > ? AND v.leaf <= ? GROUP BY v.resource) c"
    " JOIN resource r ON r.id = c.resource JOIN task t ON t.id = r.task"
    " JOIN version n ON n.resource = c.resource AND n.leaf = c.leaf LEFT JOIN blob nb ON nb.id = n.blob"
    " LEFT JOIN version p ON p.id ="
    " (SELECT w.id FROM version w WHERE w.resource = c.resource AND w.leaf <= ? ORDER BY w.leaf DESC LIMIT 1)"
    " LEFT JOIN blob pb ON pb.id = p.blob"
    " JOIN observation o ON o.leaf = n.leaf JOIN run u ON u.id = o.run"
    " ORDER BY t.source, t.collection, t.scope, r.key"
)
_VERSIONS = (
    "SELECT v.change, b.digest, v.unread, o.ended_at, l.recorded_at, u.name, v.leaf FROM resource r"
    " JOIN version v ON v.resource = r.id LEFT JOIN blob b ON b.id = v.blob"
    " JOIN observation o ON o.leaf = v.leaf JOIN run u ON u.id = o.run JOIN log_leaf l ON l.idx = v.leaf"
    " WHERE r.task = ? AND r.key = ? AND v.leaf <= ? ORDER BY v.leaf DESC"
)
_JUDGED = (
    "SELECT l.idx, l.dictionary, l.body, l.hash FROM log_leaf l"
    " WHERE l.kind <> 'task' AND l.kind = 'judged' AND l.idx <= ? ORDER BY l.idx"
)
_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"
_FIRST = (
    "SELECT f.check_id, f.source, min(e.observed_at) FROM finding f JOIN finding_event e ON e.finding = f.id"
    " WHERE e.leaf <= ? AND e.status IS NOT NULL GROUP BY f.check_id, f.source"
)

_LAST_FAILING = (
    "SELECT f.check_id, f.source, f.scope, f.subject, d.since, d.reason FROM finding f"  # noqa: S608  our own words
    " JOIN finding_event e ON e.id ="
    " (SELECT p.id FROM finding_event p WHERE p.finding = f.id AND p.leaf <= ?"
    " ORDER BY p.leaf DESC, p.id DESC LIMIT 1)"
    f" JOIN finding_event d ON d.id = ({LAST_DECIDED})"
    " WHERE e.status = 'unknown' AND d.status = 'fail'"
)


class SqlHistory:
    """Reads spans of time; see `collector.core.history.History` for what each method promises."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def events(
        self, *, since: datetime | None = None, until: datetime | None = None, checks: Collection[str] | None = None
    ) -> Iterator[Event]:
        """Stream the events of a span, in the order of the log."""
        with self._reading(until) as (connection, last):
            yield from _Feed(connection, checks).between(_start(connection, since), _END if last is None else last)

    def steps(self, *, since: datetime, until: datetime) -> Iterator[Step]:
        """Stream the resources with a new version in a span, ordered by source, collection, scope_text and key."""
        with self._reading(until) as (connection, last):
            yield from _steps(connection, _start(connection, since), _END if last is None else last)

    def versions(self, task: Task, key: str, *, as_of: datetime | None = None) -> Iterator[Version]:
        """Yield the versions of a resource, the newest first."""
        with self._reading(as_of) as (connection, last):
            number = find_task(connection, task)
            if number is None:
                return
            rows = stream(connection, _VERSIONS, (number, key.encode(), _END if last is None else last))
            for change, digest, unread, ended_at, recorded_at, run, leaf in rows:
                yield Version(
                    change=change,
                    digest=None if digest is None else show_digest(digest),
                    observed_at=read_micros(ended_at),
                    recorded_at=read_micros(recorded_at),
                    run=run,
                    leaf=leaf,
                    unread=_unread(unread),
                )

    def rules(self, *, as_of: datetime | None = None) -> dict[tuple[str, str], CheckCounts]:
        """Return by check and source the latest counts of verdicts, with the code and the limits of that time."""
        decompressor, found = LeafDecompressor(), dict[tuple[str, str], "CheckCounts"]()
        with self._reading(as_of) as (connection, last):
            for row in stream(connection, _JUDGED, (_END if last is None else last,)):
                for tally in leaves.read(connection, decompressor, row).fact(Judged).tallies:
                    found[tally.check, tally.source] = tally
        return found

    def last_failing(self, *, as_of: datetime | None = None) -> dict[FindingId, LastFailing]:
        """Return the findings that are unknown and whose last decided verdict was a fail."""
        with self._reading(as_of) as (connection, last):
            end = _END if last is None else last
            return {
                FindingId(check, source, read_scope(scope), subject.decode()): LastFailing(
                    since=read_micros(since), reason=reason.decode()
                )
                for check, source, scope, subject, since, reason in stream(connection, _LAST_FAILING, (end, end))
            }

    def first_judged(self, *, as_of: datetime | None = None) -> dict[tuple[str, str], datetime]:
        """Return by check and source when the evidence of the first verdict was observed."""
        with self._reading(as_of) as (connection, last):
            rows = connection.exec_driver_sql(_FIRST, (_END if last is None else last,)).fetchall()
        return {(check, source): read_micros(at) for check, source, at in rows}


class _Feed:
    """Reads events leaf by leaf; of complete and of unchanged tasks only the row in a table, which is faster."""

    def __init__(self, connection: Connection, checks: Collection[str] | None) -> None:
        self._connection = connection
        self._checks = checks
        self._decompressor = LeafDecompressor()
        rows = connection.exec_driver_sql("SELECT id, source, collection, scope FROM task").fetchall()
        self._tasks = {number: Task(source, of, read_scope(scope)) for number, source, of, scope in rows}
        self._rules: dict[str, str] = {}
        self._every: dict[tuple[int, str], timedelta] = {}
        self._own: dict[int, tuple[Task, timedelta]] = {}

    def between(self, first: int, last: int) -> Iterator[Event]:
        """Yield the events of the leaves after `first`, up to and including `last`."""
        chosen = None if self._checks is None else _ChosenChanges(self._connection, self._checks, first, last)
        for row in stream(self._connection, _FEED, (first, last)):
            kind = row[4]
            if kind == "task":
                yield self._task_end(row)
            elif kind == unchanged_tasks.KIND:
                yield from self._unchanged_ends(row)
            elif kind == "run_started":
                started = self._record(row).fact(RunStarted)
                self._rules[started.run] = f"{started.code} {started.config}"
                yield started
            elif kind == "tasks_planned":
                record = self._record(row)
                tasks = tuple(task for rows in record.rows(Task) for task in rows)
                yield msgspec.structs.replace(record.fact(TasksPlanned), tasks=tasks)
            elif kind == "judged":
                record = self._record(row)
                changes = (
                    tuple(change for rows in record.rows(FindingChange) for change in rows)
                    if chosen is None
                    else tuple(chosen.of_leaf(record.leaf.index))
                )
                yield msgspec.structs.replace(record.fact(Judged), changes=changes)
            elif kind == "run_ended":
                yield self._record(row).fact(RunEnded)

    def _task_end(self, row: Any) -> TaskEnd:  # noqa: ANN401  a row of the feed
        number, run, outcome, ended_at = row[5:9]
        # The interval of a task follows from code and configuration, so one leaf of it is read for each of these.
        key = (number, self._rules.get(run, run))
        why, is_not_used = "", False
        if outcome != Outcome.COMPLETE.value or key not in self._every:
            observation = self._record(row).fact(TaskSeen).observation
            self._every[key] = observation.every
            why, is_not_used = observation.reason(), observation.is_not_used
        return TaskEnd(
            self._tasks[number], run, Outcome(outcome), read_micros(ended_at), self._every[key], why, is_not_used
        )

    def _unchanged_ends(self, row: Any) -> Iterator[TaskEnd]:  # noqa: ANN401  a row of the feed
        head, rows = unchanged_tasks.table_of(self._record(row))
        for own_leaf, unchanged in rows.items():
            if own_leaf not in self._own:
                leaf = self._connection.exec_driver_sql(_LEAF, (own_leaf,)).one()
                seen = leaves.read(self._connection, self._decompressor, tuple(leaf)).fact(TaskSeen).observation
                self._own[own_leaf] = (seen.task, seen.every)
            task, every = self._own[own_leaf]
            yield TaskEnd(task, head.run, Outcome.COMPLETE, unchanged_tasks.end_of(head, unchanged), every)

    def _record(self, row: Any) -> LeafRecord:  # noqa: ANN401  a row of the feed
        return leaves.read(self._connection, self._decompressor, row[:4])


class _ChosenChanges:
    """The changes of findings of some checks, from their rows: leaves have those of all checks together."""

    def __init__(self, connection: Connection, checks: Collection[str], first: int, last: int) -> None:
        statement = _CHANGES.format(checks=",".join("?" * len(checks)) or "NULL")
        self._rows = stream(connection, statement, (first, last, *checks))
        self._next = next(self._rows, None)
        self._read_limits = msgspec.json.Decoder(dict[str, str]).decode

    def of_leaf(self, leaf: int) -> Iterator[FindingChange]:
        """Yield the changes of a leaf; leaves are asked for in their order. `was` is not in the rows, and None."""
        while self._next is not None and self._next[0] <= leaf:
            yield self._change(*self._next[1:])
            self._next = next(self._rows, None)

    def _change(  # noqa: PLR0913, PLR0917  one parameter a column
        self,
        check: str,
        source: str,
        scope: str,
        subject: bytes,
        status: str | None,
        ended: str | None,
        because: bytes,
        reason: bytes,
        limits: bytes,
        evidence: bytes,
        observed_at: int,
        trace: bytes | None,
    ) -> FindingChange:
        id_ = FindingId(check, source, read_scope(scope), subject.decode())
        if status is None:
            return FindingChange(id_, None, None, None if ended is None else Ended(ended), because.decode())
        now = Finding(
            id=id_,
            status=Status(status),
            reason=reason.decode(),
            limits=self._read_limits(limits),
            evidence=read_digests(evidence),
            observed_at=read_micros(observed_at),
            trace=None if trace is None else trace.decode(),
        )
        return FindingChange(id_, None, now, None, because.decode())


def _steps(connection: Connection, first: int, last: int) -> Iterator[Step]:
    decompressor, leaf_decompressor = Decompressor(), LeafDecompressor()
    identities: dict[int, str | None] = {}
    rows = stream(connection, _STEPS, (first, last, first))
    for source, collection, scope, key, steps, *sides, ended_at, run, leaf in rows:
        if leaf not in identities:
            found = connection.exec_driver_sql(_LEAF, (leaf,)).one()
            seen = leaves.read(connection, leaf_decompressor, found).fact(TaskSeen)
            identities[leaf] = seen.observation.provenance.identity
        yield Step(
            task=Task(source, collection, read_scope(scope)),
            key=key.decode(),
            before=_snapshot(decompressor, *sides[:4]),
            after=_snapshot(decompressor, *sides[4:]),
            steps=steps,
            observed_at=read_micros(ended_at),
            run=run,
            leaf=leaf,
            identity=identities[leaf],
        )


def _snapshot(
    decompressor: Decompressor, change: str | None, digest: bytes | None, body: bytes | None, unread: bytes | None
) -> ResourceSnapshot | None:
    if change in {None, GONE} or digest is None:
        return None
    return ResourceSnapshot(
        digest=show_digest(digest),
        blob=None if body is None else open_blob(decompressor, digest, body),
        unread=_unread(unread),
    )


def _unread(data: bytes | None) -> dict[str, UnreadPart]:
    return {} if data is None else msgspec.json.decode(data, type=dict[str, UnreadPart])


def _start(connection: Connection, since: datetime | None) -> int:
    if since is None:
        return -1
    found = bound_of(connection, since)
    return -1 if found is None else found
