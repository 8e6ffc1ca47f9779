"""The sample bundle: exactly the items of the sample, each stated by a log entry with a proof of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.sampling.sample_format import SAMPLES, Drawn, proof_of
from collector.bundle.verifying.heads import CHECKPOINT
from collector.bundle.verifying.log import hashes_of
from collector.bundle.verifying.single_proof import climbed
from collector.bundle.verifying.strict_json import check_json
from collector.core.canonical import encode
from collector.core.errors import VerificationError
from collector.core.tasks import Task

if TYPE_CHECKING:
    from collector.bundle.verifying.members import Members
    from collector.bundle.verifying.record import BundleRecord

_POPULATIONS = "data/populations/"


class VerifiedSample(Struct, frozen=True, kw_only=True):
    """The result for a sample. `unstated` items have no log entry; `has_lines`: the whole population is listed."""

    draw: int
    kind: str
    items: int
    unstated: int
    population: int
    has_lines: bool


def check_sample(members: Members, digests: dict[str, str], record: BundleRecord, draw_leaf: str) -> VerifiedSample:
    """Compare the items with the log entry of the sample, and prove the entry of each. Raises VerificationError."""
    act = record.draw
    if act is None or act.act != "draw" or draw_leaf != str(record.range.first):
        raise VerificationError(f"leaf {draw_leaf}, of which the export is a sample, is not one that states a draw")
    drawn = json.loads(act.about["items"])
    items = [msgspec.convert(check_json(line.encode(), SAMPLES), type=Drawn) for line in _lines(members, SAMPLES)]
    if [_drawn_line(item) for item in items] != [
        [number, act.about["kind"], *item] for number, item in enumerate(drawn, start=1)
    ]:
        raise VerificationError(f"{SAMPLES} lists other items than leaf {draw_leaf} says were drawn")
    leaves = {record.range.first, *(item.leaf for item in items if item.leaf is not None)}
    hashes = hashes_of(members, leaves)
    _check_proof(members, proof_of("draw"), record.range.first, hashes)
    for item in items:
        if item.leaf is None:
            continue
        if (item.leaf, Task(item.source, item.kind, item.scope), item.key, item.digest) not in record.stated:
            raise VerificationError(f"leaf {item.leaf} does not state {item.key!r} with the digest {item.digest}")
        _check_proof(members, proof_of(item.number), item.leaf, hashes)
    return VerifiedSample(
        draw=record.range.first,
        kind=act.about["kind"],
        items=len(items),
        unstated=sum(item.leaf is None for item in items),
        population=int(act.about["count"]),
        has_lines=_check_lines(members, digests, act.about["digest"], items),
    )


def _drawn_line(item: Drawn) -> list[object]:
    return [item.number, item.kind, item.source, list(item.scope), item.key, item.digest]


def _check_lines(members: Members, digests: dict[str, str], digest: str, items: list[Drawn]) -> bool:
    """Whether the lines of the population are here; then every item is one of them. Raises VerificationError."""
    paths = [path for path in digests if path.startswith(_POPULATIONS) and path.endswith(".jsonl")]
    for path in paths:
        if f"sha256:{digests[path]}" != digest:
            raise VerificationError(f"{path} has the digest sha256:{digests[path]}, and was drawn from {digest}")
        lines = set(_lines(members, path))
        for item in items:
            line = encode([item.source, item.kind, list(item.scope), item.key, item.digest]).decode()
            if line not in lines:
                raise VerificationError(f"{path} does not have the item {item.key!r}, which was drawn from it")
    return bool(paths)


def _check_proof(members: Members, path: str, leaf: int, hashes: dict[int, bytes]) -> None:
    """Prove a leaf by its own proof alone, under the head of the bundle. Raises VerificationError."""
    _, note = climbed(members.text(path), path, leaf, hashes[leaf])
    if note != members.text(CHECKPOINT):
        raise VerificationError(f"{path} is under another head than {CHECKPOINT}")


def _lines(members: Members, path: str) -> list[str]:
    """Return lines; names in them may hold what only Python takes for the end of one."""
    return members.text(path).split("\n")[:-1]
