"""Rules on refusals of other kinds: by a status without a word, and of some requests among others that are answered."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from collector.contract.rounds import ByCall, lists_answered, parts_answered
from collector.contract.rules import rule
from collector.contract.rules_answers import require_not_read, require_unread
from collector.contract.wrong_answers import with_status
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collector.contract.harness import Harness
    from collector.contract.raw_answers import Make, RawAnswer, RawRequest
    from collector.contract.rounds import Filled

STATUSES = (400, 402, 409, 410)
"""By each of them some platform says of some call that there is nothing, and with a word of its own in the answer."""


@rule
def tells_refusals_from_empty(harness: Harness) -> None:
    """A status that refuses, without the platform's word, is no empty list and no list that cannot exist; nor a part.

    A part may be null by it where its declaration names the status.
    """
    for status in STATUSES:
        how, make = f"a bare {status}", with_status(status)
        for listed in lists_answered(harness, "refusal", make):
            require_not_read(listed, how)
        for filled in parts_answered(harness, "refusal", make):
            if not any(code.startswith(str(status)) for code in filled.part.absent):
                require_unread(filled, how)


@rule
def leaves_no_refusal_out(harness: Harness) -> None:
    """A list of which one request among others is refused is not COMPLETE, and a part is unread by any of its own.

    Where several parts make a call, whose requests were refused does not show: one of them has to be unread.
    """
    for listed in lists_answered(harness, "one refusal", ByCall(_every_second)):
        for seen in listed.seen:
            refused = sum(
                call.statuses.get("403", 0) for call in seen.provenance.calls if call.operation == listed.call
            )
            assert not refused or seen.outcome is not Outcome.COMPLETE, (
                f"{refused} requests of {listed.call} were refused, others answered, and {seen.task} is COMPLETE"
            )
    for filled in parts_answered(harness, "one refusal", ByCall(_every_second)):
        assert not filled.changed or _is_told(harness, filled), (
            f"{filled.changed} requests of {filled.call} were refused, others answered, and {filled.name} is read"
        )


def _is_told(harness: Harness, filled: Filled) -> bool:
    """Whether a part that makes the call is unread for some resource."""
    sharing = [part for parts in harness.connector.parts.values() for part in parts if filled.call in part.calls]
    return any(part.name in stored.unread for part in sharing for stored in filled.trial.resources(part.kind.name))


def _every_second(_call: str) -> Make:
    """Return what refuses every second request."""
    lock, count = threading.Lock(), 0
    refuse = with_status(403)

    def answer(request: RawRequest, own: RawAnswer) -> RawAnswer:
        nonlocal count
        with lock:
            count += 1
            passes = count % 2 == 1
        return own if passes else refuse(request, own)

    return answer
