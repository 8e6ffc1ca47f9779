"""Units of judging: which rules are judged together, and which tasks each unit waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core.checks import Extent
from collector.core.scopes import enclosing
from collector.core.tasks import Task
from collector.engine.judge import Judge
from collector.engine.rule import Rule, scopes_judged, set_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.checks import Need
    from collector.core.facts import IncompleteDiscovery
    from collector.core.findings import Finding
    from collector.core.scopes import Scope
    from collector.engine.freshness import Freshness


@dataclass(frozen=True)
class Unit:
    """Rules that are judged together in one scope.

    Either rules about the resources of one `task`, or one rule about sets, or all rules that are unknown below an
    `incomplete` discovery.
    """

    source: str
    rules: tuple[Rule, ...]
    scope: Scope
    task: Task | None
    incomplete: IncompleteDiscovery | None = None


class Units:
    """The units of one source, and the tasks that each still waits for."""

    def __init__(self, rules: Iterable[Rule], freshness: Freshness) -> None:
        self._freshness = freshness
        self._waiting: dict[int, set[Task]] = {}
        self._by_task: dict[Task, list[int]] = {}
        self.all: list[Unit] = []
        self._needs: list[frozenset[Task]] = []
        relevant = [rule for rule in rules if belongs(rule, freshness)]
        for unit in (*self._of_subjects(relevant), *self._of_sets(relevant), *self._of_incomplete(relevant)):
            self._add(unit)

    def _of_subjects(self, rules: list[Rule]) -> Iterator[Unit]:
        """Group the rules on one kind that have the same needs, so that each resource is decoded once."""
        groups: dict[tuple[str, object], list[Rule]] = {}
        for rule in rules:
            if (subject := rule.check.subject) is not None:
                others = tuple((need.kind.name, need.shape) for need in rule.check.needs if need is not subject)
                groups.setdefault((subject.kind.name, (rule.check.over, others)), []).append(rule)
        for (kind, _), group in groups.items():
            for task in self._freshness.tasks(kind, ()):
                yield Unit(task.source, tuple(group), task.scope, task)

    def _of_sets(self, rules: list[Rule]) -> Iterator[Unit]:
        for rule in rules:
            if rule.check.subject is None:
                for scope in scopes_judged(rule, self._freshness):
                    yield Unit(self._freshness.source.name, (rule,), scope, None)

    def _of_incomplete(self, rules: list[Rule]) -> Iterator[Unit]:
        """Below an incomplete discovery every rule about deeper scopes gives an unknown finding."""
        for discovery in self._freshness.incomplete_discoveries:
            affected = tuple(rule for rule in rules if depth_of(rule, self._freshness) > len(discovery.scope))
            if affected:
                yield Unit(discovery.source, affected, discovery.scope, None, discovery)

    def _add(self, unit: Unit) -> None:
        number = len(self.all)
        self.all.append(unit)
        needs = frozenset(self.needs(unit))
        self._needs.append(needs)
        for task in needs:
            self._by_task.setdefault(task, []).append(number)

    def needs(self, unit: Unit) -> Iterator[Task]:
        """Yield the tasks that the verdicts of a unit depend on."""
        if unit.incomplete is not None:
            yield from self._discovery_tasks(len(unit.scope) + 1, unit.scope)
            return
        if unit.task is not None:
            yield unit.task
        for need in unit.rules[0].check.needs:
            if need.shape is not Extent.EACH:
                yield from self._tasks_of(need, unit)

    def _tasks_of(self, need: Need, unit: Unit) -> Iterator[Task]:
        source = self._freshness.source
        collection = source.collections.get(need.kind.name)
        if collection is None:
            return
        depth = source.connector.depth(collection.level)
        if need.shape is Extent.THE:
            home_scope = next((candidate for candidate in enclosing(unit.scope) if len(candidate) == depth), None)
            if home_scope is not None:
                yield Task(source.name, need.kind.name, home_scope)
            return
        set_depth = source.connector.set_depth(collection.level, unit.rules[0].check.over)
        yield from self._freshness.tasks(need.kind.name, unit.scope[:set_depth])
        yield from self._discovery_tasks(depth, unit.scope[:set_depth])

    def _discovery_tasks(self, depth: int, under: Scope) -> Iterator[Task]:
        """Yield the tasks that discover the scopes of a set: it is judged also where they find no scope."""
        source = self._freshness.source
        for step, level in enumerate(source.connector.levels[:depth]):
            for discovery in source.connector.discoveries.get(level, []):
                if step >= len(under) and discovery.collection in source.collections:
                    yield from self._freshness.tasks(discovery.collection, under)

    def wait_for(self, tasks: Iterable[Task]) -> None:
        """Set the tasks that are still to come; units that need none of them are not judged by this run."""
        expected = set(tasks)
        due = ((number, set(needs & expected)) for number, needs in enumerate(self._needs))
        self._waiting = {number: waiting for number, waiting in due if waiting}

    def done(self, task: Task) -> list[Unit]:
        """Mark a task as ended, and return the units that waited for nothing else."""
        ready = []
        for number in self._by_task.get(task, ()):
            waiting = self._waiting.get(number)
            if waiting is not None and task in waiting:
                waiting.remove(task)
                if not waiting:
                    del self._waiting[number]
                    ready.append(self.all[number])
        return ready


def depth_of(rule: Rule, freshness: Freshness) -> int:
    """Return the length of the scopes that a rule is judged in."""
    connector = freshness.source.connector
    subject = rule.check.subject
    if subject is not None:
        return connector.depth(connector.collections[subject.kind.name].level)
    return connector.depth(set_level(rule, connector))


def belongs(rule: Rule, freshness: Freshness) -> bool:
    """Return whether all kinds that a rule needs are kinds of the source's connector."""
    connector = freshness.source.connector
    return all(need.kind.name in connector.collections for need in rule.check.needs)


def findings_of(judge: Judge, unit: Unit) -> Iterator[tuple[Rule, Finding]]:
    """Yield the findings of a unit with their rules, those of each rule ordered by subject."""
    if unit.incomplete is not None:
        for rule in unit.rules:
            yield rule, judge.unknown_below(rule, unit.incomplete)
    elif unit.task is not None:
        yield from judge.subjects(list(unit.rules), unit.task)
    else:
        for rule in unit.rules:
            yield rule, judge.set(rule, unit.scope)
