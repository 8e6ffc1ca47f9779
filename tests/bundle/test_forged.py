"""Who holds the zip and a key of their own cannot make a bundle say something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.attacks.resigning import SigningKey, files_of, folder_of, listed_again
from tests.bundle.conftest import Office
from tests.bundle.verifiers import ours, theirs

Change = Callable[[dict[str, bytes]], None]

_LEVELS = 40


def sealed_again(office: Office, change: Change) -> Path:
    """Return the bundle with other files in it, listed and signed anew, as who holds the signing key could."""
    bundle, other = office.folder / "out.zip", office.folder / "other.zip"
    files = files_of(bundle)
    change(files)
    key = SigningKey(office.desk.world.store._signing_keys.memory.with_suffix(""), office.key.name)
    other.write_bytes(listed_again(folder_of(bundle), files, key.sign))
    return other


def _edit(path_ends: str, old: bytes, new: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        path = next(name for name in sorted(files) if path_ends in name and old in files[name])
        files[path] = files[path].replace(old, new, 1)

    return change


def _drop(part: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        del files[next(name for name in sorted(files) if part in name)]

    return change


def _drop_line(part: str) -> Change:
    def change(files: dict[str, bytes]) -> None:
        path = next(name for name in sorted(files) if part in name)
        files[path] = b"".join(files[path].splitlines(keepends=True)[1:])

    return change


def _add(path: str, data: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files[path] = data

    return change


def _range(**but: int) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files["proof/range.json"] = json.dumps({**json.loads(files["proof/range.json"]), **but}).encode()

    return change


def _hide_a_leaf(files: dict[str, bytes]) -> None:
    from storage.log.merkle import leaf_hash

    path = "proof/leaves/000000000.txt"
    lines = files[path].splitlines()
    number, _, data = lines[5].partition(b" ")
    lines[5] = number + b" sha256:" + leaf_hash(data).hex().encode()
    files[path] = b"\n".join(lines) + b"\n"


def _endless_rows(files: dict[str, bytes]) -> None:
    """Let the rows of a leaf stand in payloads that name the next one twice: each level doubles what there is."""
    digest = _payload(files, b'["x"]')
    for _ in range(_LEVELS):
        digest = _payload(files, json.dumps([digest, digest]).encode())
    path = "proof/leaves/000000000.txt"
    lines = files[path].splitlines()
    at = next(at for at, line in enumerate(lines) if b'"k":"judged"' in line)
    number, _, data = lines[at].partition(b" ")
    leaf = {name: value for name, value in json.loads(data).items() if name != "rows"}
    leaf["rows_in"] = {"above": _LEVELS, "count": 1, "payloads": [digest]}
    lines[at] = number + b" " + json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    files[path] = b"\n".join(lines) + b"\n"


def _payload(files: dict[str, bytes], rows: bytes) -> str:
    data = b'{"rows":%b,"salt":"00"}' % rows
    digest = sha256(data).hexdigest()
    files[f"data/payloads/{digest}.json"] = data
    return f"sha256:{digest}"


def _a_leaf_more(files: dict[str, bytes]) -> None:
    path = "proof/leaves/000000000.txt"
    last = files[path].splitlines()[-1]
    files[path] += b"%d %b\n" % (int(last.partition(b" ")[0]) + 1, last.partition(b" ")[2])


FORGERIES: dict[str, Change] = {
    "a verdict in a leaf": _edit("proof/leaves/", b'"status":"fail"', b'"status":"pass"'),
    "a verdict in the state": _edit("data/state/", b'"status":"fail"', b'"status":"pass"'),
    "a finding left out": _drop_line("data/state/findings"),
    "evidence left out": _drop("data/evidence/"),
    "evidence added": _add("data/evidence/00/" + "0" * 64 + ".json", b"{}"),
    "a list left out": _drop("data/inventory/"),
    "a line of a list left out": _drop_line("data/inventory/"),
    "a leaf left out": _drop_line("proof/leaves/"),
    "a leaf hidden": _hide_a_leaf,
    "a leaf more": _a_leaf_more,
    "rows without an end": _endless_rows,
    "a later end": _range(bound=3),
    "a narrower range": _range(first=5),
    "evidence said to be erased": _add("proof/absent.jsonl", b'["sha256:' + b"0" * 64 + b'","erased",3]\n'),
    "another export": _range(export_leaf=2),
    "nothing at all": lambda _files: None,
}


@pytest.mark.parametrize("what", sorted(FORGERIES))
def test_a_forged_bundle_is_seen_even_when_it_is_signed_again(office: Office, what: str) -> None:
    """The signature over the bag is only the outermost proof; the leaves and their tree are the ones that count."""
    office.export()

    forged = sealed_again(office, FORGERIES[what])

    is_wrong = what != "nothing at all"
    assert (ours(forged, office.key) != "") is is_wrong, ours(forged, office.key)
    assert (theirs(forged, office.key) != "") is is_wrong, theirs(forged, office.key)
