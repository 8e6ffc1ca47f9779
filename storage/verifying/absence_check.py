"""Check that no checkpoint is missing: a log that was signed once is never taken for one that was not signed yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.log.leaf_check import mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.verifying.head_check import Heads
    from storage.verifying.log_seen import LogSeen

_SHOWN = 5


def check_absence(log: LogSeen, heads: Heads) -> int | None:
    """Compare the checkpoints with those that the log and the signer's memory speak of.

    Return the size of a head that was being signed when annexd ended, whose note may never have been kept; None where
    there is none. Raises VerificationError that names each missing checkpoint.
    """
    missing = dict(_missing(log, heads))
    if missing:
        told = "; ".join(f"checkpoint {size} is missing: {why}" for size, why in list(missing.items())[:_SHOWN])
        more = f"; and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise mismatch(told + more)
    for signing in log.signings:
        if not any(signing.above < size <= signing.up_to for size in heads.kept):
            raise mismatch(
                f"a checkpoint is missing: leaf {signing.leaf} says that {signing.why}, which is done only when the log"
                f" is signed, and there is none of {signing.above + 1} leaves or more"
            )
    signed = heads.remembered
    if signed is None and not heads.kept:
        raise mismatch(
            "there is no checkpoint, nor the signer's memory, which alone says that nothing was signed yet: verify the"
            " store where its signing key is"
        )
    return None if signed is None or not signed.size or signed.size in heads.kept else signed.size


def _missing(log: LogSeen, heads: Heads) -> Iterator[tuple[int, str]]:
    for size, leaf in sorted(log.signed.items()):
        if size not in heads.kept:
            yield size, f"leaf {leaf} says that it had been signed"
    signed = heads.remembered
    if signed is None or not signed.size or signed.size in {*heads.kept, *log.signed}:
        return
    # Between the memory and the note annexd may have been killed. Memories of earlier versions do not say which it was.
    if signed.kept or (signed.kept is None and not heads.kept):
        yield signed.size, "the signer remembers it as signed last"
