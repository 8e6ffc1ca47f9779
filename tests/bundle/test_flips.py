"""Whatever single bit changes, in whatever file of a bundle, both verifiers see it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.bundle.conftest import Office
from tests.bundle.verifiers import contents, ours, theirs, unpacked


def _flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_no_bit_of_any_file_can_be_flipped(office: Office) -> None:
    """A verifier that misses one kind of file misses whatever somebody hides there."""
    office.export()
    key = office.key
    top = unpacked(office.folder / "out.zip", office.folder / "unpacked")
    chance, files = random.Random(6), sorted(path for path in top.rglob("*") if path.is_file())
    assert (ours(top, key), theirs(top, key)) == ("", "")

    for path in files:
        whole = path.read_bytes()
        if whole:
            path.write_bytes(_flipped(whole, chance.randrange(len(whole) * 8)))
            assert ours(top, key), path
            assert theirs(top, key), path
            path.write_bytes(whole)
    print(f"{len(files)} files, a bit of each flipped, all found")  # noqa: T201  the count is the result


def _flip_the_zip(office: Office, count: int) -> tuple[int, int]:
    office.export()
    key, bundle, other = office.key, office.folder / "out.zip", office.folder / "other.zip"
    whole, chance = bundle.read_bytes(), random.Random(8)
    was = contents(bundle)
    found = harmless = 0
    for _ in range(count):
        bit = chance.randrange(len(whole) * 8)
        other.write_bytes(_flipped(whole, bit))
        refused = (ours(other, key) != "", theirs(other, key) != "")
        if refused == (False, False):
            assert contents(other) == was, f"bit {bit} changes what a reader gets, and nobody sees it"
            harmless += 1
        else:
            assert refused == (True, True), f"the verifiers do not agree on bit {bit}: {refused}"
            found += 1
    print(f"{count} bits of the zip flipped: {found} found, {harmless} change nothing that a reader gets")  # noqa: T201  the count
    return found, harmless


def test_no_bit_of_the_zip_can_be_flipped(office: Office) -> None:
    """What changes the archive and nothing in it, such as padding in a packed stream, is harmless, and is counted."""
    found, harmless = _flip_the_zip(office, 150)

    assert found > harmless


@pytest.mark.deep
def test_no_bit_of_the_zip_can_be_flipped_deep(office: Office) -> None:
    """The same, thousands of times."""
    found, harmless = _flip_the_zip(office, 5_000)

    assert found > harmless


def test_a_file_that_is_left_out_or_added_is_seen(office: Office) -> None:
    """Completeness is not only that what is there is right."""
    office.export()
    key = office.key
    top = unpacked(office.folder / "out.zip", office.folder / "unpacked")
    evidence = next(iter(sorted((top / "data/evidence").rglob("*.json"))))
    whole = evidence.read_bytes()

    evidence.unlink()
    assert ours(top, key)
    assert theirs(top, key)
    evidence.write_bytes(whole)
    Path(top / "data" / "more.txt").write_text("more")
    assert ours(top, key)
    assert theirs(top, key)
