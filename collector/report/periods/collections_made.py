"""How many of the observations that were planned were made: every task in each of its intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.facts import TasksPlanned
from collector.core.history import KeepsHistory, TaskEnd
from collector.core.ledger import MISSED, TaskLedger
from collector.core.periods import slot_borders
from collector.report.periods.period_history import task_end_of

if TYPE_CHECKING:
    from datetime import datetime

    from collector.core.tasks import Task
    from collector.report.state.known import Reading

SPAN = timedelta(days=7)
"""How far back it is counted."""


def observations_made(reading: Reading) -> tuple[int, int]:
    """Return how many observations were made, and how many were planned; one in the next interval is made, and late."""
    store = reading.store
    if not isinstance(store, KeepsHistory):
        return 0, 0
    start, end = reading.at - SPAN, reading.at
    ledgers: dict[Task, TaskLedger] = {}
    slots: dict[Task, set[int]] = {}
    for seen in store.observations(as_of=start):
        _open(ledgers, slots, task_end_of(seen), start, end, is_new=False)
    for event in store.history.events(since=start, until=end):
        match event:
            case TaskEnd():
                _open(ledgers, slots, event, start, end, is_new=True)
                ledgers[event.task].take(event)
                last = len(slot_borders(start, end, event.every)) - 2
                slots[event.task].add(min(max((event.ended_at - start) // event.every, 0), last))
            case TasksPlanned():
                for task, ledger in ledgers.items():
                    if task.source in event.scopes and task.scope and task.scope not in event.scopes[task.source]:
                        ledger.gone(event.at)
            case _:
                pass
    made = missed = 0
    for task, ledger in ledgers.items():
        made += len(slots[task])
        for gap in ledger.gaps():
            missed += gap.count if gap.how == MISSED else 0
    return made, made + missed


def _open(
    ledgers: dict[Task, TaskLedger],
    slots: dict[Task, set[int]],
    task_end: TaskEnd,
    start: datetime,
    end: datetime,
    *,
    is_new: bool,
) -> None:
    if task_end.task not in ledgers:
        ledgers[task_end.task] = TaskLedger(start, end, task_end.every, is_new=is_new)
        slots[task_end.task] = set()
