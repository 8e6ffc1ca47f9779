"""`annexd doctor`: what would keep a scan from seeing everything, and what to do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import one_of
from collector.cli.terminal.session import session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.actions.doctor_items import DoctorItem
    from collector.actions.dry_calls import DryCall, DryRun
    from collector.cli.terminal.page import Page
    from collector.engine.sources import Source
    from collector.setup.app import App

_CLOCK_OFF = timedelta(minutes=5)
"""AWS refuses requests whose time is further off: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html"""

_CLOCK_LATE = timedelta(seconds=30)


def doctor(
    ctx: typer.Context,
    source: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Look at this machine only; ask no platform.")] = False,
) -> None:
    """Look for what would keep a scan from seeing everything.

    This machine first: packages, SQLite, proxy, disk, store. Then each platform is asked who is asking, what time it
    is, and for the first item of every list. Nothing is kept. Exits with 1 if there is a problem.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    one_of(source, tuple(app.config.sources), "--source")
    from collector.actions.doctor_items import DoctorState
    from collector.actions.doctor_machine import machine
    from collector.actions.dry_calls import dry_run
    from collector.cli.terminal.page import page, print_json
    from collector.engine.clock import SystemClock

    points = [*machine(app), *_nothing_to_look_at(app)]
    sources = app.sources(source or None)
    app.prove_secrets(sources)
    out = None if cli_session.json else page()
    if out is not None:
        show(points, out)
    for asked in () if offline else sources:
        found = [*about(dry_run(asked, SystemClock(), app.limits())), *_accounts(asked, app)]
        if out is not None:
            out.head(f"{asked.name} ({asked.connector.title})")
            show(found, out)
        points += found
    if out is None:
        print_json({"points": points})
    if any(point.state is DoctorState.PROBLEM for point in points):
        raise typer.Exit(1)


def _nothing_to_look_at(app: App) -> Iterator[DoctorItem]:
    """Yield a problem where no source is configured: everything else would be in order then."""
    from collector.actions.doctor_items import DoctorItem, DoctorState

    if not app.config.sources:
        yield DoctorItem(
            "sources",
            DoctorState.PROBLEM,
            "no source is configured: there is nothing to look at",
            f"write a table [sources.NAME] into {app.config.file.path}; annexd config example shows one",
        )


def _accounts(source: Source, app: App) -> Iterator[DoctorItem]:
    """Yield what is missing in each account of a source, where its connector can ask for that."""
    from collector.actions.entering import enter, permissions_of
    from collector.cli.scan.doctor_accounts import about_accounts
    from collector.engine.clock import SystemClock
    from collector.report.state.call_permissions import needs_of

    connector = source.connector
    if connector.probe is None:
        return
    needs = needs_of(connector, [rule.check for rule in app.rules()], set(source.collections))
    needed = [(need.fills.partition(" ")[0], need.permissions) for need in needs]
    entering = enter(source, permissions_of(source, needed), SystemClock(), app.limits())
    if entering is not None:
        yield from about_accounts(entering, connector.probe, source.settings)


def show(points: Iterable[DoctorItem], out: Page) -> None:
    """Print points for people, what to do below what is wrong."""
    for point in points:
        out.rows([(f"{point.state.value:<8}", f"{point.about:<12}", point.says)], indent=0)
        if point.mend:
            out.line(f"to fix: {point.mend}", indent=24)


def about(run: DryRun) -> Iterator[DoctorItem]:
    """Yield what the answers of one source say about it."""
    from collector.actions.doctor_items import DoctorItem, DoctorState

    if run.identity is not None:
        yield DoctorItem("identity", DoctorState.OK, run.identity)
    else:
        yield DoctorItem("identity", DoctorState.UNKNOWN, "the platform did not say who is asking")
    yield _clock(run)
    good = [call for call in run.calls if _whole(call)]
    yield from _troubles(run.calls)
    state = DoctorState.OK if len(good) == len(run.calls) else DoctorState.NOTE
    says = f"{len(good)} of {len(run.calls)} lists could be read, with all their parts"
    if not_used := sum(call.seen.is_not_used for call in run.calls):
        says += f"; {not_used} of them cannot exist here by the platform's word"
    yield DoctorItem("permissions", state, says)
    for level in run.not_reached:
        yield DoctorItem(
            "permissions",
            DoctorState.UNKNOWN,
            f"no {level} could be found, so what may be read there is not known",
            "fix what is above, and ask again",
        )


def _clock(run: DryRun) -> DoctorItem:
    from collector.actions.doctor_items import DoctorItem, DoctorState

    if run.date is None:
        return DoctorItem("clock", DoctorState.UNKNOWN, "the platform gave no time to compare with")
    off = abs(run.asked_at - run.date)
    says = f"{off.total_seconds():.0f} s away from the platform's"
    if off >= _CLOCK_OFF:
        return DoctorItem(
            "clock",
            DoctorState.PROBLEM,
            says,
            "set this machine's clock: signatures and the dates of evidence depend on it",
        )
    return DoctorItem("clock", DoctorState.NOTE if off >= _CLOCK_LATE else DoctorState.OK, says)


def _whole(call: DryCall) -> bool:
    return (call.seen.is_not_used or not call.seen.why) and not call.unread


def _troubles(calls: Iterable[DryCall]) -> Iterator[DoctorItem]:
    """Yield one point a reason: a role that cannot be assumed is one thing to fix, not one for each list."""
    from collector.actions.doctor_items import DoctorItem, DoctorState
    from collector.core.scopes import show_scope

    reasons: dict[tuple[str, str], dict[str, str]] = {}
    for call in calls:
        where = show_scope(call.task.scope)
        if call.seen.why and not call.seen.is_not_used:
            by_collection = reasons.setdefault((f"{where}: {call.seen.outcome.value}", call.seen.why), {})
            by_collection[call.task.collection] = call.seen.permissions
        for part in call.unread:
            reasons.setdefault((f"{where}: not read", part.why), {})[f"{call.task.collection} {part.call}"] = (
                part.permissions
            )
    for (where, why), by_collection in reasons.items():
        needs = sorted({need for permissions in by_collection.values() for need in permissions.split(", ")})
        yield DoctorItem(
            "permissions", DoctorState.PROBLEM, f"{where}: {', '.join(by_collection)}: {why}", _grant(needs)
        )


def _grant(needs: Iterable[str]) -> str:
    named = ", ".join(need for need in needs if need)
    return f"grant {named}" if named else ""
