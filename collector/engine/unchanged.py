"""What of a unit need not be judged again, because nothing that the rules can see has changed since they were judged.

What a verdict depends on is its evidence, the rule, the code that judges, and the time. The record says of the first
three whether they are the same as in an earlier run; a rule that asks for the time is always judged.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from collector.engine.freshness import lifetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from collector.core.facts import RunEnded, RunStarted
    from collector.core.findings import FindingCount
    from collector.core.ports import Finished
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.engine.freshness import Freshness
    from collector.engine.rule import Rule
    from collector.engine.units import Unit

_MOST_RUNS = 256
"""How many runs are looked back at."""


class ToJudge(NamedTuple):
    """What of a unit has to be judged: rules on all of it, and rules on some of its subjects only."""

    rules: tuple[Rule, ...]
    in_part: tuple[Rule, ...]
    subjects: frozenset[str]

    @property
    def has_work(self) -> bool:
        """Whether anything has to be judged."""
        return bool(self.rules or self.in_part)


class _Compared(NamedTuple):
    """A task that can be compared with what it showed in an earlier run."""

    run: str
    keys: frozenset[str]
    is_same_in_part: bool
    seen_at: datetime
    ended_at: datetime


class UnchangedTasks:
    """What the tasks of one source showed in this run beside what they showed in an earlier one."""

    def __init__(
        self, freshness: Freshness, comparable: Mapping[str, timedelta], current: Iterable[FindingCount]
    ) -> None:
        """`comparable` are the runs whose verdicts may be kept, with how long each took.

        `current` are the counts of the findings that there are: those of a scope that was gone for a while have ended.
        """
        self._freshness = freshness
        self._comparable = comparable
        self._compared: dict[Task, _Compared] = {}
        self._scopes: dict[str, set[Scope]] = {}
        shared: dict[Scope, Scope] = {}
        for count in current if comparable else ():
            self._scopes.setdefault(count.check, set()).add(shared.setdefault(count.scope, count.scope))

    def add(self, task: Task, finished: Finished) -> None:
        """Note the end of a task."""
        stored, difference = self._freshness.latest(task), finished.difference
        if difference is None or difference.run not in self._comparable or stored is None:
            self._compared.pop(task, None)
            return
        seen = stored.observation
        self._compared[task] = _Compared(
            difference.run, difference.keys, finished.unchanged > 0, seen.seen_at, seen.ended_at
        )

    def to_judge(self, unit: Unit, needs: Iterable[Task]) -> ToJudge:
        """Return what of a unit has to be judged; `needs` are all tasks that it depends on, its own one first."""
        compared = self._of_one_run(unit, tuple(needs))
        if unit.incomplete is not None or self._freshness.incomplete_discoveries or compared is None:
            return ToJudge(unit.rules, (), frozenset())
        own = compared.pop(unit.task, None) if unit.task is not None else None
        may_differ = own is not None and own.is_same_in_part
        if any(each.keys for each in compared.values()) or (own is not None and own.keys and not may_differ):
            return ToJudge(unit.rules, (), frozenset())
        kept = {rule.check.id for rule in unit.rules if _is_kept(rule) and self._has_verdict(rule, unit.scope)}
        keys = own.keys if own is not None else frozenset()
        return ToJudge(
            tuple(rule for rule in unit.rules if rule.check.id not in kept),
            tuple(rule for rule in unit.rules if rule.check.id in kept) if keys else (),
            keys,
        )

    def _has_verdict(self, rule: Rule, scope: Scope) -> bool:
        return scope in self._scopes.get(rule.check.id, ())

    def _of_one_run(self, unit: Unit, needs: Sequence[Task]) -> dict[Task, _Compared] | None:
        """Return what the tasks of a unit showed beside one run that judged it; None if there is none."""
        tasks = dict.fromkeys(needs)
        if unit.task is not None and needs.count(unit.task) > 1:
            return None  # its resources are judged beside the set of all of them
        found = {task: compared for task in tasks if (compared := self._compared.get(task)) is not None}
        if not found or len(found) != len(tasks) or len({compared.run for compared in found.values()}) != 1:
            return None
        if len(tasks) == 1 and unit.task is not None:
            return found
        # Evidence of other tasks counts only while it is fresh: it was in that run, and is in this one.
        oldest = min(compared.seen_at for compared in found.values())
        newest = max(compared.ended_at for compared in found.values())
        shortest = min(self._lifetimes(tasks), default=None)
        run = next(iter(found.values())).run
        is_fresh = shortest is not None and newest - oldest < shortest and self._comparable[run] < shortest
        return found if is_fresh else None

    def _lifetimes(self, tasks: Iterable[Task]) -> Iterator[timedelta]:
        for task in tasks:
            stored = self._freshness.latest(task)
            if stored is not None:
                yield lifetime(stored.observation.every)


def _is_kept(rule: Rule) -> bool:
    """Whether the verdicts of a rule depend on nothing but evidence; without a digest of its code nothing is known."""
    return not rule.check.wants_now and rule.code != ""


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
