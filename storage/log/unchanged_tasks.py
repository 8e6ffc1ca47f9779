"""Unchanged tasks: many of them share one leaf, each as a row of differences from an earlier leaf of its own.

A row names that leaf, which is the latest of its task and complete: its list, inventory root and identity still hold.
A task whose code, identity or the like differ gets a leaf of its own instead.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct

from collector.core.canonical import Digest
from collector.core.tasks import Observation, Outcome, Provenance
from storage.database.bulk import select_in
from storage.database.columns import members, micros, read_micros
from storage.database.streaming import streaming
from storage.log import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from collector.core.tasks import Calls
    from storage.log.dictionary import LeafDecompressor
    from storage.log.leaves import LeafRecord

KIND = "tasks"
"""The kind of the leaves that unchanged tasks share."""

FACTS = "annexd.facts.again"
"""The kind of the blobs of the volatile keys that changed: {index of a task's own leaf: {resource key: its keys}}."""

_SAME_FIELDS = ("identity", "connector", "code", "redaction", "total_from", "identity_unknown", "clock_off")
_DIFFERING_FIELDS = ("pages", "requests", "repeated", "total", "unread", "redacted", "worker")

_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"
_NOW = "SELECT task, leaf FROM seen_again_now WHERE task"
_NOW_OF = "SELECT leaf, ended_at FROM seen_again_now WHERE task = ?"
_NEWEST_FIRST = "SELECT leaf, tasks FROM seen_again WHERE leaf <= ? ORDER BY leaf DESC"
_CHANGES = (
    "SELECT s.leaf, s.facts FROM facts_changed c JOIN seen_again s ON s.leaf = c.leaf"
    " WHERE c.task = ? AND c.leaf > ? AND c.leaf <= ? ORDER BY c.leaf"
)


class UnchangedTasks(Struct, frozen=True, kw_only=True):
    """The content of a shared leaf besides its rows; times in rows are relative to `since`."""

    run: str
    since: datetime
    count: int
    facts: tuple[Digest, ...]


class UnchangedTask(Struct, frozen=True, array_like=True):
    """One row: the task whose own leaf is `leaf` was complete and unchanged.

    `started` is in microseconds after `since`, `took` in microseconds, `date` in microseconds from the end to the
    platform's own clock. `facts` is the number of resources with changed volatile keys, `apart` all other differences.
    """

    leaf: int
    started: int
    took: int
    date: int | None
    facts: int
    apart: dict[str, Any]


class _Own(Struct, array_like=True):
    """The beginning of a row."""

    leaf: int


_read_row = msgspec.json.Decoder(UnchangedTask).decode


def _read_own(row: Raw) -> int:
    return msgspec.json.decode(row, type=_Own).leaf


def row_of(own: int, before: Observation, now: Observation, since: datetime, facts: int) -> UnchangedTask | None:
    """Return the row of an observation, None where it differs in more than a row can express."""
    was, current = before.provenance, now.provenance
    same_place = (before.task, before.every, before.permissions, before.why) == (
        now.task,
        now.every,
        now.permissions,
        now.why,
    )
    if not same_place or (before.outcome, now.outcome) != (Outcome.COMPLETE, Outcome.COMPLETE):
        return None
    if any(getattr(was, name) != getattr(current, name) for name in _SAME_FIELDS):
        return None
    if was.worker is not UNSET and current.worker is UNSET:
        return None  # a row cannot take a field away
    if [_form(call) for call in was.calls] != [_form(call) for call in current.calls]:
        return None
    differences: dict[str, Any] = {
        name: getattr(current, name) for name in _DIFFERING_FIELDS if getattr(was, name) != getattr(current, name)
    }
    if before.listed != now.listed:
        differences["listed"] = now.listed
    calls = [_differing_fields(before_call, call) for before_call, call in zip(was.calls, current.calls, strict=True)]
    if any(calls):
        differences["calls"] = calls
    ended_at = micros(now.ended_at)
    return UnchangedTask(
        leaf=own,
        started=micros(now.started_at) - micros(since),
        took=ended_at - micros(now.started_at),
        date=None if current.date is None else micros(current.date) - ended_at,
        facts=facts,
        apart=differences,
    )


def _form(call: Calls) -> tuple[str, bool]:
    """Return the operation, and whether the platform says what it costs: a row cannot take a field away."""
    return call.operation, call.cost is UNSET


def _differing_fields(was: Struct, now: Struct) -> dict[str, object]:
    names = was.__struct_fields__
    return {name: getattr(now, name) for name in names if getattr(was, name) != getattr(now, name)}


def observation_of(before: Observation, head: UnchangedTasks, row: UnchangedTask) -> Observation:
    """Return the observation that a row encodes. Raises msgspec.ValidationError where it does not decode."""
    started = micros(head.since) + row.started
    ended = started + row.took
    differences = dict(row.apart)
    listed, calls = differences.pop("listed", before.listed), differences.pop("calls", None)
    provenance: dict[str, Any] = msgspec.to_builtins(before.provenance) | differences
    if calls is not None:
        provenance["calls"] = [call | changes for call, changes in zip(provenance["calls"], calls, strict=True)]
    provenance["date"] = None if row.date is None else read_micros(ended + row.date)
    return msgspec.structs.replace(
        before,
        run=head.run,
        started_at=read_micros(started),
        ended_at=read_micros(ended),
        listed=listed,
        provenance=msgspec.convert(provenance, Provenance),
    )


class SharedLeaves:
    """Reads shared leaves, each once; their rows stay encoded until one is asked for."""

    def __init__(self, connection: Connection, decompressor: LeafDecompressor) -> None:
        self._connection = connection
        self._decompressor = decompressor
        self._read: dict[int, tuple[UnchangedTasks, dict[int, Raw]]] = {}

    def observation(self, leaf: int, own: int, before: Observation) -> Observation:
        """Return the observation in a shared leaf of the task whose own leaf is `own`."""
        return observation_of(before, *self._row(leaf, own))

    def ended_at(self, leaf: int, own: int) -> datetime:
        """Return when that task ended."""
        return end_of(*self._row(leaf, own))

    def _row(self, leaf: int, own: int) -> tuple[UnchangedTasks, UnchangedTask]:
        if leaf not in self._read:
            found = self._connection.exec_driver_sql(_LEAF, (leaf,)).one()
            record = leaves.read(self._connection, self._decompressor, tuple(found))
            rows = {_read_own(row): row for rows in record.rows(Raw) for row in rows}
            self._read[leaf] = record.fact(UnchangedTasks), rows
        head, rows = self._read[leaf]
        return head, _read_row(rows[own])


def table_of(record: LeafRecord) -> tuple[UnchangedTasks, dict[int, UnchangedTask]]:
    """Return the content of a shared leaf, and its rows by the own leaf of their task."""
    return record.fact(UnchangedTasks), {row.leaf: row for rows in record.rows(UnchangedTask) for row in rows}


def own_leaves_of(record: LeafRecord) -> Iterator[int]:
    """Yield the own leaves that the rows of a shared leaf name."""
    yield from (row.leaf for rows in record.rows(_Own) for row in rows)


def end_of(head: UnchangedTasks, row: UnchangedTask) -> datetime:
    """Return when the task of a row ended."""
    return read_micros(micros(head.since) + row.started + row.took)


class NewestShared(NamedTuple):
    """The newest shared leaf of a task, and when the task ended there, in microseconds."""

    task: int
    leaf: int
    ended_at: int


def newest_of(connection: Connection, task: int) -> NewestShared | None:
    """Return the newest shared leaf of a task, None where it never was in one."""
    row = connection.exec_driver_sql(_NOW_OF, (task,)).one_or_none()
    return None if row is None else NewestShared(task, *row)


def newest_end(
    connection: Connection, shared: SharedLeaves, now: NewestShared, own: int, last: int
) -> tuple[int, datetime] | None:
    """Return the newest shared leaf of a task after its own leaf `own`, up to `last`, and when the task ended there."""
    if now.leaf <= own:
        return None
    if now.leaf <= last:
        return now.leaf, read_micros(now.ended_at)
    leaf = _searched(connection, last, {now.task: own}).get(now.task)
    return None if leaf is None else (leaf, shared.ended_at(leaf, own))


def newest(connection: Connection, last: int, own: Mapping[int, int]) -> dict[int, int]:
    """Return for tasks, given with their own leaf, the newest shared leaf after it that has them, up to `last`."""
    now: dict[int, int] = {task: leaf for task, leaf in select_in(connection, _NOW, (), list(own))}  # noqa: C416  rows are no pairs
    found = {task: leaf for task, leaf in now.items() if own[task] < leaf <= last}
    remaining = {task: own[task] for task, leaf in now.items() if leaf > last}
    return found | _searched(connection, last, remaining)


def _searched(connection: Connection, last: int, remaining: dict[int, int]) -> dict[int, int]:
    """Return the same from the sets of tasks of shared leaves, for tasks whose newest one is later than `last`."""
    found: dict[int, int] = {}
    if not remaining:
        return found
    with streaming(connection, _NEWEST_FIRST, (last,)) as rows:
        for leaf, tasks in rows:
            remaining = {task: own_leaf for task, own_leaf in remaining.items() if own_leaf < leaf}
            if not remaining:
                break
            members_of_leaf = members(tasks)
            for task in [task for task in remaining if task in members_of_leaf]:
                found[task] = leaf
                del remaining[task]
    return found


def changes_of(connection: Connection, task: int, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """Yield (leaf, digests of its volatile keys) for each shared leaf in which those of a task changed, oldest first.

    Only leaves after `first`, and up to `last`.
    """
    yield from ((leaf, facts) for leaf, facts in connection.exec_driver_sql(_CHANGES, (task, first, last)).fetchall())
