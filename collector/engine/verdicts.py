"""Judge while the tasks of a run end, and write the changes of findings to the store."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from collector.core.facts import CheckCounts, Judged
from collector.core.findings import Ended, FindingChange
from collector.engine.finding_changes import Merge
from collector.engine.judge import Judge
from collector.engine.rule import Rule
from collector.engine.units import Unit, Units, belongs, depth_of, findings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.core.findings import Finding
    from collector.core.ports import Store, StoredObservation
    from collector.core.tasks import Task
    from collector.engine.clock import Clock
    from collector.engine.freshness import Freshness

_BATCH = 500
"""Changes that are written at a time."""


class Verdicts:
    """Judges each unit of a run as soon as the tasks that it needs have ended."""

    def __init__(
        self,
        *,
        store: Store,
        freshness: Mapping[str, Freshness],
        rules: Sequence[Rule],
        clock: Clock,
        run: str,
        on_changes: Callable[[Sequence[FindingChange]], None],
        expected: Iterable[Task],
    ) -> None:
        self._store = store
        self._freshness = freshness
        self._rules = rules
        self._clock = clock
        self._run = run
        self._on_changes = on_changes
        self._units = {name: Units(rules, source_freshness) for name, source_freshness in freshness.items()}
        self._buffer: list[FindingChange] = []
        self._counts: dict[tuple[str, str], Counter[str]] = {}
        unjudged = [task for task in self._unjudged_tasks() if task.source in freshness]
        todo = [*expected, *unjudged]
        for units in self._units.values():
            units.wait_for(todo)
        expected_tasks = set(expected)
        for task in unjudged:
            if task not in expected_tasks:
                self._judge_ready(task)

    def _unjudged_tasks(self) -> list[Task]:
        """Return the tasks whose latest observation is of a run that ended without judging it."""
        open_runs = {started.run for started, ended in self._store.runs() if ended is None} - {self._run}
        if not open_runs:
            return []
        return [seen.observation.task for seen in self._store.observations() if seen.observation.run in open_runs]

    def task_done(self, stored: StoredObservation) -> None:
        """Process the observation of a task, and judge the units that waited only for it."""
        task = stored.observation.task
        self._freshness[task.source].update(stored)
        self._judge_ready(task)

    def _judge_ready(self, task: Task) -> None:
        for unit in self._units[task.source].done(task):
            for change in self._judge(unit):
                self._add_change(change)
        self._flush()

    def _judge(self, unit: Unit) -> Iterator[FindingChange]:
        source_freshness = self._freshness[unit.source]
        judge = Judge(self._store, source_freshness, self._clock.now())
        keep = unit.task is not None and source_freshness.incomplete_reason(unit.task) is not None
        merges = {
            rule.check.id: Merge(
                self._store.findings(check=rule.check.id, source=unit.source, scope=unit.scope), keep=keep
            )
            for rule in unit.rules
        }
        for rule, finding in findings_of(judge, unit):
            self._count(rule, finding)
            yield from merges[rule.check.id].push(finding)
        for merge in merges.values():
            yield from merge.close()

    def _count(self, rule: Rule, finding: Finding) -> None:
        self._counts.setdefault((rule.check.id, finding.id.source), Counter())[finding.status.value] += 1

    def _add_change(self, change: FindingChange) -> None:
        self._buffer.append(change)
        if len(self._buffer) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._buffer:
            batch = tuple(self._buffer)
            self._buffer.clear()
            self._store.write([Judged(run=self._run, at=self._clock.now(), changes=batch, tallies=())])
            self._on_changes(batch)

    def close(self) -> None:
        """End findings whose scope or check is gone or whose discovery is complete now, and write the counts."""
        ids = {rule.check.id for rule in self._rules}
        for name, source_freshness in self._freshness.items():
            known = set(source_freshness.scopes)
            incomplete = {discovery.scope for discovery in source_freshness.incomplete_discoveries}
            depths = {
                rule.check.id: depth_of(rule, source_freshness)
                for rule in self._rules
                if belongs(rule, source_freshness)
            }
            for state in self._store.findings(source=name):
                id_ = state.finding.id
                if id_.check not in ids:
                    self._add_change(FindingChange(id_, state.finding.status, ended=Ended.CHECK_DISABLED))
                elif id_.scope not in known and id_.scope != ():
                    self._add_change(FindingChange(id_, state.finding.status, ended=Ended.SCOPE_GONE))
                elif len(id_.scope) < depths.get(id_.check, 0) and id_.scope not in incomplete:
                    self._add_change(FindingChange(id_, state.finding.status, ended=Ended.SCOPE_SEEN))
        self._flush()
        self._store.write([Judged(run=self._run, at=self._clock.now(), changes=(), tallies=tuple(self.tallies()))])

    def tallies(self) -> list[CheckCounts]:
        """Return the verdicts of this run counted by check and source, with code and limits."""
        rules = {rule.check.id: rule for rule in self._rules}
        return [
            CheckCounts(check, source, rules[check].code, rules[check].shown_limits, dict(sorted(counts.items())))
            for (check, source), counts in sorted(self._counts.items())
        ]
