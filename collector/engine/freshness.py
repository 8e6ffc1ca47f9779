"""What can be relied on: for each task that should have been done, whether it was, completely and lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.scopes import show_scope, within
from collector.core.spans import show_span, show_time
from collector.core.tasks import Outcome, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from collector.core.facts import IncompleteDiscovery
    from collector.core.ports import StoredObservation
    from collector.core.scopes import Scope
    from collector.engine.sources import Source

LIFETIMES = 2
"""A verdict lives for so many intervals of its schedule at most; after that it is not established any more."""


class Freshness:
    """Observations and known scopes of one source as of one moment. Holds one line a task, never a resource."""

    def __init__(
        self,
        source: Source,
        *,
        scopes: Iterable[Scope],
        unopened: Iterable[IncompleteDiscovery],
        latest: Iterable[StoredObservation],
        complete: Iterable[StoredObservation],
    ) -> None:
        self.source = source
        self.scopes = tuple(scopes)
        self.unopened = tuple(unopened)
        self._latest: dict[Task, StoredObservation] = {seen.observation.task: seen for seen in latest}
        self._complete: dict[Task, StoredObservation] = {seen.observation.task: seen for seen in complete}

    def update(self, seen: StoredObservation) -> None:
        """Take in what a task has just seen."""
        self._latest[seen.observation.task] = seen
        if seen.observation.outcome is Outcome.COMPLETE:
            self._complete[seen.observation.task] = seen

    def latest(self, task: Task) -> StoredObservation | None:
        """Return the latest observation of a task, however it ended."""
        return self._latest.get(task)

    def basis(self, task: Task) -> StoredObservation | None:
        """Return what verdicts on the task's subjects rest on: the last complete observation, else the latest."""
        return self._complete.get(task) or self._latest.get(task)

    def scopes_at(self, level: str, under: Scope = ()) -> Iterator[Scope]:
        """Yield the known scopes of a level, inside `under`."""
        depth = self.source.connector.depth(level)
        return (scope for scope in self.scopes if len(scope) == depth and within(scope, under))

    def tasks(self, collection: str, under: Scope) -> Iterator[Task]:
        """Yield the tasks that a collection should have under a scope."""
        one = self.source.collections.get(collection)
        if one is None:
            return
        for scope in self.scopes_at(one.level, under):
            yield Task(self.source.name, collection, scope)

    def trouble(self, task: Task, at: datetime | None = None) -> str | None:
        """Say why a task's latest observation does not show everything as of `at`; None where it does."""
        seen = self._latest.get(task)
        if seen is None:
            return f"{task.collection} in {show_scope(task.scope)} has not been looked at yet"
        observation = seen.observation
        if observation.outcome is not Outcome.COMPLETE:
            return observation.reason()
        if at is not None and observation.ended_at + lifetime(observation.every) < at:
            return (
                f"{task.collection} in {show_scope(task.scope)} was last seen at {show_time(observation.ended_at)}, "
                f"longer ago than {show_span(lifetime(observation.every))}"
            )
        return None

    def set_trouble(self, collection: str, under: Scope, at: datetime | None = None) -> str | None:
        """Say why a collection under a scope is not a complete set as of `at`; None where it is."""
        if collection not in self.source.collections:
            return f"{collection} is not collected from {self.source.name} under its settings"
        for hole in self.unopened:
            if within(hole.scope, under) or within(under, hole.scope):
                deeper = self.source.connector.depth(self.source.collections[collection].level) > len(hole.scope)
                if deeper and len(under) <= len(hole.scope):
                    return f"it is not known which {hole.level}s there are in {show_scope(hole.scope)}: {hole.why}"
        empty = True
        for task in self.tasks(collection, under):
            empty = False
            if (trouble := self.trouble(task, at)) is not None:
                return trouble
        return f"no scope of {collection} is known in {show_scope(under)}" if empty else None


def lifetime(every: timedelta) -> timedelta:
    """Return how long a verdict stands that was seen on a schedule."""
    return every * LIFETIMES


def sight_of(
    source: Source,
    scopes: Mapping[str, Iterable[Scope]],
    unopened: Iterable[IncompleteDiscovery],
    latest: Iterable[StoredObservation],
    complete: Iterable[StoredObservation],
) -> Freshness:
    """Put together the sight of one source from a plan and from what the store has."""
    return Freshness(
        source,
        scopes=scopes.get(source.name, ()),
        unopened=(hole for hole in unopened if hole.source == source.name),
        latest=latest,
        complete=complete,
    )
