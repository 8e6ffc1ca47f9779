"""The changes of findings that judging one unit comes to, wherever it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.engine.finding_changes import Merge
from collector.engine.judge import Judge
from collector.engine.units import findings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collector.core.findings import Finding, FindingChange
    from collector.core.ports import RunStore
    from collector.core.tasks import Task
    from collector.engine.freshness import Freshness
    from collector.engine.rule import Rule
    from collector.engine.unchanged import ToJudge
    from collector.engine.units import Unit

    Count = Callable[[Rule, Finding], None]


def changes_of(
    store: RunStore, freshness: Freshness, unit: Unit, todo: ToJudge, now: datetime, count: Count
) -> Iterator[FindingChange]:
    """Yield the changes of what has to be judged of a unit.

    `count` is given each finding of the rules that are judged on all of it; of those that are judged in part the
    findings are counted by the store at the end of the run.
    """
    judge = Judge(store, freshness, now)
    if todo.rules:
        yield from _whole(store, judge, freshness, replace(unit, rules=todo.rules), count)
    if todo.in_part and unit.task is not None:
        yield from _in_part(store, judge, unit.task, todo)


def _in_part(store: RunStore, judge: Judge, task: Task, todo: ToJudge) -> Iterator[FindingChange]:
    """Judge some subjects of a complete task; the findings on all others stay."""
    merges = {
        rule.check.id: Merge(store.findings_of(rule.check.id, task, todo.subjects), keep=False) for rule in todo.in_part
    }
    for rule, finding in judge.some_subjects(list(todo.in_part), task, store.resources_of(task, todo.subjects)):
        yield from merges[rule.check.id].push(finding)
    for merge in merges.values():
        yield from merge.close()


def _whole(store: RunStore, judge: Judge, freshness: Freshness, unit: Unit, count: Count) -> Iterator[FindingChange]:
    keep = unit.task is not None and freshness.incomplete_reason(unit.task) is not None
    merges = {
        rule.check.id: Merge(store.findings(check=rule.check.id, source=unit.source, scope=unit.scope), keep=keep)
        for rule in unit.rules
    }
    for rule, finding in findings_of(judge, unit):
        count(rule, finding)
        yield from merges[rule.check.id].push(finding)
    for merge in merges.values():
        yield from merge.close()
