"""The gates of a run: one for each quota identity, shared by all sources and scopes that count against it."""

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
"""The name of a connector, and the name of the quota that calls count against."""


def identity_of(source: Source, scope: Scope) -> Identity:
    """Return the identity whose quota the calls of a scope count against."""
    return source.connector.name, source.connector.quota(source.settings, scope)


class Gates:
    """Makes each gate when its first client needs it. `budgets` are the operator's own, by source."""

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
        """Return the allowance of each quota whose platform has reported what is left of it."""
        with self._lock:
            allowances = {identity: gate.quota.allowance() for identity, gate in self._gates.items()}
        return {identity: allowance for identity, allowance in allowances.items() if allowance is not None}

    def _strictest(self, source: Source, scope: Scope) -> Budget:
        """Return the strictest of the budgets of all sources that count against the same identity."""
        budget = self._budget(source)
        identity = identity_of(source, scope)
        for other in self._sources:
            if other.connector.name == source.connector.name and identity_of(other, scope) == identity:
                budget = budget.stricter(self._budget(other))
        return budget

    def _budget(self, source: Source) -> Budget:
        configured = self._budgets.get(source.name) or Budget(source.connector.concurrency)
        return Budget(
            configured.concurrency,
            configured.per_second,
            min(configured.share, source.connector.share(source.settings)),
        )
