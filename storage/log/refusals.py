"""The errors for a store that is not signed and not written, because it does not continue the log signed last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import StoreError

if TYPE_CHECKING:
    from storage.log.signer_memory import LastSignedHead


def rolled_back(size: int, signed: LastSignedHead) -> StoreError:
    """Return the error for a store with fewer leaves than were signed."""
    return StoreError(
        f"the store was rolled back: it holds {size} leaves, and {signed.size} were signed, with root {signed.root}",
        so="nothing is recorded on it: that would be a second history beside the one that was signed",
        mend="put the newest copy of the store back; if it is lost, annexd store restored --acknowledge"
        " records the loss"
        " and goes on under a new name",
    )


def other_history(signed: LastSignedHead, found: str) -> StoreError:
    """Return the error for a store whose first leaves are not those that were signed."""
    return StoreError(
        f"the store has another history: the root of its first {signed.size} leaves is {found},"
        f" and {signed.root} was signed",
        so="nothing is signed on it",
        mend="put the newest copy of the store back, and run annexd verify on this one; if the right one is lost,"
        " annexd store restored --acknowledge records that and goes on under a new name",
    )


def behind(newest: int, signed: LastSignedHead) -> StoreError:
    """Return the error for an old copy of the signer's memory: the store has a head that was signed later."""
    return StoreError(
        f"signer's memory: it remembers {signed.size} leaves as signed last, with root {signed.root}, and the store"
        f" holds a checkpoint of {newest}",
        so="nothing is recorded: a memory that was put back would let an older copy of the store pass for the newest",
        mend="put the newest copy of the file that ends in .state back; if it is lost, annexd store"
        " restored --acknowledge"
        " records that and goes on under a new name",
    )


def other_beginning(signed: LastSignedHead, macs: int) -> StoreError:
    """Return the error for a store whose MACs begin elsewhere than the signer remembers."""
    return StoreError(
        f"the store has another history: its log entries have MACs from {macs} on, and the signer remembers"
        f" {signed.macs}",
        so="nothing is signed on it",
        mend="put the newest copy of the store back, and run annexd verify on this one; if the right one is lost,"
        " annexd store restored --acknowledge records that and goes on under a new name",
    )
