"""Does a store go on from what its signer signed last? A quick comparison, which reads a few rows and changes nothing.

It is made while the tables of an older store are brought up to date, in that transaction: a refusal leaves them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import StoreError, VerificationError
from storage.database.columns import show_digest
from storage.log.mac_epochs import began, read_epochs
from storage.log.merkle import Frontier
from storage.log.origins import read_origins
from storage.log.proofs import HASH_SIZE
from storage.log.refusals import behind, other_beginning, other_history, rolled_back

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.log.origins import Origin
    from storage.log.signer_memory import LastSignedHead, SignerMemory

SIZE = "SELECT coalesce(max(idx), -1) + 1 FROM log_leaf"
NEWEST = "SELECT coalesce(max(size), 0) FROM checkpoint"
AT = "SELECT peaks FROM checkpoint WHERE size = ?"


def check_continues(connection: Connection, memory: SignerMemory, store: str) -> tuple[LastSignedHead, list[Origin]]:
    """Return what was signed last, and the origins of the log. Raises StoreError where the log is another."""
    origins, size = read_origins(connection), connection.exec_driver_sql(SIZE).scalar_one()
    signed = remembered(memory, store, origins)
    if size < signed.size:
        raise rolled_back(size, signed)
    newest = connection.exec_driver_sql(NEWEST).scalar_one()
    if newest > max(signed.size, origins[-1].since):
        raise behind(newest, signed)
    peaks = connection.exec_driver_sql(AT, (signed.size,)).scalar_one_or_none()
    if peaks is not None and show_digest(frontier_of(peaks, signed.size).root()) != signed.root:
        raise other_history(signed, show_digest(frontier_of(peaks, signed.size).root()))
    return signed, origins


def remembered(memory: SignerMemory, store: str, origins: list[Origin]) -> LastSignedHead:
    """Return what was signed last. Raises StoreError where that is not known, or was of another store."""
    signed = memory.read()
    if signed is None:
        raise StoreError(
            f"signer's memory: {memory.path} is missing",
            so="nothing is recorded: whether this store goes on from what was signed last is not known",
            mend="put the file back; if it is lost, annexd store restored --acknowledge records that and goes on",
        )
    current = origins[-1]
    if signed.store != store or signed.origin != current.name:
        raise StoreError(
            f"signer's memory: {memory.path} is of {signed.origin}, and this store is {current.name}",
            so="nothing is recorded: one signer would sign two histories",
            mend="put the newest copy of the store back, or the signing key of this one with the file beside it;"
            " if they are lost, annexd store restored --acknowledge records that and goes on under a new name",
        )
    return signed


def same_beginning(connection: Connection, signed: LastSignedHead) -> int:
    """Return the first entry with a MAC. Raises StoreError where the signer remembers another one."""
    macs = began(read_epochs(connection))
    if signed.macs not in {None, macs}:
        raise other_beginning(signed, macs)
    return macs


def frontier_of(peaks: bytes, size: int) -> Frontier:
    """Return the tree of a stored checkpoint. Raises VerificationError where its row cannot be of that size."""
    parts = tuple(peaks[at : at + HASH_SIZE] for at in range(0, len(peaks), HASH_SIZE))
    if len(parts) != size.bit_count() or len(peaks) % HASH_SIZE:
        raise VerificationError(
            f"checkpoint {size}: its row holds {len(peaks)} bytes of hashes, and {size.bit_count() * HASH_SIZE} belong",
            so="the checkpoint cannot be trusted as it is kept here",
            mend="run annexd verify, and restore the store from a backup",
        )
    return Frontier(parts, size)
