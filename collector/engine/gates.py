"""The gates of a run: one for each bucket, shared by all sources, scopes and calls that count against it."""

from __future__ import annotations

import heapq
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collector.engine.gate import Budget, Gate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.core.buckets import Bucket
    from collector.core.scopes import Scope
    from collector.core.wire import Call
    from collector.engine.clock import Clock
    from collector.engine.quota import Allowance
    from collector.engine.sources import Source

Identity = tuple[str, str, str]
"""The name of a connector, and the owner and the name of a bucket."""


def identity_of(source: Source, bucket: Bucket) -> Identity:
    """Return what tells a bucket of a source from all others."""
    return source.connector.name, bucket.owner, bucket.name


def declared(source: Source, scope: Scope, call: Call) -> Bucket:
    """Return the bucket that a call counts against by the connector's own word."""
    return source.connector.quota(source.settings, scope, call)


@dataclass
class _Shared:
    """A gate and the number of clients that use it."""

    gate: Gate
    clients: int = 0


class Gates:
    """Makes each gate when its first client needs it, and drops it after its last.

    A gate stays without clients where the platform has reported a quota, and until its pause is over. `budgets` are the
    operator's own, by source.
    """

    def __init__(self, sources: Iterable[Source], budgets: Mapping[str, Budget], clock: Clock) -> None:
        self._sources = tuple(sources)
        self._budgets = budgets
        self._clock = clock
        self._lock = threading.Lock()
        self._shared: dict[Identity, _Shared] = {}
        self._renamed: dict[tuple[Identity, str], Bucket] = {}
        self._paused: list[tuple[float, Identity]] = []

    def __len__(self) -> int:
        return len(self._shared)

    def of_client(self, source: Source, scope: Scope) -> ClientGates:
        """Return the gates of a new client; they are closed with it."""
        return ClientGates(self, source, scope)

    def bucket_of(self, source: Source, scope: Scope, call: Call) -> Bucket:
        """Return the bucket that a call counts against: as the platform named it, else as the connector declares it."""
        bucket = declared(source, scope, call)
        return self._renamed.get((identity_of(source, bucket), call.operation), bucket)

    def rename(self, source: Source, scope: Scope, call: Call, name: str) -> Bucket:
        """Note which bucket the platform names for a call, and return that bucket."""
        bucket = declared(source, scope, call)
        key = identity_of(source, bucket), call.operation
        with self._lock:
            if name == bucket.name:
                self._renamed.pop(key, None)
                return bucket
            self._renamed[key] = renamed = replace(bucket, name=name)
            return renamed

    def join(self, source: Source, scope: Scope, call: Call, bucket: Bucket) -> Gate:
        """Return the gate of a bucket; each call needs one `leave`. All budgets for it are obeyed."""
        identity = identity_of(source, bucket)
        budget = self._strictest(source, scope, call, bucket)
        with self._lock:
            self._drop_after_pauses()
            shared = self._shared.get(identity)
            if shared is None:
                gate = Gate(budget, self._clock, f"{source.name}: {bucket}")
                shared = self._shared[identity] = _Shared(gate)
            else:
                shared.gate.tighten(budget)
            shared.clients += 1
            return shared.gate

    def leave(self, identity: Identity) -> None:
        """End the use of a gate by one client."""
        with self._lock:
            self._shared[identity].clients -= 1
            self._drop_unused(identity)

    def allowances(self) -> dict[Identity, Allowance]:
        """Return the allowance of each bucket whose platform has reported what is left of it."""
        with self._lock:
            allowances = {identity: shared.gate.quota.allowance() for identity, shared in self._shared.items()}
        return {identity: allowance for identity, allowance in allowances.items() if allowance is not None}

    def _drop_unused(self, identity: Identity) -> None:
        shared = self._shared[identity]
        if shared.clients or shared.gate.quota.allowance() is not None:
            return
        if held := shared.gate.seconds_held():
            heapq.heappush(self._paused, (self._clock.monotonic() + held, identity))
        else:
            del self._shared[identity]

    def _drop_after_pauses(self) -> None:
        while self._paused and self._paused[0][0] <= self._clock.monotonic():
            _, identity = heapq.heappop(self._paused)
            if identity in self._shared:
                self._drop_unused(identity)

    def _strictest(self, source: Source, scope: Scope, call: Call, bucket: Bucket) -> Budget:
        """Return the strictest of the budgets of all sources whose calls of this kind count against the same bucket."""
        budget = self._budget(source, bucket)
        identity = identity_of(source, bucket)
        for other in self._sources:
            if other.name != source.name and other.connector.name == source.connector.name:
                theirs = declared(other, scope, call)
                if identity_of(other, theirs) == identity:
                    budget = budget.stricter(self._budget(other, theirs))
        return budget

    def _budget(self, source: Source, bucket: Bucket) -> Budget:
        return Budget.of(bucket).stricter(self._budgets.get(source.name, Budget()))


class ClientGates:
    """The gates of one client by operation; its connector is asked once for each."""

    def __init__(self, gates: Gates, source: Source, scope: Scope) -> None:
        self._gates = gates
        self._source = source
        self._scope = scope
        self._lock = threading.Lock()
        self._by_operation: dict[str, tuple[str, Gate]] = {}
        self._joined: dict[Identity, Gate] = {}

    def of(self, call: Call) -> Gate:
        """Return the gate that a call has to pass."""
        known = self._by_operation.get(call.operation)
        if known is None:
            return self._use(call, self._gates.bucket_of(self._source, self._scope, call))
        return known[1]

    def named(self, call: Call, bucket: str) -> Gate:
        """Return the gate of the bucket that the platform names for a call, which is `of` later calls of its kind."""
        known = self._by_operation.get(call.operation)
        if known is not None and known[0] == bucket:
            return known[1]
        return self._use(call, self._gates.rename(self._source, self._scope, call, bucket))

    def close(self) -> None:
        """End the use of all gates."""
        with self._lock:
            joined, self._joined = self._joined, {}
            self._by_operation.clear()
        for identity in joined:
            self._gates.leave(identity)

    def _use(self, call: Call, bucket: Bucket) -> Gate:
        identity = identity_of(self._source, bucket)
        with self._lock:
            if identity not in self._joined:
                self._joined[identity] = self._gates.join(self._source, self._scope, call, bucket)
            gate = self._joined[identity]
            self._by_operation[call.operation] = bucket.name, gate
            return gate
