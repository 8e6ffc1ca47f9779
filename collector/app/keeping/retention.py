"""`annexd retention`: what the policy would drop, and dropping it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.app.reading.asking import give, show_moment, some
from collector.app.session import session

if TYPE_CHECKING:
    from collector.app.keeping.retention_policy import Retention
    from collector.app.output import Page
    from collector.core.erasure import Erasing


class LockShape(Struct, frozen=True, kw_only=True):
    """A span of which nothing is dropped; `until` does not belong to it."""

    since: datetime
    until: datetime
    because: str | None


class RetentionShape(Struct, frozen=True, kw_only=True, tag="annexd.retention/1", tag_field="schema"):
    """What `annexd retention --json` prints. `before` is None where everything is kept for ever."""

    at: datetime
    bodies_kept: str | None
    before: datetime | None
    locked: list[LockShape]
    bodies: int
    facts: int
    resources: int
    applied: bool


def retention(
    ctx: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Drop them; the record says so first.")] = False,
) -> None:
    """Show which bodies are older than the policy keeps them, and drop them if asked to."""
    from collector.app.company.recording import bring_in
    from collector.app.operator import operator
    from collector.engine.clock import SystemClock

    app = session(ctx).open_app()
    now = SystemClock().now()
    with app.open_store(writer=apply) as store:
        if apply:
            bring_in(app, store, now)
        shape = carry_out(app.config.retention, store.erasing, now, by=operator() if apply else None)
    give(ctx, shape, show_retention)


def carry_out(policy: Retention, erasing: Erasing, now: datetime, *, by: str | None) -> RetentionShape:
    """Return what the policy would drop; drop it where somebody, `by`, asks for that."""
    from collector.app.keeping.retention_policy import before
    from collector.core.erasure import Erasable, Erasure

    limit = None if policy.bodies is None else before(policy.bodies, now)
    found = Erasable() if limit is None else erasing.expired(before=limit, locks=policy.locks())
    if by is not None and (found.bodies or found.facts):
        erasing.erase(
            Erasure(
                at=now,
                basis=f"retention: bodies are kept for {policy.bodies} after they were superseded",
                approved_by="the policy in [retention]",
                by=by,
                bodies=len(found.bodies),
                facts=len(found.facts),
            ),
            (*found.bodies, *found.facts),
        )
    return RetentionShape(
        at=now,
        bodies_kept=policy.bodies,
        before=limit,
        locked=[
            LockShape(since=lock.start, until=lock.end, because=one.because)
            for one, lock in zip(policy.locked, policy.locks(), strict=True)
        ],
        bodies=len(found.bodies),
        facts=len(found.facts),
        resources=len(found.resources),
        applied=by is not None,
    )


def show_retention(shape: RetentionShape, out: Page) -> None:
    """Print what the policy says and does."""
    if shape.before is None:
        out.line("everything is kept: [retention] bodies is not set")
        return
    out.line(f"bodies are kept for {shape.bodies_kept} after they were superseded: since {show_moment(shape.before)}")
    for lock in shape.locked:
        why = f": {lock.because}" if lock.because is not None else ""
        out.line(f"locked {show_moment(lock.since)} to {show_moment(lock.until)}{why}", indent=2)
    what = f"{some(shape.bodies, 'body', 'bodies')} and {some(shape.facts, 'blob')} of facts"
    if shape.applied:
        out.line(f"{what} were dropped; their digests and the record stay")
    else:
        out.line(f"{what} are older; --apply drops them for good")
