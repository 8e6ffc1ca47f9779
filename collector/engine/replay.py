"""Re-evaluate stored evidence as of a moment and compare with the recorded findings. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.engine.finding_changes import same
from collector.engine.freshness import Freshness
from collector.engine.judge import Judge
from collector.engine.rule import Rule
from collector.engine.sources import Source
from collector.engine.units import Units, findings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.core.connectors import Connector
    from collector.core.facts import TasksPlanned
    from collector.core.findings import Finding, FindingId, FindingState
    from collector.core.ports import Store
    from collector.core.scopes import Scope
    from collector.engine.units import Unit


class _NoSettings(Struct, frozen=True):
    """Settings of a source that is only judged again: no platform is contacted."""


_NO_SETTINGS = _NoSettings()


@dataclass(frozen=True)
class Replayed:
    """A finding as recorded and as judged again; one of the two may be None."""

    recorded: FindingState | None
    judged: Finding | None

    @property
    def id(self) -> FindingId:
        """The identity of the finding."""
        if self.judged is not None:
            return self.judged.id
        assert self.recorded is not None  # noqa: S101  one of the two is always there
        return self.recorded.finding.id

    @property
    def is_same(self) -> bool:
        """Whether status, evidence and limits are equal; see `collector.engine.finding_changes.same`."""
        return self.recorded is not None and self.judged is not None and same(self.recorded.finding, self.judged)


class Replay:
    """Re-evaluates some sources as of a moment, with given rules by source.

    The scopes of a source come from the log, so that a source that is not configured any more can be judged too.
    """

    def __init__(
        self,
        store: Store,
        sources: Iterable[Source],
        rules: Mapping[str, Sequence[Rule]],
        as_of: datetime,
    ) -> None:
        self._store = store
        self._as_of = as_of
        newest = _newest(store.plans(as_of=as_of))
        self._units: list[tuple[Freshness, list[Unit]]] = []
        for source in sources:
            plan = newest.get(source.name)
            freshness = Freshness(
                source,
                scopes=() if plan is None else plan.scopes.get(source.name, ()),
                incomplete_discoveries=()
                if plan is None
                else (discovery for discovery in plan.incomplete_discoveries if discovery.source == source.name),
                latest=store.observations(source=source.name, as_of=as_of),
                complete=store.last_complete(source=source.name, as_of=as_of),
            )
            self._units.append((freshness, Units(rules.get(source.name, ()), freshness).all))

    @property
    def judges(self) -> set[tuple[str, str, Scope]]:
        """The (check, source, scope) triples that are judged; findings recorded for others are not compared."""
        return {
            (rule.check.id, unit.source, unit.scope)
            for _, units in self._units
            for unit in units
            for rule in unit.rules
        }

    def results(self) -> Iterator[Replayed]:
        """Yield the comparison of every finding that is judged again or recorded for `judges`, unchanged ones too."""
        for freshness, units in self._units:
            judge = Judge(self._store, freshness, self._as_of, self._as_of)
            for unit in units:
                yield from self._unit(judge, unit)

    def _unit(self, judge: Judge, unit: Unit) -> Iterator[Replayed]:
        pairings = {
            rule.check.id: _Pairing(
                self._store.findings(check=rule.check.id, source=unit.source, scope=unit.scope, as_of=self._as_of)
            )
            for rule in unit.rules
        }
        for rule, finding in findings_of(judge, unit):
            yield from pairings[rule.check.id].push(finding)
        for pairing in pairings.values():
            yield from pairing.close()


class _Pairing:
    """Pairs the findings of one check in one scope with the recorded ones; both are ordered by subject."""

    def __init__(self, recorded: Iterator[FindingState]) -> None:
        self._recorded = recorded
        self._next_recorded = next(recorded, None)

    def push(self, judged: Finding) -> Iterator[Replayed]:
        """Yield the recorded findings before this one in order, and then this one with its recorded finding."""
        while self._next_recorded is not None and self._next_recorded.finding.id.subject < judged.id.subject:
            yield Replayed(self._next_recorded, None)
            self._next_recorded = next(self._recorded, None)
        if self._next_recorded is not None and self._next_recorded.finding.id == judged.id:
            yield Replayed(self._next_recorded, judged)
            self._next_recorded = next(self._recorded, None)
        else:
            yield Replayed(None, judged)

    def close(self) -> Iterator[Replayed]:
        """Yield the remaining recorded findings, which were not judged."""
        while self._next_recorded is not None:
            yield Replayed(self._next_recorded, None)
            self._next_recorded = next(self._recorded, None)


def source_of_record(
    store: Store, name: str, connector: Connector[Any, Any], as_of: datetime, code: str = ""
) -> Source:
    """Return a source with the collections that were planned or observed by a moment, whatever its settings are now."""
    planned = {task.collection for plan in store.plans(as_of=as_of) for task in plan.tasks if task.source == name}
    observed = {stored.observation.task.collection for stored in store.observations(source=name, as_of=as_of)}
    return Source(name, connector, _NO_SETTINGS, code, only=frozenset(planned | observed))


def _newest(plans: Iterable[TasksPlanned]) -> dict[str, TasksPlanned]:
    """Return the latest plan of each source; `plans` are the newest first."""
    newest: dict[str, TasksPlanned] = {}
    for plan in plans:
        for source in plan.scopes:
            newest.setdefault(source, plan)
    return newest
