"""The verifier that comes with every bundle: one file, for Python and openssl alone, and it agrees with annexd."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from collector.bundle.readme import shipped
from tests.bundle.conftest import Office


def run_shipped(
    folder: Path, bundle: Path, *words: str, programs: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the verifier as an auditor does, without anything that is installed here.

    `programs` is the one folder in which it finds others.
    """
    script = folder / "verify.py"
    script.write_bytes(shipped("verify.py"))
    return subprocess.run(
        [sys.executable, "-I", str(script), str(bundle), *words],
        capture_output=True,
        text=True,
        check=False,
        env=None if programs is None else {"PATH": str(programs)},
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


@pytest.mark.parametrize("openssl", [None, "#!/bin/sh\nexit 1\n", "#!/bin/sh\nexit 0\n"])
def test_without_an_openssl_that_can_it_says_neither_pass_nor_fail(office: Office, openssl: str | None) -> None:
    """As with LibreSSL, which does not know the words: a signature that nobody looked at is neither right nor wrong."""
    office.export()
    programs = office.folder / "programs"
    programs.mkdir()
    if openssl is not None:
        (programs / "openssl").write_text(openssl)
        (programs / "openssl").chmod(0o755)

    process = run_shipped(office.folder, office.folder / "out.zip", "--key", str(office.key), programs=programs)

    assert process.returncode == 2
    assert process.stdout == ""
    assert process.stderr.startswith("UNKNOWN ")


@pytest.mark.parametrize("option", ["--previous", "--tsa-ca"])
def test_a_file_that_was_named_and_is_not_there_is_no_fault_of_the_bundle(office: Office, option: str) -> None:
    """Whoever mistypes a name must not accuse anybody."""
    office.export()

    process = run_shipped(
        office.folder, office.folder / "out.zip", "--key", str(office.key), option, str(office.folder / "none")
    )

    assert process.returncode == 2
    assert process.stderr.startswith("UNKNOWN ")


def test_a_bundle_that_is_not_there_is_not_a_wrong_one(office: Office) -> None:
    """There is nothing to say of it."""
    process = run_shipped(office.folder, office.folder / "none.zip", "--key", str(office.key))

    assert process.returncode == 2
    assert process.stderr.startswith("UNKNOWN ")
