"""Proofs over a Merkle tree of RFC 6962: that a leaf is in it, and that an older tree is its beginning.

Making a proof reads each leaf hash once; checking one needs nothing but the proof. Checking raises, and says with both
values what differs; it never returns a truth value that a caller could forget to look at.
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
    for one in hashes:
        frontier.append(one)
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
    """Return what proves that the tree of `old` leaves is the beginning of that of `size` (section 2.1.2)."""
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
    made = leaf
    for level, one in enumerate(proof[:inner]):
        made = node_hash(one, made) if index >> level & 1 else node_hash(made, one)
    for one in proof[inner:]:
        made = node_hash(one, made)
    _same(f"the root that leaf {index} leads to", made, root)


def verify_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise VerificationError unless the old tree is the beginning of the new one (RFC 9162, section 2.1.4.2)."""
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
    made_old = made = first
    for level, one in enumerate(path[:inner]):
        if mask >> level & 1:
            made_old = node_hash(one, made_old)
            made = node_hash(one, made)
        else:
            made = node_hash(made, one)
    for one in path[inner:]:
        made_old = node_hash(one, made_old)
        made = node_hash(one, made)
    _same(f"the root of the first {old} leaves", made_old, old_root)
    _same(f"the root of all {size} leaves", made, root)


def _split(size: int) -> int:
    """Return the largest power of two below a size: where RFC 6962 parts a tree in two."""
    return 1 << ((size - 1).bit_length() - 1)


def _lengths(index: int, size: int) -> tuple[int, int]:
    """Return how many hashes of a path stand beside the leaf's own subtree, and how many are along the right edge."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _all_hashes(*hashes: bytes) -> None:
    for one in hashes:
        if len(one) != HASH_SIZE:
            raise VerificationError(f"a hash has {HASH_SIZE} bytes; one of the proof has {len(one)}")


def _same(what: str, made: bytes, stated: bytes) -> None:
    if made != stated:
        raise VerificationError(f"{what} is sha256:{made.hex()}, and not sha256:{stated.hex()} as stated")
