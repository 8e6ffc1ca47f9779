"""The scopes of a source, and the tasks of a run that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from collector.core.facts import IncompleteDiscovery
from collector.core.plain_text import plural_of
from collector.core.scopes import ScopeIndex, enclosing, scope_text, show_scope
from collector.core.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from collector.core.facts import TasksPlanned
    from collector.core.scopes import Scope
    from collector.engine.sources import Source


@dataclass
class ScopeTree:
    """The scopes of one source: its roots, and those discovered below them so far.

    `known` are the scopes of its latest plan.
    """

    source: Source
    known: tuple[Scope, ...] = ()
    scopes: list[Scope] = field(default_factory=list)
    incomplete_discoveries: list[IncompleteDiscovery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scopes = list(dict.fromkeys(self.source.roots()))
        self._existing = set(self.scopes)
        self._known = ScopeIndex(self.known)

    def discoveries(self, depth: int) -> Iterator[tuple[str, Task]]:
        """Yield (level, task) for each task that discovers the scopes one level below `depth`."""
        connector = self.source.connector
        if depth >= len(connector.levels):
            return
        level = connector.levels[depth]
        for discovery in connector.discoveries.get(level, []):
            if discovery.collection in self.source.collections:
                for scope in self.scopes:
                    if len(scope) == depth:
                        yield level, Task(self.source.name, discovery.collection, scope)

    def add_discovered(self, level: str, parent: Scope, found: Iterable[str], why_incomplete: str | None) -> None:
        """Add the scopes that a discovery named.

        With `why_incomplete` there may be others: the known scopes of the level are kept, those that the settings name
        are added, and the discovery is added to `incomplete_discoveries`.
        """
        self._add((*parent, name) for name in found)
        if why_incomplete is not None:
            self._add(self._known.below(len(parent) + 1, parent))
            self._add((*parent, name) for name in self.source.connector.named_below(self.source.settings, parent))
            self.incomplete_discoveries.append(IncompleteDiscovery(self.source.name, level, parent, why_incomplete))

    def add_known(self) -> None:
        """Add the known scopes without discovery, as an offline plan does."""
        roots = set(self.source.roots())
        self._add(scope for scope in self.known if not roots.isdisjoint(enclosing(scope)))

    def _add(self, scopes: Iterable[Scope]) -> None:
        for scope in scopes:
            if scope not in self._existing:
                self._existing.add(scope)
                self.scopes.append(scope)

    def tasks(self, wanted: Callable[[Task], bool], done: Iterable[Task] = ()) -> list[Task]:
        """Return the wanted tasks of all collections in these scopes, ordered by scope, without those in `done`."""
        skip = set(done)
        by_depth: dict[int, list[str]] = {}
        for id_, collection in self.source.collections.items():
            by_depth.setdefault(self.source.connector.depth(collection.level), []).append(id_)
        planned = []
        for scope in sorted(self.scopes, key=scope_text):
            for id_ in by_depth.get(len(scope), ()):
                task = Task(self.source.name, id_, scope)
                if task not in skip and wanted(task):
                    planned.append(task)
        return planned


def known_scopes(plans: Iterable[TasksPlanned]) -> dict[str, tuple[Scope, ...]]:
    """Return for each source the scopes of its latest plan."""
    known: dict[str, tuple[Scope, ...]] = {}
    for plan in plans:
        for source, scopes in plan.scopes.items():
            known.setdefault(source, scopes)
    return known


def round_robin(tasks: Mapping[str, list[Task]]) -> list[Task]:
    """Return the tasks of several sources in turns, so that different quotas do not wait for each other."""
    return [task for task in chain.from_iterable(zip_longest(*tasks.values())) if task is not None]


def incomplete_text(discovery: IncompleteDiscovery) -> str:
    """Return the sentence that says which scopes are not known because a discovery was not complete."""
    where = show_scope(discovery.scope)
    return f"{discovery.source}: which {plural_of(discovery.level)} there are in {where} is not known: {discovery.why}"
