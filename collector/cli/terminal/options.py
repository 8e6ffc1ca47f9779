"""What the reading commands are asked with: the same words and letters everywhere, and the moment that is meant."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from collector.cli.terminal.session import session
from collector.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from collector.cli.terminal.page import Page
    from collector.report.state.known import Reading

S = TypeVar("S")

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="The state of an earlier day (its end, UTC), or of a moment."),
]


def moment_of(text: str, now: datetime, option: str = "--as-of") -> datetime:
    """Return the moment that a date (the end of that day, UTC) or a time names. Raises BadParameter on any other text.

    The end of today is now; a later day is refused, because nobody has seen it.
    """
    try:
        day = date.fromisoformat(text)
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
        if day == now.astimezone(UTC).date():
            return now
    except (ValueError, OverflowError):
        moment = _time_of(text, option)
    if moment > now:
        raise typer.BadParameter(f"{text} is yet to come: nothing has been seen of it", param_hint=option)
    return moment


def _time_of(text: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            f"{text!r} names no moment; write a day (2026-03-31) or a time with its zone (2026-03-31T12:00:00Z)",
            param_hint=option,
        )
    return moment.astimezone(UTC)


@contextmanager
def opened(ctx: typer.Context, as_of: str | None) -> Iterator[Reading]:
    """Open what is configured for reading, as of a moment or now. Raises ConfigError and StoreError."""
    from collector.engine.clock import SystemClock
    from collector.report.state.known import Reading

    now = SystemClock().now()
    moment = now if as_of is None else moment_of(as_of, now)
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        # The store answers for now from what stands, which is quicker than going through its history.
        reading = Reading(app, store, moment, as_of=None if moment == now else moment)
        yield reading
    tell_files(reading)


def tell_files(reading: Reading) -> None:
    """Say on stderr which company files a page rests on, where they are not today's or not all in the log."""
    from collector.core.plain_text import safe

    for note in reading.notes:
        sys.stderr.write(safe(note) + "\n")


def one_of(given: Iterable[str] | None, known: tuple[str, ...], option: str) -> tuple[str, ...]:
    """Return words of which only some will do. Raises UsageError that names the nearest, and the known ones."""
    words = tuple(given or ())
    for word in words:
        if word not in known:
            raise unknown_word(word, known, option)
    return words


def unknown_word(word: str, known: Iterable[str], what: str, where: str = "") -> UsageError:
    """Return the error for a word that is none of the known ones; `where` says which command lists them all."""
    from collector.setup.toml_file import would_do

    listed = would_do(word, known, "there are")
    return UsageError(f"{what}: there is no {word!r}", mend=f"{listed}; {where}" if where else listed)


def give(ctx: typer.Context, shape: S, show: Callable[[S, Page], None]) -> None:
    """Print a shape the way that was asked for: as JSON, or as a page for people."""
    from collector.cli.terminal.page import page, print_json

    if session(ctx).json:
        print_json(shape)
    else:
        show(shape, page())
