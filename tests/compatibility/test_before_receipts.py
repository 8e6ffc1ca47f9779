"""Bundles as they were made before there were receipts: proven as before, and told from those that lost theirs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from collector.bundle.readme import shipped
from tests.compatibility.program import annexd, spoiled

BUNDLES = Path(__file__).parent / "bundles" / "before-receipts"
KEY = ("--key", str(BUNDLES / "key.txt"))
EACH = ("period", "withheld")


def run(script: bytes, bundle: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Give a bundle to a verifier, as an auditor does."""
    (folder / "verify.py").write_bytes(script)
    command = [sys.executable, "-I", str(folder / "verify.py"), str(bundle), *KEY]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def its_own(bundle: Path) -> bytes:
    """Return the verifier that came with a bundle."""
    with zipfile.ZipFile(bundle) as packed:
        (script,) = [one for one in packed.namelist() if one.endswith("/verify/verify.py")]
        return packed.read(script)


@pytest.mark.parametrize("name", EACH)
def test_it_is_proven_and_said_to_have_no_receipt(name: str, tmp_path: Path) -> None:
    """What was handed out stays good for what it proved, and is not said to prove more."""
    bundle = BUNDLES / f"{name}.zip"

    ours, theirs = annexd("verify", str(bundle), *KEY, "--json"), run(shipped("verify.py"), bundle, tmp_path)

    assert (ours.code, json.loads(ours.out)["receipt"], json.loads(ours.out)["receipt_size"]) == (0, None, None)
    assert (theirs.returncode, theirs.stderr) == (0, "")
    assert "receipt     NONE: bundles of this version have none" in theirs.stdout
    assert run(its_own(bundle), bundle, tmp_path).returncode == 0


@pytest.mark.parametrize("name", EACH)
def test_a_receipt_that_was_never_given_is_refused(name: str, tmp_path: Path) -> None:
    """Nothing proves it: who put it there wants it to be believed."""
    with zipfile.ZipFile(BUNDLES / f"{name}.zip") as packed:
        packed.extractall(tmp_path / "bundle")
    (top,) = (tmp_path / "bundle").iterdir()
    (top / "receipt").mkdir()
    shutil.copy(top / "proof" / "checkpoint", top / "receipt" / "checkpoint")

    assert annexd("verify", str(top), *KEY).code == 6
    assert "receipt/checkpoint" in run(shipped("verify.py"), top, tmp_path).stderr


@pytest.mark.parametrize("part", [0.1, 0.4, 0.7])
@pytest.mark.parametrize("name", EACH)
def test_one_changed_byte_is_found_by_all(name: str, part: float, tmp_path: Path) -> None:
    """Also by today's file, which reads its older zip."""
    data = (BUNDLES / f"{name}.zip").read_bytes()
    changed = tmp_path / "changed.zip"
    changed.write_bytes(spoiled(data, int(len(data) * part)))

    assert annexd("verify", str(changed), *KEY).code == 6
    assert run(shipped("verify.py"), changed, tmp_path).returncode == 1
    assert run(its_own(BUNDLES / f"{name}.zip"), changed, tmp_path).returncode == 1
