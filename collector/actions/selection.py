"""Which of the planned tasks a run is to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.core.errors import UsageError
from collector.core.resources import service_of
from collector.core.tasks import Outcome
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from collector.core.ports import Store
    from collector.core.tasks import Task
    from collector.engine.sources import Source
    from collector.setup.app import App

PLANNING = "plan"
"""The trigger of runs that only discover scopes."""


@dataclass(frozen=True)
class Selection:
    """What the user chose; None stands for everything. `resumes` is the run that is continued."""

    sources: tuple[str, ...] | None = None
    collections: frozenset[str] | None = None
    tasks: frozenset[Task] | None = field(default=None, repr=False)
    resumes: str | None = None

    def wants(self, task: Task) -> bool:
        """Whether a task is among what was chosen."""
        if self.collections is not None and task.collection not in self.collections:
            return False
        return self.tasks is None or task in self.tasks


def select(app: App, sources: Collection[str], services: Collection[str], checks: Collection[str]) -> Selection:
    """Return what these options choose. Raises UsageError on a name that there is not."""
    for name in sources:
        if name not in app.config.sources:
            raise UsageError(_no("source", name, app.config.sources))
    chosen = app.sources(tuple(sources) or None)
    wanted = _of_services(chosen, services) | _of_checks(app, checks)
    return Selection(tuple(sources) or None, frozenset(wanted) if services or checks else None)


def _of_services(sources: Iterable[Source], services: Collection[str]) -> set[str]:
    known = {id_: service_of(id_) for source in sources for id_ in source.collections}
    for service in services:
        if service not in known.values():
            raise UsageError(_no("service", service, sorted(set(known.values()))))
    return {id_ for id_, service in known.items() if service in services}


def _of_checks(app: App, checks: Collection[str]) -> set[str]:
    enabled = {rule.check.id: rule.check for rule in app.rules()}
    for id_ in checks:
        if id_ in app.checks and id_ not in enabled:
            message = f"the check {id_} is disabled, or its platform has no source"
            raise UsageError(message)
        if id_ not in enabled:
            raise UsageError(_no("check", id_, enabled))
    return {need.kind.name for id_ in checks for need in enabled[id_].needs}


def left_over(store: Store) -> tuple[str, frozenset[Task]] | None:
    """Return the last scan and the tasks that it planned and did not run; None where there was no scan."""
    last = next((started for started, _ in store.runs() if started.trigger != PLANNING), None)
    if last is None:
        return None
    latest = {seen.observation.task: seen.observation for seen in store.observations()}
    planned = {task for plan in store.plans() if plan.run == last.run for task in plan.tasks}
    # What a killed run had planned and not begun has no observation of that run.
    never = {task for task in planned if task not in latest or latest[task].run != last.run}
    stopped = {task for task, seen in latest.items() if seen.outcome is Outcome.NOT_RUN}
    return last.run, frozenset(never | stopped)


def incomplete_tasks(store: Store) -> frozenset[Task]:
    """Return the tasks whose latest observation does not show everything."""
    return frozenset(seen.observation.task for seen in store.observations() if not seen.observation.is_whole)


def _no(what: str, name: str, known: Iterable[str]) -> str:
    return f"there is no {what} {name!r}; {would_do(name, known, f'the {what}s are')}"
