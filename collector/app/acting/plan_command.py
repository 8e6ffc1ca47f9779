"""`annexd plan`: what a scan would do, from what is known, without asking anybody."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.app.acting.scan import CheckOption, ServiceOption, SourceOption
from collector.app.session import session
from collector.core.scopes import Scope
from collector.engine.forecast import Forecast, forecasts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from collector.app.selection import Selection
    from collector.app.session import Session
    from collector.app.wiring import App
    from collector.core.ports import Store
    from collector.core.tasks import Observation, Task
    from collector.engine.gates import Identity
    from collector.engine.quota import Allowance
    from collector.engine.sources import Source


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


def plan(
    ctx: typer.Context,
    source: SourceOption = None,
    service: ServiceOption = None,
    check: CheckOption = None,
    discover: Annotated[
        bool, typer.Option("--discover", help="First ask the platforms which scopes there are; this is recorded.")
    ] = False,
) -> None:
    """Show what a scan would look at, and what it would take.

    Tasks, expected requests, time and permissions, from the configuration and from the last time. No platform is asked.
    """
    told = session(ctx)
    app = told.open_app()
    from collector.app.selection import PLANNING, select

    chosen = select(app, source or (), service or (), check or ())
    allowances: Mapping[Identity, Allowance] = {}
    if discover:
        from collector.app.acting.scanning import run

        with app.open_store(writer=True) as store:
            summary, _ = run(app, store, replace(chosen, tasks=frozenset()), PLANNING, bar=sys.stderr.isatty())
            allowances = summary.allowances
    show_plan(app, chosen, told, allowances)


def show_plan(
    app: App, chosen: Selection, told: Session, allowances: Mapping[Identity, Allowance] = MappingProxyType({})
) -> None:
    """Print the plan for this selection."""
    from collector.app.output import print_json
    from collector.app.store_file import exists

    with ExitStack() as stack:
        store = stack.enter_context(app.open_store(writer=False)) if exists(app.config) else None
        report = plan_report(app, store, chosen, allowances)
    if told.json:
        print_json(report)
    else:
        _print(report)


def plan_report(
    app: App,
    store: Store | None,
    chosen: Selection,
    allowances: Mapping[Identity, Allowance] = MappingProxyType({}),
) -> PlanReport:
    """Gather the plan from settings, from what a store knows of the last time, and from what platforms said now."""
    from collector.engine.plan import Ground, known_scopes

    known = known_scopes(store.plans()) if store is not None else {}
    last = {seen.observation.task: seen.observation for seen in store.observations()} if store is not None else {}
    sources = app.sources(chosen.sources)
    tasks: list[Task] = []
    unopened: list[str] = []
    for one in sources:
        ground = Ground(one, known.get(one.name, ()))
        ground.assume()
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
    needs = {need for id_ in collections for need in source.collections[id_].needs}
    needs |= {need for id_ in collections for part in connector.parts.get(id_, []) for need in part.needs}
    return tuple(sorted(needs))


def _print(report: PlanReport) -> None:
    from collector.app.acting.quota_words import quota_line
    from collector.app.output import page
    from collector.core.scopes import show_scope

    out = page()
    by_source = Counter(task.source for task in report.tasks)
    for name, count in by_source.items():
        out.line(f"{name}: {count} tasks")
        mine = [task for task in report.tasks if task.source == name]
        for collection, scopes in _grouped(mine).items():
            shown = ", ".join(show_scope(scope) for scope in scopes[:3])
            more = f" and {len(scopes) - 3} more" if len(scopes) > 3 else ""  # noqa: PLR2004  three names and a count
            out.line(f"{collection}: {shown}{more}", indent=2)
        if name in report.unopened:
            out.line("it was never looked at: what lies below is found out by a scan, or by plan --discover", indent=2)
    if not report.tasks:
        out.line("There is nothing to do.")
    out.head("Expected")
    tried = len(report.tasks) - report.untried
    out.line(f"{report.requests} requests for {tried} tasks, by what they took the last time", indent=2)
    if report.untried:
        out.line(f"{report.untried} tasks were never run, so their requests are not known", indent=2)
    out.line(f"about {report.seconds} s" if report.seconds is not None else "the time is not known yet", indent=2)
    for quota in report.quotas:
        out.line(quota_line(quota), indent=2)
    out.head("Permissions")
    for name, needs in report.permissions.items():
        out.line(f"{name}: {', '.join(needs) or 'none'}", indent=2)


def _grouped(tasks: Iterable[PlannedTask]) -> dict[str, list[Scope]]:
    grouped: dict[str, list[Scope]] = {}
    for task in tasks:
        grouped.setdefault(task.collection, []).append(task.scope)
    return grouped
