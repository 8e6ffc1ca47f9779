"""Ask a platform for one item of each collection without storing anything: identity, permissions, clock."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Self, cast

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.ports import Attempt, Finished, Leaf
from collector.core.scopes import Scope
from collector.core.tasks import Task
from collector.engine.collect import RunContext, TaskRun
from collector.engine.gates import Gates
from collector.engine.platform_clocks import PlatformClocks
from collector.engine.scope_facts import ScopeFacts
from collector.engine.sources import Clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from collector.core.connectors import Collection
    from collector.core.ports import Item, RunStore
    from collector.core.tasks import Observation, UnreadPart
    from collector.engine.clock import Clock
    from collector.engine.collect import Done
    from collector.engine.run import Limits
    from collector.engine.sources import Source

_AT_ONCE = 8

_FEW = 20
"""Items of a discovery that are read, because the first one may be a scope without access."""


class DryCall(Struct, frozen=True):
    """What came of asking for the first item of one collection, and for its parts."""

    task: Task
    seen: Observation
    unread: tuple[UnreadPart, ...]


class DryRun(Struct, frozen=True):
    """What came of asking one source. `not_reached` names levels of which no scope could be found."""

    source: str
    identity: str | None
    calls: tuple[DryCall, ...]
    not_reached: tuple[str, ...]
    date: datetime | None
    asked_at: datetime


class _NoStore:
    """A store that keeps nothing, and remembers only which parts could not be read."""

    def __init__(self) -> None:
        self.unread: dict[str, UnreadPart] = {}

    def attempt(self, _task: Task, _run: str) -> Attempt:
        return Attempt("dry")

    def stage(self, _attempt: Attempt, batch: Sequence[Item]) -> int:
        for item in batch:
            self.unread.update(item.unread)
        return 0

    def finish(self, _attempt: Attempt, _seen: Observation) -> Finished:
        return Finished(Leaf(0, b""), 0, 0, 0, 0, Digest(""))

    def drop(self, _attempt: Attempt) -> None:
        """There is nothing to forget."""


def dry_run(source: Source, clock: Clock, limits: Limits) -> DryRun:
    """Ask a source for one item of every collection, in the first scope of each level that can be found."""
    connector = source.connector
    calls: list[DryCall] = []
    not_reached: list[str] = []
    below: dict[int, Scope] = {}
    for root in source.roots():
        below.setdefault(len(root), root)
    with DryCalls(source, clock, limits) as dry_calls:
        for depth, level in enumerate(("source", *connector.levels)):
            scope = below.get(depth)
            of_level = [
                collection for collection in source.collections.values() if connector.depth(collection.level) == depth
            ]
            if scope is None:
                if of_level:
                    not_reached.append(level)
                continue
            for call, child in dry_calls.all(of_level, scope):
                calls.append(call)
                if child is not None:
                    below.setdefault(depth + 1, child)
    identity = next((call.seen.provenance.identity for call in calls if call.seen.provenance.identity), None)
    dates = [(call.seen.provenance.date, call.seen.ended_at) for call in calls]
    date, asked_at = next(((date, at) for date, at in dates if date is not None), (None, clock.now()))
    return DryRun(source.name, identity, tuple(calls), tuple(not_reached), date, asked_at)


class DryCalls:
    """The engine's own way of doing a task, over a store that keeps nothing."""

    def __init__(self, source: Source, clock: Clock, limits: Limits) -> None:
        self._source = source
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="annexd-dry")
        self._parts = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="annexd-dry-part")
        self._scope_facts = scope_facts = ScopeFacts()
        self._context = RunContext(
            run="dry",
            store=cast("RunStore", _NoStore()),
            clients=Clients(Gates([source], limits.budgets, clock), clock, limits.largest_answer, scope_facts),
            scope_facts=scope_facts,
            clock=clock,
            stop=threading.Event(),
            part_pool=self._parts,
            deadline=limits.deadline,
            redaction_key=bytes(32),  # nothing of it is kept
            clocks=PlatformClocks(clock, limits.clock),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.stop.set()
        self._pool.shutdown(cancel_futures=True)
        self._parts.shutdown(cancel_futures=True)

    def each(self, collection_of: Callable[[Scope], Collection[Any]], scopes: Sequence[Scope]) -> Iterator[Observation]:
        """Yield what came of a whole collection in each of many scopes, in their order."""
        yield from self._pool.map(lambda scope: self.whole(collection_of(scope), scope).observation, scopes)

    def whole(self, collection: Collection[Any], scope: Scope) -> Done:
        """Do a whole collection in one scope, and return what came of it."""
        self._context.clients.expect(self._source, scope)
        context = replace(self._context, store=cast("RunStore", _NoStore()))
        return TaskRun(context, self._source, collection, Task(self._source.name, collection.id, scope)).run()

    def all(self, collections: Sequence[Collection[Any]], scope: Scope) -> Iterator[tuple[DryCall, Scope | None]]:
        """Yield what came of each collection, and a scope that it discovered."""
        tasks = [Task(self._source.name, collection.id, scope) for collection in collections]
        for _ in tasks:
            self._context.clients.expect(self._source, scope)
        yield from self._pool.map(self._one, collections, tasks)

    def _one(self, collection: Collection[Any], task: Task) -> tuple[DryCall, Scope | None]:
        no_store = _NoStore()
        discoveries = self._source.connector.discoveries.values()
        names_scopes = any(
            discovery.collection == collection.id
            for level_discoveries in discoveries
            for discovery in level_discoveries
        )
        cut = replace(collection, list=lambda client: _first(collection.list(client), _FEW if names_scopes else 1))
        done = TaskRun(replace(self._context, store=cast("RunStore", no_store)), self._source, cut, task).run()
        self._scope_facts.add(task, done.discovered)
        child = (*task.scope, done.discovered[0].name) if done.discovered else None
        return DryCall(task, done.observation, tuple(no_store.unread.values())), child


def _first(listed: Any, most: int) -> Iterator[Any]:  # noqa: ANN401  a generator of the connector's
    with closing(listed):
        yield from islice(listed, most)
