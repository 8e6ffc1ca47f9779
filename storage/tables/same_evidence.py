"""In which resources an observation differs from the one before it, in anything that a check can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.tasks import Observation
    from storage.tables.projections import TaskSeen
    from storage.tables.volatile_history import VolatileHistory

_MOST = 1_000
"""Resources that may differ; where more do, all of them are judged."""
_RUN = "SELECT u.name FROM seen_again s JOIN run u ON u.id = s.run WHERE s.leaf = ?"


class Differing:
    """Collects the keys of resources that differ, up to a number of them."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._are_many = False

    def add(self, key: str) -> None:
        """Add a key."""
        if len(self._keys) < _MOST:
            self._keys.add(key)
        else:
            self._are_many = True

    def keys(self) -> frozenset[str] | None:
        """Return the keys, None where there are too many."""
        return None if self._are_many else frozenset(self._keys)


def run_to_compare_with(
    connection: Connection, history: VolatileHistory, seen: TaskSeen, *, is_over: bool
) -> str | None:
    """Return the run that made the latest recorded observation of a task, where `seen` can be compared with that one.

    None where one of the two is not complete, clocks disagreed at one, or it is not known which volatile keys changed.
    `is_over`: only those that did are stored with `seen`.
    """
    if not _is_plain(seen.observation) or history.own_leaf is None:
        return None
    before, shared = history.stated(history.own_leaf), history.shared_leaf
    if not _is_plain(before.observation):
        return None
    if not is_over and (shared is not None or before.facts_over or before.facts != seen.facts):
        return None  # all volatile keys were stored, and those before are spread over several leaves, or others
    if shared is None:
        return before.observation.run
    name: str = connection.exec_driver_sql(_RUN, (shared,)).scalar_one()
    return name


def _is_plain(observation: Observation) -> bool:
    return observation.outcome is Outcome.COMPLETE and not observation.clock_off
