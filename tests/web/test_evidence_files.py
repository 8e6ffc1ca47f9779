"""One body with its proof: what is downloaded proves itself, and nothing of it can be another."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.plain_zip import DEFLATED, PlainZip
from collector.bundle.proofs.evidence_proof import BODY, PROOF
from collector.bundle.verifying.evidence import is_evidence, verify_evidence
from collector.cli.main import main
from collector.core.errors import VerificationError
from tests.bundle.verifiers import script
from tests.web.links import links

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.testclient import TestClient

    from collector.web.site import Site
    from storage.log.notes import VerifierKey

PAGE = "/evidence/code/played.member/member-001"


@pytest.fixture(scope="module")
def files(client: TestClient) -> dict[str, bytes]:
    """Return the files of a download, by their names."""
    page = client.get(f"{PAGE}?in=acme").text
    found = client.get(next(to for to, text in links(page) if text == "With its proof"))
    with zipfile.ZipFile(BytesIO(found.content)) as packed:
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


@pytest.fixture(scope="module")
def key(site: Site) -> VerifierKey:
    """Return the key that whoever downloads was given."""
    return site.app.stores[0].checkpoints.key()  # type: ignore[attr-defined,no-any-return]


def packed(folder: Path, files: dict[str, bytes]) -> Path:
    """Write a zip as annexd does."""
    out = folder / "evidence.zip"
    with out.open("wb") as file:
        archive = PlainZip(file)
        for name, data in files.items():
            archive.begin(f"evidence/{name}", DEFLATED)(data)
            archive.end()
        archive.close()
    return out


def wrong(path: Path, key: VerifierKey) -> tuple[str, str]:
    """Return what annexd finds wrong, and what the file beside it finds wrong."""
    ours = theirs = ""
    try:
        verify_evidence(path, key)
    except VerificationError as error:
        ours = error.what
    try:
        with closing(script().opened(str(path))) as opened:
            script().verify_evidence(opened, script().read_key(str(key)))
    except (script().Bad, ValueError) as error:
        theirs = str(error)
    return ours, theirs


def test_a_download_is_verified_with_what_is_in_it(
    client: TestClient, files: dict[str, bytes], key: VerifierKey, tmp_path: Path
) -> None:
    """By the script beside it, unpacked, and by annexd; the body is that of the page."""
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verify.py"), str(tmp_path), "--key", str(key)],
        capture_output=True,
        text=True,
        check=False,
    )
    path = packed(tmp_path, files)
    proven = verify_evidence(path, key)

    assert (done.returncode, done.stdout.splitlines()[-1][:4]) == (0, "PASS"), done.stderr
    assert is_evidence(path)
    assert (proven.resource, proven.task.collection, proven.listed) == ("member-001", "played.member", 80)
    assert files[BODY] == client.get(f"{PAGE}.raw?in=acme").content
    assert files[PROOF] == client.get(f"{PAGE}.proof?in=acme").content


def _changed(data: bytes, name: str, change: Callable[[Any], Any]) -> bytes:
    made = json.loads(data)
    made[name] = change(made[name])
    return json.dumps(made).encode()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("line", lambda text: text.replace("member-001", "member-002")),
        ("number", lambda number: number + 1),
        ("total", lambda number: number * 2),
        ("path", lambda path: [*path[:-1], "0" * 64]),
        ("path", lambda path: path[:-1]),
        ("entry", lambda text: text.replace("complete", "partial")),
        ("proof", lambda text: text.replace("index ", "index 1")),
        ("proof", lambda text: text[:-8] + "AAAAAA==\n"),
    ],
    ids=["line", "number", "total", "other node", "shorter path", "entry", "index", "signature"],
)
def test_nothing_of_a_proof_can_be_another(
    files: dict[str, bytes], key: VerifierKey, tmp_path: Path, name: str, change: Callable[[Any], Any]
) -> None:
    """Neither verifier takes it."""
    changed = {**files, PROOF: _changed(files[PROOF], name, change)}

    assert all(wrong(packed(tmp_path, changed), key))


def test_no_other_body_is_proven(client: TestClient, files: dict[str, bytes], key: VerifierKey, tmp_path: Path) -> None:
    """Neither one that was changed, nor another that the same list has."""
    other = client.get("/evidence/code/played.member/member-004.raw?in=acme").content
    for body in (files[BODY].replace(b"member-001", b"member-009"), other):
        assert all(wrong(packed(tmp_path, {**files, BODY: body}), key))
    assert wrong(packed(tmp_path, files), key) == ("", "")


def test_the_command_that_verifies_bundles_takes_one_body(
    files: dict[str, bytes], key: VerifierKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One word to verify what was given, whatever it is."""
    asked = ["verify", str(packed(tmp_path, files)), "--key", str(key)]

    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["resource"] == "member-001"
    assert main(asked) == 0
    assert "member-001, one of 80" in capsys.readouterr().out
    assert main([*asked, "--replay"]) == 2
