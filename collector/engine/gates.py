"""The gates of a run: one for each quota identity, whichever sources and scopes count against it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from collector.engine.wire import Budget, Gate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.core.scopes import Scope
    from collector.engine.clock import Clock
    from collector.engine.quota import Allowance
    from collector.engine.sources import Source

Identity = tuple[str, str]
"""A connector's name and whose limits its calls count against."""


def identity_of(source: Source, scope: Scope) -> Identity:
    """Return against whose limits the calls of a scope count."""
    return source.connector.name, source.connector.quota(source.settings, scope)


class Gates:
    """Makes each gate when its first client asks for it. `budgets` are the operator's own, by source."""

    def __init__(self, sources: Iterable[Source], budgets: Mapping[str, Budget], clock: Clock) -> None:
        self._sources = tuple(sources)
        self._budgets = budgets
        self._clock = clock
        self._lock = threading.Lock()
        self._gates: dict[Identity, Gate] = {}

    def of(self, source: Source, scope: Scope) -> Gate:
        """Return the gate of a scope."""
        identity = identity_of(source, scope)
        with self._lock:
            if identity not in self._gates:
                self._gates[identity] = Gate(self._strictest(source, scope), self._clock)
            return self._gates[identity]

    def allowances(self) -> dict[Identity, Allowance]:
        """Return what may be asked of each quota whose platform said what is left of it."""
        with self._lock:
            said = {identity: gate.quota.allowance() for identity, gate in self._gates.items()}
        return {identity: allowance for identity, allowance in said.items() if allowance is not None}

    def _strictest(self, source: Source, scope: Scope) -> Budget:
        """Keep to the budgets of all sources that count against one identity: it does not know them apart."""
        budget = self._budget(source)
        identity = identity_of(source, scope)
        for other in self._sources:
            if other.connector.name == source.connector.name and identity_of(other, scope) == identity:
                budget = budget.stricter(self._budget(other))
        return budget

    def _budget(self, source: Source) -> Budget:
        said = self._budgets.get(source.name) or Budget(source.connector.concurrency)
        return Budget(said.concurrency, said.per_second, min(said.share, source.connector.share(source.settings)))
