"""A proof of one leaf is the proof that RFC 6962 describes, whichever leaves are drawn together."""

from __future__ import annotations

import base64
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from collector.bundle.sample_files.samples import paths, sample_proofs
from storage.log.notes import open_note, parse_checkpoint
from storage.log.proofs import inclusion_proof, verify_inclusion
from storage.log.ranges import LogParts
from tests.bundle.conftest import Office


@given(data=st.data())
def test_each_path_is_that_of_its_leaf(data: st.DataObject) -> None:
    """Other programs verify these files, and know only one right answer."""
    size = data.draw(st.integers(1, 150))
    wanted = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=10)))
    hashes = [sha256(b"%d" % number).digest() for number in range(size)]

    made = dict(paths(iter(hashes), wanted, size))

    assert made == {index: inclusion_proof(lambda start, end: hashes[start:end], index, size) for index in wanted}


def test_a_file_proves_a_leaf_of_the_log(office: Office) -> None:
    """One item is proven by one file and the key, without the bundle around it."""
    store = office.desk.world.store
    store.checkpoints.checkpoint()
    with store.reading() as connection:
        parts = LogParts(connection)
        note = parts.signed_above(5)
        assert note is not None
        hashes = list(parts.hashes(note.size))
        proofs = dict(sample_proofs(connection, [5, 2], note))

    assert sorted(proofs) == [2, 5]
    for index, text in proofs.items():
        head, _, rest = text.decode().partition("\n\n")
        first, place, *path = head.split("\n")
        checkpoint = parse_checkpoint(open_note(rest, office.key))
        assert (first, place) == ("c2sp.org/tlog-proof@v1", f"index {index}")
        verify_inclusion(
            index, checkpoint.size, hashes[index], [base64.b64decode(node) for node in path], checkpoint.root
        )
