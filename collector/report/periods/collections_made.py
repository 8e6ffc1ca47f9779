"""How many of the observations that were planned were made: every task in each of its intervals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.core.facts import TasksPlanned
from collector.core.history import KeepsHistory, TaskEnd
from collector.core.ledger import MISSED, TaskLedger
from collector.core.periods import slot_borders
from collector.core.tasks import Outcome
from collector.report.periods.period_history import task_end_of

if TYPE_CHECKING:
    from datetime import datetime

    from collector.core.tasks import Task
    from collector.report.state.known import Reading

BLIND = frozenset({Outcome.DENIED, Outcome.FAILED, Outcome.NOT_RUN})
"""Outcomes of an observation that saw nothing."""

SPAN = timedelta(days=7)
"""How far back it is counted."""


class ObservationsMade(NamedTuple):
    """Observations of a span; what was made in the next interval is late. Of `made`, `blind` were refused or failed."""

    made: int
    planned: int
    blind: int

    @property
    def blind_text(self) -> str:
        """What every page prints behind their number: `of which 21 saw nothing`; empty where all saw something."""
        return f"of which {self.blind} saw nothing" if self.blind else ""


def observations_made(reading: Reading) -> ObservationsMade:
    """Return how many observations were made, of how many that were planned, and how many of them saw nothing.

    Only those count whose scope counts for states.
    """
    store = reading.store
    if not isinstance(store, KeepsHistory):
        return ObservationsMade(0, 0, 0)
    start, end = reading.at - SPAN, reading.at
    ledgers: dict[Task, TaskLedger] = {}
    slots: dict[Task, set[int]] = {}
    sighted: dict[Task, set[int]] = {}
    for seen in store.observations(as_of=start):
        _open(ledgers, slots, task_end_of(seen), start, end, is_new=False)
    for event in store.history.events(since=start, until=end):
        match event:
            case TaskEnd():
                _open(ledgers, slots, event, start, end, is_new=True)
                ledgers[event.task].take(event)
                last = len(slot_borders(start, end, event.every)) - 2
                slot = min(max((event.ended_at - start) // event.every, 0), last)
                slots[event.task].add(slot)
                if event.outcome not in BLIND:
                    sighted.setdefault(event.task, set()).add(slot)
            case TasksPlanned():
                for task, ledger in ledgers.items():
                    if task.source in event.scopes and task.scope and task.scope not in event.scopes[task.source]:
                        ledger.gone(event.at)
            case _:
                pass
    made = missed = blind = 0
    for task, ledger in ledgers.items():
        if not reading.decides(task.source, task.scope):
            continue
        made += len(slots[task])
        blind += len(slots[task] - sighted.get(task, set()))
        for gap in ledger.gaps():
            missed += gap.count if gap.how == MISSED else 0
    return ObservationsMade(made, made + missed, blind)


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
