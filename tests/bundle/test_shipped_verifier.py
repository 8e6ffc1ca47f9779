"""The verifier that comes with every bundle: one file, for Python and openssl alone, and it agrees with annexd."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from collector.bundle.readme import shipped
from tests.bundle.conftest import Office


def run_shipped(folder: Path, bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier as an auditor does, without anything that is installed here."""
    script = folder / "verify.py"
    script.write_bytes(shipped("verify.py"))
    return subprocess.run(
        [sys.executable, "-I", str(script), str(bundle), *words], capture_output=True, text=True, check=False
    )


def test_the_shipped_verifier_proves_a_bundle(office: Office) -> None:
    """An auditor has no annexd, and does not have to trust it."""
    office.export()

    process = run_shipped(office.folder, office.folder / "out.zip", "--key", str(office.key))

    assert process.returncode == 0, process.stderr
    assert "PASS" in process.stdout


def test_it_proves_what_was_unpacked(office: Office) -> None:
    """Most people unpack what they are sent before they look at it."""
    office.export()
    with zipfile.ZipFile(office.folder / "out.zip") as packed:
        packed.extractall(office.folder / "unpacked")

    process = run_shipped(office.folder, office.folder / "unpacked", "--key", str(office.key))

    assert process.returncode == 0, process.stderr
