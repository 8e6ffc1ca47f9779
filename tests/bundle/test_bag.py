"""The file of a bundle: a bag by RFC 8493, the same bytes each time, with no name that harms."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256

import pytest

from collector.bundle.bag import Bag, Manifest


def _written(*, order: tuple[str, ...] = ("data/b.txt", "data/a.txt", "proof/x")) -> tuple[bytes, Manifest]:
    out = io.BytesIO()
    with Bag(out, "top") as bag:
        for path in order:
            with bag.file(path) as file:
                file.write(b"one ")
                file.write(path.encode())
        manifest = bag.seal({"External-Description": "a\nBag-Size: b"}, lambda digest: f"signed {digest}\n")
    return out.getvalue(), manifest


def test_every_file_is_listed_with_its_digest() -> None:
    """Whoever has sha256sum can see that nothing is missing."""
    data, manifest = _written()

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        read = {name.removeprefix("top/"): packed.read(name) for name in packed.namelist()}
    listed = read["manifest-sha256.txt"] + read["tagmanifest-sha256.txt"]
    assert {line[66:].decode() for line in listed.splitlines()} == read.keys() - {
        "tagmanifest-sha256.txt",
        "bundle.sig",
    }
    for line in listed.decode().splitlines():
        digest, _, path = line.partition("  ")
        assert sha256(read[path]).hexdigest() == digest
    assert read["bundle.sig"].decode() == f"signed {manifest.tag_digest.removeprefix('sha256:')}\n"
    assert b"Payload-Oxum: 28.2\n" in read["bag-info.txt"]


def test_the_same_files_are_the_same_bytes() -> None:
    """Two people who export the same can compare one digest."""
    assert _written() == _written()


def test_what_the_bag_says_of_itself_cannot_begin_a_field() -> None:
    """A purpose with a line break must not be able to say something in the bag's own name."""
    data, _ = _written()

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        info = packed.read("top/bag-info.txt").decode()
    assert "External-Description: a Bag-Size: b\n" in info


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "/a",
        "data//a",
        "data/./a",
        "data/a/",
        "data/.a",
        "data/a.",
        "data/a b",
        "data/a\\b",
        "data/ä",
        "data/nul",
        "data/CON.txt",
        "data/a\n",
        "",
        "data/" + "a" * 300,
    ],
)
def test_a_path_that_harms_somewhere_is_refused(path: str) -> None:
    """A bundle is unpacked on systems that nobody here has seen."""
    with Bag(io.BytesIO(), "top") as bag, pytest.raises(ValueError, match="is no path"):
        bag.add(path, b"x")


def test_two_files_of_one_name_are_refused_in_whatever_case() -> None:
    """One of them would be gone where names have no case."""
    with Bag(io.BytesIO(), "top") as bag:
        bag.add("data/a", b"x")

        with pytest.raises(ValueError, match="already"):
            bag.add("data/A", b"y")


def test_a_second_file_waits_for_the_first() -> None:
    """Two at once would be written into each other."""
    with (
        Bag(io.BytesIO(), "top") as bag,
        bag.file("data/a"),
        pytest.raises(ValueError, match="before data/a is closed"),
    ):
        bag.add("data/b", b"y")
