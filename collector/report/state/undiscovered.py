"""Where discovery was not done to its end, so that it is not known which scopes there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.facts import IncompleteDiscovery
from collector.engine.plan import ScopeTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.facts import TasksPlanned
    from collector.engine.freshness import Freshness


def undiscovered(freshness: Freshness) -> Iterator[IncompleteDiscovery]:
    """Yield where discovery was never done, or not to its end, since the newest plan or before the first."""
    known = {(discovery.level, discovery.scope) for discovery in freshness.incomplete_discoveries}
    tree = ScopeTree(freshness.source)
    tree.scopes = list(freshness.scopes)
    for depth in range(len(freshness.source.connector.levels)):
        for level, task in tree.discoveries(depth):
            why = freshness.incomplete_reason(task)
            if why is not None and (level, task.scope) not in known:
                yield IncompleteDiscovery(task.source, level, task.scope, why)


def incomplete_discoveries(plans: list[TasksPlanned]) -> Iterator[IncompleteDiscovery]:
    """Yield what the newest plan of each source could not open."""
    sources: set[str] = set()
    for plan in plans:
        new_sources = plan.scopes.keys() - sources
        yield from (discovery for discovery in plan.incomplete_discoveries if discovery.source in new_sources)
        sources |= new_sources
