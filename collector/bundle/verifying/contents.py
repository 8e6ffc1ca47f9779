"""What a bundle holds besides leaves: all that leaves name is there, or missing for a reason, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.proofs.finding_records import FINDINGS
from collector.bundle.sampling.sample_format import NOT_DRAWN
from collector.bundle.verifying.record import payload_path, verdict_digest
from collector.bundle.verifying.strict_json import check_reading
from collector.core.errors import VerificationError
from storage.database.columns import digest_bytes, show_digest
from storage.log.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.verifying.members import Members
    from collector.bundle.verifying.record import BundleRecord

ABSENT = "proof/absent.jsonl"
_INVENTORY, _BODIES, _PAYLOADS, _FILES = (
    "data/inventory/",
    ("data/evidence/", "data/facts/"),
    "data/payloads/",
    ("data/attachments/"),
)
_LONGEST = 1 << 26


class FindingLine(Struct):
    """A line of data/state/findings.jsonl."""

    leaf: int
    check: str
    source: str
    scope: tuple[str, ...]
    subject: str
    status: str
    reason: str
    limits: dict[str, str]
    evidence: tuple[str, ...]
    observed_at: str


class VerifiedContents(Struct, frozen=True, kw_only=True):
    """What was found to be as the leaves say. `unproven` findings are stated by leaves that only show a hash."""

    bodies: int
    inventories: int
    findings: int
    unproven: int
    erased: int
    withheld: int
    not_drawn: int


def check_contents(
    members: Members, digests: dict[str, str], record: BundleRecord, *, may_withhold: bool
) -> VerifiedContents:
    """Hold the files against the leaves. Raises VerificationError at the first difference."""
    inventories = _inventories(members, record)
    absent = _absent(members, record, may_withhold=may_withhold)
    bodies = 0
    there: set[bytes] = set()
    for path, digest in digests.items():
        if path.startswith(_BODIES):
            there.add(_named(path, f"{path.split('/')[1]}/{digest[:2]}/{digest}.json", digest))
            bodies += 1
    _same_set(record.named, there | absent.keys(), "the body")
    _same_set(there, there - absent.keys(), "the body")
    _payloads(digests, record)
    filed = {digest_bytes(digest) for digest in record.files}
    there = set()
    for path, digest in digests.items():
        if path.startswith(_FILES):
            there.add(_named(path, f"attachments/{digest}/{path.split('/')[-1]}", digest))
    _same_set(filed, there | {digest for digest in absent if digest in filed}, "the file")
    findings, unproven = _findings(members, record)
    return VerifiedContents(
        bodies=bodies,
        inventories=inventories,
        findings=findings,
        unproven=unproven,
        erased=sum(why == "erased" for why in absent.values()),
        withheld=sum(why == "withheld" for why in absent.values()),
        not_drawn=sum(why == NOT_DRAWN for why in absent.values()),
    )


def _inventories(members: Members, record: BundleRecord) -> int:
    """Prove that the list of each task has the root that its log entry states; add its digests to `record.named`."""
    wanted = {f"{_INVENTORY}{task.leaf}.jsonl": task for task in record.tasks.values() if task.inventory is not None}
    there = {path for path in members.paths() if path.startswith(_INVENTORY)}
    for path in sorted(there ^ set(wanted)):
        raise VerificationError(f"{path} is {'no list of a latest leaf' if path in there else 'missing'}")
    for path, task in sorted(wanted.items()):
        frontier = Frontier()
        for line in _lines(members, path):
            frontier.append(leaf_hash(line))
            _, digest, _ = msgspec.json.decode(line, type=tuple[str, str, list[str]])
            record.named.add(digest_bytes(digest))
        if show_digest(frontier.root()) != task.inventory:
            raise VerificationError(
                f"{path} has the root {show_digest(frontier.root())}, and leaf {task.leaf} states {task.inventory}"
            )
    return len(wanted)


def _absent(members: Members, record: BundleRecord, *, may_withhold: bool) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for line in _lines(members, ABSENT):
        digest, why, leaf = msgspec.json.decode(line, type=tuple[str, str, int | None])
        if why == "erased":
            if leaf is None or record.erased.get(digest) != leaf:
                raise VerificationError(f"{digest} is said to be erased in leaf {leaf}, and that leaf does not say so")
        elif (why != NOT_DRAWN or not record.is_sample) and (why != "withheld" or not may_withhold):
            raise VerificationError(f"{digest} is said to be {why}, and the leaf of the export withholds nothing")
        found[digest_bytes(digest)] = why
    files = {digest_bytes(digest) for digest in record.files}
    for unnamed in sorted(found.keys() - record.named - files):
        raise VerificationError(f"{show_digest(unnamed)} is said to be absent, and no leaf names it")
    record.named |= found.keys() - files
    return found


def _payloads(digests: dict[str, str], record: BundleRecord) -> None:
    wanted = {payload_path(digest): digest.removeprefix("sha256:") for digest in record.payloads}
    there = {path: digest for path, digest in digests.items() if path.startswith(_PAYLOADS)}
    for path in sorted(there.keys() ^ wanted.keys()):
        raise VerificationError(f"{path} is {'named by no leaf' if path in there else 'missing'}")
    for path, digest in there.items():
        if wanted[path] != digest:
            raise VerificationError(f"{path} has the digest sha256:{digest}")


def _findings(members: Members, record: BundleRecord) -> tuple[int, int]:
    """Prove that each finding is the last that a log entry stated, and that no current finding is missing."""
    hidden = [leaf for leaf in record.hidden if leaf <= record.bound]
    hidden_leaves, last_hidden = set(hidden), max(hidden, default=-1)
    left = {key: leaf for key, (leaf, verdict) in record.findings.items() if verdict is not None}
    proven = unproven = 0
    seen: set[tuple[str, str, tuple[str, ...], str]] = set()
    if FINDINGS not in members.paths():
        return (0, 0) if not left else _missing(next(iter(left)))
    for line in _lines(members, FINDINGS):
        check_reading(line, FINDINGS)
        finding = msgspec.json.decode(line, type=FindingLine)
        key = (finding.check, finding.source, finding.scope, finding.subject)
        if key in seen:
            raise VerificationError(f"{FINDINGS}: {finding.check} on {finding.subject!r} stands there twice")
        seen.add(key)
        if finding.leaf in hidden_leaves:
            later = record.findings.get(key)
            if later is not None and later[0] >= finding.leaf:
                raise VerificationError(
                    f"{FINDINGS}: {finding.check} on {finding.subject!r} is of leaf {finding.leaf};"
                    f" leaf {later[0]} says otherwise"
                )
            left.pop(key, None)
            unproven += 1
            continue
        stated = record.findings.get(key)
        if stated != (finding.leaf, verdict_digest(finding)):
            stated_text = "nothing of it" if stated is None else f"otherwise, last in leaf {stated[0]}"
            raise VerificationError(
                f"{FINDINGS}: {finding.check} on {finding.subject!r} is {finding.status} by leaf {finding.leaf};"
                f" the leaves say {stated_text}"
            )
        left.pop(key, None)
        proven += 1
    for key, leaf in left.items():
        if leaf > last_hidden:
            return _missing(key)
    return proven, unproven


def _missing(key: tuple[str, str, tuple[str, ...], str]) -> tuple[int, int]:
    raise VerificationError(f"{FINDINGS} lacks {key[0]} on {key[3]!r} in {key[1]}, which the leaves say stands")


def _named(path: str, wanted: str, digest: str) -> bytes:
    if path != f"data/{wanted}":
        raise VerificationError(f"{path} is called otherwise than its digest sha256:{digest}")
    return bytes.fromhex(digest)


def _same_set(wanted: set[bytes], there: set[bytes], what: str) -> None:
    for digest in sorted(wanted ^ there):
        if digest in wanted:
            raise VerificationError(f"{what} {show_digest(digest)}, which a leaf names, is not in the bundle")
        raise VerificationError(f"{what} {show_digest(digest)} is in the bundle, and no leaf names it")


def _lines(members: Members, path: str) -> Iterator[bytes]:
    with members.open(path) as file:
        while line := file.readline(_LONGEST):
            if not line.endswith(b"\n"):
                raise VerificationError(f"{path} has a line that is too long, or is not ended")
            yield line[:-1]
