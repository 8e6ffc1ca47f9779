"""Proofs over the tree: every right one is taken, and nothing else."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.errors import VerificationError
from storage.log.merkle import EMPTY, leaf_hash, node_hash
from storage.log.proofs import consistency_proof, inclusion_proof, tree_root, verify_consistency, verify_inclusion

VECTORS = Path(os.environ.get("ANNEXD_VECTORS", Path(__file__).parents[3] / "shared" / "vectors"))
"""The public test vectors of transparency-dev/merkle, where they lie beside the repository, as in CI."""

HASHES = [leaf_hash(str(number).encode()) for number in range(130)]


def hashes_between(start: int, end: int) -> list[bytes]:
    """The hashes of a range of leaves."""
    return HASHES[start:end]


def recursive(hashes: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it, without any care for speed."""
    if len(hashes) < 2:
        return hashes[0] if hashes else EMPTY
    at = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(recursive(hashes[:at]), recursive(hashes[at:]))


def vectors() -> list[Path]:
    """Every vector of inclusion and consistency; those of subtrees are an extension that annexd does not need."""
    folder = VECTORS / "transparency-dev-merkle" / "testdata"
    return sorted([*folder.glob("inclusion/**/*.json"), *folder.glob("consistency/**/*.json")])


def is_taken(vector: dict[str, Any]) -> bool:
    """Whether a proof verifies."""
    proof = [base64.b64decode(sibling) for sibling in vector["proof"] or []]
    try:
        if "leafIdx" in vector:
            leaf, root = base64.b64decode(vector["leafHash"] or ""), base64.b64decode(vector["root"] or "")
            verify_inclusion(vector["leafIdx"], vector["treeSize"], leaf, proof, root)
        else:
            old, new = base64.b64decode(vector["root1"] or ""), base64.b64decode(vector["root2"] or "")
            verify_consistency(vector["size1"], vector["size2"], old, new, proof)
    except VerificationError:
        return False
    return True


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not beside the repository")
def test_the_public_vectors_come_out_as_they_should() -> None:
    """Others have thought of faults that we have not. The one that differs has a root of 12 bytes, and is refused."""
    odd = []
    for path in vectors():
        vector = json.loads(path.read_text())
        if is_taken(vector) == vector["wantErr"]:
            odd.append((path.parent.parent.name, vector["desc"], len(base64.b64decode(vector["root1"]))))

    assert len(vectors()) == 196
    assert [(wants, size) for _, wants, size in odd] == [(odd[0][1], 12)]


def test_every_proof_of_small_trees_is_taken() -> None:
    """All sizes up to 130, with all their leaves and all their beginnings."""
    for size in range(1, 131):
        root = recursive(HASHES[:size])
        assert tree_root(HASHES[:size]) == root
        for index in range(0, size, max(1, size // 7)):
            verify_inclusion(index, size, HASHES[index], inclusion_proof(hashes_between, index, size), root)
        for old in range(1, size + 1, max(1, size // 7)):
            verify_consistency(old, size, recursive(HASHES[:old]), root, consistency_proof(hashes_between, old, size))


@given(size=st.integers(2, 130), data=st.data())
def test_no_changed_proof_is_taken(size: int, data: st.DataObject) -> None:
    """Whatever is changed in a proof, it does not verify any more."""
    index = data.draw(st.integers(0, size - 1))
    root, proof = tree_root(HASHES[:size]), inclusion_proof(hashes_between, index, size)
    what = data.draw(st.sampled_from(["bit", "drop", "add", "index", "leaf", "root"]))
    leaf = HASHES[index]
    if what == "bit":
        at = data.draw(st.integers(0, len(proof) - 1))
        proof[at] = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    elif what == "drop":
        proof.pop(data.draw(st.integers(0, len(proof) - 1)))
    elif what == "add":
        proof.insert(data.draw(st.integers(0, len(proof))), HASHES[0])
    elif what == "index":
        index = data.draw(st.integers(0, size - 1).filter(lambda other: other != index))
    elif what == "leaf":
        leaf = leaf_hash(b"another")
    else:
        root = leaf_hash(root)

    with pytest.raises(VerificationError):
        verify_inclusion(index, size, leaf, proof, root)


@given(size=st.integers(2, 130), data=st.data())
def test_no_other_beginning_is_taken(size: int, data: st.DataObject) -> None:
    """A log that was written anew does not begin with what was signed."""
    old = data.draw(st.integers(1, size - 1))
    at = data.draw(st.integers(0, old - 1))
    other = [*HASHES[:at], leaf_hash(b"another"), *HASHES[at + 1 : size]]
    proof = consistency_proof(lambda start, end: other[start:end], old, size)

    with pytest.raises(VerificationError):
        verify_consistency(old, size, tree_root(HASHES[:old]), tree_root(other), proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    """The edge of the tree is where proofs go wrong."""
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_proof(hashes_between, index, size)
    with pytest.raises(VerificationError, match="has no leaf"):
        verify_inclusion(index, size, HASHES[0], [], HASHES[0])


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3)])
def test_nothing_is_shown_to_begin_with_nothing_or_with_more(old: int, size: int) -> None:
    """An empty tree is the beginning of every log, and shows nothing."""
    with pytest.raises(VerificationError, match="cannot be shown"):
        verify_consistency(old, size, EMPTY, tree_root(HASHES[:size]), [])


def test_a_tree_needs_no_proof_against_itself() -> None:
    """And two roots of one size are a fork."""
    root = tree_root(HASHES[:3])
    verify_consistency(3, 3, root, root, [])

    with pytest.raises(VerificationError, match="two trees of 3 leaves is"):
        verify_consistency(3, 3, root, HASHES[0], [])
    with pytest.raises(VerificationError, match="need no proof"):
        verify_consistency(3, 3, root, root, [root])
