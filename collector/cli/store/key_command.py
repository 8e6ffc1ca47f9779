"""`annexd key`: the key that checkpoints are signed with, handing over to another, and the drill of the backup."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.options import give
from collector.cli.terminal.session import session
from collector.core.errors import UsageError
from collector.setup.key_refs import KeyRef, SigningKeyRef, key_ref

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page

key = typer.Typer(no_args_is_help=False, help="Show, replace or try the keys of the store.")


class KeyView(Struct, frozen=True, kw_only=True, tag_field="schema", tag="annexd.key/1"):
    """The public half of the signing key, in every form that a verifier may want."""

    origin: str
    key: str
    fingerprint: str
    pem: str
    checkpoint: str | None


@key.callback(invoke_without_command=True)
def show(ctx: typer.Context) -> None:
    """Show, replace or try the keys of the store.

    Shown is the public half of the key that checkpoints are signed with, and the newest checkpoint. Give both to
    whoever is to verify the record, by a way that nobody else controls: that is what makes them proof.
    """
    if ctx.invoked_subcommand is not None:
        return
    cli_session = session(ctx)
    app = cli_session.open_app()
    from collector.cli.terminal.page import page, print_json
    from storage.log.signing import public_pem

    with app.open_store(writer=False) as store:
        key, head = store.checkpoints.key(), store.checkpoints.last()
    shape = KeyView(
        origin=key.name,
        key=str(key),
        fingerprint=key.fingerprint,
        pem=public_pem(key.public),
        checkpoint=None if head is None else head.note,
    )
    if cli_session.json:
        print_json(shape)
        return
    out = page()
    out.rows([("Origin", shape.origin), ("Fingerprint", shape.fingerprint)], indent=0)
    out.gap()
    out.verbatim([shape.key])
    out.gap()
    out.verbatim(shape.pem.splitlines())
    out.gap()
    if shape.checkpoint is None:
        out.line("Nothing is signed yet: a scan ends with a checkpoint.")
    else:
        out.verbatim(shape.checkpoint.splitlines())


class RotatedKey(Struct, frozen=True, kw_only=True, tag_field="schema", tag="annexd.key_rotated/1"):
    """What `annexd key rotate --json` prints. `settings` has what `[store]` must say from now on, as TOML."""

    key: str
    fingerprint: str
    settings: dict[str, str] = {}


@key.command()
def rotate(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the record.")],
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="The key that takes over, as signing_key in the configuration: a file, or a reference such as"
            " '{ vault = \"transit/annexd:2\" }'. Left out: a new file in place of the old one.",
        ),
    ] = None,
) -> None:
    """Hand over to a new key: both sign one checkpoint, and the record says why.

    A key in a file is replaced there, and the old one is gone. A key that is kept elsewhere is made there first, named
    with --to, and then written into the configuration. Where this was interrupted, give it again.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    from collector.setup.this_machine import this_user

    ref = None if to is None else _reference(to)
    if ref is not None and ref == app.config.store.signing_key:
        raise UsageError(f"{ref} is the signing key already", mend="name the key that takes over with --to")
    with app.open_store(writer=True, alongside=True, hand_over_to=ref) as store:
        new = store.checkpoints.rotate(reason=reason, by=this_user())
        memory = store.checkpoints.memory_file
    settings = {}
    if ref is not None:
        settings["signing_key"] = ref.written()
        if app.config.store.signer_memory is None:
            settings["signer_memory"] = KeyRef("file", str(memory.absolute())).written()
    give(ctx, RotatedKey(key=str(new), fingerprint=new.fingerprint, settings=settings), _show_rotated)


def _reference(text: str) -> SigningKeyRef:
    """Return the reference in a text; a relative path begins where the command is given."""
    try:
        raw = tomllib.loads(f"at = {text}")["at"] if text.lstrip().startswith("{") else text
        return key_ref(SigningKeyRef, raw).placed(Path.cwd())
    except tomllib.TOMLDecodeError as error:
        raise typer.BadParameter("this is no reference", param_hint="--to") from error
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--to") from error


def _show_rotated(shape: RotatedKey, out: Page) -> None:
    if shape.settings:
        out.line("The new key has taken over. Write into [store], before annexd is given anything else:")
        out.verbatim([f"{name} = {value}" for name, value in shape.settings.items()])
        out.line("Then take the old key away from where it was. Give the new one to those who verify:")
    else:
        out.line("Checkpoints are signed with a new key from now on. Give it to those who verify:")
    out.verbatim([shape.key, shape.fingerprint])


class DrillView(Struct, frozen=True, kw_only=True, tag_field="schema", tag="annexd.key_drill/1"):
    """What `annexd key drill --json` prints: what was proven of the copies, and what lies too near to the original.

    `signing_key` is the fingerprint of the copy's public half, None where it is kept in a service.
    """

    at: datetime
    signing_key: str | None
    store_key: bool
    same_volume: tuple[str, ...]
    open_to_others: tuple[str, ...]


@key.command()
def drill(
    ctx: typer.Context,
    store_key: Annotated[Path, typer.Option("--store-key", help="The copy of the store key, in a file.")],
    signing_key: Annotated[
        Path | None,
        typer.Option("--signing-key", help="The copy of the signing key, in a file; left out for one in a service."),
    ] = None,
) -> None:
    """Prove that the backup of the keys is the right one.

    Each copy is compared with what the record says of its key, and the signing key signs something made up for this,
    which is verified. The copies are only read. That it was done stands in the record.
    """
    app = session(ctx).open_app()
    from collector.actions.key_drill import Copies, drill_keys

    drilled = drill_keys(app, Copies(store_key=store_key, signing_key=signing_key))
    shape = DrillView(
        at=drilled.at,
        signing_key=drilled.signing_key,
        store_key=True,
        same_volume=drilled.same_volume,
        open_to_others=drilled.open_to_others,
    )
    give(ctx, shape, _show_drill)


def _show_drill(shape: DrillView, out: Page) -> None:
    out.line("The copy of the store key is the right one.")
    if shape.signing_key is None:
        out.line("The signing key is kept in a service: it signed, and there is no copy to try.")
    else:
        out.line("The copy of the signing key is the right one: it signed, and the signature holds. Its fingerprint:")
        out.verbatim([shape.signing_key])
    for name in shape.same_volume:
        out.line(f"note: {name} is on the same volume as the key in use: one disk that fails takes both")
    for name in shape.open_to_others:
        out.line(f"note: {name} can be read by others on this machine: chmod 600")


class WorkerKeyView(Struct, frozen=True, kw_only=True, tag_field="schema", tag="annexd.worker_key/1"):
    """What `annexd key worker --json` prints. `id` is the same for the same key only, and says nothing of it."""

    id: str
    key: str


@key.command("worker")
def worker_key(ctx: typer.Context) -> None:
    """Print the key for workers, which is a secret.

    Those on other machines need it. By it equal bodies and equal secrets are recognised; nothing can be signed
    with it, and the store key does not follow from it. Workers find it by worker_key in [execution].
    """
    app = session(ctx).open_app()
    from base64 import b64encode

    with app.open_store(writer=False) as store:
        made = store.worker_key()
    give(
        ctx,
        WorkerKeyView(id=made.id, key=b64encode(bytes(made)).decode()),
        lambda shape, out: out.verbatim([shape.key]),
    )
