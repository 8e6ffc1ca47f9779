"""Sources (configured connectors) and their clients."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from collector.core.errors import ConfigError, RateLimited, Unexpected
from collector.core.scopes import is_scope
from collector.engine.odd_errors import explained, words_of
from collector.engine.scope_facts import FactsOfScopes, ScopeFacts
from collector.engine.wire import GatesOfClient, MeteredWire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from msgspec import Struct

    from collector.core.connectors import Collection, Connector
    from collector.core.scopes import Scope
    from collector.core.wire import Tap
    from collector.engine.clock import Clock

logger = logging.getLogger(__name__)

_SHARED_FAILURE = 60.0
"""Seconds during which the tasks of a run share the platform's refusal to name the identity because of its rate."""


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
        try:
            return {id_: each for id_, each in self.connector.collections.items() if each.when(self.settings)}
        except Exception as error:
            raise self._unsaid("which lists", error) from error

    def roots(self) -> tuple[Scope, ...]:
        """Return the scopes that the settings name. Raises ConfigError where the connector names none as it should."""
        try:
            roots = tuple(dict.fromkeys(self.connector.roots(self.settings)))
            most = len(self.connector.levels)
            wrong = [root for root in roots if not is_scope(root) or len(root) > most]
        except Exception as error:
            raise self._unsaid("which scopes", error) from error
        if wrong:
            raise self._unsaid("which scopes", wrong[0])
        return roots

    def _unsaid(self, what: str, why: object) -> ConfigError:
        return ConfigError(
            f"the connector {self.connector.name} cannot say {what} the source {self.name} has: {words_of(why)}",
            mend="correct the settings of the source; if they are right, report a defect of the connector",
        )


class OpenGates(GatesOfClient, Protocol):
    """The gates of one client, until they are closed."""

    def close(self) -> None:
        """End the use of all gates."""


class MakesGates(Protocol):
    """Where the gates of clients come from."""

    def of_client(self, source: Source, scope: Scope) -> OpenGates:
        """Return the gates of a new client; they are closed with it."""


class Clients:
    """The clients of a run: one for each scope, made when its first task starts and closed after its last."""

    def __init__(
        self,
        gates: MakesGates,
        clock: Clock,
        largest_answer: int,
        scope_facts: FactsOfScopes | None = None,
        tap_of: Callable[[Source, Scope], Tap] | None = None,
        on_closed: Callable[[Source, Scope], None] = lambda _source, _scope: None,
    ) -> None:
        """`on_closed` hears of each scope of which the last task has ended."""
        self._gates = gates
        self._on_closed = on_closed
        self._clock = clock
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
                if entry.gates is None:
                    entry.gates = self._gates.of_client(source, scope)
                facts = self._scope_facts.of(source.name, scope)
                tap = None if self._tap_of is None else self._tap_of(source, scope)
                wire = MeteredWire(entry.gates, self._largest_answer, facts, tap)
                entry.client = source.connector.connect(source.settings, scope, wire)
                entry.connected = True
            return entry.client

    def gates(self, source: Source, scope: Scope) -> OpenGates:
        """Return the gates of a client that is not here but at a worker; `done` closes them."""
        with self._lock:
            entry = self._entries[source.name, scope]
        with entry.lock:
            if entry.gates is None:
                entry.gates = self._gates.of_client(source, scope)
            return entry.gates

    def identity(self, source: Source, scope: Scope) -> str | None:
        """Return the identity that asks, as the platform names it; None where the connector cannot ask for it.

        The platform is asked once for each value of the connector's `identity_of`. Where it throttled the question,
        nobody asks again for a minute, and then one task alone. Raises what the connector raises.
        """
        ask = source.connector.identity
        if ask is None:
            return None
        client = self.get(source, scope)
        with self._lock:
            known = self._identities.setdefault(
                (source.name, source.connector.identity_of(source.settings, scope)), _Identity()
            )
        # Who comes while the first one asks waits for it; while somebody asks again, the last failure will do.
        if not known.lock.acquire(blocking=known.throttled is None):
            if not known.asked:
                raise known.failure()
            return known.identity
        try:
            if not known.asked:
                if known.throttled is not None and self._clock.monotonic() < known.ask_again:
                    raise known.failure()
                self._ask(source, known, lambda: ask(client))
            return known.identity
        finally:
            known.lock.release()

    def _ask(self, source: Source, known: _Identity, ask: Callable[[], str]) -> None:
        try:
            # Only an answer is cached: a short outage must not leave all tasks of a scope without identity.
            known.identity = _as_identity(ask())
        except Exception as error:
            failure = explained(error, source.connector.explain)
            if isinstance(failure, RateLimited):
                known.ask_again = self._clock.monotonic() + _SHARED_FAILURE
                known.throttled = failure
            raise
        known.asked, known.throttled = True, None

    def done(self, source: Source, scope: Scope) -> None:
        """End the use of the client by one task; the last one closes it."""
        with self._lock:
            entry = self._entries[source.name, scope]
            entry.users -= 1
            if entry.users > 0:
                return
            del self._entries[source.name, scope]
        entry.close(source, scope)
        self._on_closed(source, scope)

    def close(self, sources: Mapping[str, Source]) -> None:
        """Close all clients that are still open, after a run that ended early."""
        with self._lock:
            unclosed, self._entries = self._entries, {}
        for (name, scope), entry in unclosed.items():
            entry.close(sources[name], scope)


def _as_identity(said: object) -> str | None:
    """Return who asks. Raises Unexpected for what is no text: written as it is, it could not be read again."""
    if said is None or (isinstance(said, str) and said == words_of(said).encode("utf-8", "replace").decode()):
        return said
    raise Unexpected(f"the identity should be a text and is a {type(said).__name__}: {words_of(said)[:100]}")


class _Identity:
    __slots__ = ("ask_again", "asked", "identity", "lock", "throttled")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = False
        self.identity: str | None = None
        self.throttled: RateLimited | None = None
        self.ask_again = 0.0

    def failure(self) -> RateLimited:
        """Return a new error: one that is raised in many threads would gather the tracebacks of all."""
        known = self.throttled
        if known is None:
            return RateLimited("the platform wants fewer calls")
        return RateLimited(known.what, code=known.code, mend=known.mend)


class _Entry:
    __slots__ = ("client", "connected", "gates", "lock", "users")

    def __init__(self) -> None:
        self.users = 0
        self.lock = threading.Lock()
        self.connected = False
        self.client: Any = None
        self.gates: OpenGates | None = None

    def close(self, source: Source, scope: Scope) -> None:
        self._close_client(source, scope)
        if self.gates is not None:
            self.gates.close()

    def _close_client(self, source: Source, scope: Scope) -> None:
        if self.connected and source.connector.close is not None:
            try:
                source.connector.close(self.client)
            except BaseException:
                # Everything it returned is recorded; an error on closing must not end a task or the run.
                logger.warning("the client of %s %s did not close well", source.name, scope)
                logger.debug("how it went", exc_info=True)
            else:
                logger.debug("closed the client of %s %s", source.name, scope)
