"""Compare the log with copies of its checkpoints that were kept outside, where nobody here can take them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.core.errors import StoreError, VerificationError
from storage.database.columns import show_digest
from storage.database.unavailable import StoreUnavailable
from storage.log.leaf_check import mismatch
from storage.log.notes import open_note, parse_checkpoint, parse_verifier_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from collector.core.copies import CopyName
    from storage.log.notes import Checkpoint
    from storage.verifying.log_seen import LogSeen

_SIGNATURES = "\n\n"


class CheckpointCopy(NamedTuple):
    """A copy: what its name says, the place, and what reads it. The name is believed where it agrees with the log."""

    name: CopyName
    where: str
    read: Callable[[], str]


class CopiesSeen(NamedTuple):
    """How many copies lead to this log, the sizes of the oldest and newest, and how many are of a history given up.

    A history is given up by `store restored`, which a log entry states.
    """

    leading: int = 0
    oldest: int = 0
    newest: int = 0
    given_up: int = 0


def check_copies(copies: Sequence[CheckpointCopy], roots: Mapping[int, bytes], log: LogSeen) -> CopiesSeen:
    """Compare every copy with the log hash at its size. `roots` has those sizes of the log that there are copies of.

    The newest one, and each that does not agree, is read. Raises VerificationError, and StoreUnavailable where one
    cannot be read.
    """
    agreed: list[CheckpointCopy] = []
    given_up = 0
    for copy in copies:
        root = roots.get(copy.name.size)
        if root is not None and root.hex() == copy.name.root:
            agreed.append(copy)
        else:
            _explain(copy, root, log)
            given_up += 1
    newest = max(agreed, key=lambda copy: copy.name.size, default=None)
    if newest is None:
        return CopiesSeen(given_up=given_up)
    _opened(newest, log)
    return CopiesSeen(len(agreed), min(copy.name.size for copy in agreed), newest.name.size, given_up)


def _explain(copy: CheckpointCopy, root: bytes | None, log: LogSeen) -> None:
    """Return where the log itself states that this history was given up. Raises VerificationError otherwise."""
    head = _opened(copy, log)
    for restored in log.restores:
        if head.origin != parse_verifier_key(restored.old).name or head.size <= restored.held:
            continue
        if restored.signed is None or head.size < restored.signed:
            return
        if head.size == restored.signed and show_digest(head.root) == restored.root:
            return
    found = (
        f"the log holds {log.size} log entries"
        if root is None
        else f"the first {head.size} log entries have the log hash {show_digest(root)}"
    )
    raise mismatch(
        f"{found}, and the checkpoint of {head.size} log entries at {copy.where} says {show_digest(head.root)}:"
        " this store has another history than the one that was signed and copied"
    )


def _opened(copy: CheckpointCopy, log: LogSeen) -> Checkpoint:
    """Return what a copy says. Raises VerificationError where nobody of this log signed it, or its name says else."""
    what = f"the checkpoint {copy.name} at {copy.where}"
    names = list(dict.fromkeys(origin.name for origin in log.origins))
    try:
        note = copy.read()
    except StoreError as error:
        raise StoreUnavailable(error.what, mend=error.mend) from None
    try:
        text, _, _ = note.rpartition(_SIGNATURES)
        head = parse_checkpoint(text + "\n")
        if head.origin in names:
            open_note(note, *[origin.key for origin in log.origins])
    except VerificationError as error:
        raise mismatch(f"{what}: {error.what}") from error
    if head.origin not in names:
        raise mismatch(f"{what}: it is of the log {head.origin}, and this log is {', '.join(names)}")
    if (head.size, head.root.hex()) != copy.name:
        raise mismatch(f"{what}: it is of {head.size} log entries and {show_digest(head.root)}")
    return head
