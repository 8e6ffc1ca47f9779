"""What a scan would do, from the store and the configuration, without calls to platforms."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.scopes import Scope
from collector.engine.forecast import Forecast, forecasts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.actions.selection import Selection
    from collector.core.ports import Store
    from collector.core.tasks import Observation, Task
    from collector.engine.gates import Identity
    from collector.engine.quota import Allowance
    from collector.engine.sources import Source
    from collector.setup.app import App


class PlannedTask(Struct, frozen=True):
    """One task with the requests and seconds of its last run; None where it never ran."""

    source: str
    collection: str
    scope: Scope
    requests: int | None
    seconds: float | None


class PlanReport(Struct, frozen=True):
    """The shape of `annexd plan --json`. What is known is of last time; `untried` tasks were never run.

    `quotas` are those of platforms that were asked now and answered what is left.
    """

    tasks: tuple[PlannedTask, ...]
    requests: int
    untried: int
    seconds: float | None
    permissions: dict[str, tuple[str, ...]]
    unopened: tuple[str, ...]
    quotas: tuple[Forecast, ...]


def plan_report(
    app: App,
    store: Store | None,
    chosen: Selection,
    allowances: Mapping[Identity, Allowance] = MappingProxyType({}),
) -> PlanReport:
    """Return the plan from settings, from the store, and from the quotas that platforms answered now."""
    from collector.engine.plan import ScopeTree, known_scopes

    known = known_scopes(store.plans()) if store is not None else {}
    last = {seen.observation.task: seen.observation for seen in store.observations()} if store is not None else {}
    sources = app.sources(chosen.sources)
    tasks: list[Task] = []
    unopened: list[str] = []
    for source in sources:
        tree = ScopeTree(source, known.get(source.name, ()))
        tree.add_known()
        discovering = {discovery.collection for all_ in source.connector.discoveries.values() for discovery in all_}
        tasks += [task for task in tree.tasks(_everything) if task.collection in discovering or chosen.wants(task)]
        if source.name not in known and discovering & set(source.collections):
            unopened.append(source.name)
    planned = [_planned(task, last.get(task)) for task in tasks]
    return PlanReport(
        tasks=tuple(planned),
        requests=sum(task.requests or 0 for task in planned),
        untried=sum(task.requests is None for task in planned),
        seconds=_seconds(planned, app.config.limits.tasks),
        permissions={
            source.name: _needs(source, {task.collection for task in tasks if task.source == source.name})
            for source in sources
        },
        unopened=tuple(unopened),
        quotas=tuple(forecasts(tasks, {source.name: source for source in sources}, last, allowances)),
    )


def _everything(_task: Task) -> bool:
    return True


def _planned(task: Task, last: Observation | None) -> PlannedTask:
    if last is None or not last.provenance.requests:
        return PlannedTask(task.source, task.collection, task.scope, None, None)
    took = (last.ended_at - last.started_at) / timedelta(seconds=1)
    return PlannedTask(task.source, task.collection, task.scope, last.provenance.requests, round(took, 3))


def _seconds(tasks: Sequence[PlannedTask], at_once: int) -> float | None:
    """Estimate the seconds of a run: the longest task, or all tasks side by side if that is more."""
    took = [task.seconds for task in tasks if task.seconds is not None]
    if not took:
        return None
    return round(max(*took, sum(took) / at_once), 1)


def _needs(source: Source, collections: set[str]) -> tuple[str, ...]:
    connector = source.connector
    needs = {need for id_ in collections for need in source.collections[id_].permissions}
    needs |= {need for id_ in collections for part in connector.parts.get(id_, []) for need in part.permissions}
    return tuple(sorted(needs))
