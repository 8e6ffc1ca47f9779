"""Signed notes and checkpoints: what others' tools can verify, and nothing that only looks like it."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from collector.core.errors import VerificationError
from storage.log.notes import Checkpoint, Signer, make_note, open_note, parse_checkpoint, parse_verifier_key
from storage.log.signing import FileKey, public_pem

ME = Signer("example.org/evidence", FileKey(Ed25519PrivateKey.from_private_bytes(bytes(32))))
OTHER = Signer("example.org/evidence", FileKey(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")))
HEAD = Checkpoint("example.org/evidence", 20_852_163, bytes(range(32)))


def test_what_was_signed_is_read_back() -> None:
    """The note is all that an auditor keeps."""
    note = make_note(HEAD, ME)

    assert parse_checkpoint(open_note(note, parse_verifier_key(str(ME.key)))) == HEAD
    assert note.splitlines()[:4] == [
        "example.org/evidence",
        "20852163",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "",
    ]


def test_openssl_alone_verifies_a_note(tmp_path: Path) -> None:
    """An auditor must need no program of ours."""
    note = make_note(HEAD, ME)
    text, _, line = note.rpartition("\n\n")
    (tmp_path / "body").write_text(text + "\n")
    (tmp_path / "sig").write_bytes(base64.b64decode(line.split()[2])[4:])
    (tmp_path / "key.pem").write_text(public_pem(ME.key.public))

    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "body", "-sigfile", "sig"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_signatures_of_others_are_passed_over_and_both_of_a_hand_over_count() -> None:
    """That is how keys are replaced and witnesses added."""
    note = make_note(HEAD, ME, OTHER)

    assert open_note(note, ME.key) == open_note(note, OTHER.key) == HEAD.text()
    with pytest.raises(VerificationError, match="not signed by"):
        open_note(make_note(HEAD, OTHER), ME.key)


@given(at=st.integers(0, len(make_note(HEAD, ME)) - 2), by=st.integers(1, 60))
def test_no_character_of_a_note_can_be_changed(at: int, by: int) -> None:
    """Whatever single character is another, the note is refused."""
    note = make_note(HEAD, ME)
    other = note[:at] + chr((ord(note[at]) + by) % 0x3000) + note[at + 1 :]

    with pytest.raises(VerificationError):
        open_note(other, ME.key)


@pytest.mark.parametrize(
    "text",
    ["", "a", "o\n1\n", "o\n01\nAAAA\n", "o\n-1\nAAAA\n", "o\n1\nAAAA\n", "o\n1\n!\n", "\n1\n" + "A" * 43 + "=\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """A signature says who, not that it makes sense."""
    with pytest.raises(VerificationError):
        parse_checkpoint(text)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", "a b+00000000+AAAA", str(ME.key)[:-4] + "AAA="])
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    """A key that was copied badly must not verify nothing in silence."""
    with pytest.raises(VerificationError, match="verifier key"):
        parse_verifier_key(text)


@pytest.mark.parametrize(
    "note", ["", "text\n", "text\n\n", "text\n\nno dash\n", "x" * (1 << 20) + "\n\n", "t\n\n" + "— a AAAA\n" * 101]
)
def test_what_is_no_note_is_refused(note: str) -> None:
    """Whatever a stranger hands over ends in words."""
    with pytest.raises(VerificationError):
        open_note(note, ME.key)
