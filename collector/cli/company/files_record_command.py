"""`annexd company-files record`: put the company's files as they are now into the log, and say what changed in them."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.options import give
from collector.cli.terminal.session import session
from collector.core.plain_text import show_moment

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.core.company_record import RecordedFile
    from collector.core.facts import CompanyFile


class RecordedView(Struct, frozen=True, kw_only=True):
    """One file; `state` is as before, recorded, gone, or to be recorded. Entries are told by their id or name.

    `logged_at` is when its last state came into the log, `head` are keys above the entries.
    """

    name: str
    file_name: str
    state: str
    digest: str | None
    was: str | None
    logged_at: datetime | None
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    head: tuple[str, ...]


class RecordView(Struct, frozen=True, kw_only=True, tag="annexd.record/1", tag_field="schema"):
    """What `annexd company-files record --json` prints. Files that there never were are left out."""

    at: datetime
    dry_run: bool
    files: list[RecordedView]


def record(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be recorded, and record nothing.")
    ] = False,
) -> None:
    """Put the company's files as they are now into the log.

    Every command that writes does this too; this one does nothing else, and refuses files that cannot be read.
    """
    from collector.company.recording import latest, record_all
    from collector.engine.clock import SystemClock

    app = session(ctx).open_app()
    at = SystemClock().now()
    with app.open_store(writer=not dry_run, alongside=not dry_run) as store:
        with nullcontext() if dry_run else store.alone():
            known = latest(store)
            written = record_all(app, None if dry_run else store, known, at)
        shape = record_view(at, known, written, dry_run=dry_run)
    give(ctx, shape, show_record)


def record_view(
    at: datetime, known: dict[str, RecordedFile], written: tuple[CompanyFile, ...], *, dry_run: bool
) -> RecordView:
    """Return what became of each file that there is, or that there was."""
    from collector.company.company_files import NAMES

    new = {entry.name: entry for entry in written}
    return RecordView(
        at=at,
        dry_run=dry_run,
        files=[
            _shape(new.get(which), known.get(which), at, dry_run=dry_run)
            for which in NAMES
            if which in new or (which in known and known[which].file.digest is not None)
        ],
    )


def _shape(new: CompanyFile | None, last: RecordedFile | None, at: datetime, *, dry_run: bool) -> RecordedView:
    from collector.company.file_changes import entry_changes

    before = None if last is None else last.text
    file = new if new is not None else last.file if last is not None else None
    assert file is not None  # noqa: S101  one of the two is why it is listed
    now = before if new is None else None if new.digest is None else "".join(new.pieces)
    changes = entry_changes(before, now)
    return RecordedView(
        name=file.name,
        file_name=file.file_name,
        state=_state(new, dry_run=dry_run),
        digest=file.digest,
        was=file.was if new is not None else file.digest,
        logged_at=(last.logged_at if last is not None else None) if new is None or dry_run else at,
        added=changes.added,
        removed=changes.removed,
        changed=changes.changed,
        head=changes.head,
    )


def _state(new: CompanyFile | None, *, dry_run: bool) -> str:
    if new is None:
        return "as before"
    if dry_run:
        return "to be recorded"
    return "gone" if new.digest is None else "recorded"


def show_record(shape: RecordView, out: Page) -> None:
    """Print it for people."""
    from collector.cli.terminal.page import Styled
    from collector.company.file_changes import named_changes

    if not shape.files:
        out.line("There is no file of the company's beside the configuration, and none was recorded.")
    for entry in shape.files:
        since = (
            "" if entry.logged_at is None or entry.state != "as before" else f" since {show_moment(entry.logged_at)}"
        )
        out.line(Styled(entry.file_name, "bold"), f"{entry.state}{since}")
        if entry.state != "as before":
            out.line(f"{entry.was or 'not in the log'} -> {entry.digest or 'gone'}", indent=6)
            changes = list(named_changes(entry))
            out.rows(changes, indent=6)
            if not changes:
                out.line("only its comments or its layout changed", indent=6)
