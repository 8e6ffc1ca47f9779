"""The tree is that of RFC 6962, section 2.1."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.log.merkle import EMPTY, Frontier, leaf_hash


def by_definition(leaves: list[bytes]) -> bytes:
    """The recursion as the RFC writes it down."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def grown(leaves: list[bytes]) -> Frontier:
    """The same by appending."""
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree


def test_every_small_tree_has_the_root_of_the_definition() -> None:
    """Others verify our roots with code of their own."""
    leaves = [bytes([number]) for number in range(130)]

    for size in range(131):
        assert grown(leaves[:size]).root() == by_definition(leaves[:size]), size


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_any_leaves_have_the_root_of_the_definition(leaves: list[bytes]) -> None:
    """Whatever they hold."""
    assert grown(leaves).root() == by_definition(leaves)


@given(st.lists(st.binary(max_size=8), max_size=40), st.lists(st.binary(max_size=8), max_size=40))
def test_a_tree_grows_on_from_its_peaks(before: list[bytes], after: list[bytes]) -> None:
    """A process that starts again needs nothing but the right edge."""
    stopped = grown(before)

    tree = Frontier(stopped.peaks, stopped.size)
    for leaf in after:
        tree.append(leaf_hash(leaf))

    assert tree.root() == by_definition([*before, *after])


def test_the_empty_root_is_the_hash_of_nothing() -> None:
    """As in the RFC, so that an empty list has a root of its own."""
    assert Frontier().root() == EMPTY == by_definition([])


def test_peaks_that_do_not_fit_the_size_are_refused() -> None:
    """A damaged edge would give wrong roots from there on."""
    with pytest.raises(ValueError, match="3 leaves has 2 peaks, not 1"):
        Frontier((EMPTY,), 3)
