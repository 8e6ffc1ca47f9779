"""Check signed heads against the tree: the stored ones, the one in the signer's memory, and one from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from collector.core.errors import VerificationError
from collector.core.spans import show_time
from storage.database.columns import show_digest
from storage.log.anchors import check_token
from storage.log.leaf_check import mismatch
from storage.log.merkle import Frontier
from storage.log.notes import Checkpoint, open_note, parse_checkpoint
from storage.log.origins import signers_at
from storage.log.proofs import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509 import Certificate
    from sqlalchemy import Connection

    from collector.core.facts import Anchored
    from storage.log.notes import VerifierKey
    from storage.log.origins import Origin
    from storage.log.signer_memory import LastSignedHead
    from storage.verifying.log_seen import LogSeen

_HEADS = "SELECT size, peaks, note FROM checkpoint ORDER BY size"


@dataclass(frozen=True)
class KeptHead:
    """A stored head; its signatures are checked after the log, which states the keys."""

    head: Checkpoint
    note: str


@dataclass(frozen=True)
class Stamps:
    """The numbers of anchors: with a token, verified against a root, pending. `size` and `at` are of the newest."""

    count: int
    proven: int
    pending: int
    size: int | None
    at: str | None


@dataclass
class Heads:
    """Every head that the tree must match; `sizes` are those of the tree to compare at, `roots` what it has there."""

    kept: dict[int, KeptHead]
    outside: KeptHead | None = None
    outside_size: int | None = None
    newest: int = 0
    sizes: set[int] = field(default_factory=set)
    remembered: LastSignedHead | None = None
    roots: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: Connection, against: str | None, remembered: LastSignedHead | None) -> Self:
        """Read the stored heads and a note from outside. Raises VerificationError where one is no checkpoint."""
        kept = {}
        for size, peaks, note in connection.exec_driver_sql(_HEADS).fetchall():
            kept[size] = _kept_head(size, peaks, note)
        outside = None
        if against is not None:
            outside = KeptHead(_parse_head(against, "the checkpoint from outside"), against)
        outside_size = None if outside is None else outside.head.size
        sizes = {*kept, outside_size or 0, 0 if remembered is None else remembered.size}
        return cls(kept, outside, outside_size, max(kept, default=0), sizes, remembered)

    def compare(self, frontier: Frontier) -> None:
        """Compare the current tree with the heads of its size. Raises VerificationError."""
        self.roots[frontier.size] = frontier.root()
        kept = self.kept.get(frontier.size)
        if kept is not None and kept.head.root != frontier.root():
            raise mismatch(
                f"the first {frontier.size} leaves have the root {show_digest(frontier.root())}, and the checkpoint of"
                f" that size says {show_digest(kept.head.root)}: a leaf{self._between(frontier.size)} is another than"
                " the one that was signed"
            )
        signed = self.remembered
        if signed is not None and signed.size == frontier.size and signed.root != show_digest(frontier.root()):
            raise mismatch(
                f"the first {frontier.size} leaves have the root {show_digest(frontier.root())}, and the signer"
                f" remembers {signed.root}: this store has another history than the one that was signed"
            )
        outside = self.outside
        if outside is not None and outside.head.size == frontier.size and outside.head.root != frontier.root():
            raise mismatch(
                f"the first {frontier.size} leaves have the root {show_digest(frontier.root())}, and the checkpoint"
                f" from outside says {show_digest(outside.head.root)}: this store has another history than the one that"
                " was shown then"
            )

    def compare_end(self, size: int) -> None:
        """Raise VerificationError where a head covers more leaves than there are."""
        for covered in sorted({*self.kept, self.outside_size or 0}):
            if covered > size:
                where = "the checkpoint from outside" if covered not in self.kept else "a checkpoint that is kept"
                raise mismatch(
                    f"the log holds {size} leaves, and {where} covers {covered}: the last {covered - size} are missing"
                )

    def check_signatures(self, origins: Sequence[Origin], key: VerifierKey | None) -> None:
        """Check that every head is signed by the keys that had to sign it; `key` is the one that the reader trusts.

        Raises VerificationError.
        """
        before = 0
        for size, kept in sorted(self.kept.items()):
            wanted = signers_at(origins, size, before)
            _check_signers(kept, f"checkpoint {size}", wanted)
            before = size
        if key is not None:
            self._check_trusted(origins, key)
        if self.outside is not None:
            _check_signed(self.outside, "the checkpoint from outside", [origin.key for origin in origins])
            self._check_outside(self.outside.head, origins)

    def check_anchors(self, anchors: Sequence[tuple[int, Anchored]], roots: Sequence[Certificate]) -> Stamps:
        """Check that every time stamp is over the head that its leaf names. Raises VerificationError."""
        count = proven = pending = 0
        newest: tuple[int, str] | None = None
        for index, anchor in anchors:
            kept = self.kept.get(anchor.size)
            if kept is None or show_digest(kept.head.root) != anchor.root:
                found = "there is none" if kept is None else f"that one says {show_digest(kept.head.root)}"
                raise mismatch(f"leaf {index}: it anchors a checkpoint of {anchor.size} leaves, {anchor.root}; {found}")
            if anchor.token is None:
                pending += 1
                continue
            try:
                stamp = check_token(anchor.token, kept.head.text(), roots)
            except VerificationError as error:
                raise mismatch(f"leaf {index}: anchor of checkpoint {anchor.size}: {error.what}") from error
            count, proven, pending = count + 1, proven + stamp.is_proven, 0  # it covers what was pending before
            newest = (anchor.size, show_time(stamp.at))
        size, at = newest or (None, None)
        return Stamps(count, proven, pending, size, at)

    def _check_outside(self, head: Checkpoint, origins: Sequence[Origin]) -> None:
        """Raise VerificationError where the key of this log signed something that no log of this name ever signs."""
        if not head.size:
            raise mismatch(
                "the checkpoint from outside covers no log entry: annexd signs none such, and it proves nothing"
            )
        if head.origin not in {origin.name for origin in origins}:
            names = ", ".join(dict.fromkeys(origin.name for origin in origins))
            raise mismatch(f"the checkpoint from outside is of {head.origin}, and this log is {names}")

    def _between(self, size: int) -> str:
        before = max((kept_size for kept_size in self.kept if kept_size < size), default=0)
        return f" from {before} to {size - 1}"

    def _check_trusted(self, origins: Sequence[Origin], key: VerifierKey) -> None:
        """Raise VerificationError where no head is signed by the trusted key while it was the current one."""
        if key not in [origin.key for origin in origins]:
            names = ", ".join(str(origin.key) for origin in origins)
            raise mismatch(f"the log is signed by {names}, and the key given is {key}")
        at = max(number for number, origin in enumerate(origins) if origin.key == key)
        until = origins[at + 1].since if at + 1 < len(origins) else None
        for size, kept in sorted(self.kept.items(), reverse=True):
            if size > origins[at].since and (until is None or size > until):
                try:
                    open_note(kept.note, key)
                except VerificationError:
                    continue
                return
        raise mismatch(
            f"no checkpoint {'' if until is None else f'of more than {until} leaves '}is signed by the key given, {key}"
        )


def check_memory(log: LogSeen, heads: Heads) -> None:
    """Compare the log with the signer's memory, where there is one. Raises VerificationError."""
    signed = heads.remembered
    if signed is None:
        return
    if signed.origin != log.origins[-1].name:
        raise mismatch(f"the signer signed last for {signed.origin}, and this log is {log.origins[-1].name}")
    if signed.size > log.size:
        raise mismatch(
            f"the log holds {log.size} leaves, and the signer signed {signed.size}, with the root {signed.root}:"
            " this is an older copy"
        )
    if heads.newest > max(signed.size, log.origins[-1].since):
        raise mismatch(
            f"the log holds a checkpoint of {heads.newest} leaves, and the signer remembers {signed.size}"
            f" as signed last, with the root {signed.root}: its memory is an older copy"
        )


def _kept_head(size: object, peaks: object, note: object) -> KeptHead:
    if not (isinstance(size, int) and isinstance(peaks, bytes) and isinstance(note, str)):
        raise mismatch(f"checkpoint {size!r}: its columns hold values of other types than were written")
    head = _parse_head(note, f"checkpoint {size}")
    if head.size != size:
        raise mismatch(f"checkpoint {size}: its note is of {head.size} leaves")
    parts = tuple(peaks[at : at + HASH_SIZE] for at in range(0, len(peaks), HASH_SIZE))
    if len(parts) != size.bit_count() or len(peaks) % HASH_SIZE:
        raise mismatch(
            f"checkpoint {size}: its edge has {len(peaks)} bytes, and {size.bit_count() * HASH_SIZE} belong there"
        )
    root = Frontier(parts, size).root()
    if root != head.root:
        raise mismatch(
            f"checkpoint {size}: its edge leads to {show_digest(root)}, and its note says {show_digest(head.root)}"
        )
    return KeptHead(head, note)


def _parse_head(note: str, what: str) -> Checkpoint:
    text, parted, _ = note.rpartition("\n\n")
    if not parted:
        raise mismatch(f"{what} is no signed note: it has no empty line")
    try:
        return parse_checkpoint(text + "\n")
    except VerificationError as error:
        raise mismatch(f"{what}: {error.what}") from error


def _check_signers(kept: KeptHead, what: str, wanted: Sequence[VerifierKey]) -> None:
    """Raise VerificationError unless exactly these keys have signed, in this order, and each validly."""
    for key in wanted:
        _check_signed(kept, what, [key])
    lines = kept.note.rpartition("\n\n")[2].splitlines()
    names = [line.removeprefix("\u2014 ").partition(" ")[0] for line in lines]
    if names != [key.name for key in wanted] or kept.head.origin != wanted[0].name:
        raise mismatch(
            f"{what}: it is of {kept.head.origin}, signed by {', '.join(names)}; that had to be"
            f" {', '.join(key.name for key in wanted)}"
        )


def _check_signed(kept: KeptHead, what: str, keys: Sequence[VerifierKey]) -> None:
    """Raise VerificationError, naming the checkpoint, unless one of the keys has signed it."""
    try:
        open_note(kept.note, *keys)
    except VerificationError as error:
        raise mismatch(f"{what}: {error.what}") from error
