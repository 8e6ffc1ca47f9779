"""Tasks that saw nothing new: many of them in one leaf, each as what sets it apart from an earlier leaf of its own.

A row names that leaf, always the latest of its task, and complete: list, inventory root and who asked are as it says.
Anything else that differs, such as the code or the identity, makes the task write a leaf of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.tasks import Observation, Outcome, Provenance
from storage.database.columns import members, micros, read_micros
from storage.database.streaming import streaming
from storage.log import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from storage.log.dictionary import LeafOpener
    from storage.log.leaves import LeafRecord

KIND = "tasks"
"""The kind of the leaves of tasks that saw nothing new."""

FACTS = "annexd.facts.again"
"""The kind of the blobs of the volatile keys that changed: {index of a task's own leaf: {resource key: its keys}}."""

DENSE = timedelta(days=1)
"""A task that is due at least daily writes a leaf of its own each time."""

_ALIKE = ("identity", "connector", "code", "redaction", "total_from", "identity_unknown")
_APART = ("pages", "requests", "repeated", "total", "unread", "redacted")

_LEAF = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ?"
_NEWEST_FIRST = "SELECT leaf, tasks FROM seen_again WHERE leaf <= ? ORDER BY leaf DESC"


class UnchangedTasks(Struct, frozen=True, kw_only=True):
    """What the leaf states besides its rows; times in rows count from `since`."""

    run: str
    since: datetime
    count: int
    facts: tuple[Digest, ...]


class UnchangedTask(Struct, frozen=True, array_like=True):
    """One row: the task whose own leaf is `leaf` was complete and showed the same again.

    `started` is in microseconds after the leaf's `since`, `took` in microseconds, `date` in microseconds from the end
    to the platform's own clock. `facts` is how many resources had other volatile keys, `apart` whatever else differs.
    """

    leaf: int
    started: int
    took: int
    date: int | None
    facts: int
    apart: dict[str, Any]


def row_of(own: int, before: Observation, now: Observation, since: datetime, facts: int) -> UnchangedTask | None:
    """Return the row of an observation, None where more differs from its own leaf than a row can say."""
    was, is_now = before.provenance, now.provenance
    same_place = (before.task, before.every, before.permissions, before.why) == (
        now.task,
        now.every,
        now.permissions,
        now.why,
    )
    if not same_place or (before.outcome, now.outcome) != (Outcome.COMPLETE, Outcome.COMPLETE):
        return None
    if any(getattr(was, name) != getattr(is_now, name) for name in _ALIKE):
        return None
    if [one.operation for one in was.calls] != [one.operation for one in is_now.calls]:
        return None
    apart: dict[str, Any] = {
        name: getattr(is_now, name) for name in _APART if getattr(was, name) != getattr(is_now, name)
    }
    if before.listed != now.listed:
        apart["listed"] = now.listed
    calls = [_apart(one, other) for one, other in zip(was.calls, is_now.calls, strict=True)]
    if any(calls):
        apart["calls"] = calls
    ended_at = micros(now.ended_at)
    return UnchangedTask(
        leaf=own,
        started=micros(now.started_at) - micros(since),
        took=ended_at - micros(now.started_at),
        date=None if is_now.date is None else micros(is_now.date) - ended_at,
        facts=facts,
        apart=apart,
    )


def _apart(was: Struct, now: Struct) -> dict[str, object]:
    names = was.__struct_fields__
    return {name: getattr(now, name) for name in names if getattr(was, name) != getattr(now, name)}


def observation_of(before: Observation, head: UnchangedTasks, row: UnchangedTask) -> Observation:
    """Return the observation that a row stands for. Raises msgspec.ValidationError where it does not read as one."""
    started = micros(head.since) + row.started
    ended = started + row.took
    apart = dict(row.apart)
    listed, calls = apart.pop("listed", before.listed), apart.pop("calls", None)
    provenance: dict[str, Any] = msgspec.to_builtins(before.provenance) | apart
    if calls is not None:
        provenance["calls"] = [one | other for one, other in zip(provenance["calls"], calls, strict=True)]
    provenance["date"] = None if row.date is None else read_micros(ended + row.date)
    return msgspec.structs.replace(
        before,
        run=head.run,
        started_at=read_micros(started),
        ended_at=read_micros(ended),
        listed=listed,
        provenance=msgspec.convert(provenance, Provenance),
    )


class Tables:
    """The task tables of leaves, each read once."""

    def __init__(self, connection: Connection, opener: LeafOpener) -> None:
        self._connection = connection
        self._opener = opener
        self._read: dict[int, tuple[UnchangedTasks, dict[int, UnchangedTask]]] = {}

    def observation(self, leaf: int, own: int, before: Observation) -> Observation:
        """Return what a leaf says of the task whose own leaf is `own`."""
        head, rows = self._table(leaf)
        return observation_of(before, head, rows[own])

    def ended_at(self, leaf: int, own: int) -> datetime:
        """Return when that task was over."""
        head, rows = self._table(leaf)
        return end_of(head, rows[own])

    def _table(self, leaf: int) -> tuple[UnchangedTasks, dict[int, UnchangedTask]]:
        if leaf not in self._read:
            row = self._connection.exec_driver_sql(_LEAF, (leaf,)).one()
            self._read[leaf] = table_of(leaves.read(self._connection, self._opener, tuple(row)))
        return self._read[leaf]


def table_of(record: LeafRecord) -> tuple[UnchangedTasks, dict[int, UnchangedTask]]:
    """Return what such a leaf states, and its rows by the leaf that they name."""
    return record.fact(UnchangedTasks), {row.leaf: row for some in record.rows(UnchangedTask) for row in some}


def end_of(head: UnchangedTasks, row: UnchangedTask) -> datetime:
    """Return when the task of a row was over."""
    return read_micros(micros(head.since) + row.started + row.took)


def newest(connection: Connection, last: int, own: Mapping[int, int]) -> dict[int, int]:
    """Return for tasks, given with a leaf of their own, the newest leaf after that in which they were seen again."""
    found: dict[int, int] = {}
    left = dict(own)
    with streaming(connection, _NEWEST_FIRST, (last,)) as rows:
        for leaf, tasks in rows:
            left = {task: its for task, its in left.items() if its < leaf}
            if not left:
                break
            seen = members(tasks)
            for task in [task for task in left if task in seen]:
                found[task] = leaf
                del left[task]
    return found


def changes_of(connection: Connection, task: int, first: int, last: int) -> Iterator[tuple[int, bool, bytes]]:
    """Yield, the oldest first, each leaf in which a task was seen again, whether facts changed, and their digests."""
    statement = "SELECT leaf, tasks, changed, facts FROM seen_again WHERE leaf > ? AND leaf <= ? ORDER BY leaf"
    for leaf, tasks, changed, facts in connection.exec_driver_sql(statement, (first, last)).fetchall():
        if task in members(tasks):
            yield leaf, task in members(changed), facts
