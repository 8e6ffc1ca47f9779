"""The signed heads of a bundle: each signed by a key that the log hands down from the one that the reader trusts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.errors import VerificationError
from storage.log.notes import Checkpoint, VerifierKey, open_note, parse_checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.bundle.verifying.members import Members

CHECKPOINT, PREVIOUS = "proof/checkpoint", "proof/previous-checkpoint"
_OTHERS = "proof/checkpoints/"


class Heads(Struct, frozen=True, kw_only=True):
    """The heads by size, as text; `size` is the bundle's own."""

    size: int
    notes: dict[int, str]


class KeySince(Struct, frozen=True):
    """A key with the leaf from which on it signs."""

    leaf: int
    key: VerifierKey


def read_heads(members: Members) -> Heads:
    """Read the heads. Raises VerificationError on one that is none, or is called by another size."""
    own = members.text(CHECKPOINT)
    size = head_of(own, CHECKPOINT).size
    notes = {size: own}
    for path in members.paths():
        if path.startswith(_OTHERS):
            note = members.text(path)
            other = head_of(note, path).size
            if path != f"{_OTHERS}{other}" or other >= size:
                raise VerificationError(f"{path} is the head over {other} leaves, in a bundle over {size}")
            notes[other] = note
    return Heads(size=size, notes=notes)


def head_of(note: str, path: str) -> Checkpoint:
    """Return the checkpoint in a note without checking its signatures. Raises VerificationError."""
    text, parted, _ = note.rpartition("\n\n")
    if not parted:
        raise VerificationError(f"{path} is no signed note: it has no empty line")
    try:
        return parse_checkpoint(text + "\n")
    except VerificationError as error:
        raise VerificationError(f"{path}: {error.what}") from error


def check_heads(heads: Heads, roots: Mapping[int, bytes], keys: Sequence[KeySince], trusted: VerifierKey) -> KeySince:
    """Prove every head, and return the key that signs for the bundle.

    From the key that is trusted on, each hands over to the next in a head that both have signed; all other heads need
    one signature of any key of the log. Raises VerificationError at the first that is not so.
    """
    at = next((number for number, signer in enumerate(keys) if signer.key == trusted), None)
    if at is None:
        raise VerificationError(
            f"the bundle is of a log with the key {keys[-1].key}, and the key to trust is {trusted}",
            so="nothing in the bundle is proven",
            mend="ask whoever gave you the key whether it is the one of this log; do not take it from the bundle",
        )
    for old, new in zip(keys[at:], keys[at + 1 :], strict=False):
        size = min((size for size in heads.notes if size > new.leaf), default=None)
        if size is None:
            raise VerificationError(f"no head in the bundle shows that {old.key.name} handed over in leaf {new.leaf}")
        for signer in (old, new):
            _signed(heads.notes[size], f"the head over {size} leaves, which hands over to another key,", signer.key)
    for size, note in sorted(heads.notes.items()):
        if size not in roots:
            raise VerificationError(f"the tree of the bundle does not pass the head over {size} leaves")
        stated = head_of(note, f"the head over {size} leaves").root
        if roots[size] != stated:
            raise VerificationError(
                f"the first {size} leaves have the root sha256:{roots[size].hex()}, and the signed head says"
                f" sha256:{stated.hex()}"
            )
        _signed(note, f"the head over {size} leaves", *(signer.key for signer in keys))
    last = keys[-1]
    _signed(heads.notes[heads.size], "the head of the bundle", last.key)
    if head_of(heads.notes[heads.size], CHECKPOINT).origin != last.key.name:
        raise VerificationError(f"the head of the bundle is not one of {last.key.name}")
    return last


def check_previous(note: str, what: str, roots: Mapping[int, bytes], keys: Sequence[KeySince]) -> Checkpoint:
    """Prove that the log continues an earlier head. Raises VerificationError with both roots where it does not."""
    _signed(note, what, *(signer.key for signer in keys))
    head = head_of(note, what)
    if head.size not in roots:
        raise VerificationError(
            f"{what} covers {head.size} leaves, and the bundle does not prove what it has to do with these",
            so="whether the log goes on from it is not known",
            mend="ask for a bundle that is exported with --previous and that one",
        )
    if roots[head.size] != head.root:
        raise VerificationError(
            f"the first {head.size} leaves have the root sha256:{roots[head.size].hex()}, and {what} says"
            f" sha256:{head.root.hex()}: these are two histories"
        )
    return head


def _signed(note: str, what: str, *keys: VerifierKey) -> None:
    try:
        open_note(note, *keys)
    except VerificationError as error:
        raise VerificationError(f"{what}: {error.what}") from error
