"""What the discoveries of a run say of the scopes that they name, and which discovery said it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from collector.core.scopes import show_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.core.connectors import Found
    from collector.core.scopes import Scope
    from collector.core.tasks import Task

NO_FACTS: Mapping[str, Any] = MappingProxyType({})


class FactsOfScopes(Protocol):
    """What discoveries say of scopes."""

    def of(self, source: str, scope: Scope) -> Mapping[str, Any]:
        """Return the facts of a scope; empty where no discovery of this run said any."""

    def said_by(self, source: str, scope: Scope) -> str:
        """Return the discoveries that the facts of a scope come from, for people."""


class ScopeFacts:
    """The facts of scopes by source and scope; of one run, because tomorrow an API may be on."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, Scope], dict[str, Any]] = {}
        self._said_by: dict[tuple[str, Scope], tuple[Task, ...]] = {}
        self._contradicted: set[tuple[str, Scope]] = set()

    def add(self, task: Task, found: Iterable[Found]) -> None:
        """Add what a discovery said. A scope of which two say different things has no facts: nobody knows then."""
        for scope in found:
            place = (task.source, (*task.scope, scope.name))
            if not scope.facts or place in self._contradicted:
                continue
            known = self._facts.setdefault(place, {})
            if any(name in known and known[name] != value for name, value in scope.facts.items()):
                self._contradicted.add(place)
                del self._facts[place], self._said_by[place]
                continue
            known.update(scope.facts)
            said_by = self._said_by.get(place, ())
            self._said_by[place] = said_by if task in said_by else (*said_by, task)

    def of(self, source: str, scope: Scope) -> Mapping[str, Any]:
        """Return the facts of a scope; empty where no discovery of this run said any."""
        known = self._facts.get((source, scope))
        return NO_FACTS if known is None else MappingProxyType(known)

    def said_by(self, source: str, scope: Scope) -> str:
        """Return the discoveries that the facts of a scope come from, for people."""
        tasks = self._said_by.get((source, scope), ())
        return ", ".join(f"{task.collection} in {show_scope(task.scope)}" for task in tasks)
