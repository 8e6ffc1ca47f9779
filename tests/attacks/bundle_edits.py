"""Systematic edits of a bundle: its files, its lists, its receipt, and each field of its archive.

Each edit is given a copy of the bundle's zip, and leaves a zip or a folder in its place. `edits` needs the signing key
of the log, because half of them list and sign the bag anew, and another bundle of the same log.
"""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from hashlib import sha256
from pathlib import Path

from collector.bundle.proofs.tree import PartialTree, parts_of, subtrees
from storage.log.merkle import leaf_hash
from storage.log.notes import Checkpoint, Signer, make_note
from storage.log.signing import read_signing_key
from tests.attacks.archive_edits import ZipChange, archive_changes
from tests.attacks.edit import Edit
from tests.attacks.resigning import ENDS, Files, SigningKey, files_of, folder_of, list_digest, listed_again
from tests.attacks.zips import Packed, Zip, read_zip

Change = Callable[[Files], None]

LISTED_ANYWAY = {
    "zip: packed otherwise": "the same files, in the same form: nothing that a reader gets is another",
    "folder: an empty folder": "a folder without a file holds nothing, and most programs that unpack drop it",
    "signed: nothing": "the same bundle",
}
"""Edits that no verifier finds, by their name, with the reason."""


def why_not_found(name: str) -> str | None:
    """Return why an edit cannot be found, None where it has to be."""
    return next((why for pattern, why in LISTED_ANYWAY.items() if fnmatchcase(name, pattern)), None)


@dataclass(frozen=True)
class Target:
    """What the edits are made from: the bundle, another one of the same log, an earlier one, and the log's own key."""

    bundle: Path
    other: Path
    key: SigningKey


def edits(rng: random.Random, target: Target) -> Iterator[Edit[Path]]:
    """Yield every edit; `rng` chooses bytes and members where one stands for many."""
    files = files_of(target.bundle)
    for path in files:
        for name, change in _of_a_file(rng, path, files):
            yield Edit(f"folder: {name}", partial(_in_folder, change))
    for path in [path for path in files if path not in ENDS and not path.startswith("receipt/")]:
        for name, change in _of_a_file(rng, path, files):
            yield Edit(f"signed: {name}", partial(_signed, target.key, change))
    yield Edit("signed: nothing", partial(_signed, target.key, lambda _files: None))
    for name, change in _of_receipts(files, files_of(target.other)):
        yield Edit(f"receipt: {name}", partial(_in_zip, change))
    yield Edit("receipt: stating what was signed again", partial(_signed, target.key, partial(_stated, target.key)))
    yield Edit("receipt: of a log that goes on from another head", partial(_in_zip, partial(_forked, target.key)))
    for name, change in _of_lists(files):
        yield Edit(f"lists: {name}", partial(_in_folder, change))
    yield from _of_folders()
    for name, zip_change in archive_changes(rng, read_zip(target.bundle)):
        yield Edit(f"zip: {name}", partial(_repacked, zip_change))


# How a change gets into the copy -------------------------------------------------------------------------------------


def _in_folder(change: Change, path: Path) -> None:
    files = files_of(path)
    change(files)
    path.unlink()
    for name, data in files.items():
        file = path / "bundle" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _signed(key: SigningKey, change: Change, path: Path) -> None:
    files, folder = files_of(path), folder_of(path)
    change(files)
    path.write_bytes(listed_again(folder, files, key.sign))


def _in_zip(change: Change, path: Path) -> None:
    files, folder = files_of(path), folder_of(path)
    change(files)
    path.write_bytes(Zip([Packed(f"{folder}/{name}".encode(), data) for name, data in files.items()]).data())


def _repacked(change: ZipChange, path: Path) -> None:
    archive = read_zip(path)
    change(archive)
    path.write_bytes(archive.data())


# Files ---------------------------------------------------------------------------------------------------------------


def _of_a_file(rng: random.Random, path: str, files: Files) -> Iterator[tuple[str, Change]]:
    data, other = files[path], rng.choice([one for one in files if files[one] != files[path]])
    if data:
        at, bit = rng.randrange(len(data)), 1 << rng.randrange(8)
        yield f"{path} changed", partial(_put, path, data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        yield f"{path} emptied", partial(_put, path, b"")
        yield f"{path} cut off", partial(_put, path, data[: len(data) // 2])
    yield f"{path} longer", partial(_put, path, data + b"\n")
    yield f"{path} removed", partial(_remove, path)
    yield f"{path} renamed", partial(_rename, path, f"{path}2")
    yield f"{path} beside", partial(_put, f"{path}.old", data)
    yield f"{path} swapped with {other}", partial(_swap, path, other)


def _put(path: str, data: bytes, files: Files) -> None:
    files[path] = data


def _remove(path: str, files: Files) -> None:
    del files[path]


def _rename(path: str, to: str, files: Files) -> None:
    files[to] = files.pop(path)


def _swap(one: str, other: str, files: Files) -> None:
    files[one], files[other] = files[other], files[one]


# The receipt ---------------------------------------------------------------------------------------------------------


def _of_receipts(files: Files, other: Files) -> Iterator[tuple[str, Change]]:
    own = [path for path in files if path.startswith("receipt/")]
    (leaves,) = [path for path in own if "/leaves/" in path]
    number, _, entry = files[leaves].partition(b" ")
    note, tree = files["receipt/checkpoint"], files["receipt/tree.json"]

    def gone(files: Files) -> None:
        for path in own:
            del files[path]

    def said_to_be_missing(files: Files) -> None:
        gone(files)
        files["receipt/missing.txt"] = b"The store was read-only.\n"

    def of_another(files: Files) -> None:
        gone(files)
        files |= {path: data for path, data in other.items() if path.startswith("receipt/")}

    yield "all of it removed", gone
    yield "said to be missing", said_to_be_missing
    yield "of another bundle", of_another
    yield "and a reason beside it", partial(_put, "receipt/missing.txt", b"no\n")
    yield "under the bundle's own head", partial(_put, "receipt/checkpoint", files["proof/checkpoint"])
    yield "under the head of another", partial(_put, "receipt/checkpoint", other["receipt/checkpoint"])
    yield "with the tree of the bundle", partial(_put, "receipt/tree.json", files["proof/tree.json"])
    yield "with the tree of another", partial(_put, "receipt/tree.json", other["receipt/tree.json"])
    yield "with a space in the tree", partial(_put, "receipt/tree.json", tree.replace(b",", b", ", 1))
    yield "with a key of the tree twice", partial(_put, "receipt/tree.json", tree.replace(b"{", b'{"size":1,', 1))
    yield "with another word in the tree", partial(_put, "receipt/tree.json", tree.replace(b"{", b'{"more":1,', 1))
    yield "with a signature more", partial(_put, "receipt/checkpoint", note + b"\xe2\x80\x94 x AAAAAA==\n")
    yield "with a signature twice", partial(_put, "receipt/checkpoint", note + note.splitlines(keepends=True)[-1])
    yield "with a line more in its head", partial(_put, "receipt/checkpoint", note.replace(b"\n\n", b"\nmore\n\n"))
    yield (
        "as a hash",
        partial(_put, leaves, number + b" sha256:" + sha256(b"\0" + entry[:-1]).hexdigest().encode() + b"\n"),
    )
    yield (
        "with another entry",
        partial(_put, leaves, b"0 " + files["proof/leaves/000000000.txt"].split(b"\n")[0][2:] + b"\n"),
    )
    yield "with an entry twice", partial(_put, leaves, files[leaves] * 2)
    yield "in another file", partial(_rename, leaves, "receipt/leaves/000010000.txt")
    yield "in another folder", partial(_rename, "receipt/checkpoint", "receipt/checkpoints/1")
    yield "in capitals", partial(_rename, "receipt/checkpoint", "Receipt/checkpoint")


def _stated(key: SigningKey, files: Files) -> None:
    """Let the log entry of the receipt state the list of other files; its head stays as it was signed."""
    (leaves,) = [path for path in files if path.startswith("receipt/leaves/")]
    files["READ-ME-FIRST.txt"] = b"All is well.\n"
    was = sha256(files["tagmanifest-sha256.txt"]).hexdigest().encode()
    files[leaves] = files[leaves].replace(was, list_digest(files, key.sign).encode())


def _forked(key: SigningKey, files: Files) -> None:
    """Sign a head over the log entry of the receipt and another past: only the head of the bundle shows it."""
    (leaves,) = [path for path in files if path.startswith("receipt/leaves/")]
    tree = json.loads(files["receipt/tree.json"])
    tree["hashes"][0] = sha256(b"another past").hexdigest()
    ((leaf, _),) = tree["wanted"]
    hashes, stack = iter(tree["hashes"]), PartialTree()
    for start, end, is_wanted in parts_of(tree["size"], [(leaf, leaf + 1)], tree["cuts"]):
        if is_wanted:
            stack.add(leaf_hash(files[leaves].rstrip(b"\n").partition(b" ")[2]))
        else:
            for leaves_below in subtrees(start, end):
                stack.add(bytes.fromhex(next(hashes)), leaves_below)
    signer = Signer(key.name, read_signing_key(key.file))
    files["receipt/checkpoint"] = make_note(Checkpoint(key.name, tree["size"], stack.root()), signer).encode()
    files["receipt/tree.json"] = json.dumps(tree, separators=(",", ":")).encode() + b"\n"


# Lists, without a new signature --------------------------------------------------------------------------------------


def _of_lists(files: Files) -> Iterator[tuple[str, Change]]:
    for path in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        lines = files[path].splitlines(keepends=True)
        yield f"{path} with a line twice", partial(_put, path, b"".join([lines[0], *lines]))
        yield f"{path} in another order", partial(_put, path, b"".join(reversed(lines)))
        yield f"{path} with a path spelled with a dot", partial(_put, path, files[path].replace(b"  ", b"  ./", 1))
        yield f"{path} with a path spelled with two slashes", partial(_put, path, files[path].replace(b"/", b"//", 1))
        yield f"{path} with a path in capitals", partial(_put, path, files[path].replace(b"/", b"/X", 1))
        yield f"{path} with a star", partial(_put, path, files[path].replace(b"  ", b" *", 1))
        yield f"{path} with digests in capitals", partial(_put, path, lines[0].upper() + b"".join(lines[1:]))
        yield f"{path} with returns", partial(_put, path, files[path].replace(b"\n", b"\r\n"))
        yield f"{path} with a mark before it", partial(_put, path, b"\xef\xbb\xbf" + files[path])
        yield f"{path} with a path outside", partial(_put, path, files[path] + b"0" * 64 + b"  data/../../x\n")
    signature, info = files["bundle.sig"], files["bag-info.txt"]
    yield "bundle.sig with a signature more", partial(_put, "bundle.sig", signature + b"\xe2\x80\x94 x AAAAAA==\n")
    yield "bundle.sig with a signature twice", partial(_put, "bundle.sig", signature + signature.splitlines(True)[-1])
    yield "bag-info.txt with a second sum", partial(_put, "bag-info.txt", info + b"Payload-Oxum: 1.1\n")
    yield "manifest-md5.txt beside", partial(_put, "manifest-md5.txt", b"")
    yield "fetch.txt beside", partial(_put, "fetch.txt", b"https://example.org/ 1 data/x\n")


# Folders -------------------------------------------------------------------------------------------------------------


def _of_folders() -> Iterator[Edit[Path]]:
    def then(change: Callable[[Path], None]) -> Callable[[Path], None]:
        def apply(path: Path) -> None:
            _in_folder(lambda _files: None, path)
            change(path / "bundle")

        return apply

    def linked(top: Path) -> None:
        (top / "bundle.sig").rename(top.parent.parent / "moved")
        (top / "bundle.sig").symlink_to(top.parent.parent / "moved")

    def linked_folder(top: Path) -> None:
        top.rename(top.parent.parent / "moved-bundle")
        top.symlink_to(top.parent.parent / "moved-bundle")

    yield Edit("folder: an empty folder", then(lambda top: (top / "data" / "empty").mkdir()))
    yield Edit("folder: a link", then(linked))
    yield Edit("folder: a link to all of it", then(linked_folder))
    yield Edit("folder: a link to a folder", then(lambda top: (top / "data" / "more").symlink_to(top / "proof")))
    for name in (
        ".hidden",
        "a b",
        "a\\b",
        "nul",
        "CON.txt",
        "x.",
        "\u00e9",
        "e\u0301",
        "x\u202ey",
        "x\ny",
        "BAGIT.txt",
    ):
        yield Edit(f"folder: a file called {name!a}", then(partial(_file_called, name)))


def _file_called(name: str, top: Path) -> None:
    (top / name).write_bytes(b"x")


def is_the_same(changed: Path, whole: Path) -> bool:
    """Whether an edit changed nothing at all, so that there is nothing to find."""
    try:
        return changed.is_file() and changed.read_bytes() == whole.read_bytes()
    except (OSError, zipfile.BadZipFile):
        return False
