"""`annexd log`: the log entries that are not of collections, one line each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import give, moment_of, unknown_word
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment
from collector.report.periods.log_views import LogView, log_view

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page

_SCREENFUL = 200
_MANY = {"judged", "tasks_planned"}


def log(
    ctx: typer.Context,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Only log entries of this kind, such as company_file; may be repeated."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="From this day on (UTC), or after a moment.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="To the end of this day (UTC), or to a moment.")
    ] = None,
) -> None:
    """List the log: runs, operator acts, files, records.

    Entries of collections are left out; `annexd evidence` shows them by resource.
    """
    from collector.engine.clock import SystemClock

    now = SystemClock().now()
    since = None if first is None else start_of(first, now)
    until = now if last is None else moment_of(last, now, "--to")
    with session(ctx).open_app().open_store(writer=False) as store:
        shape = log_view(store, since, until, None if until == now else until, kind or ())
    for word in kind or ():
        if word not in shape.kinds:
            raise unknown_word(word, shape.kinds, "--kind")
    give(ctx, shape, show_log)


def start_of(text: str, now: datetime) -> datetime:
    """Return the moment after which a day, or what follows a moment, begins. Raises BadParameter on any other text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return moment_of(text, now, "--from")
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(microseconds=1)


def show_log(shape: LogView, out: Page) -> None:
    """Print it for people, the newest last. What a run says of itself many times is left out unless asked for."""
    asked = {entry.kind for entry in shape.lines} <= _MANY
    lines = [entry for entry in shape.lines if asked or entry.kind not in _MANY]
    for entry in lines[-_SCREENFUL:]:
        by = f"by {entry.who}: " if entry.who is not None else ""
        out.line(f"{entry.leaf:>6}", show_moment(entry.logged_at), entry.kind.replace("_", " "), f"{by}{entry.line}")
    if len(lines) > _SCREENFUL:
        out.line(f"{len(lines) - _SCREENFUL} earlier ones are left out: --from and --kind choose, --json has all")
    count = plural(len(lines), "log entry")
    out.line(f"{count} of {sum(shape.kinds.values())}; those of collections are not listed")
    for kind in sorted({entry.kind for entry in shape.lines} & _MANY) if not asked else ():
        out.line(f"{shape.kinds[kind]} of kind {kind} are left out here: --kind {kind} lists them")
