"""The content of a bundle's log entries, to be compared with the files of the bundle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, Struct

from collector.bundle.sampling.sample_format import SAMPLES
from collector.bundle.verifying.heads import KeySince
from collector.bundle.verifying.strict_json import check_reading
from collector.core.canonical import encode
from collector.core.errors import VerificationError
from collector.core.facts import OperatorAct
from collector.core.tasks import Task
from storage.database.columns import digest_bytes
from storage.log.notes import parse_verifier_key

if TYPE_CHECKING:
    from collector.bundle.verifying.log import Document
    from collector.bundle.verifying.members import Members

FindingKey = tuple[str, str, tuple[str, ...], str]

_MOST_ABOVE = 4  # levels of payloads over those of rows, as in the store


class BundleRange(Struct, frozen=True, kw_only=True):
    """The numbers of proof/range.json; each is proven by the log entries around it."""

    export_leaf: int
    first: int
    end: int
    bound: int


class TaskLeaf(Struct, frozen=True):
    """The latest leaf of a task that lists everything, with the root of that list; and how its latest one ended."""

    leaf: int
    inventory: str | None
    outcome: str
    latest: int


class _TaskFact(Struct):
    observation: _Observation
    inventory: str | None
    facts: tuple[str, ...]


class _Observation(Struct):
    task: Task
    outcome: str


class _UnchangedFact(Struct):
    facts: tuple[str, ...] = ()


class _Change(Struct, array_like=True):
    key: str
    change: str
    digest: str | None


class _FindingFact(Struct):
    id: _Id
    now: _Verdict | None = None


class _Id(Struct):
    check: str
    source: str
    scope: tuple[str, ...]
    subject: str


class _Verdict(Struct):
    status: str
    reason: str
    limits: dict[str, str]
    evidence: tuple[str, ...]
    observed_at: str


class _AttestedFact(Struct):
    attestation: _Attestation


class _Attestation(Struct):
    digest: str | None = None


class _NewKey(Struct):
    key: str


class BundleRecord:
    """Takes in leaves; `bound` is the last one that counts for the state at the end.

    Of a sample, `draw` is its act, and `stated` are the resources that entries of tasks state.
    """

    def __init__(self, members: Members, digests: dict[str, str], bundle_range: BundleRange) -> None:
        self._members = members
        self._digests = digests
        self.range = bundle_range
        self._store: str | None = None
        self.keys: list[KeySince] = []
        self.times: dict[int, datetime] = {}
        self.export: OperatorAct | None = None
        self.is_sample = SAMPLES in members.paths()
        self.draw: OperatorAct | None = None
        self.stated: set[tuple[int, Task, str, str]] = set()
        self.tasks: dict[Task, TaskLeaf] = {}
        self.named: set[bytes] = set()
        self.payloads: set[str] = set()
        self.files: set[str] = set()
        self.erased: dict[str, int] = {}
        self.findings: dict[FindingKey, tuple[int, bytes | None]] = {}
        self.hidden: list[int] = []

    @property
    def store(self) -> str | None:
        """The name of the store that all leaves are of."""
        return self._store

    @property
    def bound(self) -> int:
        """The last leaf that counts for the state at the end."""
        return self.range.bound

    def take(self, index: int, leaf: Document | None) -> None:
        """Take in one leaf. Raises VerificationError where it does not fit those before it."""
        if leaf is None:
            self.hidden.append(index)
            return
        self._check_place(index, leaf)
        if leaf.k == "attested":
            # The payloads of such a leaf are the pieces of its file, which is there whole.
            digest = self._fact(leaf, _AttestedFact).attestation.digest
            self.files |= set() if digest is None else {digest}
        else:
            self._payloads_of(leaf)
            self._take_fact(index, leaf)

    def _check_place(self, index: int, leaf: Document) -> None:
        self._store = self._store or leaf.store
        if leaf.store != self._store:
            raise VerificationError(f"leaf {index} is of the store {leaf.store}, and those before it of {self._store}")
        if index in {self.range.first - 1, self.range.end, self.range.bound, self.range.bound + 1}:
            self.times[index] = leaf.at

    def _take_fact(self, index: int, leaf: Document) -> None:
        match leaf.k:
            case "genesis" | "key" | "restore":
                self.keys.append(KeySince(index, parse_verifier_key(self._fact(leaf, _NewKey).key)))
            case "task":
                self._task(index, leaf)
            case "tasks":
                self.named |= {digest_bytes(digest) for digest in self._fact(leaf, _UnchangedFact).facts}
            case "judged" if index <= self.range.bound:
                self._judged(index, leaf)
            case "erasure":
                for digest in self.rows(leaf, str):
                    self.erased.setdefault(digest, index)
            case "operator_act" if index == self.range.export_leaf:
                self.export = self._fact(leaf, OperatorAct)
            case "operator_act" if self.is_sample and index == self.range.first:
                self.draw = self._fact(leaf, OperatorAct)
            case _:
                pass

    def rows(self, leaf: Document, of: Any) -> Iterator[Any]:  # noqa: ANN401  a runtime type, and what it makes
        """Yield the rows of a leaf, wherever they are."""
        if leaf.rows_in is None:
            if leaf.rows:
                yield from msgspec.json.decode(leaf.rows, type=list[of])
            return
        yield from self._below(leaf.rows_in.payloads, leaf.rows_in.above, of)

    def _task(self, index: int, leaf: Document) -> None:
        seen = self._fact(leaf, _TaskFact)
        self.named |= {digest_bytes(digest) for digest in seen.facts}
        for change in self.rows(leaf, _Change):
            if change.digest is not None:
                self.named.add(digest_bytes(change.digest))
                if self.is_sample:
                    self.stated.add((index, seen.observation.task, change.key, change.digest))
        if index <= self.range.bound:
            task, outcome = seen.observation.task, seen.observation.outcome
            before = self.tasks.get(task)
            if seen.inventory is not None:
                self.tasks[task] = TaskLeaf(index, seen.inventory, outcome, index)
            elif before is None:
                self.tasks[task] = TaskLeaf(index, None, outcome, index)
            else:
                self.tasks[task] = msgspec.structs.replace(before, outcome=outcome, latest=index)

    def _judged(self, index: int, leaf: Document) -> None:
        for change in self.rows(leaf, _FindingFact):
            key = (change.id.check, change.id.source, change.id.scope, change.id.subject)
            self.findings[key] = (index, None if change.now is None else verdict_digest(change.now))

    def _fact(self, leaf: Document, of: Any) -> Any:  # noqa: ANN401  a runtime type, and what it makes
        if leaf.fact_in is None:
            return msgspec.json.decode(leaf.fact, type=of)
        (fact,) = self._payload(leaf.fact_in, of)
        return fact

    def _payloads_of(self, leaf: Document) -> None:
        if leaf.fact_in is not None:
            self.payloads.add(leaf.fact_in)
        if leaf.rows_in is not None:
            self._name(leaf.rows_in.payloads, leaf.rows_in.above)

    def _name(self, payloads: tuple[str, ...], above: int) -> None:
        if above > _MOST_ABOVE:
            raise VerificationError(f"a leaf names payloads that are {above} levels deep")
        for digest in payloads:
            if digest in self.payloads:  # each has a salt of its own; without this there may be no end to them
                raise VerificationError(f"the payload {digest} is named twice")
            self.payloads.add(digest)
            if above > 0:
                self._name(tuple(self._payload(digest, str)), above - 1)

    def _below(self, payloads: tuple[str, ...], above: int, of: Any) -> Iterator[Any]:  # noqa: ANN401  as in rows
        for digest in payloads:
            if above > 0:
                yield from self._below(tuple(self._payload(digest, str)), above - 1, of)
            else:
                yield from self._payload(digest, of)

    def _payload(self, digest: str, of: Any) -> list[Any]:  # noqa: ANN401  as in rows
        path = payload_path(digest)
        # The bag has proven that the file has the digest that is listed; here it is the one that the leaf names.
        if self._digests.get(path) != digest.removeprefix("sha256:"):
            raise VerificationError(f"the payload {digest}, which a leaf names, is not in the bundle")
        text = self._members.text(path)
        check_reading(text.encode(), path)
        rows = msgspec.json.decode(text, type=dict[str, Raw])["rows"]
        return list(msgspec.json.decode(rows, type=list[of]))


def payload_path(digest: str) -> str:
    """Return the path of a payload."""
    return f"data/payloads/{digest.removeprefix('sha256:')}.json"


def verdict_digest(verdict: Any) -> bytes:  # noqa: ANN401  a verdict of a leaf, or the line of a state
    """Return a digest over the content of a verdict, for comparison."""
    content = [verdict.status, verdict.reason, verdict.limits, list(verdict.evidence), verdict.observed_at]
    return sha256(encode(content)).digest()
