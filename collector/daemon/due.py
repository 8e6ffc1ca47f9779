"""When a source is due next, by the log: a restart neither repeats a slot nor skips one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.actions.selection import Selection
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from collector.core.facts import MissedSlots, RunEnded, RunStarted
    from collector.core.ports import Store
    from collector.daemon.slots import Slots
    from storage import SqlStore

SERVE = "serve"
"""The trigger of the daemon's runs. Scans by hand neither use up a slot nor move one."""


@dataclass(frozen=True)
class Due:
    """When the next run of a source begins, which cut run it continues, and the slots that it makes up for."""

    at: datetime
    resumes: str | None = None
    missed: MissedSlots | None = None


def next_due(
    runs: Iterable[tuple[RunStarted, RunEnded | None]], slots: Mapping[str, Slots], now: datetime
) -> dict[str, Due]:
    """Return for each source when it is due; `runs` are the newest first.

    A run that was cut short is continued at once, and only once: it may be the run that ends the process.
    """
    found: dict[str, Due] = {}
    for started, ended in runs:
        if len(found) == len(slots):
            break
        if started.trigger == SERVE:
            for name in {root.source for root in started.sources} & slots.keys() - found.keys():
                found[name] = _after(started, ended, slots[name], now)
    return {name: found.get(name, Due(now)) for name in slots}


def verification_due(store: SqlStore, every: timedelta, now: datetime) -> datetime:
    """Return when the store is to be verified next, by the log: so long after the last time, or after it was made."""
    *_, last = store.log(kinds=("genesis", "verified"))
    return _unless_far(last.logged_at + every, every, now)


def _after(started: RunStarted, ended: RunEnded | None, slots: Slots, now: datetime) -> Due:
    at = slots.after(started.at)
    was_cut = ended is None or ended.stopped is not None
    # Where the next slot is near, it is a look at everything that is due.
    if was_cut and started.resumes is None and at - now > slots.near(at):
        return Due(now, started.run)
    at = _unless_far(at, slots.longest, now)
    return Due(at, missed=slots.missed(at, now))


def _unless_far(at: datetime, every: timedelta, now: datetime) -> datetime:
    """Return when something is due; now, where a clock that was wrong put it so far ahead that it could take years."""
    return now if at - now > 2 * every else at


def chosen(store: Store, name: str, due: Due) -> Selection | None:
    """Return what a run of this source is to do; None where nothing is left of the one that was cut short."""
    if due.resumes is None:
        return Selection((name,))
    planned = {task for plan in store.plans() if plan.run == due.resumes for task in plan.tasks}
    if not planned:
        return Selection((name,), resumes=due.resumes)  # it was cut while it asked what there is
    ended = {
        seen.observation.task
        for seen in store.observations(source=name)
        if seen.observation.run == due.resumes and seen.observation.outcome is not Outcome.NOT_RUN
    }
    left = frozenset(planned - ended)
    return Selection((name,), tasks=left, resumes=due.resumes) if left else None
