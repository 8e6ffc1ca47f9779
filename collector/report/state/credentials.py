"""What annexd's own credentials may do: more than it needs, and less than before; from what is on record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.core.history import KeepsHistory
from collector.core.plain_text import first_few, show_moment
from collector.core.rights import Rights
from collector.core.scopes import Scope, show_scope
from collector.report.state.call_permissions import needs_of
from collector.report.state.tags import body_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.core.ports import Stored
    from collector.core.rights import OwnRights
    from collector.core.tasks import Task
    from collector.engine.sources import Source
    from collector.report.state.known import Reading, TaskState

_JUST_BEFORE = timedelta(microseconds=1)


class CredentialView(Struct, frozen=True, kw_only=True):
    """The rights of the credential of a source in a scope, in the words of the platform.

    `held` is None where they are not known, and then `why` says so. `beyond` are those that nothing needs of what is to
    be read; `lost` are those that it had before they changed last, at `changed_at`, and has no more.
    """

    source: str
    connector: str
    scope: Scope
    held: tuple[str, ...] | None
    beyond: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    changed_at: datetime | None = None
    why: str = ""

    @property
    def says(self) -> str:
        """What there is to say of it in a sentence; empty where it can do what is needed and no more."""
        found = []
        if self.held is None:
            found.append(f"it is not known what it may do: {self.why}")
        if self.beyond:
            found.append(f"it may do more than annexd needs: {first_few(self.beyond)}")
        if self.lost and self.changed_at is not None:
            found.append(f"since {show_moment(self.changed_at)} it has no more: {first_few(self.lost)}")
        return "; ".join(found)

    @property
    def whose(self) -> str:
        """The source and the scope, for people."""
        return f"{self.source}: {show_scope(self.scope)}" if self.scope else self.source


def credentials(reading: Reading) -> Iterator[CredentialView]:
    """Yield the rights of each credential of which its platform tells anything, as of the moment of the reading."""
    states: dict[tuple[str, str], list[TaskState]] = {}
    for state in reading.tasks():
        states.setdefault((state.task.source, state.task.collection), []).append(state)
    for name, freshness in reading.freshness.items():
        own = freshness.source.connector.own_rights
        if own is None:
            continue
        needed = _needed(reading, freshness.source)
        for state in states.get((name, own.kind), ()):
            yield _credential(reading, freshness.source, own, state, needed)


def _needed(reading: Reading, source: Source) -> frozenset[str]:
    """Return the permissions that `annexd permissions --all` prints for a source: every list of it is asked for."""
    checks = [rule.check for rule in reading.app.rules()]
    needs = needs_of(source.connector, checks, set(source.collections), also=set(source.collections))
    return frozenset(permission for need in needs for permission in need.permissions)


def _credential(
    reading: Reading, source: Source, own: OwnRights, state: TaskState, needed: frozenset[str]
) -> CredentialView:
    stored = _stored(reading, state.task, reading.as_of)
    now = _not_seen(state) or _rights(own, stored, needed)
    changed_at, before = _before(reading, own, state.task, stored, needed)
    gone = () if now.held is None or before.held is None else before.held - now.held
    return CredentialView(
        source=source.name,
        connector=source.connector.name,
        scope=state.task.scope,
        held=None if now.held is None else tuple(sorted(now.held)),
        beyond=tuple(sorted(now.beyond)),
        lost=tuple(sorted(gone)),
        changed_at=changed_at if gone else None,
        why=now.why,
    )


def _stored(reading: Reading, task: Task, as_of: datetime | None) -> list[Stored]:
    found = reading.store.resources(task.collection, source=task.source, under=task.scope, as_of=as_of)
    return [stored for stored in found if stored.task == task]


def _not_seen(state: TaskState) -> Rights | None:
    """Return that nothing is known where the newest look showed nothing, or is too old; None otherwise."""
    if state.basis is None:
        return Rights(why="it was never seen")
    latest = state.latest
    if latest is not None and latest.observation.why:
        return Rights(why=f"the newest look at it ended {latest.observation.outcome.value}: {latest.observation.why}")
    if state.stale:
        return Rights(why=f"nothing was seen of it since {show_moment(state.basis.observation.ended_at)}")
    return None


def _rights(own: OwnRights, stored: Sequence[Stored], needed: frozenset[str]) -> Rights:
    bodies: list[dict[str, Any]] = []
    for one in stored:
        if one.blob is None:
            return Rights(why="what the platform said of it was erased")
        if one.unread:
            return Rights(why=str(next(iter(one.unread.values()))))
        bodies.append(body_of(one.blob))
    return own.read(bodies, needed) if bodies else Rights(why="the platform shows nothing of it")


def _before(
    reading: Reading, own: OwnRights, task: Task, stored: Sequence[Stored], needed: frozenset[str]
) -> tuple[datetime | None, Rights]:
    """Return when the newest version of what tells of the rights was seen, and the rights by the version before."""
    store = reading.store
    if not isinstance(store, KeepsHistory):
        return None, Rights()
    newest = [
        versions[0]
        for one in stored
        if len(versions := list(store.history.versions(task, one.key, as_of=reading.as_of))) > 1
    ]
    if not newest:
        return None, Rights()
    last = max(newest, key=lambda version: version.recorded_at)
    before = _stored(reading, task, last.recorded_at - _JUST_BEFORE)
    return last.observed_at, _rights(own, before, needed)
