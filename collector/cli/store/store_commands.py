"""`annexd backup`, `vacuum`, `restore` and `grants`: what keeps a store for years."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.options import give
from collector.cli.terminal.session import session
from collector.core.errors import StoreError

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.setup.app import App


class BackupView(Struct, frozen=True, kw_only=True, tag="annexd.backup/1", tag_field="schema"):
    """What `annexd backup --json` prints."""

    file: str
    bytes: int


class VacuumView(Struct, frozen=True, kw_only=True, tag="annexd.vacuum/1", tag_field="schema"):
    """What `annexd vacuum --json` prints; without sizes where the store is on a server."""

    before: int | None
    after: int | None


class RestoreView(Struct, frozen=True, kw_only=True, tag="annexd.restore/1", tag_field="schema"):
    """What `annexd restore --json` prints. `goes_on`: nothing had to be acknowledged."""

    goes_on: bool
    origin: str | None
    size: int | None
    note: str | None


def backup(
    ctx: typer.Context,
    to: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
) -> None:
    """Copy the store to a file as of one moment, also while a scan writes to it. The keys are not in it."""
    app = session(ctx).open_app()
    from storage.backup import back_up

    size = back_up(app.config.store.url, to)
    _note_copy(app, to, size)
    give(ctx, BackupView(file=str(to), bytes=size), _show_backup)


def _note_copy(app: App, to: Path, size: int) -> None:
    """Write into the log that a copy was made, which may leave the house; say so where that cannot be done now."""
    from collector.actions.operator_acts import note

    try:
        with app.open_store(writer=True) as store:
            note(store, "backup", {"file": to.name, "bytes": str(size)})
    except StoreError as error:
        sys.stderr.write(f"the copy is made, and the log does not say so: {error.what}\n")


def vacuum(ctx: typer.Context) -> None:
    """Give back the space of what was erased; the tables are made or brought up to date first."""
    app = session(ctx).open_app()
    from collector.setup.store_file import path_of

    path = path_of(app.config)
    before = _size(path)
    with app.open_store(writer=True) as store:
        store.compact()
    after = _size(path)
    give(ctx, VacuumView(before=before, after=after), _show_vacuum)


def restore(
    ctx: typer.Context,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="Go on from what is there, under a new name: the rest is lost.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="What happened; it stands in the record.")] = "",
) -> None:
    """Say whether the store goes on from what was signed last; record the loss and go on if it does not."""
    if acknowledge and not reason.strip():
        raise typer.BadParameter("write a few words: they stand in the record for ever", param_hint="--reason")
    app = session(ctx).open_app()
    from collector.setup.operator import operator

    with app.open_store(writer=True, restoring=True) as store:
        try:
            store.checkpoints.check()
        except StoreError:
            if not acknowledge:
                raise
        else:
            shape = RestoreView(goes_on=True, origin=None, size=None, note=None)
            give(ctx, shape, _show_restore)
            return
        head = store.checkpoints.acknowledge(reason=reason, by=operator())
    give(ctx, RestoreView(goes_on=False, origin=head.origin, size=head.size, note=head.note), _show_restore)


def grants(
    ctx: typer.Context,
    agent: Annotated[str, typer.Option("--agent", help="The role that scans.")] = "annexd",
    reader: Annotated[str, typer.Option("--reader", help="The role of those who only look.")] = "annexd_reader",
    schema: Annotated[str, typer.Option("--schema", help="Where the tables are.")] = "public",
) -> None:
    """Print the SQL that the owner of the tables runs once they are made, and after each upgrade."""
    from storage.grants import grants as statements

    given = statements(schema=schema, agent=agent, reader=reader)
    if session(ctx).json:
        from collector.cli.terminal.page import print_json

        print_json({"schema": "annexd.grants/1", "statements": given})
        return
    # Not a page: this goes to psql as it is.
    typer.echo("\n".join(f"{one};" for one in given))


def _size(path: Path | None) -> int | None:
    """Return what the database takes on disk with the log file beside it; None where that is not known."""
    if path is None or not path.exists():
        return None
    log = path.with_name(path.name + "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


def _show_backup(shape: BackupView, out: Page) -> None:
    out.line(f"{shape.file}: {shape.bytes} bytes.")
    out.line("The keys are not in it: keep the files that end in .key, .pem and .state elsewhere.")


def _show_vacuum(shape: VacuumView, out: Page) -> None:
    if shape.before is None or shape.after is None:
        out.line("The store was compacted.")
    else:
        out.line(f"The store was compacted: {shape.after} bytes, and {shape.before} before.")


def _show_restore(shape: RestoreView, out: Page) -> None:
    if shape.goes_on:
        out.line("The store goes on from what was signed last: nothing is lost, and there is nothing to acknowledge.")
        return
    out.line(f"The loss is recorded. The log goes on as {shape.origin}, with {shape.size} leaves.")
    out.line("Tell those who verify: what they hold of the old name stays right, and ends where it was lost.")
    out.gap()
    out.verbatim((shape.note or "").splitlines())
