"""Delete what is stored of one resource for good, where the law requires it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.errors import ConfigError
from collector.core.plain_text import show_moment
from collector.core.scopes import Scope, show_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.erasure import BodyOwner, Erasable, Lock
    from collector.core.history import History
    from collector.setup.app import App
    from storage import SqlStore


class BodyOwnerView(Struct, frozen=True, kw_only=True):
    """A resource that loses a body."""

    source: str
    kind: str
    scope: tuple[str, ...]
    key: str


class ErasedView(Struct, frozen=True, kw_only=True, tag="annexd.erased/1", tag_field="schema"):
    """What `annexd erase --json` prints. `shared` are other resources of the same body, which lose it too."""

    at: datetime
    source: str
    kind: str
    key: str
    bodies: tuple[str, ...]
    facts: tuple[str, ...]
    shared: list[BodyOwnerView]
    dry_run: bool


def carry_out(
    app: App,
    store: SqlStore,
    what: tuple[str, str, str, str | None],
    why: tuple[str, str],
    *,
    despite: bool,
    dry: bool,
) -> ErasedView:
    """Drop the bodies of a resource, or say which they are. Raises ConfigError where a lock or the request forbids it.

    Raises VerificationError where the store is not as it was recorded: which bodies they are is read from its tables.
    `what` is source, kind, key and shown scope; `why` is the legal basis and who approved it.
    """
    from collector.actions.export_proof import prove_source
    from collector.company.recording import bring_in
    from collector.core.erasure import Erasure
    from collector.engine.clock import SystemClock
    from collector.setup.this_machine import operator

    if not dry:
        prove_source(store)
    source, kind, key, shown_scope = what
    scope = None if shown_scope is None else read_scope(shown_scope)
    found = store.erasing.erasable(source=source, kind=kind, key=key, scope=scope)
    if not found.bodies and not found.facts:
        raise ConfigError(
            f"nothing is stored of {kind} {key!r} in {source} that could be erased",
            mend=f"the key has to be whole; annexd evidence {source} {kind} lists those that are there",
        )
    broken = _locks_broken(store.history, found, app.config.retention.locks())
    if broken is not None and not despite:
        raise ConfigError(
            f"{key} was there while {show_moment(broken.start)} to {show_moment(broken.end)} is locked by [retention]",
            so="nothing was erased",
            mend="take it up with the auditor; --despite-lock erases all the same, and the record says so",
        )
    at = SystemClock().now()
    basis, approved_by = why
    if not dry:
        bring_in(app, store, at)
        store.erasing.erase(
            Erasure(
                at=at,
                basis=basis if broken is None else f"{basis} (despite a lock of [retention])",
                approved_by=approved_by,
                by=operator(),
                bodies=len(found.bodies),
                facts=len(found.facts),
                source=source,
                kind=kind,
                scope=scope,
                key=key,
            ),
            (*found.bodies, *found.facts),
        )
    others = [owner for owner in found.resources if not _is_requested(owner, what, scope)]
    return ErasedView(
        at=at,
        source=source,
        kind=kind,
        key=key,
        bodies=found.bodies,
        facts=found.facts,
        shared=[
            BodyOwnerView(source=owner.source, kind=owner.kind, scope=owner.scope, key=owner.key) for owner in others
        ],
        dry_run=dry,
    )


def _is_requested(owner: BodyOwner, what: tuple[str, str, str, str | None], scope: tuple[str, ...] | None) -> bool:
    return (owner.source, owner.kind, owner.key) == what[:3] and scope in {None, owner.scope}


def _locks_broken(history: History, found: Erasable, locks: Iterable[Lock]) -> Lock | None:
    """Return a lock during which one of the resources was there; None where there is none."""
    all_locks = list(locks)
    if not all_locks:
        return None
    for owner in found.resources:
        for since, until in _spans(history, owner):
            for lock in all_locks:
                if since < lock.end and (until is None or until > lock.start):
                    return lock
    return None


def _spans(history: History, owner: BodyOwner) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield when each version of a resource was in force."""
    from collector.core.tasks import Task

    until = None
    for version in history.versions(Task(owner.source, owner.kind, owner.scope), owner.key):
        if version.digest is not None:
            yield version.recorded_at, until
        until = version.recorded_at


def read_scope(text: str) -> Scope:
    """Return the scope that is shown like this."""
    return () if text == show_scope(()) else tuple(text.split("/"))
