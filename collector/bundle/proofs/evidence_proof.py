"""The proof of one body of evidence: from its bytes to the list that it was in, the log entry, and a signed log hash.

A list is a tree as the log is one, and its root stands in the entry of the collection. So a path through each of the
two trees proves one resource, and says nothing of the others that were listed with it.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct, UnsetType

from collector.bundle.plain_zip import DEFLATED, PlainZip
from collector.bundle.proofs.single_entry_proof import Proofs
from collector.bundle.readme import shipped
from collector.core.errors import UsageError
from storage.log.merkle import leaf_hash
from storage.log.proofs import inclusion_proof, tree_root
from storage.log.ranges import LogParts
from storage.log.unchanged_tasks import newest
from storage.tables.live_state import LiveState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.tasks import Task
    from storage.log.ranges import EncodedLeaf

PROOF, BODY = "evidence-proof.json", "evidence.json"
"""The files of a proof with its body: how it is proven, and what."""

_README = "README.txt"
_SCRIPT = "verify.py"
_END = (1 << 62) - 1


class SeenAgain(Struct, frozen=True):
    """What proves that a list was the same later: the entry that many collections share, which names the list's own.

    `entry` and `proof` are as in `EvidenceProof`; `payloads` are the rows of the entry, where they are not in it.
    """

    entry: str
    payloads: list[str]
    proof: str


class EvidenceProof(Struct, frozen=True, kw_only=True, tag="annexd.evidence-proof/1", tag_field="schema"):
    """What proves one body. `line` is that of the list, `number` its place among `total`, `path` leads to the root.

    `entry` is the log entry that has the root, byte for byte as it is hashed, and `payload` what it names where its
    content is too long for it. `proof` is a C2SP tlog-proof of the entry, with the signed log hash. `again` is the
    newest later observation that found the same, where there is one, under the same signed log hash.
    """

    line: str
    number: int
    total: int
    path: list[str]
    entry: str
    payload: str | None
    proof: str
    again: SeenAgain | UnsetType = UNSET


class _Document(Struct):
    fact_in: str | None = None


def evidence_proof(connection: Connection, task: Task, key: str, digest: str, bound: int | None) -> EvidenceProof:
    """Return the proof that the newest complete list of a task up to a log entry has a body.

    Raises UsageError where there is no such list, where it has another body, and where no signature covers its entry.
    """
    last = _END if bound is None else bound
    state = LiveState(connection, last)
    found = next((known for known in state.tasks() if known.task == task), None)
    if found is None or found.complete is None:
        raise UsageError(f"{task} was never listed completely", so="no list proves what was in it")
    hashes: list[bytes] = []
    place, line = -1, b""
    for listed in state.listed(found):
        if (listed.key, listed.digest) == (key, digest):
            place, line = len(hashes), listed.line
        hashes.append(leaf_hash(listed.line))
    if place < 0:
        raise UsageError(
            f"the newest complete list of {task} has another body of {key!r}",
            so="what was read since is in no list that is complete",
            mend="ask again after a run that reads all of it",
        )
    path = inclusion_proof(lambda start, end: [tree_root(hashes[start:end])], place, len(hashes))
    parts = LogParts(connection)
    shared = newest(connection, last, {found.number: found.complete}).get(found.number)
    newest_leaf = found.complete if shared is None else shared
    note = parts.signed_above(newest_leaf)
    if note is None:
        raise UsageError(f"no signed log hash covers log entry {newest_leaf} yet", mend="ask again after a run")
    proofs = Proofs(parts.hashes(note.size), note.text)
    own = _entry(parts, found.complete)
    payload = msgspec.json.decode(own.data, type=_Document).fact_in
    return EvidenceProof(
        line=line.decode(),
        number=place,
        total=len(hashes),
        path=[node.hex() for node in path],
        entry=own.data.decode(),
        payload=None if payload is None else parts.payload(payload).decode(),
        proof=proofs.of(found.complete).decode(),
        again=UNSET if shared is None else _seen_again(parts, proofs, shared),
    )


def _seen_again(parts: LogParts, proofs: Proofs, leaf: int) -> SeenAgain:
    entry = _entry(parts, leaf)
    payloads = [parts.payload(digest).decode() for digest in entry.record.payloads()]
    return SeenAgain(entry.data.decode(), payloads, proofs.of(leaf).decode())


def _entry(parts: LogParts, leaf: int) -> EncodedLeaf:
    (entry,) = parts.between(leaf, leaf + 1)
    return entry


def proof_archive(folder: str, body: bytes, proof: EvidenceProof) -> bytes:
    """Return a zip of one folder with a body, its proof, the script that verifies both, and how."""
    out = BytesIO()
    archive = PlainZip(out)
    files = ((BODY, body), (PROOF, encoded(proof)), (_README, _HOW), (_SCRIPT, shipped(_SCRIPT)))
    for name, data in files:
        archive.begin(f"{folder}/{name}", DEFLATED)(data)
        archive.end()
    archive.close()
    return out.getvalue()


def encoded(proof: EvidenceProof) -> bytes:
    """Return a proof as JSON."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=2) + b"\n"


_HOW = b"""One body of evidence, as annexd stored it (evidence.json), and the proof that it was in a complete list of
its collection, in a log entry, under a signed log hash (evidence-proof.json).

    python3 -I verify.py . --key KEY        (needs openssl 3.0 or later)
    annexd verify FILE.zip --key KEY

KEY is the verifier key of the log. Get it by another way than this file.

What is proven: that the log had this entry when its hash was signed, that the entry states a complete list, that the
list has this body under this key, and, with `again`, that a later observation found the whole list the same. Not
proven: that the platform told the truth, what happened between two observations, that no other log was shown to
somebody else, and that no later list has another body.

By hand: SHA-256 of evidence.json is the digest in `line`. A leaf of a tree is SHA-256 over a zero byte and its bytes, a
node SHA-256 over a byte of value one and its two halves (RFC 6962). `path` leads from `line`, leaf `number` of `total`,
to `inventory` in `entry` (or in `payload`, whose SHA-256 `entry` names). `proof` (C2SP tlog-proof) leads from `entry`
to the log hash that is signed. `again` has a later entry that many collections share: each row there begins with the
number of the entry whose list was found again, then come the microseconds from `since` to its beginning, and those
that it took. The rows are in `payloads`, whose SHA-256 that entry names, where they are not in the entry.
"""
