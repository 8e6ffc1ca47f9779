"""What whoever holds the signing key of a log can do to a bundle without touching the log: list and sign it anew."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from collector.bundle.bag import Bag
from storage.log.notes import Signer
from storage.log.signing import read_signing_key
from storage.signers import bundle_text

ENDS = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "bundle.sig"}
Files = dict[str, bytes]


@dataclass(frozen=True)
class SigningKey:
    """The signing key of a log in the wrong hands."""

    file: Path
    name: str

    def sign(self, digest: str) -> str:
        """Return the signature over the lists of a bundle."""
        text = bundle_text(self.name, digest)
        return text + "\n" + Signer(self.name, read_signing_key(self.file)).sign(text)


def files_of(bundle: Path) -> Files:
    """Return the files of a zip by their path below its folder, in their order."""
    with zipfile.ZipFile(bundle) as packed:
        return {member.filename.partition("/")[2]: packed.read(member) for member in packed.infolist()}


def folder_of(bundle: Path) -> str:
    """Return the name of the one folder in a zip."""
    with zipfile.ZipFile(bundle) as packed:
        return packed.namelist()[0].partition("/")[0]


def listed_again(folder: str, files: Files, sign: Callable[[str], str]) -> bytes:
    """Return a zip of the files, listed and signed anew; what is in receipt/ stays as it is."""
    lines = files["bag-info.txt"].decode("utf-8", "replace").splitlines()
    info = dict(line.split(": ", 1) for line in lines if re.match(r"(?!Payload-Oxum)[A-Za-z-]+: ", line))
    out = io.BytesIO()
    with Bag(out, folder) as bag:
        for path, data in files.items():
            if path not in ENDS and not path.startswith("receipt/"):
                bag.add(path, data)
        bag.seal(info, sign)
        for path, data in files.items():
            if path.startswith("receipt/"):
                bag.add(path, data)
    return out.getvalue()


def list_digest(files: Files, sign: Callable[[str], str]) -> str:
    """Return the digest of the lists that the files would have."""
    with zipfile.ZipFile(io.BytesIO(listed_again("x", files, sign))) as packed:
        return sha256(packed.read("x/tagmanifest-sha256.txt")).hexdigest()
