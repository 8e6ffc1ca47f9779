"""Check the MACs beside the log entries: who wrote what no checkpoint covers yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storage.log.checkpoints import check_beginning
from storage.log.leaf_check import mismatch
from storage.log.mac_epochs import began, read_epochs
from storage.log.macs import MacCheck, mac_pages
from storage.log.merkle import Frontier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.log.macs import MacKey
    from storage.verifying.head_check import Heads


class Authenticated(NamedTuple):
    """How many MACs were computed again, and how many entries neither a MAC computed again nor a checkpoint proves."""

    proven: int
    unproven: int


def check_macs(connection: Connection, heads: Heads, keys: Sequence[MacKey]) -> Authenticated:
    """Check that every entry has the MAC that belongs beside it; `keys` are those that this machine can derive.

    After a rotation the MACs before it can be computed by nobody: the checkpoints prove those entries. Raises
    VerificationError.
    """
    epochs = read_epochs(connection)
    since, known = began(epochs), {key.id for key in keys}
    _check_memory(since, heads)
    if keys and epochs[-1].key not in known:
        raise mismatch(
            f"log entry {epochs[-1].since} says that MACs are made with another key from there on than the signing key"
            " that is here: it was not written by annexd, or this is not the signing key of this store"
        )
    check, frontier, unproven = MacCheck(epochs, keys), Frontier(), 0
    for rows in mac_pages(connection, 0):
        for row in rows:
            if row.at < since and since >= heads.newest:
                frontier.append(row.hash)
            counted = check.proven
            check.see(row.hash, row.mac)
            if row.at >= heads.newest and check.proven == counted:
                unproven += 1
    if since and since >= heads.newest:
        check_beginning(connection, since, frontier)
        if epochs[0].key in known:
            unproven -= since - heads.newest  # the MAC of the entry that states the log hash over them proves them
    return Authenticated(check.proven, unproven)


def _check_memory(since: int, heads: Heads) -> None:
    signed = heads.remembered
    if signed is not None and signed.macs not in {None, since}:
        raise mismatch(
            f"the log says that its entries have MACs from {since} on, and the signer remembers {signed.macs}: this"
            " store has another history than the one that was signed"
        )
