"""A bundle comes from somebody else: whatever the archive is, it is refused with a sentence, and nothing is written."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bundle.conftest import Office
from tests.bundle.verifiers import contents, ours, theirs

Build = Callable[[zipfile.ZipFile], None]


def _info(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.create_system = mode << 16, 3
    return info


def _one(name: str, mode: int = 0o100644) -> Build:
    return lambda packed: packed.writestr(_info(name, mode), b"x")


def _two(first: str, second: str) -> Build:
    def build(packed: zipfile.ZipFile) -> None:
        packed.writestr(_info(first), b"x")
        packed.writestr(_info(second), b"y")

    return build


def _bomb(packed: zipfile.ZipFile) -> None:
    info = _info("b/data/bomb")
    info.compress_type = zipfile.ZIP_DEFLATED
    with packed.open(info, "w") as out:
        for _ in range(400):
            out.write(bytes(1 << 20))


HOSTILE: dict[str, Build] = {
    "traversal": _one("b/../../etc/passwd"),
    "traversal at the top": _one("../b"),
    "absolute": _one("/b/etc/passwd"),
    "a drive": _one("b/C:/x"),
    "a backslash": _one("b/..\\x"),
    "a control character": _one("b/x\x07y"),
    "a right-to-left override": _one("b/x\u202etxt"),
    "a link": _one("b/link", 0o120777),
    "a device": _one("b/device", 0o020666),
    "a pipe": _one("b/pipe", 0o010644),
    "a folder": _one("b/folder/", 0o040755),
    "two of one case": _two("b/data/a", "b/data/A"),
    "two folders": _two("b/data/a", "c/data/a"),
    "no folder": _one("bagit.txt"),
    "a long name": _one("b/" + "x" * 400),
    "a hidden file": _one("b/.x"),
    "a bomb": _bomb,
    "nothing": lambda _packed: None,
}


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_a_hostile_archive_is_refused(office: Office, what: str) -> None:
    """Each of these has broken a program that unpacked before it looked."""
    bundle = office.folder / "hostile" / "b.zip"
    bundle.parent.mkdir()
    with zipfile.ZipFile(bundle, "w") as packed:
        HOSTILE[what](packed)
    before = sorted(office.folder.rglob("*"))

    assert ours(bundle, office.key)
    assert theirs(bundle, office.key)
    assert sorted(office.folder.rglob("*")) == before


def _patched(data: bytes, how: str) -> bytes:  # noqa: PLR0911  one a patch
    start = data.rindex(b"PK\x05\x06")
    match how:
        case "encrypted":
            return data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
        case "bytes before it":
            return b"#!/bin/sh\n" + data
        case "bytes behind it":
            return data + b"more"
        case "a comment":
            return data[:-2] + struct.pack("<H", 3) + b"abc"
        case "a million members":
            return data[: start + 8] + struct.pack("<HH", 65_000, 65_000) + data[start + 12 :]
        case "a directory elsewhere":
            return data[: start + 16] + struct.pack("<I", 1) + data[start + 20 :]
        case "a member twice":
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                first = packed.infolist()[0]
                out = io.BytesIO(data)
                with zipfile.ZipFile(out, "a") as more, pytest.warns(UserWarning, match="Duplicate name"):
                    more.writestr(_info(first.filename), b"another")
                return out.getvalue()
        case "bad UTF-8":
            name = b"/bagit.txt"
            return data.replace(name, b"/bagit\xff\xfet")
        case "another name in its place":
            return data.replace(b"/bagit.txt", b"/bagit.tyt", 1)
        case "cut off":
            return data[: len(data) // 2]
        case _:
            return b""


PATCHES = (
    "encrypted",
    "bytes before it",
    "bytes behind it",
    "a comment",
    "a million members",
    "a directory elsewhere",
    "a member twice",
    "bad UTF-8",
    "another name in its place",
    "cut off",
    "empty",
)


def test_a_bundle_in_a_damaged_or_ambiguous_archive_is_refused(office: Office) -> None:
    """What two programs read in two ways would let one person verify what another never sees."""
    office.export()
    bundle, key = office.folder / "out.zip", office.key
    whole = bundle.read_bytes()

    for how in PATCHES:
        bundle.write_bytes(_patched(whole, how))
        assert bundle.read_bytes() != whole, how
        assert ours(bundle, key), how
        assert theirs(bundle, key), how


def test_a_link_in_a_folder_is_refused(office: Office) -> None:
    """A link would let a bundle be verified by what lies on the auditor's own disk."""
    folder = office.folder / "b"
    (folder / "data").mkdir(parents=True)
    (folder / "bagit.txt").symlink_to("/etc/hostname")

    assert ours(folder, office.key)
    assert theirs(folder, office.key)


def _mutate(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed))
        match chance.randrange(5):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 64)]
            case 2:
                changed[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 16)))
            case 3:
                there = chance.randrange(len(changed))
                changed[at : at + 32] = changed[there : there + 32]
            case _:
                changed[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"PK\x03\x04", b"PK\x01\x02"))
    return bytes(changed)


def _fuzz(office: Office, count: int) -> None:
    office.export()
    bundle, other, key = office.folder / "out.zip", office.folder / "other.zip", office.key
    whole, was, chance = bundle.read_bytes(), contents(bundle), random.Random(19)
    accepted = 0
    for number in range(count):
        other.write_bytes(_mutate(whole, chance))
        if ours(other, key) == "":
            accepted += 1
            assert contents(other) == was, number
        if theirs(other, key) == "":
            assert contents(other) == was, number
    print(f"{count} mutated archives: {accepted} with nothing changed that a reader gets, all others refused")  # noqa: T201  a count


def test_mutated_archives_are_refused_with_a_sentence(office: Office) -> None:
    """No sequence of bytes may end in a traceback, or in a bundle that was never sent."""
    _fuzz(office, 500)


@pytest.mark.deep
def test_mutated_archives_are_refused_with_a_sentence_deep(office: Office) -> None:
    """The same, many times more."""
    _fuzz(office, 20_000)


def test_no_file_is_read_that_is_not_there(tmp_path: Path, office: Office) -> None:
    """A wrong path is the caller's mistake, told as one, and no proof that fails."""
    from collector.bundle.verifying.bundle import verify_bundle
    from collector.core.errors import ConfigError

    with pytest.raises(ConfigError, match="cannot be read"):
        verify_bundle(tmp_path / "none.zip", key=office.key)
