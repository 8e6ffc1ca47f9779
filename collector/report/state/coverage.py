"""How well each system in scope was seen, and the company's list against what the platforms say there is."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.core.attestations import on_file
from collector.core.isms.scope import (
    NO_SOURCE,
    Extent,
    Reconciled,
    SourceScope,
    System,
    cover,
    platforms,
    reconcile,
    review_of,
)
from collector.core.scopes import within
from collector.core.tally import RecordState
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.attestations import Attestation, Filed
    from collector.core.isms.scope import IsmsScope
    from collector.core.tally import Coverage
    from collector.report.state.known import Reading, TaskState

_WHOLE_LISTS = frozenset({"aws.organizations.account", "github.user.organization"})
"""Kinds whose keys name all that there is at the first level of a source, whether it is collected or not."""

_LISTS = _WHOLE_LISTS | {"aws.sts.caller_identity", "azure.arm.subscription", "gcp.resourcemanager.project"}
"""The same, and those that name something of it."""


class Scoped:
    """The scope as of a reading: systems, how well they were seen, and what is in no list or only in one."""

    def __init__(self, reading: Reading, scope: IsmsScope | None, filed: Iterable[Filed] = ()) -> None:
        """`filed` are the attestations, of which those of systems without a source are taken."""
        self.scope = scope
        self._reading = reading
        self._day = reading.at.date()
        self.systems: tuple[System, ...] = () if scope is None else scope.required(self._day)
        requests = review_of(self.systems)
        records = on_file(requests.values(), filed, self._day)
        self.reviews: Mapping[str, str] = {
            name: _reviewed(record.filed.attestation)
            for name, request in requests.items()
            if (record := records[request.id]).state is RecordState.VALID and record.filed is not None
        }
        by_source: defaultdict[str, list[TaskState]] = defaultdict(list)
        for state in reading.tasks():
            by_source[state.task.source].append(state)
        self._tasks = by_source
        self.extents: Mapping[str, Extent] = {system.name: self._extent(system) for system in self.systems}

    def coverage(self, sources: frozenset[str] | None = None) -> Coverage:
        """Count the systems by how well they were seen; with sources, those and the systems that have none."""
        return cover(self._of(sources), self._day, self.extents, self.reviews)

    def platform_of_systems(self) -> Mapping[str, str]:
        """Return the platform of each system in scope of which it is known."""
        sources = self._reading.app.config.sources
        found = {
            system.name: system.platform
            if system.source == NO_SOURCE
            else sources[system.source].connector
            if system.source in sources
            else None
            for system in self.systems
        }
        return {name: platform for name, platform in found.items() if platform is not None}

    def platforms(self, sources: frozenset[str] | None = None) -> frozenset[str] | None:
        """Return the platforms that the systems run on; None where that is not known of all of them."""
        scope = self._of(sources)
        if scope is None:
            return None
        connectors = {name: source.connector for name, source in self._reading.app.config.sources.items()}
        return platforms(scope.required(self._day), connectors)

    def reconciled(self) -> Reconciled:
        """Hold the three lists against each other."""
        return reconcile(
            self.systems,
            self.extents,
            collected=self._collected(),
            exists=self._exists(),
            unlisted=[name for name in self._reading.freshness if not self._is_listed(name)],
        )

    def _of(self, sources: frozenset[str] | None) -> IsmsScope | None:
        if self.scope is None or sources is None:
            return self.scope
        # A system without a source may belong to any service, so it counts in every set of sources.
        kept = tuple(system for system in self.scope.systems if system.source in {*sources, NO_SOURCE})
        return replace(self.scope, systems=kept)

    def _extent(self, system: System) -> Extent:
        freshness = self._reading.freshness.get(system.source)
        states = [state for state in self._tasks[system.source] if within(state.task.scope, system.scope)]
        if freshness is None or not any(_saw_something(state) for state in states):
            return "never"
        incomplete = [
            gap
            for gap in freshness.incomplete_discoveries
            if within(gap.scope, system.scope) or within(system.scope, gap.scope)
        ]
        return "complete" if not incomplete and all(_is_whole(state) for state in states) else "partly"

    def _collected(self) -> Iterator[SourceScope]:
        for name, states in self._tasks.items():
            for state in states:
                if state.task.scope and _saw_something(state):
                    yield SourceScope(name, state.task.scope[:1])

    def _exists(self) -> Iterator[SourceScope]:
        for name, freshness in self._reading.freshness.items():
            for kind in _LISTS & freshness.source.collections.keys():
                for stored in self._reading.store.resources(kind, source=name, as_of=self._reading.as_of):
                    yield SourceScope(name, (stored.key,))
            for scope in freshness.scopes:
                if scope:
                    yield SourceScope(name, scope[:1])

    def _is_listed(self, name: str) -> bool:
        """Whether the platform gave a complete list of its accounts or organizations."""
        kinds = _WHOLE_LISTS & self._reading.freshness[name].source.collections.keys()
        states: Iterable[TaskState] = [state for state in self._tasks[name] if state.task.collection in kinds]
        above = [gap for gap in self._reading.freshness[name].incomplete_discoveries if not gap.scope]
        return any(_is_whole(state) for state in states) and not above


def _reviewed(review: Attestation) -> str:
    return f"by {review.reviewed_by} on {review.approved_on}, valid until {review.valid_until}"


def _saw_something(state: TaskState) -> bool:
    """Whether a task ever showed anything: what was refused was asked for, and not seen."""
    if state.basis is None:
        return False
    seen = state.basis.observation
    return seen.is_whole or (seen.outcome is Outcome.PARTIAL and seen.listed > 0)


def _is_whole(state: TaskState) -> bool:
    """Whether a task showed everything, lately, every part of it included; a set that cannot exist is shown too."""
    latest = state.latest
    if latest is None or state.stale or not latest.observation.is_whole:
        return False
    return not latest.observation.provenance.unread
