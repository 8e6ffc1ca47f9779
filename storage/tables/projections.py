"""Projections: derive the rows of tables from a leaf, both when recording and when verifying.

A projection uses nothing but its leaf, that leaf's payloads, blobs, and the rows of earlier leaves.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from msgspec import Raw, Struct

from collector.core.canonical import Digest
from collector.core.clocks import CLOCK_ANOMALY
from collector.core.facts import RunEnded, RunStarted, TasksPlanned
from collector.core.scopes import scope_text
from collector.core.tasks import Observation, Task
from storage.database.blobs import damaged
from storage.database.bulk import insert, select_in
from storage.database.columns import digest_bytes, micros, show_members
from storage.log.unchanged_tasks import end_of, table_of
from storage.tables.judgements import project_judgement
from storage.tables.row_ids import next_id, run_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.log.leaves import LeafRecord


class TaskSeen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of the leaf of a finished task. `inventory` is None where the list is not complete.

    `facts` are digests of blobs of volatile keys; with `facts_over` they hold only those that changed.
    """

    observation: Observation
    inventory: Digest | None
    facts: tuple[Digest, ...]
    appeared: int
    changed: int
    gone: int
    unchanged: int
    facts_over: bool = False


class Change(Struct, frozen=True, array_like=True):
    """One row of that leaf: the change of a resource. `unread` is {part: why} or null."""

    key: str
    change: str
    digest: str | None
    unread: Raw


class JudgedHead(Struct, frozen=True):
    """The content of the leaf of a judgement that projections need."""

    run: str


APPEARED, CHANGED, GONE, REAPPEARED = "appeared", "changed", "gone", "reappeared"

_OWN = (
    "SELECT o.leaf, o.task FROM observation o WHERE o.outcome = 'complete'"
    " AND NOT EXISTS (SELECT 1 FROM observation n WHERE n.task = o.task AND n.leaf > o.leaf) AND o.leaf"
)

_INSERT_RESOURCE = "INSERT INTO resource (id, task, key, first_seen_at) VALUES (?, ?, ?, ?)"
_FIND_RESOURCE = "SELECT key, id FROM resource WHERE task = ? AND key"
_FIND_BLOB = "SELECT digest, id FROM blob WHERE digest"
_INSERT_VERSION = "INSERT INTO version (id, resource, leaf, change, blob, unread) VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE_NOW = (
    "INSERT INTO resource_now (task, key, resource, version)"
    " SELECT r.task, r.key, r.id, v.id FROM version v JOIN resource r ON r.id = v.resource"
    " WHERE v.id >= ? AND v.change <> 'gone'"
    " ON CONFLICT (task, key) DO UPDATE SET version = excluded.version"
)
_UPDATE_SEEN_AGAIN = (
    "INSERT INTO seen_again_now (task, leaf, ended_at) VALUES (?, ?, ?)"
    " ON CONFLICT (task) DO UPDATE SET leaf = excluded.leaf, ended_at = excluded.ended_at"
)
_CLOSE_NOW = "DELETE FROM resource_now WHERE task = ? AND key = ?"


def project(connection: Connection, record: LeafRecord) -> None:
    """Insert the rows of one leaf into the tables."""
    _PROJECTIONS[record.kind](connection, record)


def _no_rows(connection: Connection, record: LeafRecord) -> None:
    """Insert nothing: leaves of this kind are read directly."""


def _task(connection: Connection, record: LeafRecord) -> None:
    seen = record.fact(TaskSeen)
    observation = seen.observation
    task = task_id(connection, observation.task)
    ended_at = micros(observation.ended_at)
    connection.exec_driver_sql(
        "INSERT INTO observation (leaf, task, run, outcome, started_at, ended_at, facts, facts_over)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.leaf.index,
            task,
            run_id(connection, observation.run),
            observation.outcome.value,
            micros(observation.started_at),
            ended_at,
            bool(seen.facts),
            seen.facts_over,
        ),
    )
    for changes in record.rows(Change):
        _versions(connection, record.leaf.index, task, ended_at, changes)


def _tasks(connection: Connection, record: LeafRecord) -> None:
    head, rows = table_of(record)
    known = {leaf: task for leaf, task in select_in(connection, _OWN, (), list(rows))}  # noqa: C416  rows are no pairs
    if len(known) != head.count or len(rows) != head.count:
        raise damaged(f"leaf {record.leaf.index} names leaves that are not the latest of a task, or not complete")
    index, changed = record.leaf.index, sorted(known[leaf] for leaf, row in rows.items() if row.facts)
    connection.exec_driver_sql(
        "INSERT INTO seen_again (leaf, run, tasks, changed, facts) VALUES (?, ?, ?, ?, ?)",
        (
            index,
            run_id(connection, head.run),
            show_members(list(known.values())),
            show_members(changed),
            b"".join(digest_bytes(digest) for digest in head.facts),
        ),
    )
    if known:
        ends = [(known[leaf], index, micros(end_of(head, row))) for leaf, row in rows.items()]
        insert(connection, _UPDATE_SEEN_AGAIN, ends)
    if changed:
        insert(connection, "INSERT INTO facts_changed (task, leaf) VALUES (?, ?)", [(task, index) for task in changed])


def _versions(connection: Connection, leaf: int, task: int, ended_at: int, changes: list[Change]) -> None:
    first = next_id(connection, "resource")
    new = [change.key.encode() for change in changes if change.change == APPEARED]
    if new:
        insert(connection, _INSERT_RESOURCE, [(first + at, task, key, ended_at) for at, key in enumerate(new)])
    resources = dict(zip(new, count(first)))
    others = [change.key.encode() for change in changes if change.change != APPEARED]
    resources.update((key, number) for key, number in select_in(connection, _FIND_RESOURCE, (task,), others))
    for change in changes:
        if change.key.encode() not in resources:
            raise damaged(f"leaf {leaf} states that {change.key!r} is {change.change}, and it was never there")
    digests = [None if change.digest is None else digest_bytes(change.digest) for change in changes]
    found = select_in(connection, _FIND_BLOB, (), [digest for digest in digests if digest is not None])
    blobs: dict[bytes | None, int] = {digest: number for digest, number in found}  # noqa: C416  rows are no pairs
    first = next_id(connection, "version")
    rows = [
        (
            first + at,
            resources[change.key.encode()],
            leaf,
            change.change,
            blobs.get(digest),
            None if bytes(change.unread) == b"null" else bytes(change.unread),
        )
        for at, (change, digest) in enumerate(zip(changes, digests, strict=True))
    ]
    if rows:
        insert(connection, _INSERT_VERSION, rows)
    connection.exec_driver_sql(_UPDATE_NOW, (first,))
    gone = [(task, change.key.encode()) for change in changes if change.change == GONE]
    if gone:
        connection.exec_driver_sql(_CLOSE_NOW, gone)


def _judged(connection: Connection, record: LeafRecord) -> None:
    project_judgement(connection, record, run_id(connection, record.fact(JudgedHead).run))


def _run_started(connection: Connection, record: LeafRecord) -> None:
    _run_event(connection, record, record.fact(RunStarted).run, "started")


def _run_ended(connection: Connection, record: LeafRecord) -> None:
    _run_event(connection, record, record.fact(RunEnded).run, "ended")


def _run_event(connection: Connection, record: LeafRecord, run: str, kind: str) -> None:
    connection.exec_driver_sql(
        "INSERT INTO run_event (leaf, run, kind) VALUES (?, ?, ?)",
        (record.leaf.index, run_id(connection, run), kind),
    )


def _tasks_planned(connection: Connection, record: LeafRecord) -> None:
    plan = record.fact(TasksPlanned)
    run_id(connection, plan.run)
    sources = {*plan.scopes, *(discovery.source for discovery in plan.incomplete_discoveries)}
    for tasks in record.rows(Task):
        sources.update(task.source for task in tasks)
    if sources:
        connection.exec_driver_sql(
            "INSERT INTO plan (source, leaf) VALUES (?, ?)",
            [(source, record.leaf.index) for source in sorted(sources)],
        )


def task_id(connection: Connection, task: Task) -> int:
    """Return the row id of a task, inserted where there is none."""
    values = (task.source, task.collection, scope_text(task.scope))
    found = find_task(connection, task)
    if found is not None:
        return found
    number = next_id(connection, "task")
    connection.exec_driver_sql(
        "INSERT INTO task (id, source, collection, scope) VALUES (?, ?, ?, ?)", (number, *values)
    )
    return number


def find_task(connection: Connection, task: Task) -> int | None:
    """Return the row id of a task, None where there is none."""
    found: int | None = connection.exec_driver_sql(
        "SELECT id FROM task WHERE source = ? AND collection = ? AND scope = ?",
        (task.source, task.collection, scope_text(task.scope)),
    ).scalar_one_or_none()
    return found


_PROJECTIONS: dict[str, Callable[[Connection, LeafRecord], None]] = {
    "genesis": _no_rows,
    "task": _task,
    "tasks": _tasks,
    "run_started": _run_started,
    "tasks_planned": _tasks_planned,
    "judged": _judged,
    "run_ended": _run_ended,
    "attested": _no_rows,  # found by its kind: people file few records
    "anchored": _no_rows,
    "verified": _no_rows,
    "alerted": _no_rows,  # found by their kinds: what is told to people is little
    "alert_delivery": _no_rows,
    "request_act": _no_rows,  # found by their kinds: people do few things
    "record_entered": _no_rows,
    "record_reviewed": _no_rows,
    "access_day": _no_rows,
    "operator_act": _no_rows,
    "in_force": _no_rows,
    "company_file": _no_rows,  # found by its kind: people change few files
    "key": _no_rows,
    "restore": _no_rows,
    "migrated": _no_rows,
    CLOCK_ANOMALY: _no_rows,
    "macs": _no_rows,
    "erasure": _no_rows,  # bodies are not derived: what was erased does not come back
}
