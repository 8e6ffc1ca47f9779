"""`annexd alerts`: what was told to whom, and whether a target takes anything at all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.options import give
from collector.cli.terminal.session import session

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.core.alerts import Alert

alerts = typer.Typer(add_completion=False, no_args_is_help=True)


@alerts.callback()
def about() -> None:
    """Show what was told to whom, and try a target."""


class HeldAlert(Struct, frozen=True, kw_only=True):
    """An alert that holds."""

    kind: str
    severity: str
    what: str
    at: datetime
    since: datetime | None
    source: str
    owner: str
    due: str


class TargetNow(Struct, frozen=True, kw_only=True):
    """A target: when it took something last, what it has not got yet, and why not."""

    name: str
    type: str
    delivered_at: datetime | None
    waiting: int
    failed_at: datetime | None
    why: str


class AlertsView(Struct, frozen=True, kw_only=True, tag="annexd.alerts/1", tag_field="schema"):
    """What `annexd alerts list --json` prints. `counted` hold too, and were counted by another alert."""

    begun: bool
    held: list[HeldAlert]
    counted: int
    targets: list[TargetNow]


class Tried(Struct, frozen=True, kw_only=True):
    """What a target made of a test."""

    target: str
    delivered: bool
    why: str


class TestView(Struct, frozen=True, kw_only=True, tag="annexd.alerts_test/1", tag_field="schema"):
    """What `annexd alerts test --json` prints."""

    tried: list[Tried]


@alerts.command("list")
def list_(
    ctx: typer.Context,
    owner: Annotated[
        str | None, typer.Option("--owner", help="Only what is of this owner.", metavar="NAME", show_default=False)
    ] = None,
) -> None:
    """Show the alerts that hold, and what each target has got."""
    from collector.daemon.alerts.book import read_book

    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        book = read_book(store)
    held = [alert for alert in book.held.values() if alert is not None and owner in {None, alert.owner}]
    view = AlertsView(
        begun=book.begun,
        held=[_held(alert) for alert in sorted(held, key=lambda alert: alert.at)],
        counted=sum(alert is None for alert in book.held.values()),
        targets=[
            TargetNow(
                name=name,
                type=str(target.__struct_config__.tag),
                delivered_at=book.delivered_at.get(name),
                waiting=len(book.waiting(name)),
                failed_at=None if name not in book.failed else book.failed[name].at,
                why="" if name not in book.failed else book.failed[name].why,
            )
            for name, target in app.config.alerts.targets.items()
        ],
    )
    give(ctx, view, _show)


@alerts.command("test")
def send_test(
    ctx: typer.Context,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", help="Only this target; may be given again.", metavar="NAME", show_default=False),
    ] = None,
) -> None:
    """Send a test to each target, and say what became of it.

    Nothing is recorded. Exit code 1 says that a target did not take it.
    """
    from datetime import UTC
    from datetime import datetime as clock

    from collector.core.alerts import Alert
    from collector.core.errors import ConfigError, UsageError
    from collector.daemon.alerts.senders import send
    from collector.daemon.alerts.senders.posting import NotDelivered
    from collector.setup.toml_file import would_do

    app = session(ctx).open_app()
    targets = app.config.alerts.targets
    if not targets:
        raise ConfigError(f"{app.config.file.path}: there is no target", mend="write a table [alerts.targets.NAME]")
    for name in target or ():
        if name not in targets:
            raise UsageError(f"there is no target {name!r}", mend=would_do(name, targets, "the targets are"))
    now = clock.now(UTC)
    made = Alert(
        id=f"test-{int(now.timestamp())}",
        key="test",
        kind="test",
        severity="low",
        what="this is a test of annexd; nothing has happened",
        todo="nothing",
        at=now,
    )
    tried = []
    for name in target or targets:
        try:
            send(targets[name], [made], now, "test")
        except NotDelivered as error:
            tried.append(Tried(target=name, delivered=False, why=error.why))
        else:
            tried.append(Tried(target=name, delivered=True, why=""))
    give(ctx, TestView(tried=tried), _show_test)
    if not all(each.delivered for each in tried):
        raise typer.Exit(1)


def _held(alert: Alert) -> HeldAlert:
    return HeldAlert(
        kind=alert.kind,
        severity=alert.severity,
        what=alert.what,
        at=alert.at,
        since=alert.since,
        source=alert.source,
        owner=alert.owner,
        due="" if alert.due is None else str(alert.due),
    )


def _show(view: AlertsView, out: Page) -> None:
    from collector.core.plain_text import plural, show_moment

    if not view.begun:
        out.line("nothing was told yet: annexd serve does that, to the targets of [alerts]")
    out.head("What holds and was told")
    rows = [
        (
            alert.severity,
            show_moment(alert.at),
            alert.owner or "-",
            f"until {alert.due}" if alert.due else "",
            alert.what,
        )
        for alert in view.held
    ]
    out.rows(rows)
    if view.counted:
        out.line(f"and {plural(view.counted, 'condition')} that held before, or were counted by one alert", indent=2)
    out.head("Targets")
    for target in view.targets:
        when = "nothing yet" if target.delivered_at is None else f"last {show_moment(target.delivered_at)}"
        waits = f"; {plural(target.waiting, 'alert')} to come" if target.waiting else ""
        why = f"; refused: {target.why}" if target.why else ""
        out.line(f"{target.name} ({target.type}): {when}{waits}{why}", indent=2)


def _show_test(view: TestView, out: Page) -> None:
    for tried in view.tried:
        out.line(f"{tried.target}: {'taken' if tried.delivered else f'not taken: {tried.why}'}")
