"""Judge stored evidence of a moment again, beside what was recorded of it. Reads the store; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.engine.freshness import Freshness
from collector.engine.judge import Judge, Rule, same
from collector.engine.sources import Source
from collector.engine.units import Units

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
    """Stands where nobody asks for settings: no platform is talked to."""


_NO_SETTINGS = _NoSettings()


@dataclass(frozen=True)
class Replayed:
    """A finding as it was recorded and as it is judged now; one of the two may be missing."""

    recorded: FindingState | None
    judged: Finding | None

    @property
    def id(self) -> FindingId:
        """Which check says it of what."""
        if self.judged is not None:
            return self.judged.id
        assert self.recorded is not None  # noqa: S101  one of the two is always there
        return self.recorded.finding.id

    @property
    def is_same(self) -> bool:
        """Whether nothing that history keeps differs: status, evidence, limits."""
        return self.recorded is not None and self.judged is not None and same(self.recorded.finding, self.judged)


class Replay:
    """The sources of a moment with the rules that they are to be judged by.

    `rules` are by source. What a source was comes from the record alone, so that one that is gone can be judged too.
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
            sight = Freshness(
                source,
                scopes=() if plan is None else plan.scopes.get(source.name, ()),
                unopened=()
                if plan is None
                else (hole for hole in plan.incomplete_discoveries if hole.source == source.name),
                latest=store.observations(source=source.name, as_of=as_of),
                complete=store.last_complete(source=source.name, as_of=as_of),
            )
            self._units.append((sight, Units(rules.get(source.name, ()), sight).all))

    @property
    def judges(self) -> set[tuple[str, str, Scope]]:
        """Of which check, source and scope a verdict is given; whatever is recorded of others is left alone."""
        return {
            (rule.check.id, unit.source, unit.scope)
            for _, units in self._units
            for unit in units
            for rule in unit.rules
        }

    def results(self) -> Iterator[Replayed]:
        """Yield every finding of a check that is judged again, the unchanged ones too."""
        for sight, units in self._units:
            judge = Judge(self._store, sight, self._as_of, self._as_of)
            for unit in units:
                yield from self._unit(judge, unit)

    def _unit(self, judge: Judge, unit: Unit) -> Iterator[Replayed]:
        beside = {
            rule.check.id: _Beside(
                self._store.findings(check=rule.check.id, source=unit.source, scope=unit.scope, as_of=self._as_of)
            )
            for rule in unit.rules
        }
        for rule, finding in _verdicts(judge, unit):
            yield from beside[rule.check.id].push(finding)
        for one in beside.values():
            yield from one.close()


def _verdicts(judge: Judge, unit: Unit) -> Iterator[tuple[Rule, Finding]]:
    if unit.hole is not None:
        for rule in unit.rules:
            yield rule, judge.hole(rule, unit.hole)
    elif unit.task is not None:
        yield from judge.subjects(list(unit.rules), unit.task)
    else:
        for rule in unit.rules:
            yield rule, judge.set(rule, unit.scope)


class _Beside:
    """Puts findings of one check in one scope beside the recorded ones; both come ordered by subject."""

    def __init__(self, recorded: Iterator[FindingState]) -> None:
        self._recorded = recorded
        self._next = next(recorded, None)

    def push(self, judged: Finding) -> Iterator[Replayed]:
        """Yield what was recorded before this finding, and then the finding with its own record."""
        while self._next is not None and self._next.finding.id.subject < judged.id.subject:
            yield Replayed(self._next, None)
            self._next = next(self._recorded, None)
        if self._next is not None and self._next.finding.id == judged.id:
            yield Replayed(self._next, judged)
            self._next = next(self._recorded, None)
        else:
            yield Replayed(None, judged)

    def close(self) -> Iterator[Replayed]:
        """Yield what was recorded and is not judged."""
        while self._next is not None:
            yield Replayed(self._next, None)
            self._next = next(self._recorded, None)


def source_of_record(
    store: Store, name: str, connector: Connector[Any, Any], as_of: datetime, code: str = ""
) -> Source:
    """Return a source as the record has it: with the collections that were planned or seen, whatever is set today."""
    planned = {task.collection for plan in store.plans(as_of=as_of) for task in plan.tasks if task.source == name}
    seen = {one.observation.task.collection for one in store.observations(source=name, as_of=as_of)}
    return Source(name, connector, _NO_SETTINGS, code, only=frozenset(planned | seen))


def _newest(plans: Iterable[TasksPlanned]) -> dict[str, TasksPlanned]:
    """Return the latest plan of each source; they come the newest first."""
    newest: dict[str, TasksPlanned] = {}
    for plan in plans:
        for source in plan.scopes:
            newest.setdefault(source, plan)
    return newest
