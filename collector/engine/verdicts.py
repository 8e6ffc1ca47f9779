"""Judge while the tasks of a run end, and write the changes of findings to the store."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.core.facts import CheckCounts, Judged
from collector.core.findings import Ended, FindingChange
from collector.engine.freshness import without_provenance
from collector.engine.unchanged import ToJudge, UnchangedTasks
from collector.engine.unit_changes import changes_of
from collector.engine.units import Units, belongs, depth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import timedelta

    from collector.core.findings import Finding, FindingCount
    from collector.core.ports import Finished, RunStore, StoredObservation
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.engine.clock import Clock
    from collector.engine.freshness import Freshness
    from collector.engine.rule import Rule
    from collector.engine.units import Unit

    Take = Callable[[Sequence[FindingChange]], None]
    JudgedElsewhere = Callable[[Mapping[str, Mapping[str, int]] | None], None]
    JudgeElsewhere = Callable[[Unit, ToJudge, StoredObservation, StoredObservation | None, Take, JudgedElsewhere], None]

_BATCH = 500
"""Changes that are written at a time."""


class Verdicts:
    """Judges each unit of a run as soon as the tasks that it needs have ended.

    Verdicts of which nothing that they depend on has changed are kept: they are only counted.
    """

    def __init__(  # noqa: PLR0913  what a run has at hand
        self,
        *,
        store: RunStore,
        freshness: Mapping[str, Freshness],
        rules: Sequence[Rule],
        clock: Clock,
        run: str,
        comparable: Mapping[str, Mapping[str, timedelta]],
        on_changes: Callable[[Sequence[FindingChange]], None],
        expected: Iterable[Task],
        judge_for: JudgeElsewhere | None = None,
    ) -> None:
        """`judge_for` lets another process judge; None judges all here."""
        self._judge_for = judge_for
        self._elsewhere = 0
        self._store = store
        self._freshness = freshness
        self._rules = rules
        self._clock = clock
        self._run = run
        self._on_changes = on_changes
        self._units = {name: Units(rules, source_freshness) for name, source_freshness in freshness.items()}
        self._buffer: list[FindingChange] = []
        self._in_buffer: list[Unit] = []
        self._counts: dict[tuple[str, str], Counter[str]] = {}
        self._unchanged = {
            name: UnchangedTasks(source_freshness, comparable[name], store.finding_counts(name))
            for name, source_freshness in freshness.items()
        }
        # By source and rules that are judged together: the scopes in which their verdicts were kept.
        self._kept: dict[tuple[str, tuple[str, ...]], set[Scope]] = {}
        unjudged = self._unjudged_tasks()
        todo = [*expected, *unjudged]
        for units in self._units.values():
            units.wait_for(todo)
        expected_tasks = set(expected)
        for task in unjudged:
            if task not in expected_tasks:
                self._judge_ready(task)

    def _unjudged_tasks(self) -> list[Task]:
        """Return the tasks whose latest observation is of a run that ended without judging it."""
        seen = [stored.observation for freshness in self._freshness.values() for stored in freshness.all_latest()]
        unseen = {observation.run for observation in seen} - {self._run}
        open_runs: set[str] = set()
        runs = self._store.runs() if unseen else iter(())
        # There are as many runs as days or hours, and those that made the latest observations are mostly the last ones.
        while unseen and (run := next(runs, None)) is not None:
            started, ended = run
            if started.run in unseen and ended is None:
                open_runs.add(started.run)
            unseen.discard(started.run)
        return [observation.task for observation in seen if observation.run in open_runs]

    @property
    def elsewhere(self) -> int:
        """How many units are being judged by other processes."""
        return self._elsewhere

    def task_done(self, stored: StoredObservation, finished: Finished) -> None:
        """Process the observation of a task, and judge the units that waited only for it."""
        task = stored.observation.task
        self._freshness[task.source].update(without_provenance(stored))
        self._unchanged[task.source].add(task, finished)
        self._judge_ready(task)

    def _judge_ready(self, task: Task) -> None:
        units = self._units[task.source]
        together: dict[Task, Unit] = {}
        for unit in units.done(task):
            todo = self._unchanged[task.source].to_judge(unit, units.needs(unit))
            self._note_kept(unit, todo)
            if self._judge_for is not None and todo.has_work and unit.task is not None and self._is_alone(unit):
                self._judge_elsewhere(self._judge_for, unit, todo, unit.task)
            elif todo.rules and unit.task is not None:
                # Rules on the same resources that are due at once: each resource is read and decoded once for all.
                rules = together[unit.task].rules if unit.task in together else ()
                together[unit.task] = replace(unit, rules=(*rules, *todo.rules))
                self._judge_here(unit, todo._replace(rules=()))
            else:
                self._judge_here(unit, todo)
        for unit in together.values():
            self._judge_here(unit, ToJudge(unit.rules, (), frozenset()))
        self._flush()

    def _is_alone(self, unit: Unit) -> bool:
        """Return whether a unit depends on its own resources alone, all of which are in the store."""
        task = unit.task
        if task is None or any(len(rule.check.needs) > 1 for rule in unit.rules):
            return False
        latest = self._freshness[unit.source].latest(task)
        return latest is not None and latest.leaf is not None

    def _note_kept(self, unit: Unit, todo: ToJudge) -> None:
        judged = {rule.check.id for rule in todo.rules}
        kept = tuple(rule.check.id for rule in unit.rules if rule.check.id not in judged)
        if kept:
            self._kept.setdefault((unit.source, kept), set()).add(unit.scope)

    def _judge_here(self, unit: Unit, todo: ToJudge) -> None:
        freshness = self._freshness[unit.source]
        self._in_buffer.append(unit)
        self._add_changes(changes_of(self._store, freshness, unit, todo, self._clock.now(), self._count))

    def _judge_elsewhere(self, elsewhere: JudgeElsewhere, unit: Unit, todo: ToJudge, task: Task) -> None:
        """Let another process judge a unit that depends on one task alone, which is in the store."""
        freshness = self._freshness[unit.source]
        latest = freshness.latest(task)
        if latest is None:
            message = f"{task} is judged before it was observed"
            raise ValueError(message)
        self._elsewhere += 1

        def take(changes: Sequence[FindingChange]) -> None:
            self._buffer += changes
            self._flush()

        def done(counts: Mapping[str, Mapping[str, int]] | None) -> None:
            self._elsewhere -= 1
            if counts is None:
                self._judge_here(unit, todo)
                self._flush()
                return
            for check, found in counts.items():
                self._counts.setdefault((check, unit.source), Counter()).update(found)

        elsewhere(unit, todo, latest, freshness.complete(task), take, done)

    def _count(self, rule: Rule, finding: Finding) -> None:
        key = rule.check.id, finding.id.source
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = Counter()
        counts[finding.status.value] += 1

    def _add_changes(self, changes: Iterable[FindingChange]) -> None:
        for change in changes:
            self._buffer.append(change)
            if len(self._buffer) >= _BATCH:
                self._flush()

    def _flush(self) -> None:
        """Write the changes there are, after the observations that they depend on."""
        if self._buffer:
            batch = tuple(self._buffer)
            self._buffer.clear()
            after = (task for unit in self._in_buffer for task in self._units[unit.source].needs(unit))
            self._store.write([Judged(run=self._run, at=self._clock.now(), changes=batch, tallies=())], after=after)
            self._on_changes(batch)
        self._in_buffer.clear()

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
            current = list(self._store.finding_counts(name))
            for check, scope in dict.fromkeys((count.check, count.scope) for count in current):
                if check not in ids:
                    self._end_all(name, check, scope, Ended.CHECK_DISABLED)
                elif scope not in known and scope != ():
                    self._end_all(name, check, scope, Ended.SCOPE_GONE)
                elif len(scope) < depths.get(check, 0) and scope not in incomplete:
                    self._end_all(name, check, scope, Ended.SCOPE_SEEN)
            self._count_kept(name, current)
        self._flush()
        self._store.write([Judged(run=self._run, at=self._clock.now(), changes=(), tallies=tuple(self.tallies()))])

    def _end_all(self, source: str, check: str, scope: Scope, why: Ended) -> None:
        self._add_changes(
            FindingChange(state.finding.id, state.finding.status, ended=why)
            for state in self._store.findings(check=check, source=source, scope=scope)
        )

    def _count_kept(self, source: str, current: Iterable[FindingCount]) -> None:
        kept: dict[str, list[set[Scope]]] = {}
        for (of_source, checks), scopes in self._kept.items():
            for check in checks if of_source == source else ():
                kept.setdefault(check, []).append(scopes)
        for found in current:
            if any(found.scope in scopes for scopes in kept.get(found.check, ())):
                self._counts.setdefault((found.check, source), Counter())[found.status.value] += found.count

    def tallies(self) -> list[CheckCounts]:
        """Return the verdicts of this run counted by check and source, with code and limits."""
        rules = {rule.check.id: rule for rule in self._rules}
        return [
            CheckCounts(check, source, rules[check].code, rules[check].shown_limits, dict(sorted(counts.items())))
            for (check, source), counts in sorted(self._counts.items())
        ]
