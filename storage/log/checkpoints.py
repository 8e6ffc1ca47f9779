"""Checkpoints: sign the head of the log, and refuse to sign a log that does not continue the one signed last.

New leaves are read back from the database and hashed again before they are signed: a bit that flipped on the way would
otherwise be signed, and no proof over it would ever hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from collector.core.errors import StoreError
from storage.database.columns import digest_bytes, show_digest
from storage.database.failpoints import reached
from storage.log import leaves
from storage.log.continuing import AT, NEWEST, SIZE, check_continues, frontier_of, remembered, same_beginning
from storage.log.dictionary import LeafDecompressor
from storage.log.leaf_check import LeafCheck, mismatch
from storage.log.mac_epochs import MACS, MacsBegin, read_epochs
from storage.log.macs import MacKey
from storage.log.merkle import EMPTY, Frontier
from storage.log.notes import Checkpoint, Signer, make_note, open_note, parse_checkpoint
from storage.log.origins import KEY, RESTORE, NewKey, Origin, Restored, read_origins, signers_at
from storage.log.refusals import other_history, rolled_back
from storage.log.signer_memory import LastSignedHead, SignerMemory

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from collector.core.ports import Leaf
    from storage.database.writer import Writer
    from storage.log.key_places import SigningKeys
    from storage.log.mac_chain import MacChain
    from storage.log.notes import VerifierKey
    from storage.log.signing import SigningKey

    Reading = Callable[[datetime | None], AbstractContextManager[tuple[Connection, int | None]]]
    Append = Callable[[Connection, str, object, dict[str, object]], Leaf]

_LAST = "SELECT size, peaks, note FROM checkpoint ORDER BY size DESC LIMIT 1"
_ENTRY = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx = ? AND kind = ?"
_INSERT = "INSERT INTO checkpoint (size, peaks, note) VALUES (?, ?, ?)"


class SignedHead(Struct, frozen=True):
    """A signed head: origin, number of leaves, root digest, and the signed note."""

    origin: str
    size: int
    root: str
    note: str

    @property
    def text(self) -> str:
        """The text that is signed and time-stamped: the note without its signatures."""
        return Checkpoint(self.origin, self.size, digest_bytes(self.root)).text()


class Checkpoints:
    """Signs the log of one store, and rotates its key."""

    def __init__(
        self,
        *,
        store: str,
        keys: SigningKeys,
        reading: Reading,
        writing: Callable[[], Writer],
        write_pending: Callable[[], object],
        append: Append,
        macs: MacChain,
    ) -> None:
        self._store = store
        self._kept = keys
        self._memory = SignerMemory(keys.memory)
        self._reading = reading
        self._writing = writing
        self._write_pending = write_pending
        self._append = append
        self._macs = macs

    @property
    def memory_file(self) -> Path:
        """The file of the signer's memory on this machine."""
        return self._memory.path

    def last(self) -> SignedHead | None:
        """Return the newest stored head, None before the first."""
        with self._reading(None) as (connection, _):
            row = connection.exec_driver_sql(_LAST).one_or_none()
            origins = read_origins(connection)
        if row is None:
            return None
        size, peaks, note = row
        return SignedHead(_current(origins, size).name, size, show_digest(frontier_of(peaks, size).root()), note)

    def remembered(self, connection: Connection) -> LastSignedHead | None:
        """Return the head that the signer on this machine signed last, None where there is no signer.

        The transaction of the connection begins here: nothing is signed between what it sees and what is returned.
        """
        if not self._memory.path.exists():
            return None
        with self._memory.locked_to_read():
            connection.exec_driver_sql(NEWEST).scalar_one()
            return self._memory.read()

    def key(self) -> VerifierKey:
        """Return the current key, as the log states it."""
        with self._reading(None) as (connection, _):
            return read_origins(connection)[-1].key

    def check(self) -> None:
        """Raise StoreError unless the store continues the log signed last, as far as a quick check can tell.

        Raises VerificationError where a MAC of an entry that is not signed yet is missing or wrong.
        """
        with self._memory.locked(), self._reading(None) as (connection, _):
            signed, origins = check_continues(connection, self._memory, self._store)
            self._keys(origins)
            same_beginning(connection, signed)
            self._macs.resume(connection, self._proven(connection, signed.size, origins))

    def checkpoint(self) -> SignedHead | None:
        """Sign the head of the log and store the note; return None where there is no new leaf since the last one.

        Raises StoreError where the log does not continue the one signed last, and VerificationError where a new leaf
        does not match its hash; then nothing was signed.
        """
        self._write_pending()
        with self._memory.locked():
            return self._sign()

    def _sign(self) -> SignedHead | None:
        """Sign the head of what is committed; the lock of the signer's memory is held."""
        recorded = self._macs.recorded  # before the state that is read, so that it is in there
        with self._reading(None) as (connection, _):
            origins = read_origins(connection)
            signed = remembered(self._memory, self._store, origins)
            macs = same_beginning(connection, signed)
            recorded.check(connection)
            frontier = self._grown(connection, signed, macs)
            self._macs.prove(connection, self._proven(connection, signed.size, origins))
            newest = connection.exec_driver_sql(_LAST).one_or_none()
        last_size = 0 if newest is None else newest[0]
        if frontier.size == last_size:
            self._finish_rotation(origins)
            return None
        keys = signers_at(origins, frontier.size, last_size)
        head = Checkpoint(keys[0].name, frontier.size, frontier.root())
        signers = [self._signer(key, origins) for key in keys]
        reached("before sign")
        # On disk before the signature exists, so that no other root of this size is ever signed after a crash.
        last = LastSignedHead(self._store, head.origin, head.size, show_digest(head.root), macs, kept=False)
        self._memory.swap(signed, last)
        reached("state written")
        note = make_note(head, *signers)
        reached("signed")
        with self._writing().transaction() as connection:
            connection.exec_driver_sql(_INSERT, (head.size, b"".join(frontier.peaks), note))
        reached("note kept")
        self._memory.swap(last, replace(last, kept=True))  # from here on, its absence is no interruption
        self._finish_rotation(origins)
        return SignedHead(head.origin, head.size, show_digest(head.root), note)

    def rotate(self, *, reason: str, by: str) -> VerifierKey:
        """Rotate the signing key and return the new one; a rotation that was interrupted is finished instead.

        A leaf records the rotation and is the first whose MAC is made with the new key. One checkpoint has both
        signatures; where the old key is in a file that the new one takes over, it is deleted. Raises StoreError where
        there is no next key, or it was the key of this log before.
        """
        self.check()
        self.checkpoint()
        writer = self._writing()
        with self._memory.locked():  # until it is recorded, another process would discard the next key
            with self._reading(None) as (connection, _):
                origins = read_origins(connection)
            old = origins[-1].key
            signing_key = self._kept.next()
            if signing_key.public == old.public:
                return old
            if any(origin.key.public == signing_key.public for origin in origins):
                raise _used_before(self._kept)
            new, macs = type(old)(old.name, signing_key.public), MacKey(signing_key, self._store)
            with writer.transaction() as connection:
                self._macs.start(connection, macs)
                stated = NewKey(old=str(old), key=str(new), reason=reason, by=by, macs=macs.id)
                self._append(connection, KEY, stated, {})
        self.checkpoint()
        return new

    def acknowledge(self, *, reason: str, by: str) -> SignedHead:
        """Continue an older or another copy of the store under a new origin; a leaf records what was lost.

        No second history is ever signed under the old origin, so checkpoints that others hold of it stay valid.
        """
        with self._reading(None) as (connection, _):
            origins, size = read_origins(connection), connection.exec_driver_sql(SIZE).scalar_one()
            self._macs.resume(connection, self._proven(connection, 0, origins))
        signed = self._memory.read()
        old = origins[-1].key
        stem, _, number = old.name.rpartition("~")
        name = f"{stem}~{int(number) + 1}" if stem and number.isdigit() else f"{old.name}~2"
        key = type(old)(name, self._kept.held()[0].public)
        restored = Restored(
            old=str(old),
            origin=name,
            key=str(key),
            held=size,
            signed=None if signed is None else signed.size,
            root=None if signed is None else signed.root,
            reason=reason,
            by=by,
        )
        with self._memory.locked():
            with self._writing().transaction() as connection:
                self._append(connection, RESTORE, restored, {})
            self._memory.write(nothing_signed(self._store, name))
        head = self.checkpoint()
        if head is None:
            raise StoreError("a restored store was not signed", mend="report this as a defect")
        return head

    def _proven(self, connection: Connection, signed: int, origins: list[Origin]) -> int:
        """Return after how many entries MACs have to prove who wrote them: those that the signer remembers.

        A store that was restored has nothing signed under its new name. Where its key had been rotated before, nobody
        can compute the first MACs; its newest checkpoint proves those entries, each of which is hashed again.
        Raises VerificationError where they are others.
        """
        row = connection.exec_driver_sql(_LAST).one_or_none()
        if signed or row is None:
            return signed
        known = {key.id for key in self._macs.keys()}  # noqa: SIM118  it is no mapping
        if all(epoch.key in known for epoch in read_epochs(connection)):
            return signed
        keys = self._keys(origins)
        head = parse_checkpoint(open_note(row[2], *(origin.key for origin in origins if origin.key.public in keys)))
        frontier = Frontier()
        for leaf in LeafCheck(self._store, frontier).leaves(connection):
            if leaf.at + 1 == head.size:
                break
        if (frontier.size, frontier.root()) != (head.size, head.root):
            raise mismatch(
                f"the first {frontier.size} log entries have the log hash {show_digest(frontier.root())}, and"
                f" {show_digest(head.root)} over {head.size} was signed"
            )
        return head.size

    def _grown(self, connection: Connection, signed: LastSignedHead, macs: int) -> Frontier:
        """Return the frontier over all leaves; those after the last signed head are read back and hashed again."""
        size = connection.exec_driver_sql(SIZE).scalar_one()
        if size < signed.size:
            raise rolled_back(size, signed)
        peaks = connection.exec_driver_sql(AT, (signed.size,)).scalar_one_or_none()
        frontier = Frontier()
        if peaks is not None and show_digest(frontier_of(peaks, signed.size).root()) == signed.root:
            frontier = frontier_of(peaks, signed.size)
        check = LeafCheck(self._store, frontier)
        for leaf in check.leaves(connection):
            if leaf.at + 1 == signed.size:
                _same_history(frontier, signed)
            if leaf.at + 1 == macs:
                check_beginning(connection, macs, frontier)
        return frontier

    def _keys(self, origins: list[Origin]) -> dict[bytes, SigningKey]:
        keys = {key.public: key for key in self._kept.held()}
        if origins[-1].key.public not in keys:
            raise StoreError(
                f"signing key: {self._kept} is not the key of this store, whose id is {origins[-1].key.id.hex()}",
                so="no checkpoint can be signed, so nothing is recorded",
                mend="put this store's signing key back from its backup, or name it with signing_key in [store];"
                " where annexd key rotate --to was interrupted, give it again",
            )
        return keys

    def _signer(self, key: VerifierKey, origins: list[Origin]) -> Signer:
        signing_key = self._keys(origins).get(key.public)
        if signing_key is None:
            raise StoreError(
                f"signing key: the key {key.id.hex()}, which has to hand over, is not in {self._kept}",
                so="the new key is not signed for by the old one",
                mend="put the old key back as that file, and the new one beside it with .next after its name;"
                " where annexd key rotate --to was interrupted, give it again with the old key in [store]",
            )
        return Signer(key.name, signing_key)

    def _finish_rotation(self, origins: list[Origin]) -> None:
        """Finish a rotation, also one that a killed process began: the new key replaces the old one."""
        self._kept.settle(origins[-1].key.public)


def begin_memory(keys: SigningKeys, store: str, origin: str) -> None:
    """Write the signer's memory of a new store. Raises StoreError where it remembers another store."""
    memory = SignerMemory(keys.memory)
    signed = memory.read()
    if signed is not None and signed.size:
        raise StoreError(
            f"signer's memory: {memory.path} is of another store, {signed.origin} with {signed.size} leaves",
            so="no new store was made: what was signed before would seem never to have been",
            mend="put that store back, or move its signing key and the file beside it to where they are kept",
        )
    memory.write(nothing_signed(store, origin, macs=0))


def nothing_signed(store: str, origin: str, macs: int | None = None) -> LastSignedHead:
    """Return the signer's memory of a log that it has not signed yet."""
    return LastSignedHead(store, origin, 0, show_digest(EMPTY), macs)


def check_beginning(connection: Connection, macs: int, frontier: Frontier) -> None:
    """Compare the tree before the first entry with a MAC with what that entry states. Raises VerificationError."""
    row = connection.exec_driver_sql(_ENTRY, (macs, MACS)).one_or_none()
    if row is None:
        return
    stated = leaves.read(connection, LeafDecompressor(), tuple(row)).fact(MacsBegin).root
    if stated != show_digest(frontier.root()):
        raise mismatch(
            f"the first {macs} log entries have the log hash {show_digest(frontier.root())}, and log entry {macs}, with"
            f" which MACs begin, says {stated}: one was changed since"
        )


def _used_before(keys: SigningKeys) -> StoreError:
    return StoreError(
        f"signing key: {keys} was the key of this log before",
        so="nothing was changed: a key that was handed over must not come back, whoever may have kept it",
        mend="make another one",
    )


def _current(origins: list[Origin], size: int) -> Origin:
    return max((origin for origin in origins if origin.since < size), key=lambda origin: origin.since)


def _same_history(frontier: Frontier, signed: LastSignedHead) -> None:
    root = frontier.root()
    if root != digest_bytes(signed.root):
        raise other_history(signed, show_digest(root))
