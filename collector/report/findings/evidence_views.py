"""One resource as it is stored, its provenance, and the findings based on it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.errors import UsageError
from collector.core.history import Version
from collector.core.ports import Stored, StoredObservation
from collector.core.scopes import show_scope
from collector.core.tasks import Observation, Task, UnreadPart
from collector.report.findings.finding_views import FindingView, finding_view, risks_by_check
from collector.report.state.tags import body_of
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collector.report.state.known import Reading


_LISTED = 40


@runtime_checkable
class KeepsVersions(Protocol):
    """A store that gives back the history of a resource."""

    def versions(self, task: Task, key: str, *, as_of: datetime | None = None) -> Iterator[Version]:
        """Yield the versions of a resource, the newest first."""


class Match(Struct, frozen=True, kw_only=True):
    """A resource that a name might mean."""

    source: str
    kind: str
    scope: tuple[str, ...]
    key: str
    digest: Digest


class MatchesView(Struct, frozen=True, kw_only=True, tag="annexd.matches/1", tag_field="schema"):
    """What `annexd evidence --json` prints where a name means none or several. `matched` counts all."""

    at: datetime
    as_of: datetime | None
    matched: int
    matches: list[Match]


class EvidenceView(Struct, frozen=True, kw_only=True, tag="annexd.evidence/1", tag_field="schema"):
    """What `annexd evidence --json` prints. `body` is None where it was erased, `history` where the store has none."""

    at: datetime
    as_of: datetime | None
    source: str
    kind: str
    scope: tuple[str, ...]
    key: str
    digest: Digest
    body: dict[str, Any] | None
    facts: dict[str, Any] | None
    unread: dict[str, UnreadPart]
    first_seen_at: datetime
    observation: Observation | None
    leaf: int | None
    inventory: Digest | None
    history: list[Version] | None
    findings: list[FindingView]


def find(reading: Reading, source: str, kind: str, key: str, scope: str | None = None) -> Stored | MatchesView:
    """Return the resource of exactly this key, or the only one whose key has this in it; else all that match.

    Raises UsageError where there is no such source or kind.
    """
    sources = (*reading.freshness, *reading.not_configured)
    if source not in sources:
        raise UsageError(f"there is no source {source!r}", mend=would_do(source, sources, "the sources are"))
    if source in reading.freshness:
        kinds = reading.freshness[source].source.connector.collections
        if kind not in kinds:
            raise UsageError(f"{source} has no kind {kind!r}", mend=would_do(kind, kinds, "its kinds are"))
    exact: deque[Stored] = deque(maxlen=2)
    near: deque[Stored] = deque(maxlen=2)
    matches: list[Match] = []
    matched = 0
    for stored in reading.store.resources(kind, source=source, as_of=reading.as_of):
        if scope is not None and show_scope(stored.task.scope) != scope:
            continue
        if key and stored.key == key:
            exact.append(stored)
        if key.casefold() not in stored.key.casefold():
            continue
        near.append(stored)
        matched += 1
        if len(matches) < _LISTED or not key:
            matches.append(
                Match(source=source, kind=kind, scope=stored.task.scope, key=stored.key, digest=stored.digest)
            )
    if len(exact) == 1:
        return exact[0]
    if key and matched == 1:
        return near[0]
    return MatchesView(at=reading.at, as_of=reading.as_of, matched=matched, matches=matches)


def evidence_view(reading: Reading, stored: Stored, findings: Iterable[FindingView] | None = None) -> EvidenceView:
    """Return all that is known of a resource; without `findings` all of the source are read for those based on it."""
    task, store = stored.task, reading.store
    latest = store.observations(source=task.source, collection=task.collection, as_of=reading.as_of)
    seen = next(
        (stored_observation for stored_observation in latest if stored_observation.observation.task == task), None
    )
    history = None
    if isinstance(store, KeepsVersions):
        history = list(store.versions(task, stored.key, as_of=reading.as_of))
    return EvidenceView(
        at=reading.at,
        as_of=reading.as_of,
        source=task.source,
        kind=task.collection,
        scope=task.scope,
        key=stored.key,
        digest=stored.digest,
        body=None if stored.blob is None else body_of(stored.blob),
        facts=None if stored.facts is None else json.loads(stored.facts),
        unread=dict(stored.unread),
        first_seen_at=stored.first_seen_at,
        observation=None if seen is None else seen.observation,
        leaf=None if seen is None else seen.leaf,
        inventory=None if seen is None else seen.inventory,
        history=history,
        findings=list(_findings_based_on(reading, stored, seen) if findings is None else findings),
    )


def _findings_based_on(reading: Reading, stored: Stored, seen: StoredObservation | None) -> Iterator[FindingView]:
    """Yield the findings that name the resource's digest, or that of the complete list that it is in."""
    proofs = {stored.digest} if seen is None or seen.inventory is None else {stored.digest, seen.inventory}
    affected = risks_by_check(reading)
    for current in reading.findings(source=stored.task.source):
        if not proofs.isdisjoint(current.state.finding.evidence):
            yield finding_view(reading, current, affected)
