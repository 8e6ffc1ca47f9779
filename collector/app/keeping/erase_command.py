"""`annexd erase`: drop what is stored of one resource for good, because the law asks for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.app.reading.asking import give, show_moment, some
from collector.app.session import session
from collector.core.errors import ConfigError
from collector.core.scopes import Scope, show_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.app.output import Page
    from collector.app.wiring import App
    from collector.core.erasure import Erasable, Held, Lock
    from collector.core.history import History
    from storage import SqlStore


class HeldShape(Struct, frozen=True, kw_only=True):
    """A resource that loses a body."""

    source: str
    kind: str
    scope: tuple[str, ...]
    key: str


class ErasedShape(Struct, frozen=True, kw_only=True, tag="annexd.erased/1", tag_field="schema"):
    """What `annexd erase --json` prints. `shared` are other resources of the same body, which lose it too."""

    at: datetime
    source: str
    kind: str
    key: str
    bodies: tuple[str, ...]
    facts: tuple[str, ...]
    shared: list[HeldShape]
    dry_run: bool


def erase(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="A source of the record, also one that is not configured any more.")],
    kind: Annotated[str, typer.Argument(help="A kind of resource, such as aws.iam.user.")],
    key: Annotated[str, typer.Argument(help="Its key, whole and exact.")],
    basis: Annotated[str, typer.Option("--basis", help="The legal basis; it goes into the record.")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="Who allowed it: stated, not verified.")],
    scope: Annotated[str | None, typer.Option(help="Only in this scope, written with slashes.")] = None,
    despite_lock: Annotated[
        bool, typer.Option("--despite-lock", help="Also where [retention] has locked the time; the record says so.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would go, and drop nothing.")] = False,
) -> None:
    """Drop the bodies of every version of a resource; digests and record stay, and say that it was done."""
    for text, option in ((basis, "--basis"), (approved_by, "--approved-by")):
        if not text.strip():
            raise typer.BadParameter("write a few words: they stand in the record for ever", param_hint=option)
    app = session(ctx).open_app()
    with app.open_store(writer=not dry_run) as store:
        shape = _erase(app, store, (source, kind, key, scope), (basis, approved_by), despite=despite_lock, dry=dry_run)
    give(ctx, shape, show_erased)


def _erase(
    app: App,
    store: SqlStore,
    what: tuple[str, str, str, str | None],
    why: tuple[str, str],
    *,
    despite: bool,
    dry: bool,
) -> ErasedShape:
    from collector.app.company.recording import bring_in
    from collector.app.operator import operator
    from collector.core.erasure import Erasure
    from collector.engine.clock import SystemClock

    source, kind, key, shown_scope = what
    scope = None if shown_scope is None else read_scope(shown_scope)
    found = store.erasing.erasable(source=source, kind=kind, key=key, scope=scope)
    if not found.bodies and not found.facts:
        raise ConfigError(
            f"nothing is stored of {kind} {key!r} in {source} that could be erased",
            mend=f"the key has to be whole; annexd evidence {source} {kind} lists those that are there",
        )
    broken = _locks_broken(store.history, found, app.config.retention.locks())
    if broken is not None and not despite:
        raise ConfigError(
            f"{key} was there while {show_moment(broken.start)} to {show_moment(broken.end)} is locked by [retention]",
            so="nothing was erased",
            mend="take it up with the auditor; --despite-lock erases all the same, and the record says so",
        )
    at = SystemClock().now()
    basis, approved_by = why
    if not dry:
        bring_in(app, store, at)
        store.erasing.erase(
            Erasure(
                at=at,
                basis=basis if broken is None else f"{basis} (despite a lock of [retention])",
                approved_by=approved_by,
                by=operator(),
                bodies=len(found.bodies),
                facts=len(found.facts),
                source=source,
                kind=kind,
                scope=scope,
                key=key,
            ),
            (*found.bodies, *found.facts),
        )
    mine = [one for one in found.resources if not _is_asked(one, what, scope)]
    return ErasedShape(
        at=at,
        source=source,
        kind=kind,
        key=key,
        bodies=found.bodies,
        facts=found.facts,
        shared=[HeldShape(source=one.source, kind=one.kind, scope=one.scope, key=one.key) for one in mine],
        dry_run=dry,
    )


def read_scope(text: str) -> Scope:
    """Return the scope that is shown like this."""
    return () if text == show_scope(()) else tuple(text.split("/"))


def _is_asked(held: Held, what: tuple[str, str, str, str | None], scope: tuple[str, ...] | None) -> bool:
    return (held.source, held.kind, held.key) == what[:3] and scope in {None, held.scope}


def _locks_broken(history: History, found: Erasable, locks: Iterable[Lock]) -> Lock | None:
    """Return a lock during which one of the resources was there; None where there is none."""
    held = list(locks)
    if not held:
        return None
    for one in found.resources:
        for since, until in _spans(history, one):
            for lock in held:
                if since < lock.end and (until is None or until > lock.start):
                    return lock
    return None


def _spans(history: History, one: Held) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield when each version of a resource was in force."""
    from collector.core.tasks import Task

    until = None
    for version in history.versions(Task(one.source, one.kind, one.scope), one.key):
        if version.digest is not None:
            yield version.recorded_at, until
        until = version.recorded_at


def show_erased(shape: ErasedShape, out: Page) -> None:
    """Print what was erased, or would be."""
    from collector.app.output import Mark

    done = "to be erased" if shape.dry_run else "erased"
    out.line(Mark(shape.kind, "bold"), Mark(shape.key, "bold"), f"in {shape.source}")
    out.line(f"{done}: {some(len(shape.bodies), 'body', 'bodies')}", indent=2)
    out.verbatim(shape.bodies, indent=6)
    if shape.facts:
        out.line(
            f"{done}: {some(len(shape.facts), 'blob')} of facts; each holds those of a whole task,"
            " of other resources too",
            indent=2,
        )
        out.verbatim(shape.facts, indent=6)
    for one in shape.shared:
        out.line(
            f"the same body belonged to {one.source}:{show_scope(one.scope)} {one.key}: it goes there too", indent=2
        )
    if not shape.dry_run:
        out.paragraph(
            "keys, digests and the reasons of verdicts stay in the record; backups and copies are not touched."
            " What the platform still has is read again by the next scan.",
            indent=2,
        )
