"""Inclusion and consistency proofs over a Merkle tree of RFC 6962: making them and verifying them.

Making a proof reads each leaf hash once; verifying one needs nothing but the proof. Verification raises, with both
values, and never returns a boolean that a caller could ignore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import VerificationError
from storage.log.merkle import Frontier, node_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HASH_SIZE = 32


def tree_root(hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes, in their order."""
    frontier = Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    return frontier.root()


def inclusion_proof(hashes: Callable[[int, int], Iterable[bytes]], index: int, size: int) -> list[bytes]:
    """Return the path from a leaf to the root of the tree of `size` leaves (RFC 6962, section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(tree_root(hashes(middle, end)))
            end = middle
        else:
            path.append(tree_root(hashes(start, middle)))
            start = middle
    return path[::-1]


def consistency_proof(hashes: Callable[[int, int], Iterable[bytes]], old: int, size: int) -> list[bytes]:
    """Return the proof that the tree of `old` leaves is a prefix of that of `size` (section 2.1.2)."""
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} leaves does not begin with one of {old}")
    if old in (0, size):
        return []
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(tree_root(hashes(middle, end)))
            end = middle
        else:
            path.append(tree_root(hashes(start, middle)))
            start, whole = middle, False
    if not whole:
        path.append(tree_root(hashes(start, end)))
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise VerificationError unless the proof leads from the leaf hash to the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise VerificationError(f"a tree of {size} leaves has no leaf {index}")
    _all_hashes(leaf, root, *proof)
    inner, border = _lengths(index, size)
    if len(proof) != inner + border:
        raise VerificationError(f"the proof of leaf {index} has {len(proof)} hashes; it takes {inner + border}")
    computed = leaf
    for level, sibling in enumerate(proof[:inner]):
        computed = node_hash(sibling, computed) if index >> level & 1 else node_hash(computed, sibling)
    for sibling in proof[inner:]:
        computed = node_hash(sibling, computed)
    _same(f"the root that leaf {index} leads to", computed, root)


def verify_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise VerificationError unless the old tree is a prefix of the new one (RFC 9162, section 2.1.4.2)."""
    if not 0 < old <= size:
        raise VerificationError(f"a tree of {size} leaves cannot be shown to begin with one of {old}")
    _all_hashes(old_root, root, *proof)
    if old == size:
        if proof:
            raise VerificationError(f"two trees of {size} leaves need no proof; it has {len(proof)} hashes")
        _same(f"the roots of two trees of {size} leaves", old_root, root)
        return
    inner, border = _lengths(old - 1, size)
    shift = (old & -old).bit_length() - 1
    inner -= shift
    start = 0 if old == 1 << shift else 1
    if len(proof) != start + inner + border:
        raise VerificationError(
            f"the proof from {old} to {size} leaves has {len(proof)} hashes; it takes {start + inner + border}"
        )
    first = old_root if start == 0 else proof[0]
    path, mask = proof[start:], (old - 1) >> shift
    computed_old = computed = first
    for level, sibling in enumerate(path[:inner]):
        if mask >> level & 1:
            computed_old = node_hash(sibling, computed_old)
            computed = node_hash(sibling, computed)
        else:
            computed = node_hash(computed, sibling)
    for sibling in path[inner:]:
        computed_old = node_hash(sibling, computed_old)
        computed = node_hash(sibling, computed)
    _same(f"the root of the first {old} leaves", computed_old, old_root)
    _same(f"the root of all {size} leaves", computed, root)


def _split(size: int) -> int:
    """Return the largest power of two below a size: where RFC 6962 splits a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _lengths(index: int, size: int) -> tuple[int, int]:
    """Return how many hashes of a path are inside the leaf's perfect subtree, and how many along the right edge."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _all_hashes(*hashes: bytes) -> None:
    for hashed in hashes:
        if len(hashed) != HASH_SIZE:
            raise VerificationError(f"a hash has {HASH_SIZE} bytes; one of the proof has {len(hashed)}")


def _same(what: str, computed: bytes, stated: bytes) -> None:
    if computed != stated:
        raise VerificationError(f"{what} is sha256:{computed.hex()}, and not sha256:{stated.hex()} as stated")
