"""What the retention policy would drop, and dropping it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collector.core.erasure import Erasing
    from collector.setup.retention_policy import Retention


class LockView(Struct, frozen=True, kw_only=True):
    """A span of which nothing is dropped; `until` does not belong to it."""

    since: datetime
    until: datetime
    because: str | None


class RetentionView(Struct, frozen=True, kw_only=True, tag="annexd.retention/1", tag_field="schema"):
    """What `annexd retention --json` prints. `before` is None where everything is kept for ever."""

    at: datetime
    bodies_kept: str | None
    before: datetime | None
    locked: list[LockView]
    bodies: int
    facts: int
    resources: int
    applied: bool


def carry_out(policy: Retention, erasing: Erasing, now: datetime, *, by: str | None) -> RetentionView:
    """Return what the policy would delete; delete it where a person, `by`, asks for it."""
    from collector.core.erasure import Erasable, Erasure
    from collector.setup.retention_policy import before

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
    return RetentionView(
        at=now,
        bodies_kept=policy.bodies,
        before=limit,
        locked=[
            LockView(since=lock.start, until=lock.end, because=locked.because)
            for locked, lock in zip(policy.locked, policy.locks(), strict=True)
        ],
        bodies=len(found.bodies),
        facts=len(found.facts),
        resources=len(found.resources),
        applied=by is not None,
    )
