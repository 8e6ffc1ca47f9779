"""Freshness: for each task that a source should have, whether it was observed completely and recently."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from collector.core.plain_text import plural_of
from collector.core.scopes import ScopeIndex, enclosing, show_scope
from collector.core.spans import show_span, show_time
from collector.core.tasks import Outcome, Provenance, Task
from collector.engine.disagreeing_clocks import moments_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from collector.core.facts import IncompleteDiscovery
    from collector.core.ports import StoredObservation
    from collector.core.scopes import Scope
    from collector.engine.disagreeing_clocks import TaskMoments
    from collector.engine.sources import Source

LIFETIMES = 2
"""A verdict is valid for this many intervals of its schedule; after that it is not established any more."""


_NO_PROVENANCE = Provenance(identity=None, connector="", code="", redaction="")


class Freshness:
    """The observations and known scopes of one source at one time. Memory grows with tasks, not with resources."""

    def __init__(
        self,
        source: Source,
        *,
        scopes: Iterable[Scope],
        incomplete_discoveries: Iterable[IncompleteDiscovery],
        latest: Iterable[StoredObservation],
        complete: Iterable[StoredObservation],
    ) -> None:
        self.source = source
        self.scopes = tuple(scopes)
        self.incomplete_discoveries: tuple[IncompleteDiscovery, ...] = ()
        self._index = ScopeIndex(dict.fromkeys(self.scopes))
        self._incomplete_below: dict[Scope, list[IncompleteDiscovery]] = {}
        self.add_incomplete(incomplete_discoveries)
        self._latest: dict[Task, StoredObservation] = {seen.observation.task: seen for seen in latest}
        self._complete: dict[Task, StoredObservation] = {}
        for seen in complete:
            # Mostly the same one: kept once, because there may be a hundred thousand.
            last = self._latest.get(seen.observation.task)
            self._complete[seen.observation.task] = last if last is not None and last == seen else seen

    def add_incomplete(self, discoveries: Iterable[IncompleteDiscovery]) -> None:
        """Add discoveries that were not complete."""
        added = tuple(discoveries)
        self.incomplete_discoveries += added
        for discovery in added:
            for outer in enclosing(discovery.scope):
                self._incomplete_below.setdefault(outer, []).append(discovery)

    def update(self, stored: StoredObservation) -> None:
        """Replace the latest observation of a task, and the latest complete one where it is complete."""
        self._latest[stored.observation.task] = stored
        if stored.observation.outcome is Outcome.COMPLETE:
            self._complete[stored.observation.task] = stored

    def latest(self, task: Task) -> StoredObservation | None:
        """Return the latest observation of a task with any outcome, None where there is none."""
        return self._latest.get(task)

    def complete(self, task: Task) -> StoredObservation | None:
        """Return the latest complete observation of a task, None where there is none."""
        return self._complete.get(task)

    def all_latest(self) -> Iterable[StoredObservation]:
        """Return the latest observation of each task that has one."""
        return self._latest.values()

    def not_used(self, task: Task) -> StoredObservation | None:
        """Return the latest observation of a task if its set is empty by the platform's word, else None."""
        stored = self._latest.get(task)
        return stored if stored is not None and stored.observation.is_not_used else None

    def basis(self, task: Task) -> StoredObservation | None:
        """Return the observation that verdicts are based on: the last that shows the whole set, else the latest one."""
        return self.not_used(task) or self._complete.get(task) or self._latest.get(task)

    def moments(self, task: Task) -> TaskMoments | None:
        """Return as of when a task's resources are judged; None where it was never observed."""
        basis, latest = self.basis(task), self._latest.get(task)
        return None if basis is None or latest is None else moments_of(basis.observation, latest.observation)

    def scopes_at(self, level: str, under: Scope = ()) -> Sequence[Scope]:
        """Return the known scopes of a level, inside `under`."""
        return self.scopes_of_depth(self.source.connector.depth(level), under)

    def scopes_of_depth(self, depth: int, under: Scope) -> Sequence[Scope]:
        """Return the known scopes of a depth that are `under` or inside it."""
        return self._index.below(depth, under)

    def tasks(self, collection: str, under: Scope) -> Iterator[Task]:
        """Yield the tasks of a collection in the known scopes under a scope; none where it is not collected."""
        found = self.source.collections.get(collection)
        if found is None:
            return
        for scope in self.scopes_at(found.level, under):
            yield Task(self.source.name, collection, scope)

    def incomplete_reason(self, task: Task, at: datetime | None = None) -> str | None:
        """Return why a task's latest observation is missing, does not show the whole set, or is too old at `at`.

        None if it is fine.
        """
        stored = self._latest.get(task)
        if stored is None:
            return f"{task.collection} in {show_scope(task.scope)} has not been looked at yet"
        observation = stored.observation
        if not observation.is_whole:
            return observation.reason()
        if at is not None and observation.seen_at + lifetime(observation.every) < at:
            return (
                f"{task.collection} in {show_scope(task.scope)} was last seen at {show_time(observation.seen_at)}, "
                f"longer ago than {show_span(lifetime(observation.every))}"
            )
        return None

    def stale_from(self, task: Task) -> datetime | None:
        """Return from when on a task's latest observation is too old; None where it is not complete."""
        stored = self._latest.get(task)
        if stored is None or stored.observation.outcome is not Outcome.COMPLETE:
            return None
        return stored.observation.seen_at + lifetime(stored.observation.every) + timedelta(microseconds=1)

    def incomplete_set_reason(self, collection: str, under: Scope, at: datetime | None = None) -> str | None:
        """Return why the resources of a collection under a scope are no complete set at `at`; None where they are."""
        if collection not in self.source.collections:
            return f"{collection} is not collected from {self.source.name} under its settings"
        depth = self.source.connector.depth(self.source.collections[collection].level)
        for discovery in self._incomplete_below.get(under, ()):
            if depth > len(discovery.scope):
                where = show_scope(discovery.scope)
                return f"it is not known which {plural_of(discovery.level)} there are in {where}: {discovery.why}"
        empty = True
        for task in self.tasks(collection, under):
            empty = False
            if (reason := self.incomplete_reason(task, at)) is not None:
                return reason
        return f"no scope of {collection} is known in {show_scope(under)}" if empty else None


def without_provenance(stored: StoredObservation) -> StoredObservation:
    """Return an observation as judging needs it, in a third of the memory: how it was made is in the store."""
    seen = stored.observation
    clock_off = seen.provenance.clock_off
    provenance = _NO_PROVENANCE if clock_off is UNSET else replace(_NO_PROVENANCE, clock_off=clock_off)
    return replace(stored, observation=replace(seen, run=sys.intern(seen.run), provenance=provenance))


def lifetime(every: timedelta) -> timedelta:
    """Return how long a verdict is valid whose evidence is observed once an interval."""
    return every * LIFETIMES
