"""One proof for all log entries that a bundle shows: their ranges, and the hashes of the subtrees between them.

Whatever lies between wanted leaves is cut into perfect subtrees, from left to right, each as large as fits; only the
root of each is kept. The size of every other head that is to be proven is a place to cut as well: then the same
computation that leads to the root passes the root of that head, and no proof of consistency is needed beside it.
"""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from storage.log.merkle import EMPTY, Frontier, node_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


class Tree(Struct, frozen=True, kw_only=True):
    """The proof: `wanted` are ranges of leaves, `cuts` sizes of other heads, `hashes` those of the subtrees in hex."""

    origin: str
    size: int
    wanted: tuple[tuple[int, int], ...]
    cuts: tuple[int, ...]
    hashes: tuple[str, ...]


class PartialTree:
    """A tree that grows by leaves and by perfect subtrees; each has to begin where one of its size can begin."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, bytes]] = []
        self.size = 0

    def add(self, hashed: bytes, leaves: int = 1) -> None:
        """Add a subtree of so many leaves."""
        self.size += leaves
        while self._parts and self._parts[-1][0] == leaves:
            hashed = node_hash(self._parts.pop()[1], hashed)
            leaves *= 2
        self._parts.append((leaves, hashed))

    def root(self) -> bytes:
        """Return the root over everything so far."""
        if not self._parts:
            return EMPTY
        root = self._parts[-1][1]
        for _, part in reversed(self._parts[:-1]):
            root = node_hash(part, root)
        return root


def ranges_of(leaves: Collection[int], *more: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return leaves and ranges as ranges that neither touch nor overlap, in their order."""
    spans = sorted([(leaf, leaf + 1) for leaf in leaves] + [span for span in more if span[0] < span[1]])
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def subtrees(start: int, end: int) -> Iterator[int]:
    """Yield the sizes of the perfect subtrees that cover a range of leaves, from left to right."""
    while start < end:
        fits = 1 << ((end - start).bit_length() - 1)
        size = min(start & -start or fits, fits)
        yield size
        start += size


def parts_of(size: int, wanted: Sequence[tuple[int, int]], cuts: Iterable[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield the parts of a tree from left to right: start, end, and whether its leaves are wanted."""
    borders = sorted({0, size, *(border for span in wanted for border in span), *(cut for cut in cuts if cut < size)})
    starts = {start for start, _ in wanted}
    ends = {end for _, end in wanted}
    is_wanted = False
    for start, end in pairwise(borders):
        is_wanted = start in starts or (is_wanted and start not in ends)
        yield start, end, is_wanted


class Proven(Struct, frozen=True):
    """A proof with the root that it leads to, and the roots at its cuts."""

    tree: Tree
    root: bytes
    roots: dict[int, bytes]


def prove(origin: str, hashes: Iterable[bytes], size: int, wanted: Sequence[tuple[int, int]], cuts: set[int]) -> Proven:
    """Make the proof from all leaf hashes, each of which is read once."""
    stack, kept, roots, left = PartialTree(), list[str](), dict[int, bytes](), iter(hashes)
    for start, end, is_wanted in parts_of(size, wanted, cuts):
        if is_wanted:
            for leaf_hash in islice(left, end - start):
                stack.add(leaf_hash)
                if stack.size in cuts:
                    roots[stack.size] = stack.root()
        else:
            for leaves in subtrees(start, end):
                made = Frontier()
                for leaf_hash in islice(left, leaves):
                    made.append(leaf_hash)
                kept.append(made.root().hex())
                stack.add(made.root(), leaves)
        if end in cuts:
            roots[end] = stack.root()
    if stack.size != size:
        raise ValueError(f"there are hashes of {stack.size} leaves, and the head covers {size}")
    tree = Tree(origin=origin, size=size, wanted=tuple(wanted), cuts=tuple(sorted(cuts)), hashes=tuple(kept))
    return Proven(tree, stack.root(), roots)
