"""A proof of one log entry in one file: https://github.com/C2SP/C2SP/blob/main/tlog-proof.md."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from storage.log.merkle import node_hash
from storage.log.proofs import inclusion_proof

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST_LINE = "c2sp.org/tlog-proof@v1"


class Proofs:
    """Makes proofs over one tree; `note` is the signed head over it. Each leaf hash is read once."""

    def __init__(self, hashes: Iterable[bytes], note: str) -> None:
        self._note = note
        self._levels = [list(hashes)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)])

    def of(self, leaf: int) -> bytes:
        """Return the proof of a leaf."""
        path = inclusion_proof(lambda start, end: [self._root(start, end)], leaf, len(self._levels[0]))
        lines = [FIRST_LINE, f"index {leaf}", *(b64encode(node).decode() for node in path)]
        return ("\n".join(lines) + "\n\n" + self._note).encode()

    def _root(self, start: int, end: int) -> bytes:
        height = (end - start).bit_length() - 1
        if end - start == 1 << height:
            return self._levels[height][start >> height]
        middle = start + (1 << height)
        return node_hash(self._root(start, middle), self._root(middle, end))
