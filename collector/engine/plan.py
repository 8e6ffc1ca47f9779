"""Which scopes there are, and which tasks follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from collector.core.facts import IncompleteDiscovery
from collector.core.scopes import scope_text, show_scope, within
from collector.core.tasks import Outcome, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from collector.core.facts import TasksPlanned
    from collector.core.scopes import Scope
    from collector.engine.sources import Source


@dataclass
class ScopeTree:
    """The scopes of one source, from its roots down as far as discovery has come."""

    source: Source
    known: tuple[Scope, ...] = ()
    scopes: list[Scope] = field(default_factory=list)
    unopened: list[IncompleteDiscovery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scopes = list(dict.fromkeys(self.source.roots()))

    def discoveries(self, depth: int) -> Iterator[tuple[str, Task]]:
        """Yield the level below `depth` and the tasks that say which of its scopes there are."""
        connector = self.source.connector
        if depth >= len(connector.levels):
            return
        level = connector.levels[depth]
        for discovery in connector.discoveries.get(level, []):
            if discovery.collection in self.source.collections:
                for scope in self.scopes:
                    if len(scope) == depth:
                        yield level, Task(self.source.name, discovery.collection, scope)

    def open(self, level: str, parent: Scope, found: Iterable[str], outcome: Outcome, why: str) -> None:
        """Take in what a discovery named. One that is not complete keeps what was known, and leaves a hole."""
        names = [(*parent, name) for name in dict.fromkeys(found)]
        if outcome is not Outcome.COMPLETE:
            depth = len(parent) + 1
            names += [scope for scope in self.known if len(scope) == depth and within(scope, parent)]
            self.unopened.append(IncompleteDiscovery(self.source.name, level, parent, why))
        held = set(self.scopes)
        self.scopes += [scope for scope in dict.fromkeys(names) if scope not in held]

    def assume(self) -> None:
        """Take the last known scopes for granted, because nobody was asked: what `plan` does offline."""
        held = set(self.scopes)
        self.scopes += [scope for scope in self.known if scope not in held and self._below_a_root(scope)]

    def _below_a_root(self, scope: Scope) -> bool:
        return any(within(scope, root) for root in self.source.roots())

    def tasks(self, wanted: Callable[[Task], bool], done: Iterable[Task] = ()) -> list[Task]:
        """Return the tasks of the collections in the known scopes, scope by scope, without those done already."""
        skip = set(done)
        made = []
        for scope in sorted(self.scopes, key=scope_text):
            for id_, collection in self.source.collections.items():
                if self.source.connector.depth(collection.level) == len(scope):
                    task = Task(self.source.name, id_, scope)
                    if task not in skip and wanted(task):
                        made.append(task)
        return made


def known_scopes(plans: Iterable[TasksPlanned]) -> dict[str, tuple[Scope, ...]]:
    """Return for each source the scopes of its latest plan."""
    known: dict[str, tuple[Scope, ...]] = {}
    for plan in plans:
        for source, scopes in plan.scopes.items():
            known.setdefault(source, scopes)
    return known


def in_turn(tasks: Mapping[str, list[Task]]) -> list[Task]:
    """Return the tasks of several sources taking turns, so that no quota identity waits for another's."""
    return [task for task in chain.from_iterable(zip_longest(*tasks.values())) if task is not None]


def hole_text(hole: IncompleteDiscovery) -> str:
    """Say for people what is not known because a discovery was not complete."""
    return f"{hole.source}: which {hole.level}s there are in {show_scope(hole.scope)} is not known: {hole.why}"
