"""MACs beside the log entries: nobody without the signing key can add an entry that is taken for ours.

Each is HMAC-SHA256, under a key derived from the signing key, over the MAC before it, the number of the entry and its
hash. A MAC is a column beside the entry and no part of the tree, so that bundles and proofs do not depend on it.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, NamedTuple

from storage.log.leaf_check import mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from storage.log.mac_epochs import MacEpoch
    from storage.log.signing import SigningKey

MAC_SIZE = 32
_INDEX_SIZE = 8
_PAGE = 5_000
_FROM = "SELECT idx, kind, hash, mac FROM log_leaf WHERE idx >= ? ORDER BY idx LIMIT ?"


class MacRow(NamedTuple):
    """The columns of a log entry that its MAC is about."""

    at: int
    kind: str
    hash: bytes
    mac: object


def mac_pages(connection: Connection, at: int) -> Iterator[list[MacRow]]:
    """Yield the entries from `at` on in lists. Raises VerificationError where one is missing between two."""
    while True:
        rows = [MacRow(*row) for row in connection.exec_driver_sql(_FROM, (at, _PAGE)).fetchall()]
        for row in rows:
            if row.at != at:
                raise mismatch(f"log entry {at} is missing: the next one that is there is {row.at}")
            at += 1
        yield rows
        if len(rows) < _PAGE:
            return


def mac_of(connection: Connection, index: int) -> bytes | None:
    """Return the MAC beside an entry; None where there is none, or no such entry."""
    found: bytes | None = connection.exec_driver_sql("SELECT mac FROM log_leaf WHERE idx = ?", (index,)).scalar()
    return found


class MacKey:
    """The key of the MACs of one store, derived from a signing key; `id` names it in log entries."""

    def __init__(self, signing_key: SigningKey, store: str) -> None:
        self._secret = signing_key.derive(b"annexd log entry MAC " + store.encode())
        self.id = hmac.digest(self._secret, b"annexd MAC key", "sha256").hex()

    def __repr__(self) -> str:
        return f"MacKey({self.id[:8]}...)"

    def first(self, since: int, before: bytes | None) -> bytes:
        """Return what stands for the MAC before the entry `since`, from which on this key is used.

        `before` is the MAC that the entry before it has, None where that has none.
        """
        return hmac.digest(self._secret, b"annexd MACs from" + _number(since) + (before or b""), "sha256")

    def next(self, before: bytes, index: int, hashed: bytes) -> bytes:
        """Return the MAC of the entry `index` with a hash; `before` is the MAC of the entry before it."""
        return hmac.digest(self._secret, before + _number(index) + hashed, "sha256")


class MacCheck:
    """Checks the MACs of entries in their order, beginning with the entry `at`; `before` is the MAC of the one before.

    Without the key of an entry only the presence of its MAC can be checked. `proven` counts those that were computed
    again, `unproven` the others that have one, and `mac` is that of the entry seen last.
    """

    def __init__(
        self, epochs: Sequence[MacEpoch], keys: Iterable[MacKey], *, at: int = 0, before: bytes | None = None
    ) -> None:
        self._epochs = list(epochs)
        self._keys: Mapping[str, MacKey] = {key.id: key for key in keys}
        self.at = at
        self.mac = before
        self.proven = 0
        self.unproven = 0

    def see(self, hashed: bytes, mac: object) -> None:
        """Check the next entry. Raises VerificationError where its MAC is missing, wrong, or does not belong there."""
        epoch = next((epoch for epoch in reversed(self._epochs) if epoch.since <= self.at), None)
        if epoch is None:
            if mac is not None:
                raise mismatch(f"log entry {self.at} has a MAC, and the log states none for it")
        elif not isinstance(mac, bytes) or len(mac) != MAC_SIZE:
            raise mismatch(
                f"log entry {self.at} has no MAC, and every log entry from {self._epochs[0].since} on has one:"
                " it was not written by annexd, or its MAC was taken away"
            )
        elif epoch.key in self._keys:
            key = self._keys[epoch.key]
            before = key.first(self.at, self.mac) if self.at == epoch.since else self.mac or b""
            if not hmac.compare_digest(key.next(before, self.at, hashed), mac):
                raise mismatch(
                    f"log entry {self.at}: its MAC is not the one that the signing key makes of it and the entries"
                    " before it: it, or the one before it, was not written by annexd, or stood elsewhere"
                )
            self.proven += 1
        else:
            self.unproven += 1
        self.mac = mac if isinstance(mac, bytes) else None
        self.at += 1


def _number(index: int) -> bytes:
    return index.to_bytes(_INDEX_SIZE, "big")
