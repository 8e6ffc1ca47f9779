"""What a scan would do, from what is known, without asking anybody."""

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
    """One task, with the requests and seconds that it took the last time, null where it never ran."""

    source: str
    collection: str
    scope: Scope
    requests: int | None
    seconds: float | None


class PlanReport(Struct, frozen=True):
    """The shape of `annexd plan --json`. What is known is of last time; `untried` tasks were never run.

    `quotas` are those of platforms that were asked just now and said what is left.
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
    """Gather the plan from settings, from what a store knows of the last time, and from what platforms said now."""
    from collector.engine.plan import ScopeTree, known_scopes

    known = known_scopes(store.plans()) if store is not None else {}
    last = {seen.observation.task: seen.observation for seen in store.observations()} if store is not None else {}
    sources = app.sources(chosen.sources)
    tasks: list[Task] = []
    unopened: list[str] = []
    for one in sources:
        ground = ScopeTree(one, known.get(one.name, ()))
        ground.add_known()
        discovering = {each.collection for all_ in one.connector.discoveries.values() for each in all_}
        tasks += [task for task in ground.tasks(_everything) if task.collection in discovering or chosen.wants(task)]
        if one.name not in known and discovering & set(one.collections):
            unopened.append(one.name)
    planned = [_planned(task, last.get(task)) for task in tasks]
    return PlanReport(
        tasks=tuple(planned),
        requests=sum(task.requests or 0 for task in planned),
        untried=sum(task.requests is None for task in planned),
        seconds=_seconds(planned, app.config.limits.tasks),
        permissions={
            one.name: _needs(one, {task.collection for task in tasks if task.source == one.name}) for one in sources
        },
        unopened=tuple(unopened),
        quotas=tuple(forecasts(tasks, {one.name: one for one in sources}, last, allowances)),
    )


def _everything(_task: Task) -> bool:
    return True


def _planned(task: Task, last: Observation | None) -> PlannedTask:
    if last is None or not last.provenance.requests:
        return PlannedTask(task.source, task.collection, task.scope, None, None)
    took = (last.ended_at - last.started_at) / timedelta(seconds=1)
    return PlannedTask(task.source, task.collection, task.scope, last.provenance.requests, round(took, 3))


def _seconds(tasks: Sequence[PlannedTask], at_once: int) -> float | None:
    """Estimate by how long each took: no less than the longest, no less than all of them side by side."""
    took = [task.seconds for task in tasks if task.seconds is not None]
    if not took:
        return None
    return round(max(*took, sum(took) / at_once), 1)


def _needs(source: Source, collections: set[str]) -> tuple[str, ...]:
    connector = source.connector
    needs = {need for id_ in collections for need in source.collections[id_].permissions}
    needs |= {need for id_ in collections for part in connector.parts.get(id_, []) for need in part.permissions}
    return tuple(sorted(needs))
