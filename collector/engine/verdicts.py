"""Keeps the findings of a run up to date while its tasks come in, and writes down what changed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from collector.core.facts import CheckCounts, Judged
from collector.core.findings import Ended, FindingChange
from collector.engine.judge import Judge, Merge, Rule
from collector.engine.units import Unit, Units, belongs, depth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.core.findings import Finding
    from collector.core.ports import Store, StoredObservation
    from collector.core.tasks import Task
    from collector.engine.clock import Clock
    from collector.engine.freshness import Freshness

_BATCH = 500
"""Changes that are written down at a time."""


class Verdicts:
    """The judging side of one run."""

    def __init__(
        self,
        *,
        store: Store,
        sights: Mapping[str, Freshness],
        rules: Sequence[Rule],
        clock: Clock,
        run: str,
        tell: Callable[[Sequence[FindingChange]], None],
        coming: Iterable[Task],
    ) -> None:
        self._store = store
        self._sights = sights
        self._rules = rules
        self._clock = clock
        self._run = run
        self._tell = tell
        self._units = {name: Units(rules, sight) for name, sight in sights.items()}
        self._buffer: list[FindingChange] = []
        self._counts: dict[tuple[str, str], Counter[str]] = {}
        left = [task for task in self._left_unjudged() if task.source in sights]
        todo = [*coming, *left]
        for units in self._units.values():
            units.wait_for(todo)
        coming_too = set(coming)
        for task in left:
            if task not in coming_too:
                self._ended(task)

    def _left_unjudged(self) -> list[Task]:
        """Tasks whose observation a killed run recorded and nobody judged."""
        open_runs = {started.run for started, ended in self._store.runs() if ended is None} - {self._run}
        if not open_runs:
            return []
        return [seen.observation.task for seen in self._store.observations() if seen.observation.run in open_runs]

    def took(self, seen: StoredObservation) -> None:
        """Take in a task's end and judge what it was the last need of."""
        task = seen.observation.task
        self._sights[task.source].update(seen)
        self._ended(task)

    def _ended(self, task: Task) -> None:
        for unit in self._units[task.source].done(task):
            for change in self._judge(unit):
                self._keep(change)
        self._flush()

    def _judge(self, unit: Unit) -> Iterator[FindingChange]:
        sight = self._sights[unit.source]
        judge = Judge(self._store, sight, self._clock.now())
        keep = unit.task is not None and sight.trouble(unit.task) is not None
        merges = {
            rule.check.id: Merge(
                self._store.findings(check=rule.check.id, source=unit.source, scope=unit.scope), keep=keep
            )
            for rule in unit.rules
        }
        for rule, finding in self._findings(judge, unit):
            self._count(rule, finding)
            yield from merges[rule.check.id].push(finding)
        for merge in merges.values():
            yield from merge.close()

    def _findings(self, judge: Judge, unit: Unit) -> Iterator[tuple[Rule, Finding]]:
        if unit.hole is not None:
            for rule in unit.rules:
                yield rule, judge.hole(rule, unit.hole)
        elif unit.task is not None:
            yield from judge.subjects(list(unit.rules), unit.task)
        else:
            for rule in unit.rules:
                yield rule, judge.set(rule, unit.scope)

    def _count(self, rule: Rule, finding: Finding) -> None:
        self._counts.setdefault((rule.check.id, finding.id.source), Counter())[finding.status.value] += 1

    def _keep(self, change: FindingChange) -> None:
        self._buffer.append(change)
        if len(self._buffer) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._buffer:
            batch = tuple(self._buffer)
            self._buffer.clear()
            self._store.write([Judged(run=self._run, at=self._clock.now(), changes=batch, tallies=())])
            self._tell(batch)

    def close(self) -> None:
        """End findings whose scope or check is gone, or over a hole that is closed, and write down the counts."""
        ids = {rule.check.id for rule in self._rules}
        for name, sight in self._sights.items():
            known = set(sight.scopes)
            holes = {hole.scope for hole in sight.unopened}
            depths = {rule.check.id: depth_of(rule, sight) for rule in self._rules if belongs(rule, sight)}
            for standing in self._store.findings(source=name):
                id_ = standing.finding.id
                if id_.check not in ids:
                    self._keep(FindingChange(id_, standing.finding.status, ended=Ended.CHECK_DISABLED))
                elif id_.scope not in known and id_.scope != ():
                    self._keep(FindingChange(id_, standing.finding.status, ended=Ended.SCOPE_GONE))
                elif len(id_.scope) < depths.get(id_.check, 0) and id_.scope not in holes:
                    self._keep(FindingChange(id_, standing.finding.status, ended=Ended.SCOPE_SEEN))
        self._flush()
        self._store.write([Judged(run=self._run, at=self._clock.now(), changes=(), tallies=tuple(self.tallies()))])

    def tallies(self) -> list[CheckCounts]:
        """Return what each rule said in each source in this run, counted."""
        rules = {rule.check.id: rule for rule in self._rules}
        return [
            CheckCounts(check, source, rules[check].code, rules[check].shown_limits, dict(sorted(counts.items())))
            for (check, source), counts in sorted(self._counts.items())
        ]
