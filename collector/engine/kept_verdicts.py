"""When a verdict that was kept may stand in place of judging again: what it was based on, and the rule."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from collector.core.checks import Verdict
from collector.core.scopes import Scope

if TYPE_CHECKING:
    from collector.engine.evaluation import Evaluation


class ResourceInput(Struct, frozen=True):
    """One resource that a check is given, exactly as its view shows it.

    `digest` is that of the stored body, `facts` that of its volatile fields; both are empty where there are none.
    `unread` has the missing keys with the reason that a person reads. `missing` is why there is no resource to read.
    """

    parameter: str
    kind: str
    scope: Scope
    key: str
    digest: str = ""
    facts: str = ""
    unread: tuple[tuple[str, str], ...] = ()
    missing: str = ""


class SetInput(Struct, frozen=True):
    """One set that a check iterated.

    `incomplete` is why it is no complete and fresh set, empty where it is one; `inventories` are its scopes with the
    inventory root of each. `members` is a digest of every member with its volatile fields and unread parts: the
    inventories have neither volatile fields nor the reasons of unread parts.
    """

    kind: str
    under: Scope
    incomplete: str
    inventories: tuple[tuple[Scope, str], ...]
    members: str


class VerdictInputs(Struct, frozen=True):
    """All that a verdict depends on but the time.

    `limits` are the limits in force, exactly; `code` is the digest of the check's code. `fresh_until` is from when on
    the observations of `sets` and of the nearest resources are too old to say so; None: they never are.
    """

    check: str
    code: str
    limits: str
    resources: tuple[ResourceInput, ...]
    sets: tuple[SetInput, ...]
    fresh_until: datetime | None


class KeptVerdict(Struct, frozen=True):
    """A verdict with what it is based on, and until when it holds by itself; see `Evaluation`."""

    verdict: Verdict
    inputs: VerdictInputs
    judged_at: datetime
    holds_until: datetime | None
    reason_until: datetime | None

    @property
    def until(self) -> datetime | None:
        """Until when it holds where nothing new is observed: the check's own time, or that of its observations."""
        return min((each for each in (self.holds_until, self.inputs.fresh_until) if each is not None), default=None)


def kept(evaluation: Evaluation, inputs: VerdictInputs) -> KeptVerdict | None:
    """Return what to keep of an evaluation; None where nothing is known of any other moment."""
    if evaluation.judges_again:
        return None
    return KeptVerdict(
        evaluation.verdict, inputs, evaluation.judged_at, evaluation.holds_until, evaluation.reason_until
    )


def may_keep(previous: KeptVerdict, inputs: VerdictInputs, now: datetime) -> bool:
    """Return whether a check that is given `inputs` at `now` would come to the status of `previous`.

    It would where everything that it is given is equal (bodies, volatile fields, unread parts, sets, limits and code),
    the observations are fresh, and the time is one for which the verdict holds. Without a digest of the code nothing
    is known. Whether the reason is the same too says `previous.reason_until`.
    """
    return (
        inputs.code != ""
        and replace(previous.inputs, fresh_until=None) == replace(inputs, fresh_until=None)
        and previous.judged_at <= now
        and (previous.holds_until is None or now < previous.holds_until)
        and (inputs.fresh_until is None or now < inputs.fresh_until)
    )
