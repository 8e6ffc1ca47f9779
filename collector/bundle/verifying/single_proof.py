"""A proof of one log entry that stands alone: https://github.com/C2SP/C2SP/blob/main/tlog-proof.md."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from collector.bundle.proofs.single_entry_proof import FIRST_LINE
from collector.bundle.verifying.heads import head_of
from collector.core.errors import VerificationError
from storage.log.proofs import verify_inclusion

if TYPE_CHECKING:
    from storage.log.notes import Checkpoint


def climbed(proof: str, path: str, leaf: int, hashed: bytes) -> tuple[Checkpoint, str]:
    """Return the head that a proof leads to from a log entry with this hash, and its note; not who signed that.

    `path` is what errors call the proof. Raises VerificationError.
    """
    head, parted, note = proof.partition("\n\n")
    first, _, rest = head.partition("\n")
    index, *path_up = rest.split("\n")
    if not parted or first != FIRST_LINE or index != f"index {leaf}":
        raise VerificationError(f"{path} is no proof of leaf {leaf}")
    signed = head_of(note, path)
    try:
        verify_inclusion(leaf, signed.size, hashed, [_hash(text) for text in path_up], signed.root)
    except VerificationError as error:
        raise VerificationError(f"{path}: {error.what}") from error
    return signed, note


def _hash(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise VerificationError(f"{text[:80]!r} is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise VerificationError(f"{text[:80]!r} is not written as base64 is written")
    return data
