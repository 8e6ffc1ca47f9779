"""A sample bundle: the items of the draw and no others, each stated by a leaf with a proof that stands alone."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.proofs.single_entry_proof import FIRST_LINE
from collector.bundle.sampling.sample_format import SAMPLES, Drawn, proof_of
from collector.bundle.verifying.heads import CHECKPOINT, head_of
from collector.bundle.verifying.log import hashes_of
from collector.core.canonical import encode
from collector.core.errors import VerificationError
from collector.core.tasks import Task
from storage.log.proofs import verify_inclusion

if TYPE_CHECKING:
    from collector.bundle.verifying.members import Members
    from collector.bundle.verifying.record import BundleRecord

_POPULATIONS = "data/populations/"


class SampleSeen(Struct, frozen=True, kw_only=True):
    """What a sample came to. `unstated` items are stated by no leaf; `has_lines`: the whole population is listed."""

    draw: int
    kind: str
    items: int
    unstated: int
    population: int
    has_lines: bool


def check_sample(members: Members, digests: dict[str, str], record: BundleRecord, said: str) -> SampleSeen:
    """Hold the items against the leaf of the draw, and prove the leaf of each. Raises VerificationError."""
    act = record.draw
    if act is None or act.act != "draw" or said != str(record.place.first):
        raise VerificationError(f"leaf {said}, of which the export is a sample, is not one that states a draw")
    drawn = json.loads(act.about["items"])
    items = [msgspec.json.decode(line, type=Drawn) for line in _lines(members, SAMPLES)]
    if [_told(one) for one in items] != [
        [number, act.about["kind"], *item] for number, item in enumerate(drawn, start=1)
    ]:
        raise VerificationError(f"{SAMPLES} lists other items than leaf {said} says were drawn")
    leaves = {record.place.first, *(one.leaf for one in items if one.leaf is not None)}
    hashes = hashes_of(members, leaves)
    _check_proof(members, proof_of("draw"), record.place.first, hashes)
    for one in items:
        if one.leaf is None:
            continue
        if (one.leaf, Task(one.source, one.kind, one.scope), one.key, one.digest) not in record.stated:
            raise VerificationError(f"leaf {one.leaf} does not state {one.key!r} with the digest {one.digest}")
        _check_proof(members, proof_of(one.number), one.leaf, hashes)
    return SampleSeen(
        draw=record.place.first,
        kind=act.about["kind"],
        items=len(items),
        unstated=sum(one.leaf is None for one in items),
        population=int(act.about["count"]),
        has_lines=_check_lines(members, digests, act.about["digest"], items),
    )


def _told(one: Drawn) -> list[object]:
    return [one.number, one.kind, one.source, list(one.scope), one.key, one.digest]


def _check_lines(members: Members, digests: dict[str, str], digest: str, items: list[Drawn]) -> bool:
    """Whether the lines of the population are here; then every item is one of them. Raises VerificationError."""
    paths = [path for path in digests if path.startswith(_POPULATIONS) and path.endswith(".jsonl")]
    for path in paths:
        if f"sha256:{digests[path]}" != digest:
            raise VerificationError(f"{path} has the digest sha256:{digests[path]}, and was drawn from {digest}")
        lines = set(_lines(members, path))
        for one in items:
            line = encode([one.source, one.kind, list(one.scope), one.key, one.digest]).decode()
            if line not in lines:
                raise VerificationError(f"{path} does not have the item {one.key!r}, which was drawn from it")
    return bool(paths)


def _check_proof(members: Members, path: str, leaf: int, hashes: dict[int, bytes]) -> None:
    """Prove a leaf by its own proof alone, under the head of the bundle. Raises VerificationError."""
    head, parted, note = members.text(path).partition("\n\n")
    first, _, rest = head.partition("\n")
    index, *path_up = rest.split("\n")
    if not parted or first != FIRST_LINE or index != f"index {leaf}":
        raise VerificationError(f"{path} is no proof of leaf {leaf}")
    if note != members.text(CHECKPOINT):
        raise VerificationError(f"{path} is under another head than {CHECKPOINT}")
    signed = head_of(note, path)
    try:
        verify_inclusion(leaf, signed.size, hashes[leaf], [_hash(one) for one in path_up], signed.root)
    except VerificationError as error:
        raise VerificationError(f"{path}: {error.what}") from error


def _hash(said: str) -> bytes:
    try:
        data = base64.b64decode(said, validate=True)
    except ValueError as error:
        raise VerificationError(f"{said[:80]!r} is not base64") from error
    if base64.b64encode(data).decode() != said:
        raise VerificationError(f"{said[:80]!r} is not written as base64 is written")
    return data


def _lines(members: Members, path: str) -> list[str]:
    """Return lines; names in them may hold what only Python takes for the end of one."""
    return members.text(path).split("\n")[:-1]
