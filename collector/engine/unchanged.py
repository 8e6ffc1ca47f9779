"""Which rules of a unit need not be judged again, because nothing that they can see has changed since they were.

What a verdict depends on is its evidence, the rule, the code that judges, and the time. The record says of the first
three whether they are the same as in an earlier run; a rule that asks for the time is always judged.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from collector.core.checks import Extent
from collector.engine.freshness import lifetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from collector.core.facts import RunEnded, RunStarted
    from collector.core.findings import FindingCount
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.engine.freshness import Freshness
    from collector.engine.rule import Rule
    from collector.engine.units import Unit

_MOST_RUNS = 256
"""How many runs are looked back at."""


class _Same(NamedTuple):
    """A task that showed the same as in an earlier run."""

    run: str
    seen_at: datetime
    ended_at: datetime


class UnchangedTasks:
    """The tasks of one source that showed in this run exactly what they showed in an earlier one."""

    def __init__(
        self, freshness: Freshness, comparable: Mapping[str, timedelta], current: Iterable[FindingCount]
    ) -> None:
        """`comparable` are the runs whose verdicts may be kept, with how long each took.

        `current` are the counts of the findings that there are: those of a scope that was gone for a while have ended.
        """
        self._freshness = freshness
        self._comparable = comparable
        self._same: dict[Task, _Same] = {}
        self._scopes: dict[str, set[Scope]] = {}
        shared: dict[Scope, Scope] = {}
        for count in current if comparable else ():
            self._scopes.setdefault(count.check, set()).add(shared.setdefault(count.scope, count.scope))

    def add(self, task: Task, same_as: str | None) -> None:
        """Note the end of a task, and the run that it showed the same in; None where there is none."""
        stored = self._freshness.latest(task)
        if same_as is not None and same_as in self._comparable and stored is not None:
            self._same[task] = _Same(same_as, stored.observation.seen_at, stored.observation.ended_at)
        else:
            self._same.pop(task, None)

    def rules_to_judge(self, unit: Unit, needs: Iterable[Task]) -> tuple[Rule, ...]:
        """Return the rules of a unit that have to be judged; `needs` are all tasks that it depends on."""
        if unit.incomplete is not None or self._freshness.incomplete_discoveries or not self._all_same(unit, needs):
            return unit.rules
        return tuple(rule for rule in unit.rules if not self._has_verdict(rule, unit.scope) or not _is_kept(rule))

    def _has_verdict(self, rule: Rule, scope: Scope) -> bool:
        return scope in self._scopes.get(rule.check.id, ())

    def _all_same(self, unit: Unit, needs: Iterable[Task]) -> bool:
        """Whether all tasks of a unit showed the same as in one earlier run, in which it was judged."""
        tasks = tuple(needs)
        found = [same for task in tasks if (same := self._same.get(task)) is not None]
        if not found or len(found) != len(tasks) or len({same.run for same in found}) != 1:
            return False
        if len(tasks) == 1 and unit.task is not None:
            return True
        # Evidence of other tasks counts only while it is fresh: it was in that run, and is in this one.
        oldest, newest = min(same.seen_at for same in found), max(same.ended_at for same in found)
        shortest = min(self._lifetimes(tasks), default=None)
        return shortest is not None and newest - oldest < shortest and self._comparable[found[0].run] < shortest

    def _lifetimes(self, tasks: Iterable[Task]) -> Iterator[timedelta]:
        for task in tasks:
            stored = self._freshness.latest(task)
            if stored is not None:
                yield lifetime(stored.observation.every)


def _is_kept(rule: Rule) -> bool:
    """Whether the verdicts of a rule depend on nothing but evidence; without a digest of its code nothing is known."""
    shapes = {need.shape for need in rule.check.needs}
    return not rule.check.wants_now and rule.code != "" and shapes <= {Extent.EACH, Extent.THE, Extent.ALL}


def comparable_runs(
    runs: Iterable[tuple[RunStarted, RunEnded | None]], source: str, current: str
) -> dict[str, timedelta]:
    """Return the runs of a source whose verdicts may be kept in the current one, with how long each took.

    They are those since the last one with other code or another configuration, or that never came to its end: what is
    recorded of a source is then what one and the same judge made of it. `runs` are given with the newest first.
    """
    found: dict[str, timedelta] = {}
    now: RunStarted | None = None
    for started, ended in islice(runs, _MOST_RUNS):
        if started.run == current:
            now = started
        elif now is not None and any(roots.source == source for roots in started.sources):
            if ended is None or (started.code, started.config) != (now.code, now.config) or not now.code:
                break
            found[started.run] = ended.at - started.at
    return found
