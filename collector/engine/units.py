"""Which verdicts wait for which tasks, so that each is given as soon as all it needs has been seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core.checks import Extent
from collector.core.scopes import enclosing
from collector.core.tasks import Task
from collector.engine.judge import Rule, judged_at, set_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.checks import Need
    from collector.core.facts import IncompleteDiscovery
    from collector.core.scopes import Scope
    from collector.engine.freshness import Freshness


@dataclass(frozen=True)
class Unit:
    """Verdicts that are given together.

    Rules on the subjects of one task, one rule on the sets of a scope, or, over a hole, the unknown of all rules on
    what lies below it.
    """

    source: str
    rules: tuple[Rule, ...]
    scope: Scope
    task: Task | None
    hole: IncompleteDiscovery | None = None


class Units:
    """The units of one source, and what each still waits for."""

    def __init__(self, rules: Iterable[Rule], sight: Freshness) -> None:
        self._sight = sight
        self._waiting: dict[int, set[Task]] = {}
        self._by_task: dict[Task, list[int]] = {}
        self.all: list[Unit] = []
        self._needs: list[frozenset[Task]] = []
        mine = [rule for rule in rules if belongs(rule, sight)]
        for unit in (*self._of_subjects(mine), *self._of_sets(mine), *self._of_holes(mine)):
            self._add(unit)

    def _of_subjects(self, rules: list[Rule]) -> Iterator[Unit]:
        """Put together rules on one kind that need the same; one decode serves them all."""
        groups: dict[tuple[str, object], list[Rule]] = {}
        for rule in rules:
            if (subject := rule.check.subject) is not None:
                others = tuple((need.kind.name, need.shape) for need in rule.check.needs if need is not subject)
                groups.setdefault((subject.kind.name, (rule.check.over, others)), []).append(rule)
        for (kind, _), group in groups.items():
            for task in self._sight.tasks(kind, ()):
                yield Unit(task.source, tuple(group), task.scope, task)

    def _of_sets(self, rules: list[Rule]) -> Iterator[Unit]:
        for rule in rules:
            if rule.check.subject is None:
                for scope in judged_at(rule, self._sight):
                    yield Unit(self._sight.source.name, (rule,), scope, None)

    def _of_holes(self, rules: list[Rule]) -> Iterator[Unit]:
        """Where it is not known which scopes there are every rule about them says so, in place of silence."""
        for hole in self._sight.unopened:
            below = tuple(rule for rule in rules if depth_of(rule, self._sight) > len(hole.scope))
            if below:
                yield Unit(hole.source, below, hole.scope, None, hole)

    def _add(self, unit: Unit) -> None:
        number = len(self.all)
        self.all.append(unit)
        needs = frozenset(self._tasks(unit))
        self._needs.append(needs)
        for task in needs:
            self._by_task.setdefault(task, []).append(number)

    def _tasks(self, unit: Unit) -> Iterator[Task]:
        if unit.hole is not None:
            yield from self._openings(len(unit.scope) + 1, unit.scope)
            return
        if unit.task is not None:
            yield unit.task
        for need in unit.rules[0].check.needs:
            if need.shape is not Extent.EACH:
                yield from self._tasks_of(need, unit)

    def _tasks_of(self, need: Need, unit: Unit) -> Iterator[Task]:
        source = self._sight.source
        collection = source.collections.get(need.kind.name)
        if collection is None:
            return
        depth = source.connector.depth(collection.level)
        if need.shape is Extent.THE:
            home = next((one for one in enclosing(unit.scope) if len(one) == depth), None)
            if home is not None:
                yield Task(source.name, need.kind.name, home)
            return
        over = unit.rules[0].check.over
        reach = source.connector.depth(over if over is not None else collection.level)
        yield from self._sight.tasks(need.kind.name, unit.scope[:reach])
        yield from self._openings(depth, unit.scope[:reach])

    def _openings(self, depth: int, under: Scope) -> Iterator[Task]:
        """Yield the discoveries that say which tasks a set has: it is judged also where they named none."""
        source = self._sight.source
        for step, level in enumerate(source.connector.levels[:depth]):
            for discovery in source.connector.discoveries.get(level, []):
                if step >= len(under) and discovery.collection in source.collections:
                    yield from self._sight.tasks(discovery.collection, under)

    def wait_for(self, tasks: Iterable[Task]) -> None:
        """Say which tasks are still to come; units that need none of them are not touched by this run."""
        coming = set(tasks)
        self._waiting = {number: set(needs & coming) for number, needs in enumerate(self._needs) if needs & coming}

    def done(self, task: Task) -> list[Unit]:
        """Say that a task has ended; return the units that waited for nothing else."""
        ready = []
        for number in self._by_task.get(task, ()):
            waiting = self._waiting.get(number)
            if waiting is not None and task in waiting:
                waiting.remove(task)
                if not waiting:
                    del self._waiting[number]
                    ready.append(self.all[number])
        return ready


def depth_of(rule: Rule, sight: Freshness) -> int:
    """Return how deep the scopes lie that a rule is judged in."""
    connector = sight.source.connector
    subject = rule.check.subject
    if subject is not None:
        return connector.depth(connector.collections[subject.kind.name].level)
    return connector.depth(set_level(rule, connector))


def belongs(rule: Rule, sight: Freshness) -> bool:
    """Whether a rule is about kinds of a source's connector."""
    connector = sight.source.connector
    return all(need.kind.name in connector.collections for need in rule.check.needs)
