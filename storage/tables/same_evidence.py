"""Whether an observation shows the same as the one before it, in all that a check can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.tasks import Outcome
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.unchanged_tasks import newest
from storage.tables.projections import TaskSeen

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.tasks import Observation

_END = (1 << 62) - 1  # beyond every leaf
_OWN = (
    "SELECT l.idx, l.dictionary, l.body, l.hash FROM log_leaf l"
    " WHERE l.idx = (SELECT max(leaf) FROM observation WHERE task = ?)"
)
_RUN = "SELECT u.name FROM seen_again s JOIN run u ON u.id = s.run WHERE s.leaf = ?"


def run_of_same(connection: Connection, task: int, seen: TaskSeen, *, is_over: bool, has_new_facts: bool) -> str | None:
    """Return the run that made the latest recorded observation of a task, where `seen` shows the same as that one.

    None where a resource, an unread part or a volatile key is another one, one of the two is not complete, or clocks
    disagreed at one. `is_over`: only volatile keys that changed are stored with `seen`, and `has_new_facts` whether
    there are any.
    """
    if not _is_plain(seen.observation) or seen.appeared or seen.changed or seen.gone or has_new_facts:
        return None
    row = connection.exec_driver_sql(_OWN, (task,)).one_or_none()
    if row is None:
        return None
    own = leaves.read(connection, LeafDecompressor(), tuple(row))
    before = own.fact(TaskSeen)
    if not _is_plain(before.observation) or before.inventory != seen.inventory:
        return None
    shared = newest(connection, _END, {task: own.leaf.index}).get(task)
    if not is_over and (shared is not None or before.facts_over or before.facts != seen.facts):
        return None  # all volatile keys were stored, and those before are spread over several leaves, or others
    if shared is None:
        return before.observation.run
    name: str = connection.exec_driver_sql(_RUN, (shared,)).scalar_one()
    return name


def _is_plain(observation: Observation) -> bool:
    return observation.outcome is Outcome.COMPLETE and not observation.clock_off
