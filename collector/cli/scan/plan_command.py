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

from collector.actions.planning import PlannedTask, PlanReport, plan_report
from collector.cli.scan.selection_options import CheckOption, ServiceOption, SourceOption
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_age
from collector.core.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.actions.selection import Selection
    from collector.cli.terminal.session import Session
    from collector.engine.gates import Identity
    from collector.engine.quota import Allowance
    from collector.setup.app import App


def plan(
    ctx: typer.Context,
    source: SourceOption = None,
    service: ServiceOption = None,
    check: CheckOption = None,
    discover: Annotated[
        bool,
        typer.Option(
            "--discover", help="First ask the platforms which accounts and the like there are; this is recorded."
        ),
    ] = False,
) -> None:
    """Show what a scan would look at, and what it would take.

    Collections, expected requests, time and permissions, from the configuration and from the last time. No platform is
    asked.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    app.require_a_source()
    from collector.actions.selection import PLANNING, select

    chosen = select(app, source or (), service or (), check or ())
    allowances: Mapping[Identity, Allowance] = {}
    if discover:
        from collector.actions.scanning import run
        from collector.cli.scan.terminal_progress import progress_on

        with app.open_store(writer=True) as store:
            nothing = replace(chosen, tasks=frozenset())
            summary, _ = run(app, store, nothing, PLANNING, progress=progress_on(sys.stderr, app, store))
            allowances = summary.allowances
    show_plan(app, chosen, cli_session, allowances)


def show_plan(
    app: App, chosen: Selection, cli_session: Session, allowances: Mapping[Identity, Allowance] = MappingProxyType({})
) -> None:
    """Print the plan for this selection."""
    from collector.cli.terminal.page import print_json
    from collector.setup.store_file import exists

    with ExitStack() as stack:
        store = stack.enter_context(app.open_store(writer=False)) if exists(app.config) else None
        report = plan_report(app, store, chosen, allowances)
    if cli_session.json:
        print_json(report)
    else:
        _print(report)


def _print(report: PlanReport) -> None:
    from collector.actions.quota_text import quota_line
    from collector.cli.terminal.page import page
    from collector.core.scopes import show_scope

    out = page()
    by_source = Counter(task.source for task in report.tasks)
    for name, count in by_source.items():
        out.line(f"{name}: {plural(count, 'collection')}")
        mine = [task for task in report.tasks if task.source == name]
        for collection, scopes in _grouped(mine).items():
            shown = ", ".join(show_scope(scope) for scope in scopes[:3])
            more = f" and {len(scopes) - 3} more" if len(scopes) > 3 else ""  # noqa: PLR2004  three names and a count
            out.line(f"{collection}: {shown}{more}", indent=2)
        if name in report.unopened:
            out.line("it was never read: what lies below is found out by a scan, or by plan --discover", indent=2)
    if not report.tasks:
        out.line("There is nothing to do.")
    out.head("Expected")
    tried = len(report.tasks) - report.untried
    out.line(
        f"{plural(report.requests, 'request')} for {plural(tried, 'collection')}, by what they took the last time",
        indent=2,
    )
    if report.untried:
        out.line(
            f"{plural(report.untried, 'collection')} never made before: how many requests they take is not known",
            indent=2,
        )
    out.line(
        f"about {show_age(timedelta(seconds=round(report.seconds)))}"
        if report.seconds is not None
        else "the time is not known yet",
        indent=2,
    )
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
