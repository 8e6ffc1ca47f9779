"""`annexd key`: the key that checkpoints are signed with, for those who verify them; and handing over to another."""

from __future__ import annotations

from typing import Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.session import session

key = typer.Typer(no_args_is_help=False, help="Show or replace the key that checkpoints are signed with.")


class KeyView(Struct, frozen=True, kw_only=True, tag_field="schema", tag="annexd.key/1"):
    """The public half of the signing key, in every form that a verifier may want."""

    origin: str
    key: str
    fingerprint: str
    pem: str
    checkpoint: str | None


@key.callback(invoke_without_command=True)
def show(ctx: typer.Context) -> None:
    """Show or replace the key that checkpoints are signed with.

    The newest checkpoint stands below it. Give both to whoever is to verify the record, by a way that nobody else
    controls: that is what makes them proof.
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


@key.command()
def rotate(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the record.")],
) -> None:
    """Hand over to a new key: both sign one checkpoint, the record says why, and the old key is gone."""
    cli_session = session(ctx)
    app = cli_session.open_app()
    from collector.cli.terminal.page import page, print_json
    from collector.setup.this_machine import this_user

    with app.open_store(writer=True, alongside=True) as store:
        new = store.checkpoints.rotate(reason=reason, by=this_user())
    if cli_session.json:
        print_json({"schema": "annexd.key_rotated/1", "key": str(new), "fingerprint": new.fingerprint})
        return
    out = page()
    out.line("Checkpoints are signed with a new key from now on. Give it to those who verify:")
    out.verbatim([str(new), new.fingerprint])
