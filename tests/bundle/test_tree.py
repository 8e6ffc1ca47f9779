"""One proof for any leaves of a log, and for any earlier head of it."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.bundle.proofs.tree import PartialTree, parts_of, prove, ranges_of, subtrees
from storage.log.proofs import tree_root


def _hashes(size: int) -> list[bytes]:
    return [sha256(b"%d" % number).digest() for number in range(size)]


def _redone(leaves: list[bytes], wanted: tuple[tuple[int, int], ...], cuts: set[int], hashes: list[str]) -> PartialTree:
    stack, left = PartialTree(), iter(hashes)
    for start, end, is_wanted in parts_of(len(leaves), wanted, cuts):
        if is_wanted:
            for leaf_hash in leaves[start:end]:
                stack.add(leaf_hash)
        else:
            for size in subtrees(start, end):
                stack.add(bytes.fromhex(next(left)), size)
    assert next(left, None) is None
    return stack


@given(data=st.data())
def test_the_proof_leads_to_the_root_and_to_every_earlier_head(data: st.DataObject) -> None:
    """Who holds the wanted leaves and the proof computes the very roots that were signed."""
    size = data.draw(st.integers(1, 200))
    singles = data.draw(st.sets(st.integers(0, size - 1), max_size=8))
    first, end = sorted(data.draw(st.tuples(st.integers(0, size), st.integers(0, size))))
    cuts = data.draw(st.sets(st.integers(1, size), max_size=5))
    leaves, wanted = _hashes(size), ranges_of(singles, (first, end))

    proven = prove("here", iter(leaves), size, wanted, cuts)

    assert proven.root == tree_root(leaves)
    assert proven.roots == {cut: tree_root(leaves[:cut]) for cut in cuts}
    assert _redone(leaves, wanted, cuts, list(proven.tree.hashes)).root() == tree_root(leaves)


@given(
    singles=st.sets(st.integers(0, 60), max_size=20),
    span=st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted),
)
def test_ranges_hold_exactly_what_was_wanted(singles: set[int], span: list[int]) -> None:
    """A leaf too few is a proof that does not hold, and two ranges that touch are one."""
    ranges = ranges_of(singles, (span[0], span[1]))

    assert {leaf for start, end in ranges for leaf in range(start, end)} == singles | set(range(*span))
    assert all(before[1] < after[0] for before, after in pairwise(ranges))


def test_a_range_takes_few_hashes_whatever_its_length() -> None:
    """A year of leaves must not cost a year of proofs."""
    leaves = _hashes(5_000)

    proven = prove("here", iter(leaves), 5_000, ranges_of((), (1_000, 4_000)), {5_000})

    assert len(proven.tree.hashes) < 30
