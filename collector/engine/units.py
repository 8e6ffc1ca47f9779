"""Units of judging: which rules are judged together, and which tasks each unit waits for."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from collector.core.checks import Extent
from collector.core.scopes import Scope
from collector.core.tasks import Task
from collector.engine.judge import Judge
from collector.engine.rule import Rule, set_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.core.checks import Need
    from collector.core.facts import IncompleteDiscovery
    from collector.core.findings import Finding
    from collector.engine.freshness import Freshness


class TasksAround(NamedTuple):
    """The tasks of a collection in the scope that contains a unit's and has so many parts, and below it."""

    collection: str
    depth: int


class Unit(Struct, frozen=True, gc=False):
    """Rules that are judged together in one scope, with the tasks that their verdicts depend on, the own one first.

    Either rules about the resources of one `task`, or one rule about sets, or all rules that are unknown below an
    `incomplete` discovery. Nothing that it has leads back to it, so the collector of circles need not see it.
    """

    source: str
    rules: tuple[Rule, ...]
    scope: Scope
    task: Task | None
    needs: tuple[TasksAround, ...]
    incomplete: IncompleteDiscovery | None = None


class _Group(Struct, frozen=True):
    """Units with the same rules and needs: one in each scope of a depth, or in the scope of one discovery.

    `left` has for each need the tasks that are still to come, as `_Waited` counts them.
    """

    rules: tuple[Rule, ...]
    collection: str | None
    depth: int
    needs: tuple[TasksAround, ...]
    left: tuple[tuple[int, dict[Scope, int]], ...]
    incomplete: IncompleteDiscovery | None = None


class _Waited(Struct, frozen=True):
    """How many tasks of a collection are still to come in each scope of a depth, and the groups that wait for them."""

    depth: int
    left: dict[Scope, int]
    groups: list[int]


class Units:
    """The units of one source, and the tasks that are still to come.

    Units are made when they are due. What is kept of the tasks is how many are to come in each scope that some unit
    waits for, so that a large plan costs what its tasks do, and not what every unit needs.
    """

    def __init__(self, rules: Iterable[Rule], freshness: Freshness) -> None:
        self._freshness = freshness
        self._expected: set[Task] = set()
        # By collection, the widest scopes first.
        self._waited: dict[str, list[_Waited]] = {}
        self._groups: list[_Group] = []
        relevant = [rule for rule in rules if belongs(rule, freshness)]
        self._add_subjects(relevant)
        self._add_sets(relevant)
        self._add_incomplete(relevant)

    @property
    def all(self) -> list[Unit]:
        """Every unit, those of the same rules beside each other."""
        return [self._unit(group, scope) for group in self._groups for scope in self._scopes(group, ())]

    def _add_subjects(self, rules: list[Rule]) -> None:
        """Group the rules on one kind that have the same needs, so that each resource is decoded once."""
        groups: dict[tuple[str, object], list[Rule]] = {}
        for rule in rules:
            if (subject := rule.check.subject) is not None:
                others = tuple((need.kind.name, need.shape) for need in rule.check.needs if need is not subject)
                groups.setdefault((subject.kind.name, (rule.check.over, others)), []).append(rule)
        for (kind, _), group in groups.items():
            if kind in self._freshness.source.collections:
                depth = depth_of(group[0], self._freshness)
                self._add(tuple(group), kind, depth, [TasksAround(kind, depth), *self._needs(group[0], depth)])

    def _add_sets(self, rules: list[Rule]) -> None:
        for rule in rules:
            if rule.check.subject is None:
                depth = depth_of(rule, self._freshness)
                self._add((rule,), None, depth, self._needs(rule, depth))

    def _add_incomplete(self, rules: list[Rule]) -> None:
        """Below an incomplete discovery every rule about deeper scopes gives an unknown finding."""
        for discovery in self._freshness.incomplete_discoveries:
            depth = len(discovery.scope)
            affected = tuple(rule for rule in rules if depth_of(rule, self._freshness) > depth)
            if affected:
                self._add(affected, None, depth, self._discoveries(depth + 1, depth), discovery)

    def _add(
        self,
        rules: tuple[Rule, ...],
        collection: str | None,
        depth: int,
        needs: Iterable[TasksAround],
        incomplete: IncompleteDiscovery | None = None,
    ) -> None:
        needs = tuple(needs)
        waited = [self._waited_for(need) for need in dict.fromkeys(needs)]
        for each in waited:
            each.groups.append(len(self._groups))
        left = tuple((each.depth, each.left) for each in waited)
        self._groups.append(_Group(rules, collection, depth, needs, left, incomplete))

    def _waited_for(self, need: TasksAround) -> _Waited:
        waited = self._waited.setdefault(need.collection, [])
        found = next((each for each in waited if each.depth == need.depth), None)
        if found is None:
            found = _Waited(need.depth, {}, [])
            waited.append(found)
            waited.sort(key=lambda each: each.depth)
        return found

    def _needs(self, rule: Rule, depth: int) -> Iterator[TasksAround]:
        """Yield what a rule that is judged in scopes of a depth needs besides its subject."""
        for need in rule.check.needs:
            if need.shape is not Extent.EACH and need.kind.name in self._freshness.source.collections:
                yield from self._around(need, rule, depth)

    def _around(self, need: Need, rule: Rule, depth: int) -> Iterator[TasksAround]:
        source = self._freshness.source
        level = source.collections[need.kind.name].level
        own_depth = source.connector.depth(level)
        if need.shape is Extent.THE:
            if own_depth <= depth:
                yield TasksAround(need.kind.name, own_depth)
            return
        around = min(source.connector.set_depth(level, rule.check.over), depth)
        yield TasksAround(need.kind.name, around)
        yield from self._discoveries(own_depth, around)

    def _discoveries(self, depth: int, around: int) -> Iterator[TasksAround]:
        """Yield the tasks that discover the scopes of a set: it is judged also where they find no scope."""
        connector = self._freshness.source.connector
        for level in connector.levels[around:depth]:
            for discovery in connector.discoveries.get(level, []):
                if discovery.collection in self._freshness.source.collections:
                    yield TasksAround(discovery.collection, around)

    def _scopes(self, group: _Group, under: Scope) -> Sequence[Scope]:
        """Return the scopes in which the units of a group are judged that are `under` or inside it."""
        if group.incomplete is not None:
            return (group.incomplete.scope,) if group.incomplete.scope[: len(under)] == under else ()
        if group.depth == 0 and group.collection is None:
            return ((),)
        return self._freshness.scopes_of_depth(group.depth, under)

    def _unit(self, group: _Group, scope: Scope) -> Unit:
        source = self._freshness.source.name
        task = None if group.collection is None else Task(source, group.collection, scope)
        return Unit(source, group.rules, scope, task, group.needs, group.incomplete)

    def needs(self, unit: Unit) -> Iterator[Task]:
        """Yield the tasks that the verdicts of a unit depend on."""
        for need in unit.needs:
            yield from self._freshness.tasks(need.collection, unit.scope[: need.depth])

    def wait_for(self, tasks: Iterable[Task]) -> None:
        """Set the tasks that are still to come; units that need none of them are not judged by this run."""
        source, known = self._freshness.source, set(self._freshness.scopes)
        depths = {name: source.connector.depth(source.collections[name].level) for name in self._waited}
        self._expected = {
            task
            for task in tasks
            if task.source == source.name and len(task.scope) == depths.get(task.collection) and task.scope in known
        }
        for waited in chain.from_iterable(self._waited.values()):
            waited.left.clear()
        for task in self._expected:
            for waited in self._waited[task.collection]:
                around = task.scope[: waited.depth]
                waited.left[around] = waited.left.get(around, 0) + 1

    def done(self, task: Task) -> list[Unit]:
        """Mark a task as ended, and return the units that waited for nothing else."""
        if task not in self._expected:
            return []
        self._expected.remove(task)
        scope = task.scope
        ended: list[tuple[Scope, list[int]]] = []
        for waited in self._waited[task.collection]:
            around = scope[: waited.depth]
            left = waited.left[around] - 1
            if left:
                waited.left[around] = left
            else:
                del waited.left[around]
                ended.append((around, waited.groups))
        ready: list[Unit] = []
        if len(ended) == 1:
            ((around, numbers),) = ended
            for number in numbers:
                group = self._groups[number]
                # The scope of a task that was waited for is known: no need to look for it.
                is_own = group.incomplete is None and len(around) == len(scope) == group.depth
                self._add_ready(ready, group, (around,) if is_own else self._scopes(group, around))
        elif ended:
            for number in sorted({number for _, numbers in ended for number in numbers}):
                group = self._groups[number]
                scopes = (self._scopes(group, around) for around, numbers in ended if number in numbers)
                self._add_ready(ready, group, dict.fromkeys(chain.from_iterable(scopes)))
        return ready

    def _add_ready(self, ready: list[Unit], group: _Group, scopes: Iterable[Scope]) -> None:
        """Add the units of a group in some scopes that wait for nothing any more."""
        for scope in scopes:
            for depth, left in group.left:
                if left and scope[:depth] in left:
                    break
            else:
                ready.append(self._unit(group, scope))


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
