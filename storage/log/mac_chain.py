"""MacChain: gives each log entry its MAC, inside the transaction that writes it.

It extends nothing but what it has checked itself: an entry that somebody else put at the end of the log, and one that
was cut off, is found before the next one is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.core.errors import StoreError
from storage.log.mac_epochs import STATING, MacEpoch, began, read_epochs
from storage.log.macs import MacCheck, MacKey, mac_of, mac_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from storage.log.signing import SigningKey

_LAST = "SELECT idx, mac FROM log_leaf WHERE idx >= ? ORDER BY idx LIMIT 2"  # the entry, and whether one is behind it


class End(NamedTuple):
    """The end of the log: the number and MAC of the last entry, and the keys that MACs were made with."""

    at: int
    mac: bytes | None
    epochs: tuple[MacEpoch, ...]

    def check(self, connection: Connection) -> None:
        """Raise StoreError where the log does not go on from here."""
        self.is_newest(connection)

    def is_newest(self, connection: Connection) -> bool:
        """Whether no entry is behind this one. Raises StoreError where the log does not go on from here."""
        rows = [tuple(row) for row in connection.exec_driver_sql(_LAST, (max(self.at, 0),)).fetchall()]
        if self.at < 0:
            return not rows
        if (self.at, self.mac) not in rows:
            raise _cut_off(self.at)
        return len(rows) == 1


_EMPTY = End(-1, None, ())


class MacChain:
    """The MACs of one store, as one process writes them. One transaction at a time uses it."""

    def __init__(self, store: str, keys: Callable[[], Sequence[SigningKey]]) -> None:
        self._store = store
        self._read_keys = keys
        self._keys: list[MacKey] = []
        self._kept = _EMPTY  # as of the last commit
        self._end: End | None = None  # within a transaction that writes entries

    @property
    def recorded(self) -> End:
        """The end of the log as this process recorded or checked it last."""
        return self._kept

    # Transactions ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction: whatever one before it did not commit is forgotten."""
        self._end = None

    def committed(self) -> None:
        """Note that the transaction is durable."""
        self._kept = self._end or self._kept

    def next_index(self, connection: Connection) -> int:
        """Return the number of the next entry. Raises StoreError where the log does not go on from what was checked."""
        return self._current(connection).at + 1

    def extend(self, connection: Connection, index: int, hashed: bytes) -> bytes:
        """Return the MAC of the next entry, which has this number and hash."""
        end = self._current(connection)
        began(end.epochs)
        epoch = end.epochs[-1]
        key = next(key for key in self._keys if key.id == epoch.key)
        mac = key.next(key.first(index, end.mac) if epoch.since == index else end.mac or b"", index, hashed)
        self._end = End(index, mac, end.epochs)
        return mac

    def start(self, connection: Connection, key: MacKey) -> None:
        """Let the next entry be the first under a key; that entry has to state it."""
        end = self._current(connection)
        self._keys = [*(known for known in self._keys if known.id != key.id), key]
        self._end = End(end.at, end.mac, (*end.epochs, MacEpoch(end.at + 1, key.id)))

    def resume(self, connection: Connection, signed: int) -> None:
        """Check every MAC after the first `signed` entries as `prove` does, and go on from there."""
        self._kept = self.prove(connection, signed)

    def prove(self, connection: Connection, signed: int) -> End:
        """Check every MAC after the first `signed` entries, and return the end of the log.

        Raises VerificationError where one is missing or wrong, StoreError where the key of one is not at hand.
        """
        epochs = read_epochs(connection)
        last = max(signed, began(epochs)) - 1
        return self._checked(connection, End(last, mac_of(connection, last), tuple(epochs)))

    # The end of the log ----------------------------------------------------------------------------------------------

    def _current(self, connection: Connection) -> End:
        if self._end is None:
            self._end = self._grown(connection)
        return self._end

    def _grown(self, connection: Connection) -> End:
        """Return the end as the database has it now, after what other processes wrote has been checked."""
        return self._kept if self._kept.is_newest(connection) else self._checked(connection, self._kept)

    def _checked(self, connection: Connection, end: End) -> End:
        """Return the end of the log after the entries behind `end` have been checked."""
        epochs, check = end.epochs, self._check(end)
        for rows in mac_pages(connection, check.at):
            if any(row.kind in STATING for row in rows):
                epochs = tuple(read_epochs(connection))
                check = self._check(End(check.at - 1, check.mac, epochs))
            for row in rows:
                check.see(row.hash, row.mac)
            if check.unproven:
                break
        if check.unproven or not self._has_newest(epochs):
            raise _no_key(epochs[-1])
        return End(check.at - 1, check.mac, epochs)

    def _check(self, end: End) -> MacCheck:
        if not self._has_newest(end.epochs):
            # Another process may have rotated the key; the one before is still needed for what was written under it.
            fresh = self.keys()
            self._keys = [*(key for key in self._keys if key.id not in {new.id for new in fresh}), *fresh]
        return MacCheck(end.epochs, self._keys, at=end.at + 1, before=end.mac)

    def _has_newest(self, epochs: Sequence[MacEpoch]) -> bool:
        return not epochs or epochs[-1].key in {key.id for key in self._keys}

    def keys(self) -> list[MacKey]:
        """Return the keys of MACs that can be derived on this machine. Raises StoreError where there is none."""
        return [MacKey(key, self._store) for key in self._read_keys()]


def _cut_off(index: int) -> StoreError:
    return StoreError(
        f"log entry {index}, which this process recorded or checked, is gone or another one",
        so="nothing more is recorded by this process: that would make a second history",
        mend="find out who or what changed the database, and run annexd verify",
    )


def _no_key(epoch: MacEpoch) -> StoreError:
    return StoreError(
        f"signing key: the MACs of the log entries from {epoch.since} on are made with another key",
        so="who wrote them cannot be proven, so nothing is recorded",
        mend="put this store's signing key back from its backup, and run annexd verify; where it handed over to another"
        " key, name that in [store] and start again",
    )
