"""`annexd store`: backup, compact, upgrade, restored and grants."""

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


store = typer.Typer(add_completion=False, no_args_is_help=True)


@store.callback()
def group() -> None:
    """Back up, compact, upgrade or restore the store."""


class BackupView(Struct, frozen=True, kw_only=True, tag="annexd.backup/1", tag_field="schema"):
    """What `annexd store backup --json` prints."""

    file: str
    bytes: int


class VacuumView(Struct, frozen=True, kw_only=True, tag="annexd.vacuum/1", tag_field="schema"):
    """What `annexd store compact --json` prints; without sizes where the store is on a server."""

    before: int | None
    after: int | None


class UpgradeView(Struct, frozen=True, kw_only=True, tag="annexd.upgrade/1", tag_field="schema"):
    """What `annexd store upgrade --json` prints.

    `was` and `now` are revisions of the tables, `unproven` the entries by kind, from `first` on, whose writer nothing
    proves and somebody has to acknowledge.
    """

    ready: bool
    was: str | None
    now: str
    entries: int
    first: int
    unproven: dict[str, int]


class RestoreView(Struct, frozen=True, kw_only=True, tag="annexd.restore/1", tag_field="schema"):
    """What `annexd store restored --json` prints. `goes_on`: nothing had to be acknowledged."""

    goes_on: bool
    origin: str | None
    size: int | None
    note: str | None


@store.command()
def backup(
    ctx: typer.Context,
    to: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
) -> None:
    """Copy the store to a file, as of one moment.

    Also while a scan writes to it. The keys are not in it: keep them elsewhere.
    """
    app = session(ctx).open_app()
    from storage.backup import back_up

    size = back_up(app.config.store.url, to)
    _note_copy(app, to, size)
    give(ctx, BackupView(file=str(to), bytes=size), _show_backup)


def _note_copy(app: App, to: Path, size: int) -> None:
    """Write into the log that a copy was made, which may leave the house; say so where that cannot be done now."""
    from collector.actions.operator_acts import note

    try:
        with app.open_store(writer=True, alongside=True) as opened:
            note(opened, "backup", {"file": to.name, "bytes": str(size)})
    except StoreError as error:
        sys.stderr.write(f"the copy is made, and the log does not say so: {error.what}\n")


@store.command()
def compact(ctx: typer.Context) -> None:
    """Give back the space of what was erased.

    The tables are made or upgraded first.
    """
    app = session(ctx).open_app()
    from collector.setup.store_file import path_of

    path = path_of(app.config)
    before = _size(path)
    with app.open_store(writer=True) as opened:
        opened.compact()
    after = _size(path)
    give(ctx, VacuumView(before=before, after=after), _show_compacted)


@store.command()
def upgrade(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be done, and do nothing.")] = False,
    acknowledge: Annotated[
        bool,
        typer.Option("--acknowledge", help="Let log entries stay that an older annexd wrote and nothing proves."),
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why they may stay; it stands in the record.")] = "",
) -> None:
    """Make the tables, or bring them up to date.

    Every command that writes does this too; this one does nothing else. Take a backup first.
    """
    if acknowledge and not reason.strip():
        raise typer.BadParameter("write a few words: they stand in the record for ever", param_hint="--reason")
    app = session(ctx).open_app()
    from collector.setup.opening import keys_of_signer
    from collector.setup.store_file import exists
    from collector.setup.this_machine import operator
    from storage.log.mac_beginning import Acknowledgement
    from storage.tables.migrating import HEAD
    from storage.upgrading import UpgradePlan, plan_upgrade

    config = app.config.store
    plan = plan_upgrade(config.url, signing_key=keys_of_signer(config)) if exists(app.config) else None
    plan = plan or UpgradePlan(None, HEAD, 0, 0, {})
    if not dry_run:
        acknowledged = Acknowledgement(reason, operator()) if acknowledge else None
        with app.open_store(writer=True, acknowledged=acknowledged):
            pass
    view = UpgradeView(
        ready=not dry_run or plan.was == plan.now,
        was=plan.was,
        now=plan.now,
        entries=plan.entries,
        first=plan.first,
        unproven=plan.unproven,
    )
    give(ctx, view, _show_upgrade)


@store.command()
def restored(
    ctx: typer.Context,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="Go on from what is there, under a new name: the rest is lost.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="What happened; it stands in the record.")] = "",
) -> None:
    """Say whether a restored store goes on from what was signed last.

    It copies nothing: put the copy in place yourself. Where log entries are missing, --acknowledge records the loss,
    and the log goes on under a new name.
    """
    if acknowledge and not reason.strip():
        raise typer.BadParameter("write a few words: they stand in the record for ever", param_hint="--reason")
    app = session(ctx).open_app()
    from collector.setup.this_machine import operator

    with app.open_store(writer=True, restoring=True) as opened:
        try:
            opened.checkpoints.check()
        except StoreError:
            if not acknowledge:
                raise
        else:
            shape = RestoreView(goes_on=True, origin=None, size=None, note=None)
            give(ctx, shape, _show_restore)
            return
        head = opened.checkpoints.acknowledge(reason=reason, by=operator())
    give(ctx, RestoreView(goes_on=False, origin=head.origin, size=head.size, note=head.note), _show_restore)


@store.command()
def grants(
    ctx: typer.Context,
    agent: Annotated[str, typer.Option("--agent", help="The role that scans.")] = "annexd",
    reader: Annotated[str, typer.Option("--reader", help="The role of those who only look.")] = "annexd_reader",
    schema: Annotated[str, typer.Option("--schema", help="Where the tables are.")] = "public",
) -> None:
    """Print the SQL that gives the database roles their rights.

    The owner of the tables runs it once they are made, and after each upgrade.
    """
    from storage.grants import grants as statements

    given = statements(schema=schema, agent=agent, reader=reader)
    if session(ctx).json:
        from collector.cli.terminal.page import print_json

        print_json({"schema": "annexd.grants/1", "statements": given})
        return
    # Not a page: this goes to psql as it is.
    typer.echo("\n".join(f"{statement};" for statement in given))


def _size(path: Path | None) -> int | None:
    """Return what the database takes on disk with the log file beside it; None where that is not known."""
    if path is None or not path.exists():
        return None
    log = path.with_name(path.name + "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


def _show_backup(shape: BackupView, out: Page) -> None:
    out.line(f"{shape.file}: {shape.bytes} bytes.")
    out.line("The keys are not in it: keep the files that end in .key, .pem and .state elsewhere.")


def _show_upgrade(shape: UpgradeView, out: Page) -> None:
    if shape.ready:
        out.line("The tables are those of this version.")
        return
    was = "There are none yet" if shape.was is None else f"They are of revision {shape.was}"
    out.line(f"{was}, and this version needs {shape.now}; the store holds {shape.entries} log entries.")
    if shape.unproven:
        kinds = ", ".join(f"{count} {kind}" for kind, count in shape.unproven.items())
        out.line(f"Nothing proves who wrote those from {shape.first} on: {kinds}. Somebody has to acknowledge them.")


def _show_compacted(shape: VacuumView, out: Page) -> None:
    if shape.before is None or shape.after is None:
        out.line("The store was compacted.")
    else:
        out.line(f"The store was compacted: {shape.after} bytes, and {shape.before} before.")


def _show_restore(shape: RestoreView, out: Page) -> None:
    if shape.goes_on:
        out.line("The store goes on from what was signed last: nothing is lost, and there is nothing to acknowledge.")
        return
    out.line(f"The loss is recorded. The log goes on as {shape.origin}, with {shape.size} entries.")
    out.line("Tell those who verify: what they hold of the old name stays right, and ends where it was lost.")
    out.gap()
    out.verbatim((shape.note or "").splitlines())
