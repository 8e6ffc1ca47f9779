"""`annexd erase`: drop what is stored of one resource for good, because the law asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from collector.actions.erasing import ErasedView, carry_out
from collector.cli.terminal.options import give
from collector.cli.terminal.session import session
from collector.core.plain_text import plural
from collector.core.scopes import show_scope

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page


def erase(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="A source in the log, also one that is not configured any more.")],
    kind: Annotated[str, typer.Argument(help="A kind of resource, such as aws.iam.user.")],
    key: Annotated[str, typer.Argument(help="Its key, whole and exact.")],
    basis: Annotated[str, typer.Option("--basis", help="The legal basis; it goes into the log.")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="Who allowed it: stated, not verified.")],
    scope: Annotated[
        str | None, typer.Option(help="Only in this account, region or repository, such as 111122223333/eu-west-1.")
    ] = None,
    despite_lock: Annotated[
        bool, typer.Option("--despite-lock", help="Also where [retention] has locked the time; the log says so.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would go, and drop nothing.")] = False,
) -> None:
    """Erase what is stored of one resource.

    The bodies of every version go; digests and log entries stay, and say that it was done.
    """
    for text, option in ((basis, "--basis"), (approved_by, "--approved-by")):
        if not text.strip():
            raise typer.BadParameter("write a few words: they stand in the record for ever", param_hint=option)
    app = session(ctx).open_app()
    with app.open_store(writer=not dry_run) as store:
        shape = carry_out(
            app, store, (source, kind, key, scope), (basis, approved_by), despite=despite_lock, dry=dry_run
        )
    give(ctx, shape, show_erased)


def show_erased(shape: ErasedView, out: Page) -> None:
    """Print what was erased, or would be."""
    from collector.cli.terminal.page import Styled

    done = "to be erased" if shape.dry_run else "erased"
    out.line(Styled(shape.kind, "bold"), Styled(shape.key, "bold"), f"in {shape.source}")
    out.line(f"{done}: {plural(len(shape.bodies), 'body', 'bodies')}", indent=2)
    out.verbatim(shape.bodies, indent=6)
    if shape.facts:
        out.line(
            f"{done}: {plural(len(shape.facts), 'blob')} of fields that change by themselves; each holds those of a"
            " whole collection, of other resources too",
            indent=2,
        )
        out.verbatim(shape.facts, indent=6)
    for item in shape.shared:
        out.line(
            f"the same body belonged to {item.source}:{show_scope(item.scope)} {item.key}: it goes there too", indent=2
        )
    if not shape.dry_run:
        out.paragraph(
            "keys, digests and the reasons of verdicts stay in the log; backups and copies are not touched."
            " What the platform still has is read again by the next scan.",
            indent=2,
        )
