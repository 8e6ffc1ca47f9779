"""The bag around a bundle: every file is listed, is there, and has its digest; nothing else is there."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from collector.bundle.bag import MANIFEST, SIGNATURE, TAG_MANIFEST
from collector.bundle.proofs.receipt import FOLDER
from collector.core.errors import VerificationError

if TYPE_CHECKING:
    from collector.bundle.verifying.members import Members

_LINE = re.compile(r"([0-9a-f]{64})  ([!-~]+)")
_FIELD = re.compile(r"([A-Za-z-]+): ([^\x00-\x1f\x7f-\x9f\u2028\u2029]*)")
_BLOCK = 1 << 20
_BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def check_bag(members: Members) -> dict[str, str]:
    """Return the digest of every listed file, by path. Raises VerificationError at the first difference."""
    if members.text("bagit.txt") != _BAGIT:
        raise VerificationError("bagit.txt is not that of a bag of version 1.0 in UTF-8")
    payload, tags = _listed(members, MANIFEST), _listed(members, TAG_MANIFEST)
    for path in payload:
        if not path.startswith("data/"):
            raise VerificationError(f"{MANIFEST} lists {path}, which is not below data/")
    for path in tags:
        if path.startswith(("data/", FOLDER)) or path in {TAG_MANIFEST, SIGNATURE}:
            raise VerificationError(f"{TAG_MANIFEST} lists {path}, which it must not")
    listed = payload | tags
    # What is in receipt/ was written after the lists, and is proven by itself.
    there = {path for path in members.paths() if not path.startswith(FOLDER)} - {TAG_MANIFEST, SIGNATURE}
    for path in sorted(set(listed) ^ there):
        raise VerificationError(f"{path} is {'listed and not there' if path in listed else 'there and not listed'}")
    octets = 0
    for path in sorted(listed):
        size, found = _hashed(members, path)
        octets += size if path in payload else 0
        if found != listed[path]:
            raise VerificationError(f"{path} has the digest sha256:{found}, and is listed with sha256:{listed[path]}")
    stated_text = _info(members).get("payload-oxum", "nothing")
    if stated_text != f"{octets}.{len(payload)}":
        raise VerificationError(
            f"the bag holds {octets}.{len(payload)} as its payload, and bag-info.txt says {stated_text}"
        )
    return listed


def _info(members: Members) -> dict[str, str]:
    """Return what the bag says of itself, by label in small letters. Raises VerificationError on two of one label."""
    found: dict[str, str] = {}
    for line in members.text("bag-info.txt").split("\n")[:-1]:
        match = _FIELD.fullmatch(line)
        if match is None or match[1].lower() in found:
            raise VerificationError(
                f"bag-info.txt has a line that is no label and value, or comes twice: {line[:80]!r}"
            )
        found[match[1].lower()] = match[2]
    return found


def tag_digest(members: Members) -> str:
    """Return the digest that covers everything in the bag."""
    return _hashed(members, TAG_MANIFEST)[1]


def _listed(members: Members, path: str) -> dict[str, str]:
    with members.open(path) as file:
        data = file.read()
    found: dict[str, str] = {}
    last = ""
    for line in data.decode("ascii", "replace").split("\n")[:-1]:
        match = _LINE.fullmatch(line)
        if match is None or match[2] <= last:
            raise VerificationError(f"{path} has a line that is none of a digest and a path, in order: {line[:80]!r}")
        last = match[2]
        found[last] = match[1]
    if not data.endswith(b"\n") and data:
        raise VerificationError(f"{path} does not end with a line")
    return found


def _hashed(members: Members, path: str) -> tuple[int, str]:
    made, size = sha256(), 0
    with members.open(path) as file:
        while block := file.read(_BLOCK):
            made.update(block)
            size += len(block)
    return size, made.hexdigest()
