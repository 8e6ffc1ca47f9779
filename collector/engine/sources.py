"""Sources (configured connectors) and their clients."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collector.engine.scope_facts import ScopeFacts
from collector.engine.wire import Gate, MeteredWire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from msgspec import Struct

    from collector.core.connectors import Collection, Connector
    from collector.core.scopes import Scope
    from collector.core.wire import Tap

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """One `[sources.NAME]` of the configuration.

    `code` is the digest of the connector's code. `every` is the interval of all its collections; None: each has its
    own. `only` are the ids of the collections of a source that is known from the log and not from settings.
    """

    name: str
    connector: Connector[Any, Any]
    settings: Struct
    code: str = ""
    every: timedelta | None = None
    only: frozenset[str] | None = None

    @cached_property
    def collections(self) -> dict[str, Collection[Any]]:
        """The collections that belong to this source under its settings, by id."""
        if self.only is not None:
            return {id_: collection for id_, collection in self.connector.collections.items() if id_ in self.only}
        return {
            id_: collection for id_, collection in self.connector.collections.items() if collection.when(self.settings)
        }

    def roots(self) -> tuple[Scope, ...]:
        """Return the scopes that the settings name."""
        return tuple(self.connector.roots(self.settings))


class Clients:
    """The clients of a run: one for each scope, made when its first task starts and closed after its last."""

    def __init__(
        self,
        gate_of: Callable[[Source, Scope], Gate],
        largest_answer: int,
        scope_facts: ScopeFacts | None = None,
        tap_of: Callable[[Source, Scope], Tap] | None = None,
    ) -> None:
        self._gate_of = gate_of
        self._largest_answer = largest_answer
        self._scope_facts = scope_facts or ScopeFacts()
        self._tap_of = tap_of
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, Scope], _Entry] = {}
        self._identities: dict[tuple[str, object], _Identity] = {}

    def expect(self, source: Source, scope: Scope) -> None:
        """Announce a task that will use the client of a scope; each call needs one `done`."""
        with self._lock:
            self._entries.setdefault((source.name, scope), _Entry()).users += 1

    def get(self, source: Source, scope: Scope) -> Any:  # noqa: ANN401  each connector has its own client
        """Return the client of a scope, connected at the first call. Raises what the connector raises."""
        with self._lock:
            entry = self._entries[source.name, scope]
        with entry.lock:
            if not entry.connected:
                facts = self._scope_facts.of(source.name, scope)
                tap = None if self._tap_of is None else self._tap_of(source, scope)
                wire = MeteredWire(self._gate_of(source, scope), self._largest_answer, facts, tap)
                entry.client = source.connector.connect(source.settings, scope, wire)
                entry.connected = True
            return entry.client

    def identity(self, source: Source, scope: Scope) -> str | None:
        """Return the identity that asks, as the platform names it; None where the connector cannot ask for it.

        The platform is asked once for each value of the connector's `identity_of`. Raises what the connector raises.
        """
        ask = source.connector.identity
        if ask is None:
            return None
        client = self.get(source, scope)
        with self._lock:
            known = self._identities.setdefault(
                (source.name, source.connector.identity_of(source.settings, scope)), _Identity()
            )
        with known.lock:
            if not known.asked:
                # Only an answer is cached: a short outage must not leave all tasks of a scope without identity.
                known.identity = ask(client)
                known.asked = True
            return known.identity

    def done(self, source: Source, scope: Scope) -> None:
        """End the use of the client by one task; the last one closes it."""
        with self._lock:
            entry = self._entries[source.name, scope]
            entry.users -= 1
            if entry.users > 0:
                return
            del self._entries[source.name, scope]
        entry.close(source, scope)

    def close(self, sources: Mapping[str, Source]) -> None:
        """Close all clients that are still open, after a run that ended early."""
        with self._lock:
            unclosed, self._entries = self._entries, {}
        for (name, scope), entry in unclosed.items():
            entry.close(sources[name], scope)


class _Identity:
    __slots__ = ("asked", "identity", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = False
        self.identity: str | None = None


class _Entry:
    __slots__ = ("client", "connected", "lock", "users")

    def __init__(self) -> None:
        self.users = 0
        self.lock = threading.Lock()
        self.connected = False
        self.client: Any = None

    def close(self, source: Source, scope: Scope) -> None:
        if self.connected and source.connector.close is not None:
            try:
                source.connector.close(self.client)
            except Exception:
                # Everything it returned is recorded; an error on closing must not end a task or the run.
                logger.warning("the client of %s %s did not close well", source.name, scope)
                logger.debug("how it went", exc_info=True)
            else:
                logger.debug("closed the client of %s %s", source.name, scope)
