"""Signed notes and checkpoints in the format of C2SP, which anybody can verify.

https://github.com/C2SP/C2SP/blob/main/signed-note.md and tlog-checkpoint.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from collector.core.errors import VerificationError
from storage.log.proofs import HASH_SIZE

if TYPE_CHECKING:
    from storage.log.signing import SigningKey

_ED25519 = b"\x01"
_DASH = "\u2014 "
_NAME = re.compile(r"[^\s+\x00-\x1f]{1,255}")
_MOST_SIGNATURES = 100
_MOST_BYTES = 1 << 20
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name that signs with it, such as `example.org/evidence+1a2b3c4d+AX...`."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that name this key in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of name and key in groups of eight digits, for two people to compare."""
        whole = hashlib.sha256(str(self).encode()).hexdigest()
        return " ".join(whole[at : at + 8] for at in range(0, 64, 8))

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


def parse_verifier_key(text: str) -> VerifierKey:
    """Return the key of a text NAME+ID+KEY. Raises VerificationError where it is not valid."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or _NAME.fullmatch(parts[0]) is None:  # noqa: PLR2004  name, id and key
        raise VerificationError(f"{text.strip()[:80]!r} is not a verifier key; it reads NAME+ID+KEY")
    data = _unbase64(parts[2], "the verifier key")
    if data[:1] != _ED25519 or len(data) != 1 + HASH_SIZE:
        raise VerificationError("the verifier key is not an Ed25519 key")
    key = VerifierKey(parts[0], data[1:])
    if key.id.hex() != parts[1]:
        raise VerificationError(f"the verifier key says it is {parts[1]}, and it is {key.id.hex()}")
    return key


class Signer:
    """Signs notes with a key under a name."""

    def __init__(self, name: str, signing_key: SigningKey) -> None:
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} cannot name a signer: no space, no plus, no control character")
        self._signing_key = signing_key
        self.key = VerifierKey(name, signing_key.public)

    def sign(self, text: str) -> str:
        """Return the signature line for a text."""
        signature = self._signing_key.sign(text.encode("utf-8"))
        return f"{_DASH}{self.key.name} {base64.b64encode(self.key.id + signature).decode()}\n"


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its origin, the number of leaves, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed: origin, size and root in base64, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def make_note(checkpoint: Checkpoint, *signers: Signer) -> str:
    """Return the signed note of a checkpoint."""
    text = checkpoint.text()
    return text + "\n" + "".join(signer.sign(text) for signer in signers)


def open_note(note: str, *keys: VerifierKey) -> str:
    """Return the text of a note that at least one of the keys has signed. Raises VerificationError.

    Signatures of other keys are ignored; one that names a given key and is not valid raises.
    """
    if len(note.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        raise VerificationError("the note is longer than a note may be")
    text, parted, lines = note.rpartition("\n\n")
    if not parted or not lines.endswith("\n") or not text:
        raise VerificationError("the note has no signatures after an empty line")
    text += "\n"
    signatures = lines[:-1].split("\n")
    if len(signatures) > _MOST_SIGNATURES:
        raise VerificationError(f"the note has {len(signatures)} signatures; {_MOST_SIGNATURES} are read at most")
    verified = [key for line in signatures for key in keys if _signed_by(key, text, line)]
    if not verified:
        wanted = ", ".join(str(key) for key in keys) or "no key at all"
        raise VerificationError(f"the note is not signed by {wanted}")
    return text


def _signed_by(key: VerifierKey, text: str, line: str) -> bool:
    if not line.startswith(_DASH):
        raise VerificationError(f"the line {line[:40]!r} of the note is not a signature")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    data = _unbase64(encoded, f"the signature of {name[:80]!r}")
    if name != key.name or data[:4] != key.id:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(data[4:], text.encode("utf-8"))
    except InvalidSignature as error:
        raise VerificationError(f"the signature of {name} is not over this text") from error
    return True


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a text whose signature was verified before. Raises VerificationError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or not lines[0]:  # noqa: PLR2004  origin, size, root and the end
        raise VerificationError("the note is not a checkpoint: it reads origin, size and root, a line each")
    if _SIZE.fullmatch(lines[1]) is None:
        raise VerificationError(f"the checkpoint's size {lines[1][:40]!r} is not a number of leaves")
    root = _unbase64(lines[2], "the checkpoint's root")
    if len(root) != HASH_SIZE:
        raise VerificationError(f"the checkpoint's root has {len(root)} bytes, not {HASH_SIZE}")
    return Checkpoint(lines[0], int(lines[1]), root)


def _unbase64(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise VerificationError(f"{what} is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise VerificationError(f"{what} is not written as base64 is written")
    return data
