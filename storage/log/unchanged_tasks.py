"""Unchanged tasks: many of them share one leaf, each as a row of differences from an earlier leaf of its own.

A row names that leaf, which is the latest of its task and complete: its list, inventory root and identity still hold.
A task whose code, identity or the like differ gets a leaf of its own instead.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from collector.core.canonical import Digest
from collector.core.tasks import Observation, Outcome, Provenance
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

DENSE = timedelta(days=1)
"""Only a task with a shorter interval than this can share a leaf; others always get their own."""

_SAME_FIELDS = ("identity", "connector", "code", "redaction", "total_from", "identity_unknown", "clock_off")
_DIFFERING_FIELDS = ("pages", "requests", "repeated", "total", "unread", "redacted", "worker")

_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"
_NEWEST_FIRST = "SELECT leaf, tasks FROM seen_again WHERE leaf <= ? ORDER BY leaf DESC"


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
    """Reads shared leaves, each once."""

    def __init__(self, connection: Connection, decompressor: LeafDecompressor) -> None:
        self._connection = connection
        self._decompressor = decompressor
        self._read: dict[int, tuple[UnchangedTasks, dict[int, UnchangedTask]]] = {}

    def observation(self, leaf: int, own: int, before: Observation) -> Observation:
        """Return the observation in a shared leaf of the task whose own leaf is `own`."""
        head, rows = self._table(leaf)
        return observation_of(before, head, rows[own])

    def ended_at(self, leaf: int, own: int) -> datetime:
        """Return when that task ended."""
        head, rows = self._table(leaf)
        return end_of(head, rows[own])

    def _table(self, leaf: int) -> tuple[UnchangedTasks, dict[int, UnchangedTask]]:
        if leaf not in self._read:
            row = self._connection.exec_driver_sql(_LEAF, (leaf,)).one()
            self._read[leaf] = table_of(leaves.read(self._connection, self._decompressor, tuple(row)))
        return self._read[leaf]


def table_of(record: LeafRecord) -> tuple[UnchangedTasks, dict[int, UnchangedTask]]:
    """Return the content of a shared leaf, and its rows by the own leaf of their task."""
    return record.fact(UnchangedTasks), {row.leaf: row for rows in record.rows(UnchangedTask) for row in rows}


def end_of(head: UnchangedTasks, row: UnchangedTask) -> datetime:
    """Return when the task of a row ended."""
    return read_micros(micros(head.since) + row.started + row.took)


def newest(connection: Connection, last: int, own: Mapping[int, int]) -> dict[int, int]:
    """Return for tasks, given with their own leaf, the newest shared leaf after it that has them, up to `last`."""
    found: dict[int, int] = {}
    remaining = dict(own)
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


def changes_of(connection: Connection, task: int, first: int, last: int) -> Iterator[tuple[int, bool, bytes]]:
    """Yield (leaf, whether volatile keys changed, their digests) for each shared leaf of a task, the oldest first."""
    statement = "SELECT leaf, tasks, changed, facts FROM seen_again WHERE leaf > ? AND leaf <= ? ORDER BY leaf"
    for leaf, tasks, changed, facts in connection.exec_driver_sql(statement, (first, last)).fetchall():
        if task in members(tasks):
            yield leaf, task in members(changed), facts
