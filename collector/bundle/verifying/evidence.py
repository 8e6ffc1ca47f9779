"""One body of evidence with its proof: from its bytes to a log hash that a trusted key has signed."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct

from collector.bundle.proofs.evidence_proof import BODY, PROOF, EvidenceProof
from collector.bundle.verifying.members import opened
from collector.bundle.verifying.single_proof import climbed
from collector.bundle.verifying.strict_json import check_json
from collector.core.errors import VerificationError
from collector.core.tasks import Task
from storage.log.merkle import leaf_hash
from storage.log.notes import open_note
from storage.log.proofs import verify_inclusion
from storage.log.unchanged_tasks import KIND, UnchangedTask, UnchangedTasks, end_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.bundle.proofs.evidence_proof import SeenAgain
    from collector.bundle.verifying.members import Members
    from storage.log.notes import VerifierKey


class ProvenEvidence(Struct, frozen=True, kw_only=True, tag="annexd.verified-evidence/1", tag_field="schema"):
    """What `annexd verify EVIDENCE.zip --json` prints. `leaf` is the log entry, `logged_at` when it says it was made.

    `size` and `root` are of the signed log hash, `listed` is how many resources the list has. `again` is the log entry
    by which the list was the same later, null where there is none; `observed_at` is when the newest of the two ended.
    """

    file: str
    key: str
    origin: str
    size: int
    root: str
    leaf: int
    logged_at: datetime
    task: Task
    resource: str
    digest: str
    listed: int
    again: int | None
    observed_at: datetime


class _Observation(Struct):
    task: Task
    ended_at: datetime


class _Fact(Struct):
    observation: _Observation
    inventory: str | None


class _Entry(Struct):
    k: str
    i: int
    at: datetime
    fact: _Fact | None = None
    fact_in: str | None = None


class _Rows(Struct):
    rows: tuple[_Fact, ...]


class _RowsIn(Struct):
    payloads: list[str]
    above: int = 0


class _SharedEntry(Struct):
    k: str
    i: int
    fact: UnchangedTasks
    rows: tuple[UnchangedTask, ...] = ()
    rows_in: _RowsIn | None = None


class _SharedRows(Struct):
    rows: tuple[UnchangedTask, ...]


class _Body(Struct):
    kind: str
    key: str


def is_evidence(file: Path) -> bool:
    """Return whether a file is a body with its proof, and no bundle."""
    with opened(file) as members:
        return PROOF in members.paths()


def verify_evidence(file: Path, key: VerifierKey) -> ProvenEvidence:
    """Prove a body; `key` has to come from elsewhere. Raises VerificationError at the first thing that is wrong."""
    with opened(file) as members:
        try:
            return _proven(members, file, key)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise VerificationError(f"something in {file.name} does not read as it was written: {error}") from error


def _proven(members: Members, file: Path, key: VerifierKey) -> ProvenEvidence:
    proof = msgspec.convert(check_json(members.text(PROOF).encode(), PROOF), type=EvidenceProof)
    blob = members.text(BODY).encode()
    body = msgspec.convert(check_json(blob, BODY), type=_Body)
    resource, digest, _ = msgspec.convert(check_json(proof.line.encode(), "line"), type=tuple[str, str, list[str]])
    if digest != f"sha256:{sha256(blob).hexdigest()}":
        raise VerificationError(f"{BODY} has the digest sha256:{sha256(blob).hexdigest()}, and the list has {digest}")
    entry = msgspec.convert(check_json(proof.entry.encode(), "entry"), type=_Entry)
    fact = _fact_of(proof, entry)
    if (entry.k, fact.observation.task.collection, resource) != ("task", body.kind, body.key):
        raise VerificationError(f"{BODY} is {body.kind} {body.key!r}, and log entry {entry.i} is not of that")
    if fact.inventory is None:
        raise VerificationError(f"log entry {entry.i} states no complete list")
    root = _node(fact.inventory.removeprefix("sha256:"))
    path = [_node(text) for text in proof.path]
    verify_inclusion(proof.number, proof.total, leaf_hash(proof.line.encode()), path, root)
    head, note = climbed(proof.proof, "proof", entry.i, leaf_hash(proof.entry.encode()))
    again, observed_at = None, fact.observation.ended_at
    if proof.again is not UNSET:
        again, observed_at = _seen_again(proof.again, entry.i, note)
    open_note(note, key)
    if head.origin != key.name:
        raise VerificationError(f"the signed log hash is of {head.origin}, and the key of {key.name}")
    return ProvenEvidence(
        file=str(file),
        key=str(key),
        origin=head.origin,
        size=head.size,
        root=f"sha256:{head.root.hex()}",
        leaf=entry.i,
        logged_at=entry.at,
        task=fact.observation.task,
        resource=resource,
        digest=digest,
        listed=proof.total,
        again=again,
        observed_at=observed_at,
    )


def _seen_again(again: SeenAgain, own: int, note: str) -> tuple[int, datetime]:
    """Return the entry that says that the list of the entry `own` was found again, and when that observation ended."""
    entry = msgspec.convert(check_json(again.entry.encode(), "again"), type=_SharedEntry)
    _, other_note = climbed(again.proof, "again", entry.i, leaf_hash(again.entry.encode()))
    if other_note != note:
        raise VerificationError("the two log entries are not under the same signed log hash")
    if entry.k != KIND or entry.i <= own:
        raise VerificationError(f"log entry {entry.i} is not a later one that collections share")
    rows = [row for row in _shared_rows(again, entry) if row.leaf == own]
    if len(rows) != 1:
        raise VerificationError(f"log entry {entry.i} does not say that the list of log entry {own} was found again")
    return entry.i, end_of(entry.fact, rows[0])


def _shared_rows(again: SeenAgain, entry: _SharedEntry) -> Iterator[UnchangedTask]:
    if entry.rows_in is None:
        yield from entry.rows
        return
    digests = [f"sha256:{sha256(payload.encode()).hexdigest()}" for payload in again.payloads]
    if digests != entry.rows_in.payloads or entry.rows_in.above:
        raise VerificationError(f"the payloads are not those that log entry {entry.i} names")
    for payload in again.payloads:
        yield from msgspec.convert(check_json(payload.encode(), "payload"), type=_SharedRows).rows


def _fact_of(proof: EvidenceProof, entry: _Entry) -> _Fact:
    if entry.fact_in is None:
        if entry.fact is None:
            raise VerificationError(f"log entry {entry.i} has no content")
        return entry.fact
    payload = (proof.payload or "").encode()
    if entry.fact_in != f"sha256:{sha256(payload).hexdigest()}":
        raise VerificationError(f"the payload is not the one that log entry {entry.i} names")
    return msgspec.convert(check_json(payload, "payload"), type=_Rows).rows[0]


def _node(text: str) -> bytes:
    if re.fullmatch("[0-9a-f]{64}", text) is None:
        raise VerificationError(f"{text[:80]!r} is no hash")
    return bytes.fromhex(text)
