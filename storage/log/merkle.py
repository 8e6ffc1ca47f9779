"""Merkle tree hashing of RFC 6962, for the log and for inventories."""

from __future__ import annotations

import hashlib

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves (RFC 6962, section 2.1)."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf; the prefix 0x00 tells leaves from nodes, which have 0x01."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: all that appending a leaf needs, at most one hash for each level."""

    def __init__(self, peaks: tuple[bytes, ...] = (), size: int = 0) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(peaks)}")
        self._peaks = list(peaks)  # roots of the perfect subtrees, the largest first
        self.size = size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees that the tree is made of, the largest first."""
        return tuple(self._peaks)

    def append(self, hashed: bytes) -> None:
        """Add a leaf by its hash."""
        # Each trailing one bit of the size is a perfect subtree that the new leaf completes to one twice as large.
        carry = self.size
        while carry & 1:
            hashed = node_hash(self._peaks.pop(), hashed)
            carry >>= 1
        self._peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._peaks:
            return EMPTY
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root
