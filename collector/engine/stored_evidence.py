"""The stored evidence of one source, as the parameters of checks need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.errors import Unread
from collector.core.scopes import enclosing, show_scope
from collector.core.tasks import Task
from collector.core.views import UndecodableError, decode, unread_view

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from msgspec import Struct

    from collector.core.canonical import Digest
    from collector.core.checks import Need
    from collector.core.ports import Store, Stored
    from collector.core.resources import Kind
    from collector.core.scopes import Scope
    from collector.engine.freshness import Freshness


class StoredEvidence:
    """Finds resources and sets for checks, as of a moment. Reads the store; writes nothing."""

    def __init__(self, store: Store, freshness: Freshness, as_of: datetime | None = None) -> None:
        self._store = store
        self._freshness = freshness
        self._as_of = as_of

    def nearest(self, kind: Kind, scope: Scope, at: datetime) -> tuple[Struct, tuple[Digest, ...]]:
        """Return the one resource of a kind in the nearest enclosing scope, and the digests it is based on.

        Where it was not observed, every field of the view raises Unread.
        """
        stored = self.nearest_stored(kind, scope, at)
        if isinstance(stored, str):
            return unread_view(kind.view, stored), ()
        view = view_of(kind, stored)
        return unread_view(kind.view, view) if isinstance(view, str) else view, (stored.digest,)

    def nearest_stored(self, kind: Kind, scope: Scope, at: datetime) -> Stored | str:
        """Return the one resource of a kind in the nearest enclosing scope, or the reason why there is none."""
        task = self.nearest_task(kind, scope)
        if isinstance(task, str):
            return task
        reason = self._freshness.incomplete_reason(task, at)
        if reason is not None:
            return reason
        resources = self._store.resources(kind.name, source=task.source, under=task.scope, as_of=self._as_of)
        missing = f"there is no {kind.name} in {show_scope(task.scope)}"
        if (not_used := self._freshness.not_used(task)) is not None:
            missing = not_used.observation.reason()
        elif (lag := lag_reason(self._freshness, task)) is not None:
            missing = f"{missing}: {lag}"
        return next(iter(resources), missing)

    def nearest_task(self, kind: Kind, scope: Scope) -> Task | str:
        """Return the task that observes a kind in the nearest enclosing scope, or the reason why there is none."""
        collection = self._freshness.source.collections.get(kind.name)
        if collection is None:
            return f"{kind.name} is not collected from {self._freshness.source.name}"
        depth = self._freshness.source.connector.depth(collection.level)
        home_scope = next((candidate for candidate in enclosing(scope) if len(candidate) == depth), None)
        if home_scope is None:
            return f"{kind.name} is not found around {show_scope(scope)}"
        return Task(self._freshness.source.name, kind.name, home_scope)

    def set_of(self, need: Need, over: str | None, scope: Scope) -> tuple[Kind, Scope]:
        """Return the kind of a set parameter and the scope that it covers for a rule judged at `scope`."""
        connector = self._freshness.source.connector
        collection = connector.collections[need.kind.name]
        return need.kind, scope[: connector.set_depth(collection.level, over)]

    def members(self, kind: Kind, under: Scope, at: datetime) -> Iterator[tuple[Scope, Any]]:
        """Stream a complete set. Raises Unread where it is not complete, or a member cannot be decoded."""
        reason = self._freshness.incomplete_set_reason(kind.name, under, at)
        if reason is not None:
            raise Unread(reason)
        for stored in self._store.resources(
            kind.name, source=self._freshness.source.name, under=under, as_of=self._as_of
        ):
            view = view_of(kind, stored)
            if isinstance(view, str):
                raise Unread(view)
            yield stored.task.scope, view

    def scopes_of_set(self, kind: Kind, under: Scope, at: datetime) -> Iterator[Scope]:
        """Yield the scopes of a complete set. Raises Unread where it is not complete."""
        reason = self._freshness.incomplete_set_reason(kind.name, under, at)
        if reason is not None:
            raise Unread(reason)
        for task in self._freshness.tasks(kind.name, under):
            yield task.scope

    def inventories(self, kind: Kind, under: Scope) -> tuple[Digest, ...]:
        """Return the inventory roots that a complete set is based on."""
        observations = (self._freshness.latest(task) for task in self._freshness.tasks(kind.name, under))
        return tuple(stored.inventory for stored in observations if stored is not None and stored.inventory is not None)

    def observation_times(self, kind: Kind, under: Scope) -> Iterator[tuple[datetime, datetime]]:
        """Yield when the latest observation of each task of a set ended, by this machine's clock and the platform's."""
        for task in self._freshness.tasks(kind.name, under):
            seen = self._freshness.latest(task)
            if seen is not None:
                yield seen.observation.ended_at, seen.observation.ended_at - seen.observation.clock_off


def view_of(kind: Kind, stored: Stored) -> Struct | str:
    """Return the view of a stored resource, or the reason why there is none."""
    if stored.blob is None:
        return f"the evidence on {stored.key} was erased"
    unread = {name: str(part) for name, part in stored.unread.items()}
    if stored.facts_gone:
        unread |= dict.fromkeys(kind.volatile, "these facts are not kept any more")
    try:
        return decode(kind.view, stored.blob, stored.facts, unread)
    except UndecodableError as error:
        return f"the stored evidence does not have the documented shape: {error}"


def lag_reason(freshness: Freshness, task: Task) -> str | None:
    """Return why what a list does not show may still be there, None where the list is consistent or not used."""
    collection = freshness.source.collections[task.collection]
    if not collection.eventual or freshness.not_used(task) is not None:
        return None
    return f"the platform says that the list of {collection.id} may lag: what it does not show may still be there"
