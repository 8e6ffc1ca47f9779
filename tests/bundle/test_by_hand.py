"""The lines of shell in VERIFY.md do what they say, on a good bundle and on a damaged one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from collector.bundle.readme import shipped
from storage.log.signing import public_pem
from tests.bundle.conftest import Office
from tests.bundle.verifiers import unpacked

NOTES = ("bundle.sig", "proof/checkpoint", "receipt/checkpoint")
_LINES = re.findall(r"^       (\S.*)$", shipped("VERIFY.md").decode(), re.MULTILINE)


def _by_hand(top: Path, key: Path) -> bool:
    """Return whether every line about files and signatures ends well."""
    lines = [line.replace("key.pem", str(key)) for line in _LINES if "SIZE" not in line]
    script = "\n".join(
        [
            "set -e",
            *lines[:2],
            *(line.replace("NOTE", note) for note in NOTES for line in lines[2:]),
            'list="sha256:$(sha256sum tagmanifest-sha256.txt | cut -c 1-64)"',
            'test "$(sed -n 2p bundle.sig)" = "$list"',
            'grep -qF "\\"manifest\\":\\"$list\\"" receipt/leaves/*.txt',
        ]
    )
    process = subprocess.run(["bash", "-c", script], cwd=top, capture_output=True, text=True, check=False)
    return process.returncode == 0


def test_a_bundle_is_verified_with_what_every_machine_has(office: Office) -> None:
    """Who trusts no program of ours still has sha256sum and openssl."""
    office.export()
    key = office.folder / "key.pem"
    key.write_text(public_pem(office.key.public))
    top = unpacked(office.folder / "out.zip", office.folder / "unpacked")

    assert len(_LINES) == 8
    assert _by_hand(top, key)
    signed = ("proof/checkpoint", "receipt/checkpoint")
    for path in ("data/state/findings.jsonl", "tagmanifest-sha256.txt", "READ-ME-FIRST.txt", *signed):
        whole = (top / path).read_bytes()
        (top / path).write_bytes(whole.replace(b"a", b"b", 1))
        assert not _by_hand(top, key), path
        (top / path).write_bytes(whole)
