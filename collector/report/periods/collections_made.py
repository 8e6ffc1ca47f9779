"""How many of the observations that were planned were made: every task in each of its intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.facts import TasksPlanned
from collector.core.history import TaskEnd
from collector.core.ledger import MISSED, TaskLedger
from collector.core.periods import slot_borders
from collector.report.company.retest import Remembers
from collector.report.periods.period_walk import looked

if TYPE_CHECKING:
    from datetime import datetime

    from collector.core.tasks import Task
    from collector.report.state.known import Reading

SPAN = timedelta(days=7)
"""How far back it is counted."""


def observations_made(reading: Reading) -> tuple[int, int]:
    """Return how many observations were made, and how many were planned; one in the next interval is made, and late."""
    store = reading.store
    if not isinstance(store, Remembers):
        return 0, 0
    start, end = reading.at - SPAN, reading.at
    ledgers: dict[Task, TaskLedger] = {}
    slots: dict[Task, set[int]] = {}
    for seen in store.observations(as_of=start):
        _open(ledgers, slots, looked(seen), start, end, is_new=False)
    for one in store.history.events(since=start, until=end):
        match one:
            case TaskEnd():
                _open(ledgers, slots, one, start, end, is_new=True)
                ledgers[one.task].add(one.ended_at, one.outcome, one.why)
                last = len(slot_borders(start, end, one.every)) - 2
                slots[one.task].add(min(max((one.ended_at - start) // one.every, 0), last))
            case TasksPlanned():
                for task, ledger in ledgers.items():
                    if task.source in one.scopes and task.scope and task.scope not in one.scopes[task.source]:
                        ledger.gone(one.at)
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
    one: TaskEnd,
    start: datetime,
    end: datetime,
    *,
    is_new: bool,
) -> None:
    if one.task not in ledgers:
        ledgers[one.task] = TaskLedger(start, end, one.every, is_new=is_new)
        slots[one.task] = set()
