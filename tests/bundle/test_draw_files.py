"""The draws of a bundle, repeated without annexd."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from collector.bundle.bag import Bag
from collector.bundle.sample_files.population_files import population_files
from tests.bundle.contents import bundle_contents
from tests.golden import compare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Desk

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


@pytest.fixture
def drawn(scanned: Desk) -> Desk:
    """A desk at which two members were drawn by chance."""
    scanned.world.store.checkpoints.checkpoint()
    scanned.says("sample", "played.member", *MARCH, "--size", "2", "--nonce", "seven red boats")
    return scanned


def unpacked(desk: Desk, to: Path, **but: object) -> list[str]:
    """Write the populations of the bundle to a folder, and return their names."""
    made = io.BytesIO()
    with Bag(made, "bundle") as bag:
        population_files(bundle_contents(desk, **but), bag)
    with zipfile.ZipFile(made) as opened:
        opened.extractall(to)
        return opened.namelist()


def repeated(folder: Path) -> subprocess.CompletedProcess[str]:
    """Give the auditor's command."""
    draws = folder / "bundle/data/populations/001-played.member.draws.json"
    command = [sys.executable, "-I", str(folder / "bundle/verify/draw.py"), str(draws)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_auditor_repeats_the_draw_from_the_files_alone(drawn: Desk, tmp_path: Path) -> None:
    """A sample that nobody can repeat could have been chosen."""
    unpacked(drawn, tmp_path)

    found = repeated(tmp_path)

    assert found.returncode == 0, found.stdout + found.stderr
    compare("bundle/draw-repeated", found.stdout)


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("001-played.member.jsonl", b"bob", b"rob", "the population has the digest"),
        ("001-played.member.draws.json", b"seven red", b"eight red", "the seed is"),
        ("001-played.member.draws.json", b'"size": 2', b'"size": 1', "another draw comes out"),
    ],
)
def test_what_was_changed_afterwards_does_not_come_out(
    drawn: Desk, tmp_path: Path, path: str, old: bytes, new: bytes, message: str
) -> None:
    """Whoever changes the list, the nonce or the size has changed the draw."""
    unpacked(drawn, tmp_path)
    file = tmp_path / "bundle/data/populations" / path
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new))

    found = repeated(tmp_path)

    assert found.returncode == 1
    assert message in found.stdout


def test_a_withheld_item_takes_the_lines_with_it(drawn: Desk, tmp_path: Path) -> None:
    """Lines name every item, so they cannot be handed out without those that are withheld."""
    names = unpacked(drawn, tmp_path, withheld=("bob",))

    assert not any(name.endswith(".jsonl") for name in names)
    draws = (tmp_path / "bundle/data/populations/001-played.member.draws.json").read_text()
    assert "withheld" in draws
    assert '"bob"' not in draws
