"""What a daemon said of itself last, in a file beside the store, for whoever asks from another process."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.core.plain_text import plural, show_moment
from collector.engine.silence import Waiting

if TYPE_CHECKING:
    from pathlib import Path

HEARD_EVERY = timedelta(minutes=3)
"""A daemon that said nothing for longer has ended without saying so, or hangs."""


class SourceNow(Struct, frozen=True, kw_only=True):
    """A source: what goes on, how its last run ended, and when the next is due."""

    name: str
    running_since: datetime | None
    last_result: str | None
    last_ended_at: datetime | None
    next_at: datetime | None


class DaemonView(Struct, frozen=True, kw_only=True, tag="annexd.daemon/1", tag_field="schema"):
    """What a daemon said of itself at a moment. `not_ready` has the reasons, empty where it is ready."""

    at: datetime
    version: str
    process: int
    host: str
    began_at: datetime
    alive: bool
    not_ready: list[str]
    sources: list[SourceNow]
    waiting: list[Waiting]
    alerts_undelivered: int = 0


def show_waiting(wait: Waiting) -> str:
    """Return what is waited for in a line: source, call, since when, until when."""
    what = f"{wait.what} to {wait.call}" if wait.call else f"{wait.what} takes no more calls"
    return (
        f"{wait.source}: {what} since {show_moment(wait.since)},"
        f" until {show_moment(wait.until)} at the latest ({plural(wait.tasks, 'collection')})"
    )


def write_daemon_view(path: Path, view: DaemonView) -> None:
    """Replace the file. A folder that cannot be written to is none of the daemon's work: then there is no file."""
    new = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(view))
        new.replace(path)


def read_daemon_view(path: Path) -> DaemonView | None:
    """Return what a daemon said last; None where there is no file, or one of another version."""
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(path.read_bytes(), type=DaemonView)
    return None
