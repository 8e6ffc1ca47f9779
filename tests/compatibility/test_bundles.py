"""Bundles of earlier versions: proven by today's program, and by the file that came with them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.compatibility.answers import BUNDLES, bundle, key_of
from tests.compatibility.program import FIXTURES, VERSIONS, annexd, spoiled

EACH = [(version, name) for version in VERSIONS for name in BUNDLES]


def shipped(version: str, name: str, file: Path, folder: Path) -> int:
    """Give a file to the verifier that came with a bundle, run by Python alone, and return its exit code."""
    with zipfile.ZipFile(FIXTURES / version / f"{name}.zip") as packed:
        (script,) = [one for one in packed.namelist() if one.endswith("/verify/verify.py")]
        (folder / "verify.py").write_bytes(packed.read(script))
    command = [sys.executable, "-I", str(folder / "verify.py"), str(file), *key_of(version, name)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize(("version", "name"), EACH)
def test_annexd_proves_it_and_judges_it_again(version: str, name: str) -> None:
    """An auditor who was handed a bundle years ago is right to expect that it still proves itself."""
    said = bundle(version, name)

    assert said == json.loads((FIXTURES / version / "bundles.json").read_text("utf-8"))[name]


@pytest.mark.parametrize(("version", "name"), EACH)
def test_its_own_verifier_proves_it(version: str, name: str, tmp_path: Path) -> None:
    """What was handed out has to work with whatever Python and openssl there are then."""
    assert shipped(version, name, FIXTURES / version / f"{name}.zip", tmp_path) == 0


@pytest.mark.parametrize(("version", "name"), EACH)
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_one_changed_byte_is_found_by_both(version: str, name: str, part: float, tmp_path: Path) -> None:
    """A verifier that takes a changed bundle is worse than none."""
    data = (FIXTURES / version / f"{name}.zip").read_bytes()
    file = tmp_path / "changed.zip"
    file.write_bytes(spoiled(data, int(len(data) * part)))

    assert annexd("verify", str(file), *key_of(version, name)).code == 6
    assert shipped(version, name, file, tmp_path) == 1
