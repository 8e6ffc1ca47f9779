"""The zip of a bundle: any program reads it, and both verifiers take it, however large it is."""

from __future__ import annotations

import io
import zipfile
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from collector.bundle.plain_zip import DEFLATED, STORED, PlainZip
from collector.bundle.verifying.archive import MemberReader, read_archive
from collector.core.errors import StoreError
from tests.bundle.verifiers import script

_CHUNK = bytes(64 << 20)


class Sparse:
    """A file on which nothing but zeros takes no room."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.seek = file.seek

    def write(self, data: bytes) -> int:
        """Leave a hole in place of zeros."""
        if data is _CHUNK:
            self.file.seek(len(data), io.SEEK_CUR)
            return len(data)
        return self.file.write(data)


def _read(path: Path, name: str) -> list[bytes]:
    """Return what zipfile and both verifiers read of a small member."""
    with zipfile.ZipFile(path) as packed, path.open("rb") as file, closing(script().opened(str(path))) as files:
        reader = io.BufferedReader(MemberReader(file, name, read_archive(file).members[name]))
        return [packed.read(name), reader.read(), files.open(name.partition("/")[2]).read()]


@pytest.mark.parametrize(
    "count", [pytest.param(65_534, marks=pytest.mark.deep), 65_535, pytest.param(70_000, marks=pytest.mark.deep)]
)
def test_more_members_than_sixteen_bits_can_count(count: int, tmp_path: Path) -> None:
    """An estate of a few thousand resources has as many files of evidence; 65,535 is where the counts change place."""
    path = tmp_path / "many.zip"
    with path.open("wb") as out:
        packed = PlainZip(out)
        for number in range(count):
            packed.begin(f"top/{number}", STORED)(b"%d" % number)
            packed.end()
        packed.close()

    last = count - 1
    assert _read(path, f"top/{last}") == [str(last).encode()] * 3
    with zipfile.ZipFile(path) as opened:
        assert len(opened.namelist()) == count


@pytest.mark.parametrize("method", [STORED, DEFLATED])
@pytest.mark.parametrize("most", [1, 7, 100_000])
def test_a_member_is_read_in_pieces_of_any_size(tmp_path: Path, method: int, most: int) -> None:
    """Whoever reads a line and then the rest asks for pieces that fit no block."""
    content, path = bytes(range(256)) * (1 if most < 10 else 1000), tmp_path / "one.zip"
    with path.open("wb") as out:
        packed = PlainZip(out)
        packed.begin("top/x", method)(content)
        packed.end()
        packed.close()

    with path.open("rb") as file, closing(script().opened(str(path))) as files:
        for reader in (MemberReader(file, "x", read_archive(file).members["top/x"]), files.open("x").raw):
            pieces = []
            while piece := reader.read(most):
                pieces.append(piece)
            assert b"".join(pieces) == content
            assert max(map(len, pieces)) <= most


@pytest.mark.deep
def test_a_member_beyond_thirty_two_bits(tmp_path: Path) -> None:
    """What lies behind 4 GiB is found by all; a member that is as long is refused before anybody is handed it."""
    path = tmp_path / "large.zip"
    with path.open("wb") as out:
        packed = PlainZip(cast("BinaryIO", Sparse(out)))
        for name in ("top/first", "top/second"):
            add = packed.begin(name, STORED)
            for _ in range(40):
                add(_CHUNK)
            packed.end()
        packed.begin("top/last", DEFLATED)(b"here" * 99)
        packed.end()
        packed.close()

    assert _read(path, "top/last") == [b"here" * 99] * 3
    with path.open("wb") as out:
        packed = PlainZip(cast("BinaryIO", Sparse(out)))
        add = packed.begin("top/first", STORED)
        for _ in range(64):
            add(_CHUNK)
        with pytest.raises(StoreError, match="4 GiB"):
            packed.end()
